#include "messages/text/json_scan.hpp"

#include "tests/support/catch2.hpp"

#include <string>

#include <rapidcheck.h>

using namespace sluice;

TEST_CASE("escapes are decoded") {
  CHECK(json::unescape(R"(plain)") == "plain");
  CHECK(json::unescape(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(json::unescape(R"(d\u0061ta \u00e9 \u20AC \ud83d\ude00)") == "data é € 😀");
  CHECK(json::unescape(R"(\ud83d)") == "\uFFFD");
  CHECK(json::unescape(R"(\ude00\ud83dx)") == "\uFFFD\uFFFDx");
}

TEST_CASE("keys are compared by what they mean") {
  CHECK(json::key_equals("data", "data"));
  CHECK(json::key_equals(R"(d\u0061ta)", "data"));
  CHECK_FALSE(json::key_equals("datA", "data"));
  CHECK_FALSE(json::key_equals("dat", "data"));
  CHECK_FALSE(json::key_equals(R"(\n)", R"(\n)"));
  CHECK(json::key_equals(R"(\n)", "\n"));
}

TEST_CASE("paths are followed through objects and lists") {
  const char* text = R"({"a": {"b": [10, {"c": "x]}"}, [ ] ]}, "a.b": 1, "a": {"b": [ 11, {"c": 2} ]} })";
  CHECK(json::find_path(text, {"a", "b", "0"}) == "11");
  CHECK(json::find_path(text, {"a", "b", "1", "c"}) == "2");
  CHECK(json::find_path(text, {"a.b"}) == "1");
  CHECK(json::find_path(text, {"a", "b", "2"}).empty());
  CHECK(json::find_path(text, {"a", "b", "-1"}).empty());
  CHECK(json::find_path(text, {"a", "x", "y"}).empty());
  CHECK(json::find_path("[ 1, [2 ] ]", {"1"}) == "[2 ]");
  CHECK(json::find_path("7", {}) == "7");
}

TEST_CASE("walks stay inside the text and end, whatever the text is") {
  CHECK(rc::check("walks", [] {
    const auto text = "{" + *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"{}[]:,\"\\ a1"}));
    const auto end = text.data() + text.size();
    auto inside = [&](const char* p) { return p >= text.data() && p <= end; };
    for (const char* p = text.data(); p < end; ++p) {
      RC_ASSERT(inside(json::skip_value(p, end)));
      RC_ASSERT(inside(json::each_element(p, end, [&](const char* q) { return json::skip_value(q, end); })));
      RC_ASSERT(
        inside(json::each_field(p, end, [&](std::string_view, const char* q) { return json::skip_value(q, end); })));
    }
    (void)json::find_path(text, {"a", "0"});
    (void)json::list_keys(text);
  }));
}

TEST_CASE("key lists in messages are short") {
  CHECK(json::list_keys("{}") == "no keys");
  CHECK(json::list_keys(R"({"a":1,"b":2})") == "the keys a, b");
  std::string many = "{";
  for (int i = 0; i < 12; ++i) {
    many += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
  }
  CHECK(json::list_keys(many + "}") == "the keys k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 2 more");
}
