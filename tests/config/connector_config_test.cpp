#include "config/connector_config.hpp"

#include "config/files.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;

namespace {

const std::string spec = R"({
  "type": "object",
  "required": ["access_token"],
  "additionalProperties": true,
  "properties": {
    "access_token": {"type": "string", "airbyte_secret": true, "minLength": 5},
    "start_date": {"type": "string", "format": "date-time", "default": "2020-01-01T00:00:00Z"},
    "num_workers": {"type": "integer", "minimum": 1, "default": 10},
    "origin": {"type": "string", "enum": ["USA", "Europe", "Canada"], "default": "USA"},
    "api_url": {"type": "string", "format": "uri"},
    "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "pattern_descriptor": "YYYY-MM-DD"},
    "ids": {"type": "array", "items": {"type": "string", "pattern": "^[0-9]+$"}, "maxItems": 3},
    "ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "credentials": {
      "type": "object",
      "oneOf": [
        {"title": "OAuth", "required": ["kind", "client_secret"],
         "properties": {"kind": {"const": "oauth"}, "client_secret": {"type": "string", "airbyte_secret": true},
                        "scope": {"type": "string", "default": "read"}}},
        {"title": "Key", "required": ["kind", "key"],
         "properties": {"kind": {"const": "key"}, "key": {"type": "string", "airbyte_secret": true}}}
      ]
    }
  }
})";

std::string complaint(std::string_view config, std::string_view specification = spec) {
  auto result = validate_config(config, specification);
  REQUIRE(!result);
  CHECK((result.error().code == errc::bad_config || result.error().code == errc::unreadable_file));
  CHECK(result.error().failure == failure_type::config_error);
  const std::string prefix = "Config validation error: ";
  REQUIRE(result.error().message.rfind(prefix, 0) == 0);
  return result.error().message.substr(prefix.size());
}

/// What is said of `{"access_token": "12345", KEY: VALUE}`.
std::string complaint_about(const std::string& members) {
  return complaint(R"({"access_token": "12345", )" + members + "}");
}

std::string values(std::string_view config, std::string_view specification = spec) {
  auto result = validate_config(config, specification);
  return result ? language::to_json(result->values) : result.error().message;
}

std::vector<std::string> secrets(std::string_view config, std::string_view specification = spec) {
  auto result = validate_config(config, specification);
  return result ? result->secrets : std::vector<std::string>{result.error().message};
}

} // namespace

TEST_CASE("a valid config stays as it was given: defaults are the manifest's business") {
  CHECK(values(R"({"access_token": "token"})") == R"({"access_token":"token"})");
  CHECK(values(R"({"origin": "Europe", "access_token": "token", "other": [1.50, 12345678901], "num_workers": 10.0})")
        == R"({"origin":"Europe","access_token":"token","other":[1.5,12345678901],"num_workers":10.0})");
  auto nested = values(R"({"access_token": "token", "credentials": {"kind": "oauth", "client_secret": "s"}})");
  CHECK(nested.find(R"({"kind":"oauth","client_secret":"s"})") != std::string::npos);
  auto other = values(R"({"access_token": "token", "credentials": {"kind": "key", "key": "s"}})");
  CHECK(other.find(R"({"kind":"key","key":"s"})") != std::string::npos);
}

TEST_CASE("of equal keys the last wins") {
  CHECK(secrets(R"({"access_token": "first", "access_token": "second"})") == std::vector<std::string>{"second"});
}

TEST_CASE("the platform's reserved keys are removed before validation") {
  const std::string strict = R"({"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false})";
  CHECK(values(R"({"_limit": 5, "a": 1, "_page_size": 2})", strict) == R"({"a":1})");
}

TEST_CASE("each violation names the path, what was expected and what was found") {
  CHECK(complaint("{}") == "access_token: is required, but missing.");
  CHECK(complaint_about(R"("num_workers": "ten")") == R"(num_workers: expected an integer, found "ten".)");
  CHECK(complaint_about(R"("num_workers": 1.5)") == "num_workers: expected an integer, found 1.5.");
  CHECK(complaint_about(R"("num_workers": 0)") == "num_workers: expected a number of at least 1, found 0.");
  CHECK(complaint_about(R"("num_workers": true)") == "num_workers: expected an integer, found true.");
  CHECK(complaint_about(R"("num_workers": null)") == "num_workers: expected an integer, found null.");
  CHECK(complaint_about(R"("origin": "Germany")")
        == R"(origin: expected "USA", "Europe" or "Canada", found "Germany".)");
  CHECK(complaint_about(R"("start_date": 1577836800)") == "start_date: expected a string, found 1577836800.");
  CHECK(complaint_about(R"("day": "2020-1-1")") == R"(day: expected a string like YYYY-MM-DD, found "2020-1-1".)");
  CHECK(complaint_about(R"("ids": ["1", "x"])") == R"(ids[1]: expected a string that matches ^[0-9]+$, found "x".)");
  CHECK(complaint_about(R"("ids": ["1", "2", "3", "4"])")
        == "ids: expected a list of at most 3 elements, found a list of 4 elements.");
  CHECK(complaint_about(R"("ids": {"a": 1})") == "ids: expected a list, found an object.");
  CHECK(complaint_about(R"("ratio": 0)") == "ratio: expected a number above 0, found 0.");
  CHECK(complaint_about(R"("ratio": 1.25)") == "ratio: expected a number of at most 1, found 1.25.");
}

TEST_CASE("a format says what is meant and forbids nothing") {
  for (std::string format : {"date", "date-time", "uri", "email", "unheard-of"}) {
    auto specification
      = R"({"properties":{"a":{"type":"string","format":")" + format + R"(","pattern":"^[0-9]{2}-"}}})";
    CAPTURE(format);
    CHECK(values(R"({"a":"26-02-2026"})", specification) == R"({"a":"26-02-2026"})");
    CHECK(complaint(R"({"a":"2026-02-26"})", specification)
          == R"(a: expected a string that matches ^[0-9]{2}-, found "2026-02-26".)");
  }
  CHECK(values(R"({"a": 5})", R"({"properties":{"a":{"format":"date-time"}}})") == R"({"a":5})");
}

TEST_CASE("of alternatives the one that was meant is explained") {
  CHECK(complaint_about(R"("credentials": {"kind": "key"})") == "credentials.key: is required, but missing.");
  CHECK(complaint_about(R"("credentials": {"kind": "oauth", "client_secret": 5})")
        == "credentials.client_secret: expected a string, found a number.");
  CHECK(complaint_about(R"("credentials": {"kind": "password"})")
        == R"(credentials.kind: expected "oauth" or "key", found a string of 8 characters.)");
  CHECK(complaint_about(R"("credentials": {})") == "credentials.kind: is required, but missing.");
}

TEST_CASE("several violations are told at once, but at most five") {
  CHECK(complaint(R"({"num_workers": "x", "origin": 1})")
        == R"(access_token: is required, but missing; num_workers: expected an integer, found "x"; )"
           R"(origin: expected a string, found 1.)");
  auto many = complaint(R"({"num_workers":"x","origin":1,"start_date":1,"api_url":1,"day":1,"ratio":"x"})");
  CHECK(std::count(many.begin(), many.end(), ';') == 4);
  CHECK(many.find("(and 2 more)") != std::string::npos);
}

TEST_CASE("unknown fields are named where the specification allows none") {
  const std::string strict = R"({"type":"object","properties":{"a":{}},"additionalProperties":false})";
  CHECK(complaint(R"({"b": 1})", strict) == "b: is not a known field.");
  CHECK(complaint(R"({"odd key": 1})", strict) == R"(["odd key"]: is not a known field.)");
}

TEST_CASE("a long list of allowed values is cut") {
  const std::string digits = R"({"properties":{"a":{"enum":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]}}})";
  CHECK(complaint(R"({"a": -1})", digits)
        == "a: expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or one of 4 more, found -1.");
}

TEST_CASE("keywords that have no words of their own are still checked") {
  CHECK(complaint(R"({"a": 1})", R"({"type":"object","not":{"required":["a"]}})").find("not") != std::string::npos);
  CHECK(complaint(R"({"a": 1})", R"({"type":"object","dependencies":{"a":["b"]}})").find("'b'") != std::string::npos);
  auto conditional = R"({"if":{"required":["a"]},"then":{"required":["b"]}})";
  CHECK(complaint(R"({"a": 1})", conditional).find("'b'") != std::string::npos);
  CHECK(values(R"({"c": 1})", conditional) == R"({"c":1})");
}

TEST_CASE("patterns and formats that tell alternatives apart are honoured") {
  const std::string either = R"({"type":"object","properties":{"a":{"oneOf":[{"pattern":"^x"},{"pattern":"y$"}]}}})";
  CHECK(values(R"({"a": "x1"})", either) == R"({"a":"x1"})");
  CHECK(complaint(R"({"a": "xy"})", either) == "a: fits 2 of the alternatives, expected exactly one.");
  CHECK(complaint(R"({"a": "z"})", either).rfind("a: expected one of 2 alternatives", 0) == 0);
  CHECK(values(R"({"a": 5})", R"({"properties":{"a":{"format":"date-time"}}})") == R"({"a":5})");
}

TEST_CASE("a secret is never shown, nor is what may be one") {
  // Of the wrong length, of the wrong type, an object in its place.
  CHECK(complaint(R"({"access_token": "abc"})")
        == "access_token: expected a string of at least 5 characters, found a string of 3 characters.");
  CHECK(complaint(R"({"access_token": 12345})") == "access_token: expected a string, found a number.");
  CHECK(complaint(R"({"access_token": {"inner": "hunter"}})") == "access_token: expected a string, found an object.");
  // Around secrets.
  CHECK(complaint_about(R"("credentials": "hunter")")
        == "credentials: expected an object, found a string of 6 characters.");
  // In the wrong field.
  CHECK(complaint_about(R"("num_workers": "sk-live-4f9a8b7c")")
        == "num_workers: expected an integer, found a string of 16 characters.");
  // A secret that stands in another field as well.
  CHECK(complaint(R"({"access_token": "hunter", "num_workers": "hunter"})")
        == R"(num_workers: expected an integer, found "****".)");
}

TEST_CASE("secrets are found at any depth") {
  using list = std::vector<std::string>;
  CHECK(secrets(R"({"access_token": "token"})") == list{"token"});
  CHECK(secrets(R"({"access_token": "token", "credentials": {"kind": "oauth", "client_secret": "hidden"}})")
        == list{"hidden", "token"});
  const std::string deep = R"({"allOf":[{"properties":{"a":{"items":{"properties":{"b":{"airbyte_secret":true}}}}}}],
    "anyOf":[{"properties":{"c":{"airbyte_secret":true,"default":"fallback"}}}],
    "additionalProperties":{"airbyte_secret":true}})";
  CHECK(secrets(R"({"a": [{"b": "one"}, {"b": ["two", {"x": 33}, true, null, ""]}], "d": "four"})", deep)
        == list{"33", "four", "one", "two"});
}

TEST_CASE("a text that is no JSON object is refused without being shown") {
  CHECK(complaint(R"({"access_token": "hunter2)")
        == "it is not valid JSON: it ends before the JSON document is complete (line 1, column 26).");
  CHECK(validate_config("[]", spec).error().code == errc::unreadable_file);
  CHECK(validate_config("{}", spec).error().code == errc::bad_config);
  CHECK(complaint(R"(["hunter2"])") == R"(expected a JSON object like {"key": "value"}, found a list.)");
  CHECK(complaint(R"("hunter2")") == R"(expected a JSON object like {"key": "value"}, found a single value.)");
  CHECK(complaint(std::string(100000, '{')).find("not valid JSON") != std::string::npos);
  CHECK(complaint(R"({"access_token": 1e999})").starts_with("it is not valid JSON: it has a number that is too large"));
}

TEST_CASE("a specification that cannot be used is the manifest's fault") {
  for (std::string bad :
       {"", "[]", "{", R"({"type": 5})", R"({"type": "strin"})", R"({"properties": 1})", R"({"$ref": "#"})",
        R"({"properties": {"a": {"$ref": "#/x"}}})", R"({"patternProperties": {"a": {}}})",
        R"({"properties": {"a": {"pattern": "("}}})", R"({"properties": {"a": {"multipleOf": 0}}})"}) {
    CAPTURE(bad);
    auto result = validate_config("{}", bad);
    REQUIRE(!result);
    CHECK(result.error().code == errc::bad_manifest);
    CHECK(result.error().failure == failure_type::config_error);
  }
}

TEST_CASE("long texts and many texts are validated without trouble") {
  auto long_text = std::string(500000, 'x');
  CHECK(complaint_about(R"("day": ")" + long_text + '"').find("found a string of 500000 characters")
        != std::string::npos);
  std::string many = "[0";
  for (auto i = 0; i < 50000; ++i)
    many += ",\"t" + std::to_string(i) + '"';
  CHECK(complaint_about(R"("other": )" + many + "]") == "the config: has more than 10000 different values in it.");
}

TEST_CASE("no bytes given as a config crash the validation or leak the token") {
  CHECK(rc::check("mutated configs end in values or a clear error", [] {
    std::string sample = R"({"access_token": "q9w8e7r6t5z4", "start_date": "2020-01-01T00:00:00Z", "num_workers": 4,
      "credentials": {"kind": "oauth", "client_secret": "q9w8e7r6t5z4"}, "ids": ["1", "2"], "ratio": 0.5})";
    auto text = *rc::gen::oneOf(test::random_bytes(), test::mutations_of(sample));
    auto result = validate_config(text, spec);
    if (!result) {
      RC_ASSERT(result.error().code == errc::bad_config || result.error().code == errc::unreadable_file);
      RC_ASSERT(result.error().message.find("q9w8e7r6t5z4") == std::string::npos);
    }
  }));
}

TEST_CASE("no bytes given as a specification crash the validation") {
  CHECK(rc::check("mutated specifications end in values or a clear error", [] {
    auto text = *rc::gen::oneOf(test::random_bytes(), test::mutations_of(spec));
    auto result = validate_config(R"({"access_token": "token", "ids": ["1"], "credentials": {"kind": "key"}})", text);
    if (!result)
      RC_ASSERT(!result.error().message.empty());
  }));
}

TEST_CASE("texts of a config change where they are, and what is missing on the way is made") {
  const auto changed = [](const std::string& config, const std::vector<config_change>& changes) {
    return language::to_json(with_changes(*language::parse_json(config), changes));
  };
  CHECK(changed(R"({"a":1,"b":{"c":"x","d":[]}})", {{{"b", "c"}, "y"}}) == R"({"a":1,"b":{"c":"y","d":[]}})");
  CHECK(changed(R"({"a":1})", {{{"b", "c"}, "y"}, {{"b", "d"}, "z"}}) == R"({"a":1,"b":{"c":"y","d":"z"}})");
  CHECK(changed(R"({"a":[1,{"b":2}]})", {{{"a", "1", "b"}, "y"}}) == R"({"a":[1,{"b":"y"}]})");
  CHECK(changed(R"({"a":"text"})", {{{"a", "b"}, "y"}}) == R"({"a":{"b":"y"}})");
  CHECK(changed(R"({"a":12345678901234567890})", {}) == R"({"a":12345678901234567890})");
}
