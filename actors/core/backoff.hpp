#pragma once

#include "actors/core/request_builder.hpp"
#include "config/manifest/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>

namespace sluice {

/// How long to wait before a page is asked for again.
struct retry_wait {
  std::chrono::microseconds wait{0};
  /// A header or a strategy of the manifest asked for it.
  bool is_explicit = false;
  /// It is longer than `wait_time_from_header::max_waiting_time` allows.
  bool too_long = false;
};

/// The first of the manifest's strategies that has a value; else `Retry-After`; else 1, 2, 4, 8, 16... seconds.
/// `attempt` counts the failed tries before this one. A wait of 0 counts as no value, as in the reference.
/// A header that counts whole seconds has been rounded by the server, so one second is added, as in the reference.
/// `headers` is null if there was no answer. `wall` is the current UTC time, for HTTP dates.
retry_wait wait_before_retry(const std::vector<backoff_strategy>& strategies, const header_pairs* headers,
                             std::uint32_t attempt, language::instant wall);

} // namespace sluice
