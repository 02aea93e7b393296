#pragma once

#include "app/simulator/limits.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// One request as the server saw it, in the order of arrival.
struct request_record {
  /// Path and query as sent.
  std::string target;
  /// Name of the endpoint: `surveys`, `survey`, `survey_details`, `survey_responses`, `survey_responses_bulk`,
  /// `survey_collectors`, `collector`, `users_me`, or `other`.
  std::string_view endpoint;
  /// Status answered; 0 as long as there is none, and for a dropped connection.
  int status = 0;
  /// Which connection it came on, counted from 0.
  std::uint64_t connection = 0;
  /// Since the server's start. `finished` is just before the last byte went out.
  std::chrono::microseconds arrived{0};
  std::chrono::microseconds finished{0};
  bool in_flight = true;
  /// The path without its query.
  std::string_view path() const noexcept { return std::string_view{target}.substr(0, target.find('?')); }
};

/// Sums over all requests so far.
struct statistics {
  std::uint64_t requests = 0;
  std::uint64_t connections = 0;
  std::map<std::string, std::uint64_t, std::less<>> by_endpoint;
  /// Answered requests by status; 0 counts those that got none.
  std::map<int, std::uint64_t> by_status;
  /// Requests refused by the minute or day limit.
  std::uint64_t refused = 0;
  std::uint64_t faults = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t peak_in_flight = 0;
  /// Time-weighted, from the first to the last arrival of a request.
  double average_in_flight = 0;
  std::chrono::microseconds first_arrival{0};
  std::chrono::microseconds last_arrival{0};
  /// Requests in each minute and day window that saw any; empty where there is no limit.
  std::vector<window_count> minutes;
  std::vector<window_count> days;
};

/// Average number of requests in flight between two moments, time-weighted.
double average_in_flight(const std::vector<request_record>& log, std::chrono::microseconds from,
                         std::chrono::microseconds to) noexcept;

} // namespace sluice::simulator
