#pragma once

#include "actors/core/requests/purpose.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/page.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Bounds on retries, from the tuning file; a manifest's error handler may set its own.
struct retry_limits {
  std::uint32_t max_retries = 5;
  std::chrono::microseconds max_retry_time = std::chrono::minutes{10};
  /// A list whose pages hold fewer rows than it is said to have is taken as it is.
  bool accept_missing_rows = false;
  /// Pages in a row that bring nothing new which a list may have.
  std::uint32_t max_empty_pages = 1000;
  request_purpose purpose = request_purpose::read;
};

/// What to do with an answer or with its absence.
struct verdict {
  response_action action = response_action::success;
  /// Filled unless the action is success. Message and internal message name endpoint, slice, URL and status.
  sluice::error error;
  /// retry, rate_limited: how long to wait before this page is asked for again.
  std::chrono::microseconds wait{0};
  /// The wait was asked for by a header or a back-off strategy of the manifest, not by the default exponential.
  bool wait_is_explicit = false;
  /// The answer was classified as RATE_LIMITED, whatever the action is.
  bool rate_limited = false;
  /// The wait uses up none of the page's tries.
  bool is_free = false;
  /// fail: the wait that was asked for is longer than allowed.
  bool wait_refused = false;
  /// fail: asking again would come to the same.
  bool lasting = false;
};

/// An answer as the error policy looks at it.
struct answer_view {
  int status = 0;
  const header_list* headers = nullptr;
  std::string_view body;
  /// What templates see as `response`; an empty dict if the body is not JSON.
  language::value response;
  std::string_view url;
  /// The request may be sent again with another credential.
  bool renewable = false;
};

/// True for an answer that has no content by definition (204, 205, 304 and the answer to HEAD), whatever its headers
/// say. If it is a success, it is a page without records.
bool has_no_content(std::string_view method, int status) noexcept;

/// Classifies an answer: the filters of all the endpoint's handlers in order, then the default table of the reference
/// (status < 400 is success, except redirects, which are not followed). `wall` is the current UTC time, for HTTP dates
/// in `Retry-After`.
///
/// A retry that exceeds its limits comes back as `fail`. While reading, `rate_limited` with a wait that the server
/// named has no limit: the quota comes back at the time that was told, so it is no try (`is_free`). With a manifest's
/// own back-off it is bounded as every retry, without any by `max_retries` alone, as in the reference. `ignore` means:
/// no records, no next page. `renew_credential` comes back only if it is possible, `reset_pagination` only if it is
/// allowed. The error's message of a retry or an ignored answer tells only what happened; that of a
/// failure also where, what it means and what to do.
verdict judge_answer(const plan& p, const endpoint& e, const page_request& request, const answer_view& answer,
                     const retry_limits& limits, language::instant wall);

/// Classifies a request that got no complete answer, or a page that could not be cut: retried with back-off unless the
/// failure can only be cured by the user (`config_error`) or the run is being stopped (`errc::interrupted`).
verdict judge_failure(const endpoint& e, const page_request& request, const error& failure, std::string_view url,
                      const retry_limits& limits);

} // namespace sluice
