#include "actors/core/state/state_pacer.hpp"

#include <algorithm>
#include <tuple>

namespace sluice {

namespace {

using std::chrono::microseconds;

constexpr std::int64_t millionths = 1'000'000;
/// Keeps all sums far from the ends of 64 bits; a million megabytes a second is no limit at all.
constexpr std::uint64_t highest_rate = 1'000'000'000'000;
constexpr std::int64_t deepest_debt = static_cast<std::int64_t>(highest_rate) * millionths;
/// Longer than any run.
constexpr microseconds longest_pause = std::chrono::hours{24 * 365};

} // namespace

state_pacer::state_pacer(std::uint64_t max_bytes_per_second, microseconds interval)
  : rate_(static_cast<std::int64_t>(std::clamp<std::uint64_t>(max_bytes_per_second, 1, highest_rate))),
    interval_(std::max(interval, microseconds{0})), tokens_(rate_ * millionths) {}

void state_pacer::changed(stream_index stream, state_change what, time_point now) {
  if (stream >= streams_.size())
    streams_.resize(std::size_t{stream} + 1);
  auto& book = streams_[stream];
  if (!book.since)
    book.since = now;
  const auto due = what == state_change::slice_closed ? now : std::max(now, *book.since + interval_);
  if (book.due && *book.due <= due)
    return;
  book.due = due;
  book.turn = ++turns_;
}

std::optional<stream_index> state_pacer::first() const {
  std::optional<stream_index> best;
  for (stream_index i = 0; i < streams_.size(); ++i) {
    const auto& book = streams_[i];
    if (book.due && (!best || std::tie(*book.due, book.turn) < std::tie(*streams_[*best].due, streams_[*best].turn)))
      best = i;
  }
  return best;
}

state_pacer::time_point state_pacer::solvent_at() const {
  if (!filled_at_ || tokens_ > 0)
    return time_point::min();
  return *filled_at_ + std::min(microseconds{-tokens_ / rate_ + 1}, longest_pause);
}

std::optional<stream_index> state_pacer::next(time_point now) const {
  const auto stream = first();
  if (!stream || *streams_[*stream].due > now || solvent_at() > now)
    return std::nullopt;
  return stream;
}

void state_pacer::printed(stream_index stream, std::uint64_t bytes, time_point now) {
  if (stream >= streams_.size())
    streams_.resize(std::size_t{stream} + 1);
  auto& book = streams_[stream];
  book.due.reset();
  book.since = now;

  const auto full = rate_ * millionths;
  const auto passed = filled_at_ ? std::chrono::floor<microseconds>(now - *filled_at_) : microseconds{0};
  if (passed.count() >= (full - tokens_) / rate_) {
    tokens_ = full;
    filled_at_ = now;
  } else if (passed > microseconds{0}) {
    tokens_ += passed.count() * rate_;
    *filled_at_ += passed;
  }
  tokens_ -= static_cast<std::int64_t>(std::min(bytes, highest_rate)) * millionths;
  tokens_ = std::max(tokens_, -deepest_debt);
}

std::optional<state_pacer::time_point> state_pacer::next_due() const {
  const auto stream = first();
  if (!stream)
    return std::nullopt;
  return std::max(*streams_[*stream].due, solvent_at());
}

} // namespace sluice
