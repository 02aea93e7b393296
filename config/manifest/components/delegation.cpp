#include "config/manifest/components/delegation.hpp"

#include "config/manifest/components/all.hpp"
#include "config/manifest/parent_state.hpp"
#include "config/manifest/plan/moments.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

using language::instant;

bool is_none(const value& state) {
  return state.is_none() || (state.as_dict() != nullptr && state.as_dict()->empty());
}

bool is_of_stopped_full_refresh(const value& state) {
  const auto* to = state.find(delegated_key);
  return to != nullptr && language::to_json(*to) == delegated_to_full_refresh;
}

/// Where a cursor's state stands: the first moment that it names.
std::optional<instant> moment_in(const datetime_cursor& cursor, const value& state) {
  const auto* at = state.find(cursor.cursor_field);
  if (state.find("state_type") != nullptr) {
    const auto* slices = state.find("slices");
    if (slices == nullptr || slices->as_list() == nullptr || slices->as_list()->empty())
      return std::nullopt;
    const auto& first = slices->as_list()->front();
    at = first.find("most_recent_cursor_value");
    if (at == nullptr || at->is_none())
      at = first.find("end");
  }
  return at == nullptr ? std::nullopt : read_moment(cursor, *at);
}

/// Where the state of one of the two streams stands; none: it does not tell. A full refresh without a cursor that is
/// complete is as new as can be.
std::optional<instant> moment_of(context& x, const view<DeclarativeStream>& stream, const value& state) {
  const auto sync = stream[&DeclarativeStream::incremental_sync].get();
  if (!sync) {
    const auto* done = state.find("__ab_no_cursor_state_message");
    return done != nullptr && done->as_bool() != nullptr && *done->as_bool() ? std::optional{x.input().now}
                                                                             : std::nullopt;
  }
  const auto cursor = std::visit([&x](const auto& c) { return compile_cursor(x, c); }, *sync);
  const auto retriever = stream[&DeclarativeStream::retriever].get();
  if (!retriever || !(*retriever)[&SimpleRetriever::partition_router].has())
    return moment_in(cursor, state);
  const auto* global = state.find("state");
  return global == nullptr ? std::nullopt : moment_in(cursor, *global);
}

/// How long the API keeps what the incremental stream reads; nothing: that does not matter, or is refused.
std::optional<language::duration> compile_retention(context& x, const view<StateDelegatingStream>& c) {
  using fields = StateDelegatingStream;
  const auto field = c[&fields::api_retention_period];
  const auto text = field.has() ? x.fixed(field) : std::string{};
  if (text.empty())
    return std::nullopt;
  for (const auto& of : {c[&fields::full_refresh_stream], c[&fields::incremental_stream]})
    if (const auto sync = (*of.get())[&DeclarativeStream::incremental_sync].get();
        sync && std::holds_alternative<view<IncrementingCountCursor>>(*sync))
      x.refuse(field, "is about dates, so that neither stream may have an IncrementingCountCursor");
  const auto period = language::parse_iso8601_duration(text);
  if (period && period->months >= 0 && period->exact.count() >= 0)
    return *period;
  const auto what = "'" + text + "' is not an ISO 8601 duration such as P30D";
  is_template(field.text()) ? x.refuse_config(field, what) : x.refuse(field, what);
  return std::nullopt;
}

std::string date_text(instant t) {
  return language::format_datetime(t, "%Y-%m-%dT%H:%M:%SZ").value_or("another time");
}

/// The state says nothing to the cursor of the incremental stream: it is that of the full refresh, which has partitions
/// or another cursor.
bool is_of_another_cursor(context& x, const view<DeclarativeStream>& incremental, const value& state) {
  const auto sync = incremental[&DeclarativeStream::incremental_sync].get();
  if (!sync || state.as_dict() == nullptr)
    return false;
  const auto field = std::visit([&x](const auto& c) { return compile_cursor(x, c).cursor_field; }, *sync);
  const auto retriever = incremental[&DeclarativeStream::retriever].get();
  const bool has_partitions = retriever && (*retriever)[&SimpleRetriever::partition_router].has();
  bool tells_something = false;
  for (const auto& [key, member] : *state.as_dict()) {
    // Cursors of partitions, or in the form with slices.
    const bool is_known = has_partitions ? member.as_dict() != nullptr || member.as_list() != nullptr : key == "slices";
    if (key == field || is_known)
      return false;
    tells_something = tells_something || !key.starts_with("__ab_");
  }
  return tells_something;
}

/// Chooses between the two streams of one that delegates.
chosen_stream choose(context& x, const view<StateDelegatingStream>& c, std::string_view state_json,
                     bool is_incremental) {
  using fields = StateDelegatingStream;
  const auto name = c[&fields::name].text();
  const auto full_refresh = *c[&fields::full_refresh_stream].get();
  const auto incremental = *c[&fields::incremental_stream].get();
  for (const auto& stream : {full_refresh, incremental})
    if (const auto own = stream[&DeclarativeStream::name]; own.text() != name)
      x.refuse(own, "both streams must have the name of the stream that delegates to them, '" + name
                      + "', but this is '" + own.text() + "'");
  const auto retention = compile_retention(x, c);
  const auto state = state_json.empty() ? value{} : language::parse_json(state_json).value_or(value{});
  if (x.failed() || is_none(state))
    return {full_refresh, {}, true};
  if (is_of_stopped_full_refresh(state))
    return {full_refresh, std::string{state_json}, true};
  if (!is_incremental)
    return {full_refresh, {}, true, true};
  chosen_stream going_on{incremental, std::string{state_json}};
  if (is_of_another_cursor(x, incremental, state))
    going_on
      = {incremental,
         {},
         false,
         true,
         "its state is that of its full refresh, which has another cursor, so what changed since is read from the "
         "start date"};
  if (!retention)
    return going_on;
  // A state may hold both: what the full refresh left, and what has been read since.
  const auto moment = std::max(moment_of(x, full_refresh, state), moment_of(x, incremental, state));
  const auto cutoff = language::add(x.input().now, {-retention->months, -retention->exact});
  if (moment && *moment >= cutoff)
    return going_on;
  const auto stands = moment ? "stands at " + date_text(*moment) : std::string{"names no moment"};
  return {full_refresh,
          {},
          true,
          true,
          "its state " + stands + ", and the API keeps what changed only since " + date_text(cutoff)
            + " (api_retention_period), so everything is read anew"};
}

} // namespace

any_stream open_stream(const component_view& c) {
  return open_view<DeclarativeStream, StateDelegatingStream>(c);
}

std::optional<view<DeclarativeStream>> listed_stream(const any_stream& stream) {
  if (const auto* own = std::get_if<view<DeclarativeStream>>(&stream))
    return *own;
  return std::get<view<StateDelegatingStream>>(stream)[&StateDelegatingStream::full_refresh_stream].get();
}

std::optional<view<DeclarativeStream>> incremental_stream(const any_stream& stream) {
  const auto* delegating = std::get_if<view<StateDelegatingStream>>(&stream);
  return delegating == nullptr ? std::nullopt : (*delegating)[&StateDelegatingStream::incremental_stream].get();
}

chosen_stream choose_stream(context& x, const any_stream& stream, std::string_view state_json, bool is_incremental) {
  if (const auto* own = std::get_if<view<DeclarativeStream>>(&stream))
    return {*own, std::string{state_json == "{}" ? std::string_view{} : state_json}};
  return choose(x, std::get<view<StateDelegatingStream>>(stream), state_json, is_incremental);
}

std::string state_of_parent(context& x, const any_stream& parent, std::string_view child_state_json) {
  if (child_state_json.empty())
    return {};
  const auto incremental = incremental_stream(parent);
  const auto of = incremental ? *incremental : std::get<view<DeclarativeStream>>(parent);
  const auto sync = of[&DeclarativeStream::incremental_sync].get();
  const auto field
    = sync ? std::visit([&x](const auto& c) { return compile_cursor(x, c).cursor_field; }, *sync) : std::string{};
  return parent_state_in(child_state_json, of[&DeclarativeStream::name].text(), field);
}

} // namespace sluice::compiling
