#include "config/manifest/components/cursors.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

using language::instant;

/// Reads a moment: in its own format, or else as ISO 8601.
std::optional<instant> parse_moment(context& x, const field_ref& field, const std::string& text,
                                    const std::string& format) {
  if (auto t = language::parse_datetime(text, format))
    return t->instant;
  if (auto t = language::parse_iso8601(text))
    return t->instant;
  x.refuse_config(field, "'" + text + "' is not a date in the format " + format + " or ISO 8601");
  return std::nullopt;
}

/// A field that is text or a MinMaxDatetime.
std::optional<instant> compile_moment(context& x, const text_or_child_ref<MinMaxDatetime>& field,
                                      const std::string& cursor_format) {
  auto c = field.get();
  if (!c)
    return parse_moment(x, field, x.fixed(field), cursor_format);
  auto own_format = (*c)[&MinMaxDatetime::datetime_format];
  auto format = own_format.has() ? x.fixed(own_format) : cursor_format;
  auto datetime = (*c)[&MinMaxDatetime::datetime];
  auto result = parse_moment(x, datetime, x.fixed(datetime), format);
  auto bound = [&](const text_ref& given) -> std::optional<instant> {
    auto text = x.fixed(given);
    return text.empty() ? std::nullopt : parse_moment(x, given, text, format);
  };
  if (auto least = bound((*c)[&MinMaxDatetime::min_datetime]); least && result)
    result = std::max(*result, *least);
  if (auto most = bound((*c)[&MinMaxDatetime::max_datetime]); most && result)
    result = std::min(*result, *most);
  return result;
}

std::optional<language::duration> compile_duration(context& x, const text_ref& field) {
  if (!field.has())
    return std::nullopt;
  auto text = x.fixed(field);
  auto result = language::parse_iso8601_duration(text);
  if (result && result->months >= 0 && result->exact.count() >= 0)
    return *result;
  auto what = "'" + text + "' is not an ISO 8601 duration such as P30D or PT1S";
  if (is_template(field.text()))
    x.refuse_config(field, what);
  else
    x.refuse(field, what);
  return std::nullopt;
}

bool is_zero(const language::duration& x) {
  return x.months == 0 && x.exact.count() == 0;
}

std::string compile_cursor_field(context& x, const text_ref& field) {
  auto result = x.fixed(field);
  if (result.empty())
    x.refuse(field, "must not be empty");
  return result;
}

std::optional<std::chrono::weekday> weekday_named(std::string_view name) {
  constexpr std::string_view names[] = {"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"};
  const auto* found = std::find(std::begin(names), std::end(names), name);
  return found == std::end(names) ? std::nullopt
                                  : std::optional{std::chrono::weekday{static_cast<unsigned>(found - names)}};
}

std::optional<window_clamp> compile_clamp(context& x, const view<Clamping>& c) {
  using period = window_clamp::period;
  constexpr std::pair<std::string_view, period> targets[]
    = {{"DAY", period::day}, {"WEEK", period::week}, {"MONTH", period::month}};
  const auto target = x.fixed(c[&Clamping::target]);
  const auto* known
    = std::find_if(std::begin(targets), std::end(targets), [&](const auto& y) { return y.first == target; });
  if (known == std::end(targets)) {
    x.refuse(c[&Clamping::target], "must be DAY, WEEK or MONTH, but is '" + target + "'");
    return std::nullopt;
  }
  window_clamp result{known->second};
  if (result.target != period::week)
    return result;
  const auto details = c[&Clamping::target_details];
  const auto* name = details.has() ? details.raw()->find("weekday") : nullptr;
  const auto day = name != nullptr && name->as_string() != nullptr ? weekday_named(*name->as_string()) : std::nullopt;
  if (!day)
    x.refuse(details, "WEEK needs a weekday: `target_details: {weekday: MONDAY}`");
  result.week_begins = day.value_or(result.week_begins);
  return result;
}

} // namespace

std::vector<component_rule> cursors_rules() {
  return rules_of<DatetimeBasedCursor, MinMaxDatetime, Clamping, IncrementingCountCursor,
                  LegacyToPerPartitionStateMigration, DatetimeBasedCursorExtension>();
}

datetime_cursor compile_cursor(context& x, const view<DatetimeBasedCursor>& c) {
  using fields = DatetimeBasedCursor;
  datetime_cursor result;
  result.cursor_field = compile_cursor_field(x, c[&fields::cursor_field]);
  result.record_formats = c[&fields::cursor_datetime_formats].list();
  result.datetime_format = x.fixed(c[&fields::datetime_format]);
  if (result.record_formats.empty())
    result.record_formats.push_back(result.datetime_format);
  if (auto test = language::format_datetime(x.input().now, result.datetime_format); !test)
    x.refuse(c[&fields::datetime_format], "'" + result.datetime_format + "' is not supported: " + test.error().message);
  if (auto extension = c[&fields::x_sluice].get()) {
    using extra = DatetimeBasedCursorExtension;
    result.state = (*extension)[&extra::state_format].chosen.value_or(state_format::text);
    result.ascending = (*extension)[&extra::sorted].chosen.value_or(false);
  }

  result.start = compile_moment(x, c[&fields::start_datetime], result.datetime_format).value_or(instant{});
  result.end = c[&fields::end_datetime].has()
                 ? compile_moment(x, c[&fields::end_datetime], result.datetime_format).value_or(instant{})
                 : x.input().now;
  result.now = x.input().now;
  result.step = compile_duration(x, c[&fields::step]);
  auto granularity = compile_duration(x, c[&fields::cursor_granularity]);
  if (result.step.has_value() != granularity.has_value())
    x.refuse(c, "step and cursor_granularity belong together: give both or neither");
  if (result.step && is_zero(*result.step))
    x.refuse_config(c[&fields::step], "a step of zero would never reach the end");
  if (granularity && granularity->months != 0)
    x.refuse(c[&fields::cursor_granularity], "months and years are not supported as a granularity");
  if (granularity)
    result.granularity = granularity->exact;
  // A window that renders as nothing is none.
  if (auto lookback = c[&fields::lookback_window]; lookback.has() && !x.fixed(lookback).empty())
    result.lookback = compile_duration(x, lookback).value_or(language::duration{});
  result.start_option = compile_option(x, c[&fields::start_time_option].get());
  result.end_option = compile_option(x, c[&fields::end_time_option].get());
  result.global = c[&fields::global_substream_cursor].value();
  result.without_points = c[&fields::is_compare_strictly].value();
  result.is_feed = c[&fields::is_data_feed].value();
  if (auto clamp = c[&fields::clamping].get())
    result.clamp = compile_clamp(x, *clamp);
  // Time after the last whole period is not asked for, as in the reference.
  if (result.clamp)
    result.end = result.clamp->floor(result.end) - result.granularity.value_or(std::chrono::microseconds{0});
  if (auto name = x.fixed(c[&fields::partition_field_start]); !name.empty())
    result.start_name = std::move(name);
  if (auto name = x.fixed(c[&fields::partition_field_end]); !name.empty())
    result.end_name = std::move(name);
  return result;
}

datetime_cursor compile_cursor(context& x, const view<IncrementingCountCursor>& c) {
  using fields = IncrementingCountCursor;
  datetime_cursor result;
  result.counts = true;
  result.cursor_field = compile_cursor_field(x, c[&fields::cursor_field]);
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min() / 2;
  const auto start = x.fixed_integer(c[&fields::start_value], least, -(least + 1)).value_or(0);
  result.start = instant{std::chrono::microseconds{start}};
  result.end = instant::max();
  result.start_option = compile_option(x, c[&fields::start_value_option].get());
  result.start_name = "start";
  result.end_name = "end";
  return result;
}

void check_migrations(context& x, const view<DeclarativeStream>& stream) {
  const auto migrations = stream[&DeclarativeStream::state_migrations];
  if (migrations.list().empty())
    return;
  const auto routers = (*stream[&DeclarativeStream::retriever].get())[&SimpleRetriever::partition_router];
  const auto names_partitions = [](const auto& router) {
    return std::holds_alternative<view<SubstreamPartitionRouter>>(router)
           || std::holds_alternative<view<UnionPartitionRouter>>(router);
  };
  const auto list = routers.list();
  if (routers.is_list() || list.empty() || !names_partitions(list.front()))
    x.refuse(migrations,
             "LegacyToPerPartitionStateMigration needs a SubstreamPartitionRouter or a UnionPartitionRouter "
             "as the stream's only router, because it makes partitions of the keys of older states");
  else if (!stream[&DeclarativeStream::incremental_sync].has())
    x.refuse(migrations, "LegacyToPerPartitionStateMigration needs incremental_sync: it is about cursors");
}

} // namespace sluice::compiling

namespace sluice {

namespace {

auto cursor_field_of(const compiling::view<compiling::DatetimeBasedCursor>& c) {
  return c[&compiling::DatetimeBasedCursor::cursor_field];
}
auto cursor_field_of(const compiling::view<compiling::IncrementingCountCursor>& c) {
  return c[&compiling::IncrementingCountCursor::cursor_field];
}

} // namespace

expected<std::string> default_cursor_field(const manifest& m, const stream_definition& stream,
                                           const language::value& config) {
  namespace fields = compiling;
  const auto definition
    = fields::listed_stream(fields::open_stream(compiling::component_view{stream.component, stream.path}));
  const auto cursor = definition ? (*definition)[&fields::DeclarativeStream::incremental_sync].get() : std::nullopt;
  if (!cursor)
    return std::string{};
  compile_input input;
  input.config = config;
  compiling::context x{m, input};
  auto result = std::visit([&x](const auto& c) { return x.fixed(cursor_field_of(c)); }, *cursor);
  if (x.failed())
    return tl::unexpected(error_of(m.origin, x.faults()));
  return result;
}

} // namespace sluice
