#include "config/language/calendar.hpp"
#include "config/language/characters.hpp"
#include "config/language/datetime.hpp"
#include "config/language/scan.hpp"

#include <array>
#include <optional>

namespace sluice::language {

namespace {

using namespace std::chrono;

/// Reads the text from left to right; every step says whether what it wants is there.
class reader {
public:
  explicit reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }

  bool accept(std::string_view any_of) {
    if (at_end() || any_of.find(text_[at_]) == std::string_view::npos)
      return false;
    ++at_;
    return true;
  }

  template <class Number>
  bool number(std::size_t length, Number& x) {
    auto found = detail::digits(text_, at_, length);
    if (!found)
      return false;
    x = static_cast<Number>(*found);
    at_ += length;
    return true;
  }

  /// Any number of digits after the point; those beyond microseconds are cut off.
  bool fraction(int& microsecond) {
    auto start = at_;
    int scale = 100'000;
    for (int x = 0; number(1, x); scale /= 10)
      microsecond += x * scale;
    return at_ > start;
  }

  bool zone(seconds& offset) {
    auto found = detail::scan_offset(text_.substr(at_), true);
    if (!found)
      return false;
    offset = found->offset;
    at_ += found->length;
    return true;
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// `2024-01-31` or `20240131`.
bool read_date(reader& in, detail::civil_time& c) {
  if (!in.number(4, c.year))
    return false;
  bool dashes = in.accept("-");
  return in.number(2, c.month) && (!dashes || in.accept("-")) && in.number(2, c.day);
}

/// `10:20`, `10:20:30.5` or `102030`; `24:00` is the end of the day.
bool read_time(reader& in, detail::civil_time& c) {
  if (!in.number(2, c.hour))
    return false;
  bool colons = in.accept(":");
  if (!in.number(2, c.minute))
    return false;
  bool has_seconds = colons ? in.accept(":") : in.number(2, c.second);
  if (!has_seconds)
    return true;
  if (colons && !in.number(2, c.second))
    return false;
  return !in.accept(".,") || in.fraction(c.microsecond);
}

std::optional<datetime> read(std::string_view text) {
  reader in{text};
  detail::civil_time c;
  datetime result;
  if (!read_date(in, c))
    return std::nullopt;
  if (!in.at_end()) {
    if (!in.accept("Tt ") || !read_time(in, c))
      return std::nullopt;
    in.accept(" "); // `2024-01-31 10:20:30 +00:00`, as databases print it
    if (!in.at_end() && (!in.zone(result.offset) || !in.at_end()))
      return std::nullopt;
  }
  bool end_of_day = c.hour == 24 && c.minute == 0 && c.second == 0 && c.microsecond == 0;
  if (end_of_day)
    c.hour = 0;
  auto t = detail::from_civil(c, result.offset);
  if (!t)
    return std::nullopt;
  result.instant = end_of_day ? *t + days{1} : *t;
  return detail::is_expressible(result.instant) ? std::optional{result} : std::nullopt;
}

} // namespace

expected<datetime> parse_iso8601(std::string_view text) {
  if (auto t = read(detail::strip(text)))
    return *t;
  constexpr std::size_t shown = 64;
  return fail(errc::bad_page, failure_type::system_error,
              "The text '" + std::string{text.substr(0, shown)} + (text.size() > shown ? "...'" : "'")
                + " is no date or time in ISO 8601, such as 2024-01-31 or 2024-01-31T10:20:30Z.");
}

} // namespace sluice::language
