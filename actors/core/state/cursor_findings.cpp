#include "actors/core/state/cursor_findings.hpp"

#include "actors/core/slices/asked_window.hpp"

#include <chrono>

namespace sluice {

namespace {

using std::chrono::microseconds;

std::string iso(std::int64_t us) {
  const auto text = language::format_datetime(language::instant{microseconds{us}}, "%Y-%m-%dT%H:%M:%SZ");
  return text.value_or(std::to_string(us));
}

std::string shown(const datetime_cursor& cursor, std::int64_t us) {
  return cursor.counts ? std::to_string(us) : iso(us);
}

} // namespace

void cursor_findings::note(const datetime_cursor& cursor, const page_receipt& x, std::uint64_t records) {
  records_ += records;
  without_cursor_ += x.records_without_cursor;
  if (x.records_outside > 0) {
    if (outside_ == 0) {
      outside_slice_ = x.slice.label;
      outside_value_ = shown(cursor, x.newest_us > x.slice.upper_us ? x.newest_us : x.oldest_us);
    }
    outside_ += x.records_outside;
  }
  if (cursor.granularity && cursor.step && !cursor.counts && !cursor.is_feed)
    note_gap(cursor, x);
}

void cursor_findings::note_gap(const datetime_cursor& cursor, const page_receipt& x) {
  const auto granule = cursor.granularity->count();
  if (granule <= 0 || !x.has_cursor)
    return;
  is_finer_ = is_finer_ || x.newest_us % granule != 0 || x.oldest_us % granule != 0;
  granule_is_read_ = granule_is_read_ || (x.newest_us > x.slice.upper_us && x.newest_us - x.slice.upper_us < granule);
  // The last window ends where the next run's first one begins at the latest.
  if (window_end_.empty() && x.slice.upper_us < cursor.end.time_since_epoch().count())
    window_end_ = x.slice.upper_text;
}

std::vector<std::string> cursor_findings::sentences(const datetime_cursor& cursor, const std::string& stream) const {
  std::vector<std::string> result;
  const auto add = [&](const std::string& what) { result.push_back("Stream " + stream + ": " + what); };
  const auto of_all = std::to_string(records_) + " records";
  if (without_cursor_ > 0)
    add(std::to_string(without_cursor_) + " of " + of_all + " have no readable cursor `" + cursor.cursor_field
        + "`. They are printed, but do not move the state: a record that never has one may not be read again when it "
          "changes.");
  if (outside_ > 0) {
    const auto most = outside_ > records_ / 2;
    add(std::to_string(outside_) + " of " + of_all + " have a cursor `" + cursor.cursor_field
        + "` outside of the window that was asked for (the first: " + outside_value_ + " in " + outside_slice_ + "). "
        + (most ? "The API seems not to filter by it: windows bring what others bring, and each sync everything anew. "
                : "The API seems to filter by something else: what changes later in a window that has been read may "
                  "not be read again. ")
        + "The state stays within the windows.");
  }
  // A format of whole days asks for whole days.
  if (is_finer_ && !window_end_.empty() && !granule_is_read_
      && format_unit(cursor.datetime_format) < std::chrono::days{1})
    add("cursors are finer than cursor_granularity, which is what lies between its windows. If the API takes an end as "
        "the exact moment, records right behind it ("
        + window_end_
        + ") are in no window. Let cursor_granularity and datetime_format be as fine as the API's cursors.");
  return result;
}

} // namespace sluice
