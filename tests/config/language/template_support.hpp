#pragma once

#include "config/language/template.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::language::test {

/// 2024-05-31T16:08:37.123456Z
inline constexpr auto fixed_now
  = std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{1'717'171'717'123'456}};

inline value json(std::string_view text) {
  auto x = parse_json(text);
  INFO(text);
  REQUIRE(x.has_value());
  return *x;
}

/// A scope that most tests share: `config`, `record` and `response`, and a clock that stands still.
inline scope example_scope() {
  scope s;
  s.set("config", json(R"({"a": 1, "s": "hello", "n": null, "l": [1, "2", null, 2.5, true], "e": "", "zero": 0,
                           "d": {"x": {"y": [1, 2, 3]}}, "u": "h\u00e9\u00e9\u20ac\ud83d\ude00", "values": "vv",
                           "phone": "+14155552671", "secret": "s3cr3t"})"));
  s.set("record", json(R"({"id": "00123", "obj": {"a": true, "b": null, "c": "it's"}, "b": "123"})"));
  s.set("response", json(R"({"data": [{"id": 1}, {"id": 2}], "links": {"next": "http://x/?p=2"}, "empty": {}})"));
  s.set_now(fixed_now);
  return s;
}

inline const std::vector<std::string>& example_names() {
  static const std::vector<std::string> names = {"config", "record", "response"};
  return names;
}

/// The rendered text, or `error: ` and the message.
inline std::string rendered(std::string_view source) {
  auto t = text_template::parse(source, example_names());
  if (!t)
    return "parse error: " + t.error().message;
  auto text = t->render(example_scope());
  return text ? *text : "error: " + text.error().message;
}

/// What the template evaluates to, as JSON, or `error: ` and the message.
inline std::string evaluated(std::string_view source) {
  auto t = text_template::parse(source, example_names());
  if (!t)
    return "parse error: " + t.error().message;
  auto x = t->evaluate(example_scope());
  return x ? to_json(*x) : "error: " + x.error().message;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct render_case {
  const char* source;
  const char* expected;
};

/// Checks that each template renders as expected.
template <std::size_t Size>
void check_rendered(const render_case (&cases)[Size]) {
  for (auto& [source, wanted] : cases) {
    CAPTURE(source);
    CHECK(rendered(source) == wanted);
  }
}

/// Checks that each template fails, and that the message has the expected part. What fails for a value of the wrong
/// type has no message, but leaves the template's own text.
template <std::size_t Size>
void check_refused(const render_case (&cases)[Size]) {
  for (auto& [source, part] : cases) {
    CAPTURE(source);
    auto text = rendered(source);
    CAPTURE(text);
    if (text == source)
      continue;
    CHECK(contains(text, "error: "));
    CHECK(contains(text, part));
  }
}

} // namespace sluice::language::test
