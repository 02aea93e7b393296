#pragma once

#include "actors/core/requests/request_builder.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>

namespace sluice {

/// How long to wait before a page is asked for again.
struct retry_wait {
  std::chrono::microseconds wait{0};
  /// A header or a strategy of the manifest asked for it.
  bool is_explicit = false;
  /// The server itself did, in a header of this answer.
  bool by_server = false;
  /// The strategy's `max_waiting_time` does not allow it.
  bool too_long = false;
};

/// What is known of the answer that a wait follows.
struct refused_answer {
  /// Null if there was no answer.
  const header_list* headers = nullptr;
  /// It asks for less haste (429, 503, or RATE_LIMITED by the manifest): then `Retry-After` is about this very wait.
  bool wants_less_haste = false;
  /// The policies whose reset headers strategies may read; null: none.
  const api_budget* policies = nullptr;
  /// What templates see of it; null: there was no answer.
  const language::scope* variables = nullptr;
  /// What tells the request from others, so that their jitter differs.
  std::uint64_t seed = 0;
};

/// The first of the manifest's strategies that has a value; else `Retry-After`; else 1, 2, 4, 8, 16... seconds. Where
/// the answer asks for less haste, `Retry-After` goes before any other header that a strategy reads (which tells when a
/// window resets), and that strategy's `max_waiting_time` holds for it.
/// `attempt` counts the failed tries before this one. A wait of 0 counts as no value, as in the reference.
/// A header or body that counts whole seconds has been rounded by the server, so one second is added, as in the
/// reference. A header may name an epoch instead (see `wait_of_number`); a policy's reset header is bounded by the
/// policy's window. `wall` is the current UTC time, for dates.
/// The number of a header with a pattern is what the pattern matches at the header's begin, or the whole header, as in
/// the reference; where that is no number, the first group of the pattern's first match anywhere.
retry_wait wait_before_retry(const std::vector<backoff_strategy>& strategies, const refused_answer& answer,
                             std::uint32_t attempt, language::instant wall);

} // namespace sluice
