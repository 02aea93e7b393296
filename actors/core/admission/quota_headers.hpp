#pragma once

#include "actors/core/admission/rate_window.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/text/header_list.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// What an answer's headers say about one policy. Values that make no sense are left out.
struct quota_report {
  /// Never 0.
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> remaining;
  /// From the server's answer to its reset, and how far off that may be in either direction.
  std::optional<std::chrono::microseconds> reset_in;
  std::chrono::microseconds reset_error{0};

  /// The reset on our clock, for a request that went out at `sent` and was answered by `answered`.
  std::optional<reset_bounds> reset(steady_time sent, steady_time answered) const;
};

/// Reads a policy's headers. Names are case-insensitive. `reset` counts seconds, or is an epoch in seconds or
/// milliseconds; where the policy does not say which, the magnitude does: from 10^8 on it is epoch seconds, from 10^11
/// on milliseconds. An epoch is compared with the answer's `Date`, or with `wall` if it has none: our clock may be
/// wrong. A number of seconds beyond the policy's `window` is taken for the window: no counter resets later. A
/// `remaining` with a sign is 0.
quota_report read_quota(const rate_policy& policy, std::chrono::microseconds window, const header_list& headers,
                        language::instant wall);

/// How long a header asks to wait that counts seconds, or, from 10^8 on, names an epoch in seconds or, from 10^11 on,
/// milliseconds. Nothing if that makes no sense: an epoch in the past, or one too far away.
std::optional<std::chrono::microseconds> wait_of_number(double number, const header_list& headers,
                                                        language::instant wall);

/// How long it is until an epoch in seconds or, from 10^11 on, milliseconds. Nothing if it is too far away; 0 if it is
/// past.
std::optional<std::chrono::microseconds> wait_until_epoch(double epoch, const header_list& headers,
                                                          language::instant wall);

/// The server's clock: what an answer's `Date` says, or `wall` if it has none.
language::instant server_time(const header_list& headers, language::instant wall);

/// `Retry-After`: seconds, an epoch, or an HTTP date. Nothing if it is missing, unreadable or absurd.
std::optional<std::chrono::microseconds> read_retry_after(const header_list& headers, language::instant wall);

/// No wait that a server asks for is longer than this; a longer one is taken for garbage.
inline constexpr std::chrono::microseconds longest_wait = std::chrono::days{32};

} // namespace sluice
