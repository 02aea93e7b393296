#include "messages/text/ascii.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("names are compared without case, in every position and for every pair of characters") {
  // 19 characters: two steps of eight, and a rest.
  for (std::size_t at : {0U, 7U, 8U, 18U}) {
    bool right = true;
    for (int x = 0; x < 256; ++x)
      for (int y = 0; y < 256; ++y) {
        std::string a = "x-Ratelimit-Minutes";
        auto b = a;
        a[at] = static_cast<char>(x);
        b[at] = static_cast<char>(y);
        right = right && equals_ignoring_case(a, b) == (ascii_lower(a[at]) == ascii_lower(b[at]));
      }
    INFO(at);
    CHECK(right);
  }
  CHECK(equals_ignoring_case("X-RATELIMIT-APP-GLOBAL", "x-ratelimit-app-global"));
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("retry-after", "retry-after "));
}

TEST_CASE("a control character is found in every position, and tabs are none") {
  for (std::size_t at : {0U, 7U, 8U, 18U}) {
    bool right = true;
    for (int x = 0; x < 256; ++x) {
      std::string text = "a\tfield's \xC3\xA9 content";
      text.resize(19, '.');
      text[at] = static_cast<char>(x);
      right = right && is_field_text(text) == ((x >= 0x20 && x != 0x7f) || x == '\t');
    }
    INFO(at);
    CHECK(right);
  }
  CHECK(is_field_text(""));
}

TEST_CASE("a set of characters finds its members and nothing else") {
  constexpr auto set = char_set::range('0', '9') | char_set{"-\xC3"};
  CHECK(set.find_in("abc-1") == 3);
  CHECK(set.find_in("caf\xC3\xA9") == 3);
  CHECK(set.find_in("abc") == 3);
  CHECK(set.covers("2020-01-01"));
  CHECK_FALSE(set.covers("2020-01-01T"));
  CHECK(set.covers(""));
  CHECK((~set).contains('x'));
  CHECK_FALSE((~set).contains('5'));
}

TEST_CASE("blanks at both ends are taken off, and those in between stay") {
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim(" \t ") == "");
  CHECK(trim("") == "");
  CHECK(trim("\r\n a\n\tb \n", blanks_and_line_ends) == "a\n\tb");
  CHECK(trim("\n\n", blanks_and_line_ends) == "");
  CHECK(trim("", blanks_and_line_ends) == "");
  CHECK(trim("'\"x'\"", "\"'") == "x");
}

TEST_CASE("digits have values, and letters a lower case, in ASCII alone") {
  const std::string digits = "0123456789abcdef";
  for (int x = 0; x < 256; ++x) {
    const auto c = static_cast<char>(x);
    const auto at = digits.find(ascii_lower(c));
    CHECK(hex_value(c) == (at == std::string::npos ? -1 : static_cast<int>(at)));
    CHECK(is_digit(c) == (hex_value(c) >= 0 && hex_value(c) < 10));
  }
  CHECK(lower_case("X-\xC3\x84Z") == "x-\xC3\x84z");
}
