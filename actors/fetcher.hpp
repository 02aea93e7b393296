#pragma once

#include "actors/core/clock.hpp"
#include "actors/core/pages/page_reader.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/actor_base.hpp"
#include "actors/support/on_the_spot.hpp"
#include "actors/support/spare_indexes.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Whom a fetcher works for, and what it shares with the others.
struct fetcher_links {
  governor_actor governor;
  emitter_actor emitter;
  /// One for each edge of the plan.
  std::vector<fan_out_actor> fan_outs;
  std::shared_ptr<index_memory_store> spare_indexes = std::make_shared<sluice::spare_indexes>();
};

/// A FETCHER sends one request, lets its reader say what the answer means, hands that on, and is free again. While the
/// server is waited for it holds no thread: the transport's own threads wait, and run it when there is an answer.
struct fetcher_state {
  explicit fetcher_state(fetcher_actor::pointer owner) : self(owner) {}

  /// A request that has been sent.
  struct flight {
    permit use;
    std::string url;
    std::chrono::steady_clock::time_point began;
  };
  using http_answer = tl::expected<net::response, net::transport_failure>;

  /// Uses a permit; sooner or later it ends with an outcome to the governor.
  void work(permit x);
  /// Sends a built request.
  void begin(permit x, net::request call);
  /// The request under way has come to its end.
  void end(std::uint64_t ticket);
  /// Says what came of it.
  page_reading read(flight& x, http_answer answer);
  /// Reads a page that the slice's parent record brought along; `url` is where it would have been asked for.
  page_reading read_given(page_request request, std::string_view url, std::string buffer);
  /// Parents, then records or their absence, then the outcome.
  void hand_on(page_reading reading, std::uint64_t ticket);
  void trace_begin(const permit& x) const;
  void trace_end(const permit& x, const http_answer& answer) const;
  /// Those of the answer's headers that the budget's policies and the tokens' quotas read.
  header_list quota_headers_of(const net::response& answer) const;
  std::string describe() const {
    return "fetcher " + std::to_string(number) + (under_way ? " waits for an answer" : " waits for a permit");
  }

  fetcher_actor::pointer self;
  std::uint32_t number = 0;
  plan_ptr plan;
  std::unique_ptr<net::async_session> session;
  std::shared_ptr<on_the_spot> reading_here;
  std::optional<flight> under_way;
  fetcher_links links;
  wall_clock wall;
  std::unique_ptr<page_reader> reader;
  /// Names of those headers.
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
