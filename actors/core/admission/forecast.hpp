#pragma once

#include "messages/report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sluice {

/// When the last of so many requests may go, from now on, if this policy governs all of them and nothing else holds
/// them up: what is free goes at once, the places that are taken free one after the other until the window resets, and
/// each place is free again one window after its answer. With an unknown reset that is one window from now. None: the
/// policy lets no request go any more in this run. 0 requests: no time. Results that do not fit saturate.
std::optional<std::chrono::microseconds> time_at_quota(std::uint64_t requests, const quota_gauge& quota,
                                                       std::chrono::microseconds mean_answer);

/// How long the pool takes for so many requests if nothing holds them up: rounds of `pool_size` requests, each as long
/// as an answer. A pool of 0 counts as 1.
std::chrono::microseconds time_in_pool(std::uint64_t requests, std::uint32_t pool_size,
                                       std::chrono::microseconds mean_answer);

/// How long so many requests take if every policy governs all of them: as long as the pool or the slowest policy,
/// whichever is slower, and one answer more, because the last request has to be answered. None: a policy ends the run
/// before. It is a forecast: answers take equally long, there is always work for the pool, and nothing is retried.
std::optional<std::chrono::microseconds> time_for(std::uint64_t requests, const std::vector<quota_gauge>& quotas,
                                                  std::uint32_t pool_size, std::chrono::microseconds mean_answer);

/// Requests that a run has still to send, retries aside. An endpoint that does not know its pages (`pages_left` is -1)
/// is extrapolated: slices come per page of its parent as they did until now, with as many pages a slice as those had
/// that are done. `parents[i]` are the indices of the endpoints whose records make the slices of endpoint i, which come
/// before it; none, or beyond the list: it has no parents. None: some endpoint gives nothing to extrapolate from.
std::optional<std::uint64_t> requests_left(const std::vector<endpoint_progress>& endpoints,
                                           const std::vector<std::vector<std::size_t>>& parents);

/// a * b / c without overflow on the way; saturates. `c` of 0 counts as 1.
std::uint64_t scaled(std::uint64_t a, std::uint64_t b, std::uint64_t c = 1);

} // namespace sluice
