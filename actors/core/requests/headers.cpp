#include "actors/core/requests/headers.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Keys of a dict are unique; the first one stays.
void add_new(language::value_dict& dict, std::string name, language::value x) {
  if (std::none_of(dict.begin(), dict.end(), [&](const auto& field) { return field.first == name; })) {
    dict.emplace_back(std::move(name), std::move(x));
  }
}

/// Repeated headers are joined.
void add(language::value_dict& dict, std::string name, std::string_view text) {
  for (auto& [known, value] : dict) {
    if (equals_ignoring_case(known, name)) {
      value = *value.as_string() + ", " + std::string{text};
      return;
    }
  }
  dict.emplace_back(std::move(name), std::string{text});
}

/// The part of `text` up to `separator`, not counting those in quotes; removes both from `text`.
std::string_view take_until(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t size = 0;
  for (; size < text.size() && (quoted || text[size] != separator); ++size) {
    quoted = quoted != (text[size] == '"');
  }
  auto part = text.substr(0, size);
  text.remove_prefix(std::min(text.size(), size + 1));
  return part;
}

} // namespace

language::value parse_link_header(std::string_view text) {
  language::value_dict links;
  for (auto open = text.find('<'); open != std::string_view::npos; open = text.find('<')) {
    text.remove_prefix(open + 1);
    auto close = text.find('>');
    if (close == std::string_view::npos) {
      break;
    }
    language::value_dict link{{"url", std::string{text.substr(0, close)}}};
    text.remove_prefix(close + 1);
    auto parameters = take_until(text, ',');
    std::string key = *link.front().second.as_string();
    std::string relations;
    while (!parameters.empty()) {
      auto parameter = take_until(parameters, ';');
      auto equals = parameter.find('=');
      if (equals == std::string_view::npos) {
        continue;
      }
      std::string name{trim(parameter.substr(0, equals))};
      std::string value{trim(parameter.substr(equals + 1), " \t\"'")};
      if (name == "rel") {
        key = relations = value;
      }
      add_new(link, std::move(name), std::move(value));
    }
    // `rel="next last"` is both; the reference finds it under the whole text alone.
    if (relations.find(' ') != std::string::npos) {
      for (std::string_view words = relations; !words.empty();) {
        if (auto word = take_until(words, ' '); !word.empty())
          add_new(links, std::string{word}, link);
      }
    }
    add_new(links, std::move(key), std::move(link));
  }
  return language::value{std::move(links)};
}

language::value headers_value(const header_list& headers) {
  language::caseless_dict all;
  std::string link;
  for (const auto& [name, text] : headers) {
    bool is_link = equals_ignoring_case(name, "link");
    if (is_link) {
      link += (link.empty() ? "" : ", ") + text;
    }
    if (!is_link || name != "link") {
      add(all.items, name, text);
    }
  }
  all.items.emplace_back("link", parse_link_header(link));
  return language::value{std::move(all)};
}

} // namespace sluice
