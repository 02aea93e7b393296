#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// One message, from its sending to the end of its handling.
struct trace_event {
  std::string_view from;
  std::uint64_t from_id = 0;
  std::string_view to;
  std::uint64_t to_id = 0;
  std::string_view message;
  /// Endpoint and slice of the message, if it belongs to one.
  std::string_view slice;
  std::uint64_t slice_id = 0;
  std::uint32_t page = 0;
  std::chrono::system_clock::time_point sent;
  std::chrono::system_clock::time_point handled;
  std::chrono::nanoseconds took{0};
};

/// The file behind `--trace FILE`: one JSON object a line, whole lines even after a crash. Thread-safe. All actors
/// write to the same file, each from its own thread: a tracing actor's mailbox would be one more unbounded queue and
/// would disturb what it measures.
class trace_log {
public:
  /// Creates or truncates the file, readable by its owner alone.
  static expected<std::unique_ptr<trace_log>> open(const std::string& path);
  ~trace_log();
  trace_log(const trace_log&) = delete;
  trace_log& operator=(const trace_log&) = delete;

  void write(const trace_event& event) noexcept;

private:
  explicit trace_log(int fd);
  int fd_;
};

} // namespace sluice
