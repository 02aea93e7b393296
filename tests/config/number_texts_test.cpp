#include "config/catalogue.hpp"
#include "config/connector_config.hpp"
#include "config/json_check.hpp"
#include "config/raw_json.hpp"
#include "config/schema_check.hpp"
#include "config/schema_words.hpp"
#include "config/state_file.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

// The libraries disagree about numbers, from one to the other and from one of their versions to the next. Whatever is
// read from a file has to be read in the same way by all of them.

using namespace sluice;
using language::value;
using language::value_list;

namespace {

/// A number that JSON's grammar allows.
struct number {
  std::string text;
  /// What is printed of it once it was decoded; empty: no double can hold it, so it is refused.
  std::string decoded;
  bool is_integer;
};

const std::vector<number>& numbers() {
  static const std::vector<number> all = {
    {"0", "0", true},
    {"-0", "0", true},
    {"7", "7", true},
    {"9007199254740993", "9007199254740993", true},
    {"9223372036854775807", "9223372036854775807", true},
    {"-9223372036854775808", "-9223372036854775808", true},
    {"9223372036854775808", "9223372036854775808", true},
    {"-9223372036854775809", "-9223372036854775809", true},
    {"12345678901234567890", "12345678901234567890", true},
    {"18446744073709551615", "18446744073709551615", true},
    {"18446744073709551616", "18446744073709551616", true},
    {"123456789012345678901234567890", "123456789012345678901234567890", true},
    {"-0.0", "-0.0", true},
    {"1.0", "1.0", true},
    {"1.10", "1.1", false},
    {"0.12345678901234567890123", "0.12345678901234568", false},
    {"9007199254740993.5", "9007199254740994.0", true},
    {"12345678901234567890.5", "1.2345678901234567e19", true},
    {"1E5", "100000.0", true},
    {"1e5", "100000.0", true},
    {"1e+5", "100000.0", true},
    {"1e005", "100000.0", true},
    {"-1.5E-3", "-0.0015", false},
    {"1e16", "1e16", true},
    {"1e-7", "1e-7", false},
    {"0e5", "0.0", true},
    {"0e300", "0.0", true},
    {"0.0e-99999999999999999999", "0.0", true},
    {"1.7976931348623157e308", "1.7976931348623157e308", true},
    {"2.2250738585072014e-308", "2.2250738585072014e-308", false},
    {"5e-324", "5e-324", false},
    {"1e-400", "0.0", true},
    {"-1e-400", "-0.0", true},
    {"1e-99999999999999999999", "0.0", true},
    {"1.8e308", "", true},
    {"1e400", "", true},
    {"-1e400", "", true},
    {"1e99999999999999999999", "", true},
  };
  return all;
}

/// What is no number, although some reader might take it for one.
const std::vector<std::string> no_numbers = {"00",
                                             "01",
                                             "-01",
                                             "-007",
                                             "01.5",
                                             "+1",
                                             "--1",
                                             "-",
                                             ".5",
                                             "1.",
                                             "-.5",
                                             "1.e5",
                                             "1e",
                                             "1e+",
                                             "e5",
                                             "1e5.",
                                             "1e1e",
                                             "0x10",
                                             "1_000",
                                             "1 2",
                                             "1a",
                                             "NaN",
                                             "nan",
                                             "inf",
                                             "Infinity",
                                             "-Infinity",
                                             "1,000.5][",
                                             "09223372036854775808",
                                             "-00000000000000000000001"};

/// A long text has a parser of its own.
std::string padded(const std::string& text) {
  return std::string(5000, ' ') + text;
}

/// What stands behind it is read from the list, where the number ends at a comma or a bracket.
std::string decoded(const std::string& list) {
  auto x = language::parse_json(list);
  return x ? language::to_json(*x) : std::string{};
}

std::string schema(const std::string& keyword, const std::string& json) {
  return R"({"type":"object","properties":{"n":{")" + keyword + "\":" + json + "}}}";
}

std::string verdict(const std::string& number, const std::string& specification) {
  auto config = validate_config("{\"n\":" + number + "}", specification);
  return config ? language::to_json(config->values) : config.error().message;
}

} // namespace

TEST_CASE("a number is decoded in the same way wherever it stands") {
  for (const auto& n : numbers()) {
    CAPTURE(n.text);
    auto wanted = n.decoded.empty() ? std::string{} : "[" + n.decoded + "]";
    CHECK(decoded("[" + n.text + "]") == wanted);
    CHECK(decoded(padded("[" + n.text + "]")) == wanted);
    CHECK(decoded(n.text) == n.decoded);
    CHECK(decoded("[ " + n.text + " , 1 ]") == (wanted.empty() ? wanted : "[" + n.decoded + ",1]"));
    CHECK(decoded("{\"" + n.text + "\":" + n.text + "}")
          == (wanted.empty() ? wanted : "{\"" + n.text + "\":" + n.decoded + "}"));
    CHECK(find_json_fault("[" + n.text + "]").has_value() == n.decoded.empty());
    CHECK(find_json_fault(n.text).has_value() == n.decoded.empty());
  }
}

TEST_CASE("an integer that no double can hold is decoded with all its digits, but is too large for a file") {
  const std::string digits(400, '7');
  CHECK(decoded("[" + digits + "]") == "[" + digits + "]");
  CHECK(find_json_fault(digits).has_value());
  CHECK_FALSE(validate_config("{\"n\":" + digits + "}", "{}").has_value());
  CHECK_FALSE(parse_catalogue(R"({"streams":[],"n":)" + digits + "}").has_value());
  CHECK_FALSE(parse_state(R"({"s":{"n":)" + digits + "}}").has_value());
}

TEST_CASE("what is no number is refused wherever it stands") {
  for (const auto& text : no_numbers) {
    CAPTURE(text);
    CHECK(decoded("[" + text + "]").empty());
    CHECK(decoded(padded("[" + text + "]")).empty());
    CHECK(decoded(text).empty());
    CHECK(find_json_fault("[" + text + "]").has_value());
    CHECK(find_json_fault(text).has_value());
    CHECK_FALSE(validate_config("{\"n\":" + text + "}", "{}").has_value());
    CHECK_FALSE(parse_catalogue(R"({"streams":[],"n":)" + text + "}").has_value());
    CHECK_FALSE(parse_state(R"({"s":{"n":)" + text + "}}").has_value());
  }
}

TEST_CASE("a state keeps the text of its numbers") {
  for (const auto& n : numbers()) {
    CAPTURE(n.text);
    auto json = "{\"n\":" + n.text + ",\"m\":[" + n.text + "]}";
    CHECK(raw_members(json)
          == std::vector<std::pair<std::string, std::string>>{{"n", n.text}, {"m", "[" + n.text + "]"}});
    CHECK(raw_elements("[" + n.text + ", " + n.text + " ]") == std::vector<std::string>{n.text, n.text});
    CHECK(minified("[ " + n.text + " , 1 ]") == "[" + n.text + ",1]");
    auto message
      = R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s"},"stream_state":)" + json
        + "}}}";
    for (const auto& text : {"{\"s\":" + json + "}", message, message + "\n" + message + "\n"}) {
      auto states = parse_state(text);
      CHECK(states.has_value() != n.decoded.empty());
      if (states)
        CHECK(states->at(0).json == json);
    }
  }
}

TEST_CASE("a setting is checked by its value, however its number is written") {
  for (const auto& n : numbers()) {
    CAPTURE(n.text);
    if (n.decoded.empty()) {
      CHECK(verdict(n.text, "{}").find("it is not valid JSON") != std::string::npos);
      continue;
    }
    auto accepted = "{\"n\":" + n.decoded + "}";
    CHECK(verdict(n.text, "{}") == accepted);
    CHECK(verdict(n.text, schema("type", "\"number\"")) == accepted);
    CHECK((verdict(n.text, schema("type", "\"integer\"")) == accepted) == n.is_integer);
    CHECK((verdict(n.text, schema("type", R"(["null","integer"])")) == accepted) == n.is_integer);
    CHECK(verdict(n.text, schema("type", R"(["integer","number"])")) == accepted);
    CHECK(verdict(n.text, schema("type", "\"string\"")).find("expected a string") != std::string::npos);
    // The specification's own numbers are read in the same way.
    for (std::string keyword : {"minimum", "maximum", "const"})
      CHECK(verdict(n.text, schema(keyword, n.text)) == accepted);
    CHECK(verdict(n.text, schema("enum", "[\"x\"," + n.text + "]")) == accepted);
    for (std::string keyword : {"exclusiveMinimum", "exclusiveMaximum"})
      CHECK(verdict(n.text, schema(keyword, n.text)) != accepted);
  }
  for (const auto& n : {"true", "\"7\"", "null", "[]", "{}"}) {
    CAPTURE(n);
    CHECK(verdict(n, schema("type", "\"number\"")).find("expected a number") != std::string::npos);
    CHECK(verdict(n, schema("type", "\"integer\"")).find("expected an integer") != std::string::npos);
  }
}

TEST_CASE("a catalogue may have any number in what is passed over") {
  for (const auto& n : numbers()) {
    CAPTURE(n.text);
    auto streams = parse_catalogue(R"({"streams":[{"stream":{"name":"s","json_schema":{"maximum":)" + n.text
                                   + R"(}},"sync_mode":"full_refresh","generation_id":)" + n.text + "}]}");
    CHECK(streams.has_value() != n.decoded.empty());
  }
}
