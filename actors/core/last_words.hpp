#pragma once

#include "actors/core/requests/purpose.hpp"
#include "config/language/datetime.hpp"
#include "messages/error.hpp"
#include "messages/flow.hpp"
#include "messages/text/durations.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What is said of a run that does not end as it should.
namespace sluice {

/// How a run ends early.
struct early_end {
  std::int32_t exit_code = 1;
  /// One line for people.
  std::string reason;
  /// Printed as TRACE ERROR of the whole run; none for signals.
  std::optional<sluice::error> trace;
  /// What is missing then is no failure; a warning tells it.
  bool is_success = false;
};

/// The run's failure type if its streams failed for several reasons: what only the user can cure comes first.
failure_type worse(failure_type a, failure_type b);

/// A quota is used up whose policy ends the run; `now` is the date, to say when it comes back.
early_end end_by_quota(const quota_gone& x, language::instant now, request_purpose purpose = request_purpose::read);
/// The same as an end with exit code 0 and without an error (`quota.on_exhausted: finish`).
early_end as_success(early_end x);
/// The warning of such an end, which says what is missing.
std::string missing_after(const early_end& x, const std::vector<std::string>& streams);
/// `--max-requests` or `--max-duration`.
early_end end_by_request_bound(std::uint64_t requests);
early_end end_by_time_bound(std::chrono::microseconds d);
early_end end_by_signal(std::int32_t signal, std::string_view name);
early_end end_by_stall(const std::string& finding);
/// An actor ended that should not have.
early_end end_by_lost_actor(const std::string& detail);
/// With `--strict`; without, the text alone is a warning.
early_end end_by_idle_policy(const std::string& policy, std::uint64_t requests);

/// Errors of one stream. Of one whose endpoint was given up, for too many failures or for want of a credential.
error too_many_failures(const std::string& stream, const endpoint_given_up& x, failure_type failure);
error missing_parents(const std::string& stream, const std::string& parent, failure_type failure);
/// Streams that a message about many of them names.
inline constexpr std::size_t most_named_streams = 20;
/// What of an error's message is the same for other slices: all that stands before the name of the slice.
std::string cause_of(const error& x, std::string_view slice_label);
/// `a, b, c and 5 more`.
std::string listed(const std::vector<std::string>& names);
/// The error of the whole run, which names its incomplete streams.
error incomplete_streams(const std::vector<std::string>& names, failure_type failure);

} // namespace sluice
