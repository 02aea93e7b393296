#pragma once

#include "config/manifest/plan/cursors.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sluice {

using language::instant;

/// A window to request, both ends inclusive.
struct cursor_window {
  instant lower{};
  instant upper{};
  /// The stream's state covers it; only child streams need its records.
  bool children_only = false;
  bool operator==(const cursor_window&) const = default;
};

/// The windows that a cursor has still to read, oldest first. Only the stretches of time are kept; each window is made
/// when it is asked for, because a small step makes hundreds of thousands of them.
class cursor_windows {
public:
  /// A stretch of time that is cut into windows from its beginning on. One without length is one window.
  struct stretch {
    instant lower{};
    instant upper{};
    /// The last window ends exactly at the end; else the end belongs to what follows, and the window ends one granule
    /// before it.
    bool ends_at_upper = true;
    bool children_only = false;
  };

  /// None.
  cursor_windows() = default;
  /// @param step length of a window; none: as long as its stretch.
  /// @param granule what lies between a window's end and the next one's beginning.
  /// @param stretches in order of time, none of them ending before it begins.
  /// @param clamp where windows begin; none: anywhere.
  cursor_windows(std::optional<language::duration> step, std::chrono::microseconds granule,
                 std::vector<stretch> stretches, std::optional<window_clamp> clamp = {});
  /// One that nobody looks at: of what is not cut by time.
  static cursor_windows whole() { return {std::nullopt, {}, {stretch{}}}; }

  bool empty() const noexcept { return at_ == stretches_.size(); }
  /// How many are left, and how many of those are for children only.
  std::uint64_t size() const;
  std::uint64_t children_only() const;
  /// The first and the last that are left; there must be one.
  cursor_window front() const;
  cursor_window back() const;
  /// The first moment that is wanted of those that are left for children only, or of the others; none: there are none.
  std::optional<instant> beginning(bool children_only) const;
  /// Nothing lies between neighbours but a granule.
  bool gapless() const;

  void pop_front();
  /// All are for children only.
  void leave_to_children();
  /// Takes out those for children only that end before `t`; one that is not cut by a step begins there.
  void drop_children_before(instant t);
  /// Leaves to children what they need, from `t` on: what begins there for others is there for them, too.
  void leave_children_from(instant t);

private:
  /// Where the window that begins a stretch is followed by the next one, or the stretch ends.
  instant next_of(const stretch& s) const;
  cursor_window window_of(const stretch& s) const;
  std::uint64_t count_of(stretch s) const;
  /// The stretch from its last window on.
  stretch last_of(stretch s) const;
  /// The step, if all windows but the last are equally long.
  std::optional<std::chrono::microseconds> exact_step() const;

  std::optional<language::duration> step_;
  std::chrono::microseconds granule_{0};
  std::vector<stretch> stretches_;
  std::optional<window_clamp> clamp_;
  /// What is before it is of no use to children.
  instant children_need_from_ = instant::min();
  /// The first that is left.
  std::size_t at_ = 0;
};

} // namespace sluice
