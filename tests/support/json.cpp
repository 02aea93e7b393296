#include "tests/support/json.hpp"

#include <charconv>
#include <regex>
#include <string>
#include <system_error>
#include <vector>

#include <Poco/Exception.h>
#include <simdjson.h>

namespace sluice::test {

namespace {

using Poco::Dynamic::Var;

template <class T>
bool read_number(std::string_view text, T& x) {
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), x);
  return code == std::errc{} && end == text.data() + text.size();
}

Var number(std::string_view text) {
  if (Poco::Int64 x = 0; read_number(text, x))
    return x;
  if (Poco::UInt64 x = 0; read_number(text, x))
    return x;
  if (double x = 0; text.find_first_of(".eE") != std::string_view::npos && read_number(text, x))
    return x;
  return std::string{text};
}

bool is_number(std::string_view text) {
  static const std::regex grammar{R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)"};
  return std::regex_match(text.begin(), text.end(), grammar);
}

using simdjson::ondemand::json_type;

Var var_of(simdjson::ondemand::value x) {
  switch (json_type{x.type()}) {
    case json_type::object: {
      Poco::JSON::Object::Ptr object = new Poco::JSON::Object;
      for (auto field : x.get_object()) {
        std::string key{std::string_view{field.unescaped_key()}};
        object->set(key, var_of(field.value()));
      }
      return object;
    }
    case json_type::array: {
      Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
      for (auto element : x.get_array())
        array->add(var_of(element.value()));
      return array;
    }
    case json_type::string:
      return std::string{std::string_view{x.get_string()}};
    case json_type::boolean:
      return bool{x.get_bool()};
    case json_type::null:
      // A result or, in older versions, a bool.
      if (simdjson::simdjson_result<bool>{x.is_null()}.value())
        return {};
      break;
    default: {
      std::string_view text = x.raw_json_token();
      text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
      if (is_number(text))
        return number(text);
    }
  }
  throw Poco::SyntaxException{"a value that is none"};
}

} // namespace

Var json_document(std::string_view text) {
  constexpr std::size_t most_levels = 4096;
  try {
    // Inside a list the document may be of any kind.
    const simdjson::padded_string padded{"[" + std::string{text} + "]"};
    simdjson::ondemand::parser parser;
    if (auto code = parser.allocate(padded.size(), most_levels); code != simdjson::SUCCESS)
      throw simdjson::simdjson_error{code};
    simdjson::ondemand::document list = parser.iterate(padded);
    std::vector<Var> documents;
    for (auto element : list.get_array())
      documents.push_back(var_of(element.value()));
    if (documents.size() != 1 || list.current_location().error() != simdjson::OUT_OF_BOUNDS)
      throw Poco::SyntaxException{"not one document"};
    return documents.front();
  } catch (const simdjson::simdjson_error& problem) {
    throw Poco::SyntaxException{problem.what()};
  }
}

Poco::JSON::Object::Ptr json_object(std::string_view text) {
  return json_document(text).extract<Poco::JSON::Object::Ptr>();
}

} // namespace sluice::test
