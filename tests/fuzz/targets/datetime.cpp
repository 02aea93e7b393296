// Datetimes, formats, durations, and settings with a unit.
#include "config/language/datetime.hpp"
#include "actors/core/state/cursor.hpp"
#include "tests/fuzz/target.hpp"

#include <string>

using namespace sluice;
using namespace sluice::fuzz;
using namespace sluice::language;

namespace {

void check_moment(const datetime& t) {
  constexpr const char* exact = "%Y-%m-%dT%H:%M:%S.%f%z";
  auto text = format_datetime(t.instant, exact);
  if (!text)
    return; // beyond the calendar
  auto back = parse_datetime(*text, exact);
  require(back && back->instant == t.instant, "a moment survives its exact text");
  auto iso = parse_iso8601(*text);
  require(iso && iso->instant == t.instant, "a moment survives ISO 8601");
}

} // namespace

/// Sections: a format, a text, a duration.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = sections(text_of(data, size), 3);
  auto parsed = parse_datetime(parts[1], parts[0]);
  if (parsed) {
    check_moment(*parsed);
    if (auto text = format_datetime(*parsed, parts[0])) {
      require(text->size() <= 64 * (parts[0].size() + 1), "a text is bounded");
      (void)parse_datetime(*text, parts[0]);
    }
    (void)to_text(value{*parsed});
    (void)to_json(value{*parsed});
  } else {
    require(parsed.error().code == errc::bad_page || parsed.error().code == errc::bad_manifest,
            "a text or a format is refused");
  }
  if (auto iso = parse_iso8601(parts[1])) {
    check_moment(*iso);
    (void)format_datetime(*iso, parts[0]);
  }
  datetime_cursor cursor;
  cursor.cursor_field = "t";
  cursor.record_formats = {std::string{parts[0]}};
  cursor.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  if (auto t = parse_record_cursor(cursor, parts[1]))
    check_moment({*t, {}});
  (void)format_cursor(cursor, instant{std::chrono::seconds{1767225600}});
  if (auto d = parse_iso8601_duration(parts[2])) {
    for (auto t : {instant::min(), instant{}, instant{std::chrono::seconds{1767225600}}, instant::max()})
      (void)add(t, *d);
  }
  if (auto d = parse_setting_duration(parts[2]))
    require(d->count() >= 0, "a setting has no sign");
  (void)parse_setting_bytes(parts[2]);
  return 0;
}
