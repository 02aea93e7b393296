#include "config/manifest/read/field_values.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice {

using language::value;
using language::value_dict;
using language::value_list;

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> result;
  while (!words.empty()) {
    auto bar = words.find('|');
    auto word = words.substr(0, bar);
    if (!word.empty() && word.front() == '=')
      word.remove_prefix(1);
    result.push_back(word);
    words = bar == std::string_view::npos ? std::string_view{} : words.substr(bar + 1);
  }
  return result;
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string result;
  for (auto word : words)
    result += (result.empty() ? "" : ", ") + std::string{word};
  return result;
}

std::string_view kind_of(const value& x) {
  if (x.is_none())
    return "nothing";
  if (x.as_bool() != nullptr)
    return "a boolean";
  if (x.number())
    return "a number";
  if (x.as_list() != nullptr)
    return "a list";
  if (x.as_dict() != nullptr)
    return "a dict";
  return "text";
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  if (text.size() > longest)
    return "'" + std::string{text.substr(0, longest)} + "...'";
  return "'" + std::string{text} + "'";
}

namespace {

std::nullopt_t mismatch(std::string_view wanted, const value& x, std::string& problem) {
  problem = "must be " + std::string{wanted} + ", but is " + std::string{kind_of(x)};
  return std::nullopt;
}

std::optional<value> scalar(const value& x, std::string& problem) {
  if (x.as_string() != nullptr)
    return x;
  if (x.is_none() || x.as_list() != nullptr || x.as_dict() != nullptr)
    return mismatch("text", x, problem);
  return value{language::to_text(x)};
}

template <class Function>
std::optional<value> list_of(const value& x, std::string& problem, Function element) {
  const auto* list = x.as_list();
  if (list == nullptr)
    return mismatch("a list", x, problem);
  value_list result;
  result.reserve(list->size());
  for (const auto& y : *list) {
    auto converted = element(y, problem);
    if (!converted)
      return std::nullopt;
    result.push_back(std::move(*converted));
  }
  return value{std::move(result)};
}

std::optional<value> key_part(const value& x, std::string& problem) {
  if (x.as_list() != nullptr)
    return list_of(x, problem, scalar);
  auto text = scalar(x, problem);
  if (!text)
    return std::nullopt;
  return value{value_list{std::move(*text)}};
}

std::optional<value> code(const value& x, std::string& problem) {
  if (x.as_int() != nullptr)
    return x;
  if (const auto* text = x.as_string()) {
    std::int64_t number = 0;
    auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (ec == std::errc{} && end == text->data() + text->size())
      return value{number};
  }
  return mismatch("a list of whole numbers", x, problem);
}

} // namespace

std::optional<value> field_value(const field_rule& field, const value& x, std::string& problem) {
  switch (field.kind) {
    case field_kind::text:
    case field_kind::text_or_component:
      return scalar(x, problem);
    case field_kind::texts:
      return list_of(x, problem, scalar);
    case field_kind::text_or_texts:
      return x.as_list() != nullptr ? list_of(x, problem, scalar) : scalar(x, problem);
    case field_kind::text_grid:
      return list_of(x, problem, [](const value& y, std::string& p) { return list_of(y, p, scalar); });
    case field_kind::key:
      if (x.as_list() == nullptr) {
        auto part = key_part(x, problem);
        return part ? std::optional<value>{value_list{std::move(*part)}} : std::nullopt;
      }
      return list_of(x, problem, key_part);
    case field_kind::codes:
      return list_of(x, problem, code);
    case field_kind::text_map:
    case field_kind::text_or_map: {
      const auto* dict = x.as_dict();
      if (dict == nullptr && field.kind == field_kind::text_or_map)
        return scalar(x, problem);
      if (dict == nullptr)
        return mismatch("a dict of texts", x, problem);
      value_dict result;
      for (const auto& [key, y] : *dict) {
        if (y.is_none())
          continue;
        auto text = scalar(y, problem);
        if (!text)
          return std::nullopt;
        result.emplace_back(key, std::move(*text));
      }
      return value{std::move(result)};
    }
    case field_kind::boolean:
      if (x.as_bool() == nullptr)
        return mismatch("true or false", x, problem);
      return x;
    case field_kind::anything:
      return x;
    case field_kind::text_or_dict:
      if (x.as_string() != nullptr)
        return x;
      [[fallthrough]];
    case field_kind::dict:
      if (x.as_dict() == nullptr)
        return mismatch("a dict", x, problem);
      return x;
    case field_kind::choice: {
      auto text = scalar(x, problem);
      if (!text)
        return std::nullopt;
      auto words = split_words(field.detail);
      if (std::find(words.begin(), words.end(), *text->as_string()) == words.end()) {
        problem = in_quotes(*text->as_string()) + " is not supported; supported: " + listed(words);
        return std::nullopt;
      }
      return text;
    }
    default:
      break;
  }
  problem = "cannot be read";
  return std::nullopt;
}

} // namespace sluice
