#pragma once

#include "messages/slice.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace sluice {

/// Why a stream's state is another one now.
enum class state_change : std::uint8_t {
  /// A slice was read to its end: worth a state at once.
  slice_closed,
  /// A page of a slice was read: worth a state when the stream's last one is `interval` old.
  page_read,
};

/// Decides when the changed state of a stream may be printed, so that states cost no more than a share of the output.
/// All streams draw from one bucket that holds the bytes of one second. A state may go as soon as the bucket is not
/// empty, whatever its size, and may put it into debt; so it need not be built before it may go. In any time T at most
/// rate * T + one bucket + one state are printed. Streams go in the order in which they became due: none starves.
///
/// Use: `changed`, then `while (auto s = next(now)) { print; printed(*s, bytes, now); }`, then a timer for `next_due`.
class state_pacer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A rate of 0 counts as 1 byte a second.
  state_pacer(std::uint64_t max_bytes_per_second, std::chrono::microseconds interval);

  /// The stream's state changed.
  void changed(stream_index stream, state_change what, time_point now);

  /// The stream whose state is to be printed now, if any. It stays due until `printed`.
  std::optional<stream_index> next(time_point now) const;

  /// A state of the stream was printed, allowed by `next` or not (final states always go): takes the bytes off the
  /// budget; the stream has nothing left to print.
  void printed(stream_index stream, std::uint64_t bytes, time_point now);

  /// When `next` will have an answer if nothing happens before; none if no stream has anything to print. May lie in
  /// the past.
  std::optional<time_point> next_due() const;

private:
  struct stream_book {
    /// Set while the state is not printed: from when on it may be.
    std::optional<time_point> due;
    /// Order of arrival among streams that are due at the same moment.
    std::uint64_t turn = 0;
    /// When the state was last printed, or changed for the first time.
    std::optional<time_point> since;
  };

  std::optional<stream_index> first() const;
  /// When the bucket is no longer empty.
  time_point solvent_at() const;

  std::int64_t rate_;
  std::chrono::microseconds interval_;
  std::vector<stream_book> streams_;
  std::uint64_t turns_ = 0;
  /// Content of the bucket at `filled_at_`, in millionths of a byte; negative: debt.
  std::int64_t tokens_;
  std::optional<time_point> filled_at_;
};

} // namespace sluice
