#pragma once

#include "actors/core/admission/budget.hpp"
#include "actors/core/clock.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/net/transport.hpp"
#include "app/plan/estimate.hpp"
#include "messages/text/redaction.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// What a probe may use.
struct probe_setup {
  plan_ptr plan;
  /// As in `plan_facts`.
  std::vector<cursor_windows> windows;
  /// For each edge, what its child has behind it.
  std::vector<std::shared_ptr<const partition_past>> pasts;
  net::transport* transport = nullptr;
  /// Learns what logins bring.
  std::shared_ptr<redactor> secrets = std::make_shared<redactor>();
  budget* quota = nullptr;
  std::function<steady_time()> now = std::chrono::steady_clock::now;
  wall_clock wall = system_wall_clock;
  /// The probe begins no request, and waits for no quota, beyond this time.
  std::chrono::microseconds longest = std::chrono::minutes{2};
  /// Waits until a quota has room again.
  std::function<void(steady_time)> wait_until;
};

struct probe_result {
  /// One for each endpoint.
  std::vector<endpoint_probe> endpoints;
  std::uint64_t sent = 0;
  /// Mean time of an answer; none: there was none.
  std::optional<std::chrono::microseconds> mean_answer;
  /// What went wrong, each once.
  std::vector<error> problems;
};

/// Sends one request for each endpoint, one after the other, parents first, each with the quota's leave, after the
/// logins that they need: a root's first page, over all its slices at once if the list tells its total, else of its
/// newest slice; a child's first page for one of the parent records that the parent's page brought. Nothing is retried.
/// What a refusal or another failure means is what it would mean in a run; then endpoints below have nothing to ask
/// for, and after one that only the user can cure, one by the rate limit, or a quota that has room too late, nothing
/// more is sent.
probe_result probe_plan(const probe_setup& setup);

/// The first page's request of a slice that stands for all of an endpoint's; of a child, for a parent record with the
/// value `"0"`. For finding out which policies govern it.
expected<built_request> sample_request(const plan& p, const endpoint& e);

} // namespace sluice
