#pragma once

#include "app/trace/model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::trace {

/// What one kind of actor did with one type of message.
struct message_numbers {
  std::string name;
  std::uint64_t count = 0;
  std::int64_t waited_p50_ns = 0;
  std::int64_t waited_p99_ns = 0;
  /// In all. A sum of a damaged file's times must not overflow.
  double handled_ns = 0;
};

/// What the actors of one kind did.
struct kind_numbers {
  std::string name;
  std::uint64_t actors = 0;
  std::uint64_t messages = 0;
  /// Most messages that were at one time in one actor's mailbox.
  std::uint64_t high_water = 0;
  std::int64_t waited_p50_ns = 0;
  std::int64_t waited_p99_ns = 0;
  /// Shares of the trace's length, 0 to 1: inside handlers, and there waiting for a server's answer.
  double busy = 0;
  double waiting = 0;
  std::vector<message_numbers> by_message;

  double idle() const { return 1 - busy - waiting; }
};

/// In the order of their names.
std::vector<kind_numbers> kinds_of(const model& m);

} // namespace sluice::trace
