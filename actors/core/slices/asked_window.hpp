#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/slice.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// The API is expected to give records of the window that was asked for and no others: it is no data feed, and nobody
/// filters behind it.
bool expects_window(const datetime_cursor& cursor, const output& records);

/// What a format can tell apart: a day for `%Y-%m-%d`, a second for `%s`.
std::chrono::microseconds format_unit(std::string_view datetime_format);

/// The window of a slice as the API was asked for it. Its texts may say less than the slice's bounds: a format without
/// a time of day asks for whole days.
class asked_window {
public:
  /// Both must outlive it.
  asked_window(const datetime_cursor& cursor, const slice& s) : cursor_(cursor), slice_(s) {}

  /// A record with this cursor value, microseconds since the epoch, is none that was asked for.
  bool lacks(std::int64_t us) { return (us < slice_.lower_us || us > slice_.upper_us) && is_far(us); }

private:
  struct bounds {
    std::int64_t from_us;
    /// The first moment behind it.
    std::int64_t until_us;
  };

  bool is_far(std::int64_t us);
  bounds as_asked() const;

  const datetime_cursor& cursor_;
  const slice& slice_;
  /// Made when they are needed.
  std::optional<bounds> bounds_;
};

} // namespace sluice
