#pragma once

#include "messages/interfaces.hpp"

#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace sluice {

/// spdlog's way into the protocol: while a run is on, log entries go to the emitter as messages, because it alone
/// writes to stdout; before and after, to `fallback`. Lines are sent in order; none is lost when the target changes.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  using writer = std::function<void(log_level, const std::string&)>;

  explicit log_sink(writer fallback);

  /// From now on entries go to `emitter`.
  void attach(emitter_actor emitter);
  /// From now on entries go to the fallback again. Drops the handle: CAF hangs at exit if it were kept.
  void detach();

private:
  void sink_it_(const spdlog::details::log_msg& msg) override;
  void flush_() override;

  writer fallback_;
  emitter_actor emitter_;
};

/// Installs a logger with this sink as spdlog's default, pattern-free.
void install_logger(std::shared_ptr<log_sink> sink, log_level level);

} // namespace sluice
