#pragma once

#include "app/simulator/options.hpp"
#include "app/simulator/statistics.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// A SurveyMonkey API on a loopback port: real HTTP/1.1 with keep-alive, one thread a connection.
/// Runs from `start` until `stop` or its end. All members are thread-safe.
class server {
public:
  /// Errors: `errc::bad_config` for a fault rule or size that cannot be, `errc::connection_failed` if the port cannot
  /// be opened.
  static expected<std::unique_ptr<server>> start(const options& o);
  /// Stops.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint16_t port() const noexcept;
  /// `http://127.0.0.1:PORT`, for the connector's `api_url`.
  std::string url() const;
  /// Not to be read while requests are on their way and there are mutations.
  const simulator::account& account() const noexcept;

  /// Ends all connections, whatever they wait for, and returns when no thread is left.
  void stop() noexcept;

  simulator::statistics statistics() const;
  /// The requests so far, in the order of arrival, at most `options::log_capacity`.
  std::vector<request_record> log() const;
  /// What the APIs saw whose credentials expire.
  credential_statistics credentials() const;
  /// How often the account has changed so far.
  std::uint64_t changes() const;
  /// Ids of the stream's records that were there after the change number `since` (0: at the start) and at every moment
  /// until now: none of them may be missing in what was read meanwhile. `untouched`: only those that did not change,
  /// nor their survey. Empty for an unknown stream.
  std::set<std::string> lasting_ids(std::string_view stream, std::uint64_t since = 0, bool untouched = false) const;

  // -- control while it runs -----------------------------------------------------

  /// Requests whose path and query contain `text` are held, once they have been counted, until `release`.
  void hold(std::string text);
  /// Lets all held requests go and holds no more.
  void release();
  /// Waits until that many requests are held. False if `timeout` passes first.
  bool wait_until_held(std::size_t requests, std::chrono::microseconds timeout) const;
  /// Waits until that many requests have arrived in total. False if `timeout` passes first.
  bool wait_until_requests(std::uint64_t requests, std::chrono::microseconds timeout) const;
  /// Replaces the fault rules; their counts begin anew.
  expected<void> set_faults(std::vector<fault_rule> rules);
  /// Likewise the mutation rules. What has changed stays changed.
  expected<void> set_mutations(std::vector<mutation_rule> rules);
  /// From now on only this token is valid; empty accepts any.
  void set_token(std::string token);

private:
  struct impl;
  explicit server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::simulator
