#pragma once

#include "messages/interfaces.hpp"

#include <spdlog/sinks/base_sink.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace sluice {

/// The log entries that wait for the emitter. Nobody else bounds them: they cost no credit, and while stdout stands
/// still there may always be something to tell. Thread-safe.
class log_backlog {
public:
  /// Of entries that wait, with what a message costs beside its text.
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;

  /// An entry wants to wait. False: there is no room; it is counted and must not be sent.
  bool enter(std::size_t text_bytes);
  /// It has been written. Returns how many entries found no room, once, when nothing waits any more.
  std::uint64_t leave(std::size_t text_bytes);

private:
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::uint64_t refused_ = 0;
};

/// spdlog's way into the protocol: while a run is on, log entries go to the emitter as messages, because it alone
/// writes to stdout; before and after, to `fallback`. Lines are sent in order; none is lost when the target changes.
/// While stdout stands still, what exceeds the backlog is left out; the emitter tells how many entries that were.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  using writer = std::function<void(log_level, const std::string&)>;

  explicit log_sink(writer fallback);

  /// From now on entries go to `emitter`.
  void attach(emitter_actor emitter);
  /// What waits for the emitter; it takes out what it has written.
  const std::shared_ptr<log_backlog>& backlog() const noexcept { return backlog_; }
  /// From now on entries go to the fallback again. Drops the handle: CAF hangs at exit if it were kept.
  void detach();

private:
  void sink_it_(const spdlog::details::log_msg& msg) override;
  void flush_() override;

  writer fallback_;
  emitter_actor emitter_;
  const std::shared_ptr<log_backlog> backlog_ = std::make_shared<log_backlog>();
};

/// Installs a logger with this sink as spdlog's default, pattern-free.
void install_logger(std::shared_ptr<log_sink> sink, log_level level);

} // namespace sluice
