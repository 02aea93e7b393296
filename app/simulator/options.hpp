#pragma once

#include "app/simulator/account.hpp"
#include "app/simulator/credentials.hpp"
#include "app/simulator/faults.hpp"
#include "app/simulator/json_text.hpp"
#include "app/simulator/limits.hpp"
#include "app/simulator/mutations.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::simulator {

/// Which bodies are compressed, for clients that accept gzip.
enum class gzip_mode : std::uint8_t { off, large, all };

/// Bodies of at least so many bytes are compressed in mode `large`.
inline constexpr std::size_t large_body = 1024;

/// Everything that can be chosen about a simulator.
struct options {
  account_sizes account = {};
  /// Loopback only: there is no encryption and the token is no secret.
  std::string host = "127.0.0.1";
  /// 0 takes any free port.
  std::uint16_t port = 0;
  /// The only valid access token; empty accepts any, and none.
  std::string token = "simulator-token";
  rate_limits limits = {};
  /// Time from the arrival of a request to its answer, plus a random part of up to `jitter`.
  std::chrono::microseconds latency{0};
  std::chrono::microseconds jitter{0};
  gzip_mode gzip = gzip_mode::large;
  body_style style = body_style::compact;
  /// Bodies come in chunks instead of with a Content-Length.
  bool chunked = false;
  std::vector<fault_rule> faults;
  std::vector<mutation_rule> mutations;
  /// Of the small APIs beside the account's.
  credential_options credentials;
  /// Chooses among requests where a rule has a probability, and the jitter.
  std::uint64_t chance_seed = 1;
  /// Idle connections are closed after this long.
  std::chrono::microseconds keep_alive_timeout = std::chrono::seconds{60};
  /// Connections at once; further ones are closed as they come.
  std::size_t max_connections = 512;
  /// Requests kept in the log; later ones only count.
  std::size_t log_capacity = 100'000;
};

} // namespace sluice::simulator
