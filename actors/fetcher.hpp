#pragma once

#include "actors/core/clock.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "actors/core/records/page_cutter.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// Whom a fetcher works for.
struct fetcher_links {
  governor_actor governor;
  emitter_actor emitter;
  /// One for each edge of the plan.
  std::vector<fan_out_actor> fan_outs;
};

/// A FETCHER sends one request, judges the answer, cuts its records, and is free again: it never waits for anything but
/// the server. Detached, because HTTP blocks; in tests scheduled, with a transport that does not.
struct fetcher_state {
  explicit fetcher_state(fetcher_actor::pointer owner) : self(owner) {}

  /// Uses a permit; always ends with an outcome to the governor.
  void work(permit x);
  /// Waits for the server's answer, with a watch on how long.
  tl::expected<net::response, net::transport_failure> send(const net::request& call, const page_request& request,
                                                           std::uint64_t ticket);
  /// The request got a complete answer.
  void take_answer(const endpoint& e, page_request& request, const std::string& url, net::response& answer,
                   page_outcome& outcome);
  /// The records of a good answer.
  expected<cut_page> cut(const endpoint& e, const page_request& request, net::response& answer);
  /// The answer is a page: records out, next page wanted or not.
  expected<void> take_page(const endpoint& e, page_request& request, const std::string& url,
                           const net::response& answer, const language::value& response, cut_page page,
                           page_outcome& outcome);
  /// The answer was to be ignored: the slice ends here, without records.
  void take_nothing(const endpoint& e, page_request& request, page_outcome& outcome);
  void send_page(record_batch batch);
  /// Retry or fail, as the verdict says.
  void apply(verdict judgement, page_request& request, page_outcome& outcome);
  rate_feedback feedback_of(const net::response& answer) const;
  std::string describe() const { return "fetcher " + std::to_string(number) + " waits for a permit"; }

  fetcher_actor::pointer self;
  std::uint32_t number = 0;
  plan_ptr plan;
  std::unique_ptr<net::http_session> session;
  fetcher_links links;
  retry_limits limits;
  wall_clock wall;
  std::unique_ptr<page_cutter> cutter;
  /// The request under way has brought a page.
  bool page_sent = false;
  /// Memory for the lines of the page under way.
  std::string buffer;
  /// Names of the headers that the budget's policies read.
  std::vector<std::string> quota_headers;
  std::shared_ptr<flight_record> record;
  trace_log* trace = nullptr;

  static constexpr const char* name = "fetcher";
};

using fetcher_self = actor_self<fetcher_actor, fetcher_state>;

/// @param number the fetcher's place in the pool.
/// @param plan what the run consists of.
/// @param transport opens the fetcher's own connection.
/// @param links where pages, parents and outcomes go.
/// @param limits bounds on retries.
/// @param max_body_bytes the largest body that the transport lets through.
/// @param wall the date, for `emitted_at` and HTTP dates.
fetcher_actor::behavior_type fetcher(fetcher_self* self, std::uint32_t number, plan_ptr plan,
                                     std::shared_ptr<net::transport> transport, fetcher_links links,
                                     retry_limits limits, std::uint64_t max_body_bytes, wall_clock wall);

} // namespace sluice
