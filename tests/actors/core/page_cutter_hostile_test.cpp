#include "actors/core/json_check.hpp"
#include "tests/actors/core/page_fixture.hpp"

#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A page whose only record holds `value`.
std::string page_with(const std::string& value) {
  return "{\"data\":[{\"v\":" + value + "}],\"total\":1}";
}

} // namespace

TEST_CASE("legal values pass through byte for byte, however odd") {
  auto value = GENERATE(values<std::string>({
    "123456789012345678901234",
    "-9223372036854775809",
    "18446744073709551616",
    "0.10000000000000000001",
    "1.10",
    "1.0",
    "-0.0",
    "-0",
    "1e2",
    "1E+2",
    "1e400",
    "-1e-400",
    "1e99999999999",
    "63.498",
    "2.98",
    "12345678901234567890.12345678901234567890",
    "\"\\ud83d\\ude00\"",
    "\"\\u0000\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\ud800\"",
    "\"\\udc00 alone\"",
    "\"\xE2\x80\xA8 line separator\"",
    "\"\x7F\"",
    "\"\xF0\x9F\x98\x80\"",
    "{\"a\":1,\"a\":2}",
    "{\"\":{}}",
    "[[],{},[{}]]",
    "\"]}\\\"],[{\"",
    "\"\\\\\"",
    "null",
    "true",
    "false",
    "[1 , 2]",
    "{ }",
    "[ ]",
    "\"\"",
  }));
  page_fixture f;
  CHECK(f.records(page_with(value)) == std::vector<std::string>{"{\"v\":" + value + "}"});
}

TEST_CASE("invalid values are refused wherever they stand, and give no line") {
  auto value = GENERATE(values<std::string>({
    "tru",
    "True",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "'a'",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\\u123\"",
    "{\"a\":1,}",
    "[1,]",
    "[1 2]",
    "[,1]",
    "{,}",
    "{\"a\" 1}",
    "{\"a\":}",
    "{a:1}",
    "{1:2}",
    "/*c*/1",
    "1//c",
    "]",
    "}",
    "[}",
    "{]",
    "\"raw\nbreak\"",
    "\"raw\rreturn\"",
    "\"raw\ttab\"",
    std::string("\"raw\0nul\"", 9),
    std::string("1\0", 2),
    "\"\xFF\"",
    "\"\xC0\x80\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xE2\x82\"",
    "\"open",
    "",
    "1\x01",
    "nulll",
    "\xEF\xBB\xBF"
    "1",
  }));
  page_fixture f;
  for (const auto& page :
       {page_with(value), "{\"data\":[{\"id\":1}],\"skipped\":" + value + "}", "{\"data\":[" + value + "]}"}) {
    if (value.empty() && contains(page, "[]")) {
      continue; // nothing in a list is not wrong
    }
    INFO(page);
    auto result = f.cut(page);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == errc::bad_page);
    CHECK(result.error().failure == failure_type::transient_error);
    CHECK(contains(result.error().message, "not valid JSON"));
  }
}

TEST_CASE("bodies that are no JSON document are refused with what is wrong") {
  struct row {
    std::string body;
    const char* told;
  };
  auto r = GENERATE(values<row>({
    {"", "is empty"},
    {" \n\t ", "is empty"},
    {"\xEF\xBB\xBF{\"data\":[]}", "byte order mark"},
    {"{\"data\":[]}{\"data\":[]}", "goes on after the end"},
    {"{\"data\":[]} x", "goes on after the end"},
    {std::string("{\"data\":[]}\0", 12), "goes on after the end"},
    {"{\"data\":[{\"id\":1}", "ends before the JSON document is complete"},
    {"{\"data\":[{\"id\":\"x", "ends before the JSON document is complete"},
    {"{\"data\":[1e4", "ends before"},
    {"{\"data\":[tr", "ends before"},
    {"{\"data\":[\"\\u00", "ends before"},
    {"<html><body>Bad gateway</body></html>", "no JSON value"},
    {"\xFF\xFE{\0", "not valid UTF-8"},
    {"{\"a\":\"\xC3\"}", "not valid UTF-8 (byte 6 of 9)"},
    {"{\"data\":[{\"id\":01}]}", "leading zero"},
    {std::string(2000, '['), "nested too deeply"},
    {std::string(5000000, '['), "nested too deeply"},
    {"{\"big\":123456789012345678901234,\"bad\":tru}", "unknown word"},
  }));
  page_fixture f;
  auto told = f.refusal(r.body);
  INFO(told);
  CHECK(contains(told, r.told));
}

TEST_CASE("nesting up to the bound is passed through") {
  page_fixture f;
  auto deep = std::string(1000, '[') + std::string(1000, ']');
  CHECK(f.records(page_with(deep)) == std::vector<std::string>{"{\"v\":" + deep + "}"});
  auto too_deep = std::string(1025, '[') + std::string(1025, ']');
  CHECK(contains(f.refusal(page_with(too_deep)), "nested too deeply"));
}

TEST_CASE("line breaks between tokens never reach a line") {
  page_fixture f;
  for (const std::string space : {"\n", "\r\n", "\r", " \n ", "\n\n\t"}) {
    auto page = "{" + space + "\"data\":" + space + "[" + space + "{" + space + "\"a b\"" + space + ":" + space + "[1,"
                + space + "2e400 ]" + space + "}" + space + "]" + space + "}" + space;
    CHECK(f.records(page) == std::vector<std::string>{R"({"a b":[1,2e400]})"});
  }
}

TEST_CASE("a truncated page never gives a line") {
  page_fixture f;
  const std::string page
    = R"({"data":[{"id":"a\u00e9","n":-1.5e3,"t":true},{"id":null,"l":[1,{"x":"y"}]}],"total":2,"links":{}})";
  REQUIRE(f.cut(page));
  for (std::size_t size = 0; size < page.size(); ++size) {
    INFO(size);
    CHECK_FALSE(f.cut(page.substr(0, size)));
  }
}

TEST_CASE("mutated pages are refused or give exactly lines of JSON") {
  const std::string seed
    = "{\"data\" : [{\"id\":\"a\\u00e9\\\\\",\"n\":-1.5e3,\"t\":true}, {\"id\":null,\"l\":[1,{\"x\":\"y\"}]}],"
      "\"total\":123456789012345678901234,\r\n\"links\":{}}";
  const std::string alphabet = "\"\\{}[]:,0123456789.eE+-truefalsn \n\r\tu\x01\xC3\xA9\xFFx";
  CHECK(rc::check("mutations", [&] {
    auto page = seed;
    auto steps = *rc::gen::inRange(1, 6);
    for (int i = 0; i < steps; ++i) {
      auto at = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(page.size())));
      auto c = alphabet[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(alphabet.size())))];
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          page[at] = c;
          break;
        case 1:
          page.insert(at, 1, c);
          break;
        default:
          page.erase(at, static_cast<std::size_t>(*rc::gen::inRange(1, 4)));
      }
      if (page.empty()) {
        break;
      }
    }
    page_fixture f;
    auto result = f.cut(page);
    RC_ASSERT((result || result.error().code == errc::bad_page));
    RC_ASSERT((!result || !check_json(page)));
    if (result) {
      std::size_t lines = 0;
      std::istringstream in{result->lines};
      for (std::string line; std::getline(in, line); ++lines) {
        RC_ASSERT(!check_json(line));
        RC_ASSERT(line.find('\r') == std::string::npos);
      }
      RC_ASSERT(lines == result->records);
    }
  }));
}

TEST_CASE("a long field that goes into each of many records cannot fill the memory") {
  page_fixture f;
  f.first().record_path = {"pages", "*", "questions", "*"};
  f.first().ancestors.push_back({"page_id", {"pages", "*", "id"}});
  auto page_of = [](std::size_t questions) {
    std::string text = "{\"pages\":[{\"id\":\"" + std::string(1 << 20, 'x') + "\",\"questions\":[{}";
    for (std::size_t i = 1; i < questions; ++i)
      text += ",{}";
    return text + "]}]}";
  };
  CHECK(f.cut(page_of(60)));
  CHECK(contains(f.refusal(page_of(100)), "makes the page's lines larger than can be held"));
}
