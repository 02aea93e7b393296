#pragma once

#include "actors/support/flight_record.hpp"
#include "actors/support/message_view.hpp"
#include "actors/support/trace_filter.hpp"
#include "messages/error.hpp"
#include "messages/text/redaction.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

/// What a trace is to hold.
struct trace_options {
  std::string file;
  trace_filter filter;
  trace_limit limit;
  /// The file does not grow beyond this, about.
  std::uint64_t max_bytes = 1ULL << 30;
  /// `sluice 0.3.0`.
  std::string version;
  /// Names of the plan's endpoints and streams, in its order.
  std::vector<std::string> endpoints;
  std::vector<std::string> streams;
  std::shared_ptr<const redactor> secrets = std::make_shared<redactor>();
};

/// A message that an actor begins to handle.
struct trace_message {
  /// Number of the actor in whose handler it was sent, 0: outside of all.
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  message_kind kind = 0;
  flight_time sent;
  flight_time began;
};

/// The file behind `--trace FILE`: Chrome's trace-event format, an array with one event a line (docs/tracing.md). Its
/// closing bracket may be missing, so that a crash leaves a readable file. Thread-safe: all actors write to the same
/// buffer, each from its own thread; a tracing actor's mailbox would be one more unbounded queue and would disturb what
/// it measures. The buffer goes to the file when it is large or a tenth of a second old (`flush`).
///
/// A trace that has reached its limit, or cannot be written, switches itself off, says so, and the run goes on.
class trace_log {
public:
  /// Creates or truncates the file, readable by its owner alone.
  static expected<std::unique_ptr<trace_log>> open(trace_options options);
  /// Ends the array.
  ~trace_log();
  trace_log(const trace_log&) = delete;
  trace_log& operator=(const trace_log&) = delete;

  /// False once it has switched itself off: then nothing else needs to be called.
  bool on() const noexcept { return on_.load(std::memory_order_relaxed); }

  /// An actor begins. Its track gets the name `KIND #ID`.
  void introduce(std::uint64_t actor, std::string_view kind);

  /// Writes the events of a message into `out`, before it is handled (handlers move the content out). Nothing if the
  /// filter or the limit leaves it out.
  void prepare(std::string& out, const trace_message& m, const caf::type_erased_tuple& content);
  /// Writes them down, when it has been handled.
  void finish(std::string& prepared, const trace_message& m, flight_time ended) noexcept;

  /// What lasts longer than a handler or overlaps with others: an HTTP request, a wait for the quota.
  struct span {
    /// `http` or `quota`.
    std::string_view category;
    /// The permit's ticket.
    std::uint64_t id = 0;
    std::string_view name;
    std::uint64_t actor = 0;
  };
  /// `page` may be outside of the filter: then nothing is written. `args`: see `trace_args`.
  void begin_span(const span& s, const message_place& place, flight_time at, std::string_view args) noexcept;
  void end_span(const span& s, const message_place& place, flight_time at, std::string_view args) noexcept;

  /// A counter's present values, `args` members of a JSON object, each with a comma before it.
  void counter(std::string_view name, std::string_view args, flight_time at) noexcept;

  /// `text` for a trace: masked and not too long.
  std::string masked(std::string_view text) const;

  /// Writes the buffer to the file.
  void flush() noexcept;
  /// The file could not be written: what it holds is not the whole trace.
  bool failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

private:
  /// The lock, and what is to be said when it is free again: whoever takes the log may wait for a terminal, and for
  /// him nobody else is to wait.
  class locked {
  public:
    explicit locked(trace_log& log) : log_(log), lock_(log.mutex_) {}
    ~locked();
    locked(const locked&) = delete;
    locked& operator=(const locked&) = delete;

  private:
    trace_log& log_;
    std::unique_lock<std::mutex> lock_;
  };

  trace_log(int fd, trace_options options);
  void append(std::string_view event) noexcept;
  void write_out() noexcept;
  void switch_off(const std::string& reason) noexcept;
  /// Counts a message; false if the limit is reached by it.
  bool within_limit(flight_time now);
  bool shows_span(const span& s, const message_place& place);
  void add_time(std::string& out, flight_time t) const;
  std::string_view kind_of_actor(std::uint64_t id);
  /// The slice's name, masked, as a JSON string. With the lock held; valid while it is.
  const std::string& label_json(const message_place& place);
  std::string end_line();

  const int fd_;
  const trace_options options_;
  trace_words words_;
  const flight_time epoch_;
  std::atomic<bool> on_{true};
  std::atomic<bool> failed_{false};

  std::mutex mutex_;
  std::string buffer_;
  flight_time flushed_;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t left_out_ = 0;
  flight_time second_began_;
  std::uint64_t in_second_ = 0;
  std::string off_reason_;
  /// It has switched itself off, which nobody has been told yet.
  bool unsaid_ = false;
  /// Kinds by number; the texts live as long as the program.
  std::unordered_map<std::uint64_t, std::string_view> kinds_;
  /// Names of slices as they are written, by slice: most messages are about the same few.
  std::unordered_map<std::uint64_t, std::string> labels_;
};

} // namespace sluice
