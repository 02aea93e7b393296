#include "actors/core/records/page_memory.hpp"
#include "messages/text/json_check.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

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
    {"\xEF\xBB\xBF", "is empty"},
    {"\xEF\xBB\xBF\xEF\xBB\xBF{\"data\":[]}", "byte order mark"},
    {std::string("\xFF\xFE{\0}\0", 6), "UTF-16"},
    {std::string("\xFE\xFF\0{\0}", 6), "UTF-16"},
    {std::string("{\0}\0", 4), "UTF-16"},
    {std::string("\0[\0]", 4), "UTF-16"},
    {std::string("\xFF\xFE\0\0{\0\0\0", 8), "UTF-32"},
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
  auto refused = f.cut(page_of(100));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::body_too_large);
  CHECK(contains(refused.error().message, " of `pages.*.questions.*`"));
  CHECK(contains(refused.error().message, "would take more than 88 MiB of memory"));
  CHECK(contains(refused.error().message, "http.max_body_bytes"));
}

TEST_CASE("a byte order mark in front of a page is skipped") {
  page_fixture f;
  CHECK(f.records("\xEF\xBB\xBF{\"data\":[{\"id\":1}]}") == std::vector<std::string>{R"({"id":1})"});
  CHECK(f.records("\xEF\xBB\xBF\n{\"data\":\n[{\"id\":1}]}") == std::vector<std::string>{R"({"id":1})"});
}

TEST_CASE("a page takes no more memory than its bound, whatever is packed into it") {
  auto repeated = [](const std::string& item, std::size_t bytes) {
    std::string text = item;
    while (text.size() < bytes)
      text += "," + item;
    return text;
  };
  struct row {
    const char* reads;
    std::string body;
  };
  constexpr std::size_t bytes = 2 << 20;
  auto r = GENERATE_REF(values<row>({
    {"{{ 'error' in response }}", "{\"error\":[" + repeated("0", bytes) + "]}"},
    {"{{ response.error.message }}", "{\"error\":[" + repeated("0", bytes) + "]}"},
    {"{{ response.error }}", "{\"error\":[" + repeated("[]", bytes) + "]}"},
    {"{{ response.error | length }}", "{\"error\":{" + repeated("\"\":0", bytes) + "}}"},
    {"{{ response.error }}", "{\"error\":\"" + repeated("\\u0041", bytes) + "\"}"},
    {"{{ response.error[0][0] }}",
     "{\"error\":" + std::string(1000, '[') + repeated("0", bytes) + std::string(1000, ']') + "}"},
    {"{{ response.data[0] }}", "{\"data\":[" + repeated("{}", bytes) + "]}"},
    {"{{ response.data | length }}", "{\"data\":[" + repeated("{\"i\":1}", bytes) + "]}"},
    {"{{ response.data[0].x | length }}", "{\"data\":[{\"x\":[" + repeated("0", bytes) + "]}]}"},
    {"{{ response }}", "{\"data\":[{\"x\":[" + repeated("{\"a\":[{}]}", bytes) + "]}]}"},
  }));
  constexpr std::size_t largest = 4 << 20;
  page_fixture f;
  auto& e = f.endpoint();
  auto reads = parse_template(r.reads);
  for (const auto& reference : reads.references("response"))
    if (reference.size() > 1)
      e.response_keys.push_back(reference[1]);
    else
      e.needs_whole_response = true;
  page_cutter cutter{f.the_plan, largest};
  auto response = cutter.read_response(e, r.body);
  REQUIRE(response);
  language::scope s;
  s.set("response", *response);
  (void)reads.render(s);
  auto bound = max_page_memory(r.body.size(), largest);
  INFO(r.reads << " of " << r.body.substr(0, 40) << ": " << cutter.memory() << " of " << bound);
  CHECK(cutter.memory() <= bound);
  if (auto refused = cutter.refusal()) {
    CHECK(refused->code == errc::body_too_large);
    CHECK(contains(refused->message, "http.max_body_bytes"));
  }
  auto page = cutter.cut(e, f.slice, r.body, 1700000000123);
  CHECK((page || page.error().code == errc::body_too_large));
  CHECK(cutter.memory() <= bound + 4096);
  cutter.release();
  CHECK(cutter.memory() == 0);
  CHECK_FALSE(cutter.refusal());
}

TEST_CASE("templates that change records are held to the page's memory, too") {
  page_fixture f;
  auto& added
    = std::get<add_field>(f.first().steps.emplace_back(add_field{{"n"}, parse_template("{{ record.x | length }}")}));
  std::string zeros = "0";
  for (int i = 0; i < 2'000'000; ++i)
    zeros += ",0";
  CHECK(f.records("{\"data\":[{\"x\":[0,0]}]}") == std::vector<std::string>{R"({"x":[0,0],"n":2})"});
  REQUIRE(f.cut("{\"data\":[{\"x\":[" + zeros + "]}]}"));
  added.value = parse_template("{{ record.x | last }}");
  auto refused = f.cut("{\"data\":[{\"x\":[" + zeros + "]}]}");
  // 40 bytes an element; the bound of a page is 24 times its body, and 64 MiB.
  REQUIRE(refused);
  added.value = parse_template("{{ record.x[0][0] }}");
  std::string lists = "[0]";
  for (int i = 0; i < 2'000'000; ++i)
    lists += ",[0]";
  refused = f.cut("{\"data\":[{\"x\":[" + lists + "]}]}");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::body_too_large);
  CHECK(contains(refused.error().message, "record 1 of `data`, decoded for the templates that change it"));
}
