#include "messages/text/utf8.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"

#include <rapidcheck.h>

#include <string>

using namespace sluice;

TEST_CASE("the offset of the first invalid byte is found") {
  CHECK(valid_utf8_prefix("") == 0);
  CHECK(valid_utf8_prefix("abc") == 3);
  CHECK(valid_utf8_prefix("\u20ac\u00e4") == 5);
  CHECK(valid_utf8_prefix("ab\xff") == 2);
  CHECK(valid_utf8_prefix("ab\u20ac\xe2\x82") == 5);
}

TEST_CASE("a text is cut between characters, never inside one") {
  const std::string text = "a\u20acb";
  CHECK(utf8_prefix(text, 0) == "");
  CHECK(utf8_prefix(text, 1) == "a");
  CHECK(utf8_prefix(text, 2) == "a");
  CHECK(utf8_prefix(text, 3) == "a");
  CHECK(utf8_prefix(text, 4) == "a\u20ac");
  CHECK(utf8_prefix(text, 5) == text);
  CHECK(utf8_prefix(text, 99) == text);
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(utf8_length("") == 0);
  CHECK(utf8_length("a\u20ac\U0001F600") == 3);
  CHECK(utf8_length("\xff\xff") == 2);
}

TEST_CASE("characters are found by their position") {
  const std::string text = "a\u20ac\xff\U0001F600";
  const std::size_t offsets[] = {0, 1, 4, 5, 9, 9};
  for (std::size_t i = 0; i < std::size(offsets); ++i)
    CHECK(utf8_offset(text, i) == offsets[i]);
}

TEST_CASE("code points are taken apart and put together, and what is none is U+FFFD") {
  const std::string text = "a\u00e4\u20ac\U0001F600\xff\xe2\x82";
  std::u32string points;
  for (std::size_t at = 0; at < text.size();)
    points += next_code_point(text, at);
  CHECK(points == U"a\u00e4\u20ac\U0001F600\uFFFD\uFFFD\uFFFD");
  std::string back;
  for (auto c : points)
    append_utf8(back, c);
  CHECK(back == as_valid_utf8(text));
  std::string none;
  append_utf8(none, 0xD800);
  append_utf8(none, 0x110000);
  CHECK(none == "\uFFFD\uFFFD");
  CHECK(rc::check("every code point survives", [] {
    auto c = static_cast<char32_t>(*rc::gen::inRange<std::uint32_t>(0, 0x110000));
    RC_PRE(c < 0xD800 || c > 0xDFFF);
    std::string encoded;
    append_utf8(encoded, c);
    std::size_t at = 0;
    RC_ASSERT(is_valid_utf8(encoded) && utf8_length(encoded) == 1U);
    RC_ASSERT(next_code_point(encoded, at) == c);
    RC_ASSERT(at == encoded.size());
  }));
  CHECK(rc::check("any bytes become valid, and valid ones stay", [] {
    auto bytes = *test::random_text();
    auto valid = as_valid_utf8(bytes);
    RC_ASSERT(is_valid_utf8(valid) && utf8_length(valid) == utf8_length(bytes));
    RC_ASSERT(is_valid_utf8(bytes) == (valid == bytes));
  }));
}
