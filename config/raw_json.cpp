#include "config/raw_json.hpp"

#include "messages/text/ascii.hpp"

#include <unordered_map>

#include <simdjson.h>

namespace sluice {

namespace {

/// simdjson's slices can reach into the white space before the next token.
std::string trimmed(std::string_view text) {
  return std::string{trim(text, blanks_and_line_ends)};
}

} // namespace

std::vector<std::pair<std::string, std::string>> raw_members(std::string_view json) {
  std::vector<std::pair<std::string, std::string>> result;
  std::unordered_map<std::string, std::size_t> places;
  simdjson::padded_string text{json};
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(text).get(document) || document.get_object().get(object))
    return result;
  for (auto field : object) {
    std::string_view key;
    std::string_view raw;
    simdjson::ondemand::value x;
    if (field.unescaped_key().get(key))
      return result;
    std::string name{key};
    if (field.value().get(x) || simdjson::to_json_string(x).get(raw))
      return result;
    auto [place, is_new] = places.try_emplace(name, result.size());
    if (is_new)
      result.emplace_back(std::move(name), trimmed(raw));
    else
      result[place->second].second = trimmed(raw);
  }
  return result;
}

std::vector<std::string> raw_elements(std::string_view json) {
  std::vector<std::string> result;
  simdjson::padded_string text{json};
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(text).get(document) || document.get_array().get(array))
    return result;
  for (auto element : array) {
    std::string_view raw;
    simdjson::ondemand::value x;
    if (element.get(x) || simdjson::to_json_string(x).get(raw))
      return result;
    result.push_back(trimmed(raw));
  }
  return result;
}

std::string minified(std::string_view json) {
  std::string result(json.size(), '\0');
  std::size_t length = 0;
  if (simdjson::minify(json.data(), json.size(), result.data(), length))
    return std::string{json};
  result.resize(length);
  return result;
}

} // namespace sluice
