#pragma once

#include "app/simulator/options.hpp"
#include "app/simulator/statistics.hpp"
#include "app/simulator/wire.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// What was decided about a request when it arrived.
struct admission {
  std::uint64_t number = 0;
  bool logged = false;
  bool hold = false;
  /// Releases before it: it waits for the next one.
  std::uint64_t releases = 0;
  /// The API's error id if it is refused, else 0.
  int refused = 0;
  std::optional<fault_rule> fault;
  std::vector<mutation> mutations;
  std::vector<std::pair<std::string, std::string>> rate_headers;
};

/// What a server decides about requests, and what it remembers of them. Thread-safe. The control functions are those of
/// `server`.
class books {
public:
  books(const options& o, fault_plan faults, mutation_plan mutations);

  /// Counts a request as it arrives.
  admission admit(const std::string& target, const std::optional<std::string>& token, std::uint64_t connection);
  /// Counts its end. Status 0: there was no answer.
  void finish(const admission& request, int status, std::size_t body_bytes);
  void count_connection();
  /// False if the client goes or `stop` is called meanwhile.
  bool wait_for_release(const peer& client, const admission& held);
  /// Ends all waits for a release.
  void stop();

  simulator::statistics statistics() const;
  std::vector<request_record> log() const;
  void hold(std::string text);
  void release();
  bool wait_until_held(std::size_t requests, std::chrono::microseconds timeout) const;
  bool wait_until_requests(std::uint64_t requests, std::chrono::microseconds timeout) const;
  void set_faults(fault_plan faults);
  void set_mutations(mutation_plan mutations);
  void set_token(std::string token);

private:
  std::chrono::microseconds now() const;
  void count_in_flight(std::chrono::microseconds time, int change);

  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const std::size_t log_capacity_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  rate_limiter limiter_;
  fault_plan faults_;
  mutation_plan mutations_;
  std::string token_;
  simulator::statistics sums_;
  /// Requests in flight times time, up to `area_until_` and to the last arrival.
  double area_ = 0;
  double area_at_last_arrival_ = 0;
  std::chrono::microseconds area_until_{0};
  std::vector<request_record> log_;
  std::vector<std::string> holds_;
  std::uint64_t releases_ = 0;
  std::size_t held_ = 0;
  bool stopping_ = false;
};

} // namespace sluice::simulator
