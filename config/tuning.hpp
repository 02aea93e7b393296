#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Every size, bound and time limit of a run, validated. `config/sluice.yaml` documents each key.
struct tuning {
  struct {
    /// Fetchers that work at once; `num_workers` of the connector config wins.
    std::uint32_t pool_size = 10;
    /// Upper bound of the above: CAF 0.17 can hang at shutdown with many more detached actors.
    std::uint32_t max_pool_size = 48;
  } fetchers;
  struct {
    /// Bytes fetched but not yet written to stdout.
    std::uint64_t mailbox_bytes = 8ULL << 20;
  } emitter;
  struct {
    /// Parent records that wait for their child requests.
    std::uint64_t mailbox = 10000;
  } fan_out;
  struct {
    /// Slices made ahead of the governor's need.
    std::uint32_t lookahead = 64;
  } slice_generator;
  struct {
    std::chrono::microseconds connect_timeout = std::chrono::seconds{10};
    /// Longest time without a byte.
    std::chrono::microseconds read_timeout = std::chrono::seconds{60};
    /// Longest time for a whole request.
    std::chrono::microseconds total_timeout = std::chrono::minutes{10};
    std::uint64_t max_body_bytes = 256ULL << 20;
    /// Retries of one page after its first try.
    std::uint32_t max_retries = 5;
    /// Longest time that a page may be retried.
    std::chrono::microseconds max_retry_time = std::chrono::minutes{10};
    /// File with PEM certificates to trust instead of the system's; empty: the system's.
    std::string ca_file;
  } http;
  struct {
    /// Length of the account's "minute"; only a simulator uses another.
    std::chrono::microseconds window = std::chrono::minutes{1};
  } budget;
  struct {
    /// After a stop signal: how long requests in flight may take before they are cut off.
    std::chrono::microseconds grace = std::chrono::seconds{10};
  } shutdown;
  struct {
    /// A run in which nothing moves for that long, beyond any legitimate wait, is ended; 0: never.
    std::chrono::microseconds stall = std::chrono::seconds{60};
  } watchdog;
};

/// One documented key of the tuning file.
struct tuning_key {
  std::string_view name;
  /// Default as it would be written in the file.
  std::string default_text;
  /// `count`, `size`, `duration` or `path`.
  std::string_view unit;
  /// Allowed values, for people: `1 to 48`, `1s to 1d`.
  std::string range;
  std::string_view effect;
};

/// All keys in file order.
std::vector<tuning_key> tuning_keys();

/// Reads a tuning file (may be empty path: defaults), then applies `key=value` overrides in order.
/// An unknown key is an error that suggests the nearest known one; a value out of range names the range.
expected<tuning> load_tuning(const std::string& path, const std::vector<std::string>& overrides);

} // namespace sluice
