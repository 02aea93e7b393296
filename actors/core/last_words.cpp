#include "actors/core/last_words.hpp"

#include "messages/text/durations.hpp"

#include <algorithm>

namespace sluice {

namespace {

early_end stopped(const std::string& text, std::string detail = {}) {
  return {3, text, error{errc::quota_exhausted, failure_type::transient_error, text, std::move(detail)}};
}

early_end stopped_at_bound(const std::string& what) {
  return stopped(what
                 + " The run was stopped with all state written. Run again with this state, at any time: it goes on "
                   "where this run ended.");
}

} // namespace

failure_type worse(failure_type a, failure_type b) {
  auto rank = [](failure_type x) {
    return x == failure_type::config_error ? 2 : x == failure_type::system_error ? 1 : 0;
  };
  return rank(a) >= rank(b) ? a : b;
}

early_end end_by_quota(const quota_gone& x, language::instant now, request_purpose purpose) {
  auto left = std::chrono::microseconds{x.resets_in_us};
  auto at = language::format_datetime(now + left, "%Y-%m-%dT%H:%M:%SZ").value_or("");
  return stopped("The account's " + x.policy + " quota of " + std::to_string(x.limit)
                   + " requests is used up. It comes back in " + human_duration(left) + ", at " + at
                   + (purpose == request_purpose::read
                        ? ". The run was stopped with all state written. Run again then with this state: it goes on "
                          "where this run ended."
                        : ". Check again then."),
                 "rate policy " + x.policy);
}

early_end as_success(early_end x) {
  x.exit_code = 0;
  x.trace.reset();
  x.is_success = true;
  return x;
}

std::string missing_after(const early_end& x, const std::vector<std::string>& streams) {
  return x.reason + " That is no failure here, so the exit code is 0, but these streams are not complete: "
         + listed(streams) + ".";
}

early_end end_by_request_bound(std::uint64_t requests) {
  return stopped_at_bound("The run's bound of " + std::to_string(requests) + " requests is reached.");
}

early_end end_by_time_bound(std::chrono::microseconds d) {
  return stopped_at_bound("The run's time of " + human_duration(d) + " is over.");
}

early_end end_by_signal(std::int32_t signal, std::string_view name) {
  return {128 + signal, "Interrupted by " + std::string{name} + ".", std::nullopt};
}

early_end end_by_stall(const std::string& finding) {
  auto reason = "The run stood still: " + finding + ".";
  return {4, reason,
          error{errc::internal, failure_type::system_error,
                reason
                  + " This is a fault of the program. Every state that was printed is valid: run again to go on from "
                    "there. The report on stderr, or in the log, says who waited for whom; please keep it for the "
                    "fault to be found.",
                finding}};
}

early_end end_by_lost_actor(const std::string& detail) {
  return {1, "An internal part of the program ended unexpectedly.",
          error{errc::internal, failure_type::system_error,
                "An internal part of the program ended unexpectedly; the run was stopped. The last state is valid: run "
                "again to go on from there.",
                detail}};
}

early_end end_by_idle_policy(const std::string& policy, std::uint64_t requests) {
  auto text = "The rate policy `" + policy + "` governed none of the " + std::to_string(requests)
              + " requests: its matchers fit none of them, so its limit protects nothing. Correct the matchers or "
                "remove the policy.";
  return {1, text, error{errc::bad_manifest, failure_type::config_error, text, ""}};
}

error too_many_failures(const std::string& stream, const endpoint_given_up& x, failure_type failure) {
  if (x.credential.code != errc::none)
    return {x.credential.code, x.credential.failure,
            "Stream " + stream + ": there is no credential to ask with, so the rest of the stream is not requested. "
              + x.credential.message + " The state keeps what is complete.",
            x.credential.internal_message};
  const auto what = x.failures_in_a_row > 0
                      ? std::to_string(x.failures_in_a_row)
                          + " requests failed in a row, as many as errors.max_failures_in_a_row allows"
                      : std::to_string(x.failed_slices) + " slices failed, more than errors.max_failed_slices allows";
  return {errc::internal, failure,
          "Stream " + stream + ": " + what
            + ", so the rest of the stream is not requested. "
              "The state keeps what is complete; mend the cause, which the errors before name, and sync again.",
          ""};
}

error missing_parents(const std::string& stream, const std::string& parent, failure_type failure) {
  return {errc::internal, failure,
          "Stream " + stream + " is incomplete: its parent endpoint " + parent
            + " could not be read completely, so the children of the missing parents were not asked for. Mend the "
              "parent's error and sync again.",
          ""};
}

std::string cause_of(const error& x, std::string_view slice_label) {
  const auto at = slice_label.empty() ? std::string::npos : x.message.find(slice_label);
  return x.message.substr(0, at);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_named_streams); ++i)
    text += (text.empty() ? "" : ", ") + names[i];
  if (names.size() > most_named_streams)
    text += " and " + std::to_string(names.size() - most_named_streams) + " more";
  return text;
}

error incomplete_streams(const std::vector<std::string>& names, failure_type failure) {
  return {errc::internal, failure,
          "During the sync, the following streams did not sync successfully: " + listed(names)
            + ". Their states keep what is complete; the next sync asks for the rest.",
          ""};
}

} // namespace sluice
