#include "actors/support/flight_record.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

flight_time time_of(flight_clock::rep ticks) {
  return flight_time{flight_clock::duration{ticks}};
}

flight_clock::rep ticks_of(flight_time t) {
  return t.time_since_epoch().count();
}

} // namespace

flight_record::flight_record(std::uint64_t actor) noexcept : actor_(actor), made_(flight_clock::now()) {}

void flight_record::queued(flight_time now) noexcept {
  auto number = queued_.fetch_add(1, std::memory_order_relaxed) + 1;
  sent_[number % queue_depth].store(ticks_of(now), std::memory_order_relaxed);
  auto depth_now = static_cast<std::int64_t>(number - taken_.load(std::memory_order_relaxed));
  auto high = mailbox_high_.load(std::memory_order_relaxed);
  while (depth_now > high && !mailbox_high_.compare_exchange_weak(high, depth_now, std::memory_order_relaxed)) {
    // Another sender was faster.
  }
}

flight_time flight_record::sent_at(std::uint64_t n) const noexcept {
  // A full turn later its place has been used again.
  if (queued_.load(std::memory_order_relaxed) - n >= queue_depth)
    return {};
  return time_of(sent_[n % queue_depth].load(std::memory_order_relaxed));
}

void flight_record::begin(message_kind kind, std::uint64_t from, const message_place& place, flight_time now) noexcept {
  // Only this thread writes: plain reads and stores, no read-modify-write.
  auto taken = taken_.load(std::memory_order_relaxed) + 1;
  auto number = begun_.load(std::memory_order_relaxed) + 1;
  auto& s = slots_[number % depth];
  s.number.store(0, std::memory_order_relaxed);
  s.kind.store(kind, std::memory_order_release);
  s.from.store(from, std::memory_order_release);
  s.sent.store(ticks_of(std::min(sent_at(taken), now)), std::memory_order_release);
  s.began.store(ticks_of(now), std::memory_order_release);
  s.took.store(-1, std::memory_order_release);
  remember(s, place);
  s.number.store(number, std::memory_order_release);
  begun_.store(number, std::memory_order_release);
  taken_.store(taken, std::memory_order_release);
  if (moves_run(kind))
    moved_.store(ticks_of(now), std::memory_order_relaxed);
}

void flight_record::remember(slot& s, const message_place& place) noexcept {
  s.page.store(place.page, std::memory_order_release);
  char text[slice_bytes] = {};
  if (!place.slice.empty()) // no null pointer for memcpy
    std::memcpy(text, place.slice.data(), std::min(place.slice.size(), slice_bytes));
  auto words = (std::min(place.slice.size(), slice_bytes) + 7) / 8;
  for (std::size_t i = 0; i < s.slice.size(); ++i) {
    std::uint64_t word = 0;
    if (i < words)
      std::memcpy(&word, text + i * 8, 8);
    s.slice[i].store(word, std::memory_order_release);
    if (word == 0)
      break;
  }
}

void flight_record::end(flight_time now) noexcept {
  auto& s = slots_[begun_.load(std::memory_order_relaxed) % depth];
  auto took
    = std::chrono::duration_cast<std::chrono::nanoseconds>(now - time_of(s.began.load(std::memory_order_relaxed)));
  s.took.store(took.count(), std::memory_order_release);
  inside_ns_.store(inside_ns_.load(std::memory_order_relaxed) + took.count(), std::memory_order_relaxed);
  if (moves_run(s.kind.load(std::memory_order_relaxed)))
    moved_.store(ticks_of(now), std::memory_order_relaxed);
}

void flight_record::ended() noexcept {
  ended_.store(true, std::memory_order_relaxed);
  std::lock_guard guard{mutex_};
  self_ = nullptr;
}

void flight_record::introduce(const char* name, caf::weak_actor_ptr self) {
  std::lock_guard guard{mutex_};
  name_ = name;
  self_ = std::move(self);
}

void flight_record::wait(outside what, std::string_view text) {
  begin_wait(what, text, false);
}

void flight_record::await(outside what, std::string_view text) {
  begin_wait(what, text, true);
}

void flight_record::begin_wait(outside what, std::string_view text, bool awaits) {
  awaits_.store(awaits, std::memory_order_relaxed);
  {
    std::lock_guard guard{mutex_};
    wait_text_.assign(text);
  }
  // The moment first: a reader must not take the new wait to be as old as the last one.
  wait_changed_.store(ticks_of(flight_clock::now()), std::memory_order_release);
  waited_for_.store(what, std::memory_order_relaxed);
  waits_for_.store(what, std::memory_order_release);
}

void flight_record::wait_ended() noexcept {
  auto now = flight_clock::now();
  auto waited = std::chrono::duration_cast<std::chrono::nanoseconds>(
    now - time_of(wait_changed_.load(std::memory_order_relaxed)));
  auto& sum = awaits_.load(std::memory_order_relaxed) ? awaited_ns_ : waited_ns_;
  sum.store(sum.load(std::memory_order_relaxed) + waited.count(), std::memory_order_relaxed);
  wait_changed_.store(ticks_of(now), std::memory_order_release);
  waits_for_.store(outside::nothing, std::memory_order_release);
}

void flight_record::set_timer(flight_time due) noexcept {
  timer_.store(ticks_of(due), std::memory_order_relaxed);
}

flight_view flight_record::view() const {
  flight_view result;
  result.actor = actor_;
  result.ended = ended_.load(std::memory_order_relaxed);
  auto taken = taken_.load(std::memory_order_acquire);
  result.mailbox
    = std::max<std::int64_t>(0, static_cast<std::int64_t>(queued_.load(std::memory_order_relaxed) - taken));
  result.mailbox_high = mailbox_high_.load(std::memory_order_relaxed);
  if (result.mailbox > 0)
    result.oldest = sent_at(taken + 1);
  if (result.mailbox > 0 && asked_.load(std::memory_order_relaxed))
    --result.mailbox; // the reporter's own question
  if (result.mailbox == 0)
    result.oldest = {};
  result.made = made_;
  result.inside = std::chrono::nanoseconds{inside_ns_.load(std::memory_order_relaxed)};
  result.waited = std::chrono::nanoseconds{waited_ns_.load(std::memory_order_relaxed)};
  result.awaited = std::chrono::nanoseconds{awaited_ns_.load(std::memory_order_relaxed)};
  result.moved = time_of(moved_.load(std::memory_order_relaxed));
  result.waits_for = waits_for_.load(std::memory_order_acquire);
  result.awaits = result.waits_for != outside::nothing && awaits_.load(std::memory_order_relaxed);
  result.waited_for = waited_for_.load(std::memory_order_relaxed);
  result.wait_changed = time_of(wait_changed_.load(std::memory_order_acquire));
  result.timer = time_of(timer_.load(std::memory_order_relaxed));
  result.handled = begun_.load(std::memory_order_acquire);
  for (auto number = result.handled; number > 0 && number + depth > result.handled; --number) {
    const auto& s = slots_[number % depth];
    if (s.number.load(std::memory_order_acquire) != number)
      break; // overwritten meanwhile, and so are all older ones
    handled_message m;
    m.kind = s.kind.load(std::memory_order_acquire);
    m.from = s.from.load(std::memory_order_acquire);
    m.sent = time_of(s.sent.load(std::memory_order_acquire));
    m.page = s.page.load(std::memory_order_acquire);
    for (const auto& part : s.slice) {
      auto word = part.load(std::memory_order_acquire);
      char text[8];
      std::memcpy(text, &word, sizeof text);
      m.slice.append(text, ::strnlen(text, sizeof text));
      if (text[7] == 0)
        break;
    }
    m.began = time_of(s.began.load(std::memory_order_acquire));
    m.took = std::chrono::nanoseconds{s.took.load(std::memory_order_acquire)};
    if (s.number.load(std::memory_order_relaxed) != number)
      break;
    // A name that was cut inside a character.
    m.slice.resize(valid_utf8_prefix(m.slice));
    result.messages.push_back(std::move(m));
  }
  std::lock_guard guard{mutex_};
  result.name = name_;
  result.wait_text = wait_text_;
  return result;
}

std::pair<std::string, std::int64_t> flight_record::mailbox() const {
  auto taken = taken_.load(std::memory_order_acquire);
  auto waiting = static_cast<std::int64_t>(queued_.load(std::memory_order_relaxed) - taken);
  std::lock_guard guard{mutex_};
  return {name_, ended_.load(std::memory_order_relaxed) ? 0 : std::max<std::int64_t>(0, waiting)};
}

caf::strong_actor_ptr flight_record::actor() const {
  std::lock_guard guard{mutex_};
  return self_ ? self_.lock() : nullptr;
}

std::shared_ptr<flight_record> flight_recorder::add(std::uint64_t actor) {
  auto result = std::make_shared<flight_record>(actor);
  std::lock_guard guard{mutex_};
  records_.push_back(result);
  return result;
}

std::vector<std::shared_ptr<flight_record>> flight_recorder::records() const {
  std::lock_guard guard{mutex_};
  return records_;
}

std::vector<flight_view> flight_recorder::views() const {
  std::vector<flight_view> result;
  for (const auto& r : records())
    result.push_back(r->view());
  return result;
}

} // namespace sluice
