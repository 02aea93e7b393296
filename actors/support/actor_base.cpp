#include "actors/support/actor_base.hpp"

#include "messages/interfaces.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace sluice {

namespace {

/// Matches content against one message type and says what of it belongs into a trace.
template <class T>
bool match(const caf::type_erased_tuple& content, message_summary& result, std::string_view name) {
  if (!content.match_element<T>(0))
    return false;
  result.name = name;
  if constexpr (requires(const T& x) { x.receipt; }) {
    const auto& x = content.get_as<T>(0);
    result.of = &x.receipt.slice;
    result.page = x.receipt.page;
  } else if constexpr (requires(const T& x) { x.request.slice; }) {
    const auto& x = content.get_as<T>(0);
    result.of = &x.request.slice;
    result.page = x.request.page;
  } else if constexpr (requires(const T& x) {
                         x.slice;
                         x.page;
                       }) {
    const auto& x = content.get_as<T>(0);
    result.of = &x.slice;
    result.page = x.page;
  }
  return true;
}

/// Calls `try_match` with the names and types of all messages.
template <class F>
auto with_all_messages(F try_match) {
#define SLUICE_NAMED(type)                                                                                             \
  std::pair<std::string_view, std::type_identity<type>> {                                                              \
#type, {}                                                                                                          \
  }
  return try_match(
    SLUICE_NAMED(permit), SLUICE_NAMED(page_outcome), SLUICE_NAMED(record_batch), SLUICE_NAMED(page_written),
    SLUICE_NAMED(slice_failed), SLUICE_NAMED(parent_batch), SLUICE_NAMED(slice_demand), SLUICE_NAMED(slices_offered),
    SLUICE_NAMED(slices_opened), SLUICE_NAMED(generation_done), SLUICE_NAMED(parents_done), SLUICE_NAMED(fetcher_ready),
    SLUICE_NAMED(bytes_written), SLUICE_NAMED(drain), SLUICE_NAMED(drained), SLUICE_NAMED(quota_gone),
    SLUICE_NAMED(requests_spent), SLUICE_NAMED(throttled), SLUICE_NAMED(slices_abandoned),
    SLUICE_NAMED(endpoint_given_up), SLUICE_NAMED(heartbeat), SLUICE_NAMED(tick), SLUICE_NAMED(state_update), SLUICE_NAMED(estimate),
    SLUICE_NAMED(status_update), SLUICE_NAMED(error_trace), SLUICE_NAMED(log_entry), SLUICE_NAMED(flush_request),
    SLUICE_NAMED(flushed), SLUICE_NAMED(output_closed), SLUICE_NAMED(run_request), SLUICE_NAMED(stop_request),
    SLUICE_NAMED(finish_request), SLUICE_NAMED(finished), SLUICE_NAMED(endpoint_done), SLUICE_NAMED(report_request),
    SLUICE_NAMED(governor_report), SLUICE_NAMED(aggregator_report), SLUICE_NAMED(run_snapshot),
    SLUICE_NAMED(run_result), SLUICE_NAMED(stall_notice), SLUICE_NAMED(retune), SLUICE_NAMED(retuned), SLUICE_NAMED(atom::join), SLUICE_NAMED(caf::exit_msg),
    SLUICE_NAMED(caf::down_msg));
#undef SLUICE_NAMED
}

template <class T>
message_kind kind() {
  return kind_of(caf::make_rtti_pair<T>());
}

const std::array background_kinds{
  kind<tick>(),         kind<report_request>(), kind<governor_report>(), kind<aggregator_report>(),
  kind<run_snapshot>(), kind<log_entry>()};

} // namespace

message_summary summarize(const caf::type_erased_tuple& content) {
  message_summary result;
  result.name = "other";
  if (content.empty())
    return result;
  with_all_messages([&]<class... Ts>(std::pair<std::string_view, std::type_identity<Ts>>... candidates) {
    return (match<Ts>(content, result, candidates.first) || ...);
  });
  return result;
}

std::string_view name_of(message_kind k) {
  using name_table = std::unordered_map<message_kind, std::string_view>;
  static const auto names
    = with_all_messages([]<class... Ts>(std::pair<std::string_view, std::type_identity<Ts>>... candidates) {
        return name_table{{kind<Ts>(), candidates.first}...};
      });
  auto found = names.find(k);
  return found != names.end() ? found->second : "other";
}

bool is_background(message_kind k) noexcept {
  return std::find(background_kinds.begin(), background_kinds.end(), k) != background_kinds.end();
}

void log_actor_problem(const char* actor, const std::string& what) {
  spdlog::error("{}: {}", actor, what);
}

} // namespace sluice
