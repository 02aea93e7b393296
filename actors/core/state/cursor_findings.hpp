#pragma once

#include "config/manifest/plan/cursors.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// What a stream's records say against its cursor: what may keep records from being read by this run or a later one,
/// although nothing fails. Counted page by page, told once at the end.
class cursor_findings {
public:
  /// @param records of the cursor's stream on the page.
  void note(const datetime_cursor& cursor, const page_receipt& x, std::uint64_t records);

  /// One for each kind that was found; `stream` is the stream's name.
  std::vector<std::string> sentences(const datetime_cursor& cursor, const std::string& stream) const;

private:
  void note_gap(const datetime_cursor& cursor, const page_receipt& x);

  std::uint64_t records_ = 0;
  std::uint64_t without_cursor_ = 0;
  std::uint64_t outside_ = 0;
  /// The first slice with a record outside, and that record's cursor value.
  std::string outside_slice_;
  std::string outside_value_;
  /// Some value is finer than the granule between windows; the end of a window that another one follows; some value
  /// lies in the granule behind its window.
  bool is_finer_ = false;
  std::string window_end_;
  bool granule_is_read_ = false;
};

} // namespace sluice
