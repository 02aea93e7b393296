#include "actors/core/state/cursor_windows.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

using std::chrono::microseconds;

cursor_windows::cursor_windows(std::optional<language::duration> step, microseconds granule,
                               std::vector<stretch> stretches, std::optional<window_clamp> clamp)
  : step_(step), granule_(granule), stretches_(std::move(stretches)), clamp_(clamp) {}

instant cursor_windows::next_of(const stretch& s) const {
  auto next = step_ ? std::min(language::add(s.lower, *step_), s.upper) : s.upper;
  if (clamp_ && next < s.upper)
    // No period is shorter than a day.
    next = std::min(clamp_->ceiling(std::max(next, s.lower + std::chrono::days{1})), s.upper);
  // A step that leads nowhere is refused before; this keeps the number of windows finite.
  return next <= s.lower ? s.upper : next;
}

cursor_window cursor_windows::window_of(const stretch& s) const {
  const auto next = next_of(s);
  const auto ends_at = next == s.upper && s.ends_at_upper ? s.upper : next - granule_;
  return {s.lower, std::max(s.lower, ends_at), s.children_only};
}

std::optional<microseconds> cursor_windows::exact_step() const {
  const bool is_exact = step_ && !clamp_ && step_->months == 0 && step_->exact > microseconds{0};
  return is_exact ? std::optional{step_->exact} : std::nullopt;
}

std::uint64_t cursor_windows::count_of(stretch s) const {
  if (const auto step = exact_step()) {
    const auto length = s.upper - s.lower;
    return static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, length / *step + (length % *step > microseconds{0} ? 1 : 0)));
  }
  std::uint64_t count = 1;
  for (auto next = next_of(s); next < s.upper; next = next_of(s)) {
    s.lower = next;
    ++count;
  }
  return count;
}

cursor_windows::stretch cursor_windows::last_of(stretch s) const {
  if (const auto step = exact_step()) {
    s.lower += *step * static_cast<std::int64_t>(count_of(s) - 1);
    return s;
  }
  for (auto next = next_of(s); next < s.upper; next = next_of(s))
    s.lower = next;
  return s;
}

std::uint64_t cursor_windows::size() const {
  std::uint64_t count = 0;
  for (auto i = at_; i < stretches_.size(); ++i)
    count += count_of(stretches_[i]);
  return count;
}

std::uint64_t cursor_windows::children_only() const {
  std::uint64_t count = 0;
  for (auto i = at_; i < stretches_.size(); ++i)
    count += stretches_[i].children_only ? count_of(stretches_[i]) : 0;
  return count;
}

cursor_window cursor_windows::front() const {
  return window_of(stretches_[at_]);
}

cursor_window cursor_windows::back() const {
  return window_of(last_of(stretches_.back()));
}

std::optional<instant> cursor_windows::beginning(bool children_only) const {
  const auto first = std::find_if(stretches_.begin() + static_cast<std::ptrdiff_t>(at_), stretches_.end(),
                                  [children_only](const stretch& s) { return s.children_only == children_only; });
  if (first == stretches_.end())
    return std::nullopt;
  return children_only ? std::max(first->lower, children_need_from_) : first->lower;
}

bool cursor_windows::gapless() const {
  for (auto i = at_ + 1; i < stretches_.size(); ++i)
    if (stretches_[i].lower - window_of(last_of(stretches_[i - 1])).upper > granule_)
      return false;
  return true;
}

void cursor_windows::pop_front() {
  auto& s = stretches_[at_];
  const auto next = next_of(s);
  if (next == s.upper)
    ++at_;
  else
    s.lower = next;
}

void cursor_windows::leave_to_children() {
  for (auto& s : stretches_)
    s.children_only = true;
}

void cursor_windows::drop_children_before(instant t) {
  children_need_from_ = std::max(children_need_from_, t);
  std::vector<stretch> kept;
  for (auto i = at_; i < stretches_.size(); ++i) {
    auto s = stretches_[i];
    bool is_left = true;
    // Most of them at once.
    if (const auto step = exact_step(); step && s.children_only)
      if (const auto count = (std::min(t, s.upper) - s.lower) / *step; count > 1)
        s.lower += *step * (count - 1);
    while (is_left && s.children_only && window_of(s).upper < t) {
      const auto next = next_of(s);
      is_left = next != s.upper;
      s.lower = next;
    }
    // A single window may begin anywhere; others keep their steps.
    if (is_left && s.children_only && !step_)
      s.lower = std::max(s.lower, std::min(t, s.upper));
    if (is_left)
      kept.push_back(s);
  }
  stretches_ = std::move(kept);
  at_ = 0;
}

void cursor_windows::leave_children_from(instant t) {
  drop_children_before(beginning(false) == t ? t + microseconds{1} : t);
}

} // namespace sluice
