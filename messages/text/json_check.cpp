#include "messages/text/json_check.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <system_error>

#include <simdjson.h>

namespace sluice {

namespace {

/// True for a number that no double can hold. One that is too small is 0.
bool is_too_large(std::string_view number) {
  double x = 0;
  auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), x);
  return code == std::errc::result_out_of_range && std::abs(std::strtod(std::string{number}.c_str(), nullptr)) > 1;
}

/// A checker without recursion: nesting costs one bit a level.
class strict_checker {
public:
  strict_checker(std::string_view text, json_bounds bounds)
    : begin_(text.data()), p_(text.data()),
      end_(text.data() + text.size()), bounds_{std::min(bounds.depth, max_json_depth), bounds.is_decoded} {}

  std::optional<json_problem> run() {
    p_ = json::skip_space(p_, end_);
    if (p_ == end_) {
      return json_problem{"is empty"};
    }
    if (!document()) {
      return json_problem{std::move(problem_), static_cast<std::size_t>(p_ - begin_)};
    }
    p_ = json::skip_space(p_, end_);
    if (p_ != end_) {
      return json_problem{"goes on after the end of the JSON document", static_cast<std::size_t>(p_ - begin_)};
    }
    return std::nullopt;
  }

private:
  bool no(std::string_view problem) {
    problem_ = p_ < end_ ? problem : "ends before the JSON document is complete";
    return false;
  }

  /// One value with everything in it. Each round reads one value or opens one container, then closes what is complete.
  bool document() {
    for (;;) {
      bool opened = false;
      if (p_ < end_ && (*p_ == '{' || *p_ == '[')) {
        if (depth_ == bounds_.depth) {
          return no("is nested too deeply (more than " + std::to_string(bounds_.depth) + " levels)");
        }
        is_object_[depth_++] = *p_ == '{';
        p_ = json::skip_space(p_ + 1, end_);
        opened = true;
      } else if (!scalar()) {
        return false;
      }
      if (!close_and_separate(opened)) {
        return false;
      }
      if (depth_ == 0) {
        return true;
      }
    }
  }

  /// After a value or behind an opening bracket: closing brackets, then what comes before the next value.
  bool close_and_separate(bool opened) {
    for (; depth_ > 0; opened = false) {
      bool object = is_object_[depth_ - 1];
      p_ = json::skip_space(p_, end_);
      if (p_ < end_ && *p_ == (object ? '}' : ']')) {
        ++p_;
        --depth_;
        continue;
      }
      if (!opened) {
        if (p_ == end_ || *p_ != ',') {
          return no(object ? "has something other than `,` or `}` after a field"
                           : "has something other than `,` or `]` after an element");
        }
        p_ = json::skip_space(p_ + 1, end_);
      }
      return !object || key();
    }
    return true;
  }

  bool key() {
    if (p_ == end_ || *p_ != '"') {
      return no("has an object key that is no string");
    }
    if (!string()) {
      return false;
    }
    p_ = json::skip_space(p_, end_);
    if (p_ == end_ || *p_ != ':') {
      return no("has an object key without `:`");
    }
    p_ = json::skip_space(p_ + 1, end_);
    return true;
  }

  bool scalar() {
    switch (p_ < end_ ? *p_ : '\0') {
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool word(std::string_view text) {
    auto here = json::view(p_, end_).substr(0, text.size());
    if (here != text.substr(0, here.size())) {
      return no("has an unknown word");
    }
    p_ += here.size();
    return here.size() == text.size() || no("");
  }

  bool digits() {
    auto first = p_;
    while (p_ < end_ && is_digit(*p_)) {
      ++p_;
    }
    return p_ != first;
  }

  bool number() {
    auto begin = p_;
    if (p_ < end_ && *p_ == '-') {
      ++p_;
    }
    auto first = p_;
    if (!digits()) {
      return no("has something that is no JSON value");
    }
    if (*first == '0' && p_ - first > 1) {
      p_ = first;
      return no("has a number with a leading zero");
    }
    if (p_ < end_ && *p_ == '.') {
      ++p_;
      if (!digits()) {
        return no("has a number without digits after the point");
      }
    }
    if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
      ++p_;
      if (p_ < end_ && (*p_ == '+' || *p_ == '-')) {
        ++p_;
      }
      if (!digits()) {
        return no("has a number without digits in its exponent");
      }
    }
    if (bounds_.is_decoded && is_too_large(json::view(begin, p_))) {
      p_ = begin;
      return no("has a number that is too large");
    }
    return true;
  }

  bool string() {
    for (++p_; p_ < end_; ++p_) {
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (static_cast<unsigned char>(*p_) < 0x20) {
        return no("has a control character in a string");
      }
      if (*p_ == '\\' && !escape()) {
        return false;
      }
    }
    return no("");
  }

  /// Leaves `p_` at the escape's last character.
  bool escape() {
    ++p_;
    if (p_ == end_ || std::string_view{"\"\\/bfnrtu"}.find(*p_) == std::string_view::npos) {
      return no("has an unknown escape in a string");
    }
    return *p_ != 'u' || unicode_escape();
  }

  /// `p_` is at the `u`; leaves it at the last digit, or at that of the second half of a pair.
  bool unicode_escape() {
    std::uint32_t unit = 0;
    if (!four_digits(unit) || !bounds_.is_decoded || unit < 0xD800 || unit > 0xDFFF) {
      return problem_.empty();
    }
    auto first = p_;
    std::uint32_t low = 0;
    if (unit < 0xDC00 && json::view(p_, end_).substr(1, 2) == "\\u") {
      p_ += 2;
      if (!four_digits(low)) {
        return false;
      }
    }
    if (low < 0xDC00 || low > 0xDFFF) {
      p_ = first;
      return no("has half of a surrogate pair in a string");
    }
    return true;
  }

  /// Reads the four digits behind `p_`, and moves it to the last.
  bool four_digits(std::uint32_t& unit) {
    for (int i = 0; i < 4; ++i) {
      ++p_;
      if (p_ == end_ || hex_value(*p_) < 0) {
        return no("has a broken \\u escape in a string");
      }
      unit = unit * 16 + static_cast<std::uint32_t>(hex_value(*p_));
    }
    return true;
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  json_bounds bounds_;
  std::string problem_;
  std::size_t depth_ = 0;
  std::bitset<max_json_depth> is_object_;
};

/// Why a text in another encoding of Unicode cannot be read; empty if it does not look like one.
std::string_view other_encoding(std::string_view text) noexcept {
  using namespace std::string_view_literals;
  if (text.starts_with("\0\0\xFE\xFF"sv) || text.starts_with("\xFF\xFE\0\0"sv)) {
    return "is not valid UTF-8 but UTF-32, which is not supported";
  }
  auto opens = [](char c) { return c == '{' || c == '['; };
  bool marked = text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE");
  bool wide = text.size() > 1 && ((opens(text[0]) && text[1] == '\0') || (text[0] == '\0' && opens(text[1])));
  return marked || wide ? "is not valid UTF-8 but UTF-16, which is not supported" : "";
}

} // namespace

std::optional<json_problem> check_json(std::string_view text, json_bounds bounds) {
  if (auto problem = other_encoding(text); !problem.empty()) {
    return json_problem{std::string{problem}, 0, true};
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    return json_problem{"starts with a byte order mark, which JSON does not allow"};
  }
  if (!simdjson::validate_utf8(text)) {
    return json_problem{"is not valid UTF-8", valid_utf8_prefix(text)};
  }
  return strict_checker{text, bounds}.run();
}

} // namespace sluice
