#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/rtti_pair.hpp>
#include <caf/type_erased_tuple.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// The clock of records and of waits.
using flight_clock = std::chrono::steady_clock;
using flight_time = flight_clock::time_point;

/// Which type of message: the address of its type information, or CAF's number of a type of its own. 0: none.
using message_kind = std::uintptr_t;

/// The kind of a message, without a search.
inline message_kind kind_of(const caf::rtti_pair& type) noexcept {
  return type.second != nullptr ? reinterpret_cast<message_kind>(type.second) : type.first;
}
inline message_kind kind_of(const caf::type_erased_tuple& content) noexcept {
  return content.empty() ? 0 : kind_of(content.type(0));
}

/// The kind's name as traces show it; `other` if it is unknown.
std::string_view name_of(message_kind kind);

/// True for messages that take a run forward. A run in which only others are handled (timers, reports, log lines, signs
/// of life) does not move.
bool moves_run(message_kind kind) noexcept;

/// The page of a slice that a message belongs to.
struct message_place {
  /// 0: it belongs to no slice.
  std::uint64_t slice_id = 0;
  std::uint32_t page = 0;
  /// The slice's name; refers into the message.
  std::string_view slice;
};

/// What an actor waits for that is not another actor.
enum class outside : std::uint8_t {
  nothing,
  /// A server's answer. Bounded by `http.total_timeout`.
  answer,
  /// Whoever reads stdout. May take for ever.
  output,
  /// Whoever reads stderr. May take for ever, but nothing else may wait for it.
  display,
  /// The file system, with a file that only shows the run; the same.
  file,
};

/// Nothing else in the run waits for this.
constexpr bool is_aside(outside what) noexcept {
  return what == outside::display || what == outside::file;
}

/// A message that is or was handled.
struct handled_message {
  message_kind kind = 0;
  /// The sender's number, 0 for the outside.
  std::uint64_t from = 0;
  flight_time began;
  /// Negative while it is handled.
  std::chrono::nanoseconds took{-1};
  /// When it was put into the mailbox; the epoch if that is not known.
  flight_time sent{};
  /// Name of the slice and its page; empty and 0 if it belongs to none. Long names are cut.
  std::string slice{};
  std::uint32_t page = 0;
};

/// A record as it was at one moment; what may be slightly contradictory in it is told nowhere as a fact about the data.
struct flight_view {
  std::uint64_t actor = 0;
  std::string name;
  bool ended = false;
  std::int64_t mailbox = 0;
  /// The most messages that waited in it at one time.
  std::int64_t mailbox_high = 0;
  /// When the oldest of those that wait was sent; the epoch if none does or it is not known.
  flight_time oldest;
  std::uint64_t handled = 0;
  /// When the actor was made. Time inside handlers since then, and the part of it in which it waited for the outside;
  /// time in which it waited for the outside between messages.
  flight_time made;
  std::chrono::nanoseconds inside{0};
  std::chrono::nanoseconds waited{0};
  std::chrono::nanoseconds awaited{0};
  /// When a message that `moves_run` was last begun or ended.
  flight_time moved;
  outside waits_for = outside::nothing;
  /// The same, or what the last wait was for.
  outside waited_for = outside::nothing;
  /// When the present wait began or, without one, when the last one ended.
  flight_time wait_changed;
  /// What exactly is waited for, for people.
  std::string wait_text;
  /// The present wait is no part of a handler: a message will end it.
  bool awaits = false;
  /// A timer that the actor set for work that may not go before; the epoch if there is none.
  flight_time timer;
  /// Newest first.
  std::vector<handled_message> messages;

  bool busy() const { return !messages.empty() && messages.front().took.count() < 0; }
};

/// What an actor does, seen from outside: a few atomics that are written with each message, always. It is
/// instrumentation: the only memory that several threads see, and never read by the logic of any actor. It outlives its
/// actor, so that a report may be made while actors end.
class flight_record {
public:
  /// Messages that are remembered.
  static constexpr std::size_t depth = 16;
  /// Messages in the mailbox whose sending times are remembered.
  static constexpr std::size_t queue_depth = 256;
  /// Bytes of a slice's name that are remembered.
  static constexpr std::size_t slice_bytes = 64;

  explicit flight_record(std::uint64_t actor) noexcept;

  // -- written by the actor's thread (`queued`: by senders) ------------------------

  void queued(flight_time now) noexcept;
  /// A message left the mailbox that is not to be remembered.
  void skipped() noexcept { taken_.store(taken_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  void begin(message_kind kind, std::uint64_t from, const message_place& place, flight_time now) noexcept;
  void end(flight_time now) noexcept;
  void ended() noexcept;
  /// @param name a literal.
  /// @param self for questions to the actor; weak, so that a record keeps no actor alive.
  void introduce(const char* name, caf::weak_actor_ptr self);
  void wait(outside what, std::string_view text);
  /// The same for a wait that goes on when the handler has ended, until a message comes.
  void await(outside what, std::string_view text);
  void wait_ended() noexcept;
  /// Work waits for this moment, by intention; the epoch: no longer.
  void set_timer(flight_time due) noexcept;

  // -- read by any thread ------------------------------------------------------------

  flight_view view() const;
  /// Name and messages in the mailbox, without the rest of a view.
  std::pair<std::string, std::int64_t> mailbox() const;
  /// The actor, if it has begun and still exists. Not to be kept.
  caf::strong_actor_ptr actor() const;
  /// True if no earlier question is still unanswered; one at a time is enough for an actor that does not answer.
  bool may_ask() noexcept { return !asked_.exchange(true, std::memory_order_relaxed); }
  void answered() noexcept { asked_.store(false, std::memory_order_relaxed); }

private:
  using ticks = flight_clock::rep;

  /// A slot is valid if `number` is the same before and after its other members were read. A reader that sees a new
  /// member also sees the 0 that was stored before it, because members are released and acquired.
  struct slot {
    std::atomic<std::uint64_t> number{0};
    std::atomic<message_kind> kind{0};
    std::atomic<std::uint64_t> from{0};
    std::atomic<ticks> sent{0};
    std::atomic<ticks> began{0};
    std::atomic<std::int64_t> took{-1};
    std::atomic<std::uint32_t> page{0};
    std::array<std::atomic<std::uint64_t>, slice_bytes / 8> slice{};
  };

  void begin_wait(outside what, std::string_view text, bool awaits);
  static void remember(slot& s, const message_place& place) noexcept;
  /// When the n-th message was put into the mailbox. Two that are sent at the same moment may be taken for each other.
  flight_time sent_at(std::uint64_t n) const noexcept;

  const std::uint64_t actor_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> asked_{false};
  /// Messages that entered the mailbox, and that left it; the most that waited.
  std::atomic<std::uint64_t> queued_{0};
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::int64_t> mailbox_high_{0};
  std::array<std::atomic<ticks>, queue_depth> sent_{};
  const flight_time made_;
  std::atomic<std::int64_t> inside_ns_{0};
  std::atomic<std::int64_t> waited_ns_{0};
  std::atomic<std::int64_t> awaited_ns_{0};
  std::atomic<bool> awaits_{false};
  /// Messages begun; the newest one's number.
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<ticks> moved_{0};
  std::atomic<outside> waits_for_{outside::nothing};
  std::atomic<outside> waited_for_{outside::nothing};
  std::atomic<ticks> wait_changed_{0};
  std::atomic<ticks> timer_{0};
  std::array<slot, depth> slots_;

  mutable std::mutex mutex_;
  const char* name_ = "actor";
  caf::weak_actor_ptr self_;
  std::string wait_text_;
};

/// While it exists, the actor waits for something outside.
class outside_wait {
public:
  outside_wait(flight_record& record, outside what, std::string_view text) : record_(record) {
    record_.wait(what, text);
  }
  ~outside_wait() { record_.wait_ended(); }
  outside_wait(const outside_wait&) = delete;
  outside_wait& operator=(const outside_wait&) = delete;

private:
  flight_record& record_;
};

/// The records of all actors of a system. Thread-safe.
class flight_recorder : public std::enable_shared_from_this<flight_recorder> {
public:
  std::shared_ptr<flight_record> add(std::uint64_t actor);
  /// In the order in which the actors were made.
  std::vector<std::shared_ptr<flight_record>> records() const;
  std::vector<flight_view> views() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<flight_record>> records_;
};

} // namespace sluice
