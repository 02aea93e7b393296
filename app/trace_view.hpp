#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// One line of a trace file.
struct trace_line {
  std::int64_t sent_us = 0;
  std::int64_t handled_us = 0;
  std::int64_t took_ns = 0;
  std::string from;
  std::uint64_t from_id = 0;
  std::string to;
  std::uint64_t to_id = 0;
  std::string message;
  std::string slice;
  std::uint64_t page = 0;
};

/// A trace file, read. A torn last line (of a run that was killed) is counted, not an error.
struct trace_view {
  std::vector<trace_line> lines;
  std::size_t unreadable = 0;
};

/// Reads a file that `--trace` wrote.
expected<trace_view> load_trace(const std::string& path);

/// A table, one row per kind of actor and message: how many, how long they waited in the mailbox, how long handling
/// took.
std::string trace_by_actor(const trace_view& t);

/// The messages of all slices whose label contains `text`, in the order in which they were handled.
std::string trace_of_slice(const trace_view& t, std::string_view text);

} // namespace sluice
