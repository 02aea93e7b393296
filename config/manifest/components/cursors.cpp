#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

#include <algorithm>

namespace sluice::compiling {

namespace {

using language::instant;

/// Reads a moment: in its own format, or else as ISO 8601.
std::optional<instant> parse_moment(context& x, const component_view& c, std::string_view field,
                                    const std::string& text, const std::string& format) {
  if (auto t = language::parse_datetime(text, format))
    return t->instant;
  if (auto t = language::parse_iso8601(text))
    return t->instant;
  x.refuse_config(c.path(field), "'" + text + "' is not a date in the format " + format + " or ISO 8601");
  return std::nullopt;
}

/// A field that is text or a MinMaxDatetime.
std::optional<instant> compile_moment(context& x, const component_view& cursor, std::string_view field,
                                      const std::string& cursor_format) {
  auto c = cursor.child(field);
  if (!c)
    return parse_moment(x, cursor, field, x.fixed(cursor, field), cursor_format);
  auto format = c->has("datetime_format") ? x.fixed(*c, "datetime_format") : cursor_format;
  auto result = parse_moment(x, *c, "datetime", x.fixed(*c, "datetime"), format);
  auto bound = [&](std::string_view name) -> std::optional<instant> {
    auto text = c->has(name) ? x.fixed(*c, name) : std::string{};
    return text.empty() ? std::nullopt : parse_moment(x, *c, name, text, format);
  };
  if (auto least = bound("min_datetime"); least && result)
    result = std::max(*result, *least);
  if (auto most = bound("max_datetime"); most && result)
    result = std::min(*result, *most);
  return result;
}

std::optional<language::duration> compile_duration(context& x, const component_view& c, std::string_view field) {
  if (!c.has(field))
    return std::nullopt;
  auto text = x.fixed(c, field);
  if (text.empty() && field == "lookback_window")
    return std::nullopt;
  auto result = language::parse_iso8601_duration(text);
  if (result && result->months >= 0 && result->exact.count() >= 0)
    return *result;
  auto what = "'" + text + "' is not an ISO 8601 duration such as P30D or PT1S";
  if (c.text(field).find("{{") != std::string::npos)
    x.refuse_config(c.path(field), what);
  else
    x.refuse(c.path(field), what);
  return std::nullopt;
}

bool is_zero(const language::duration& x) {
  return x.months == 0 && x.exact.count() == 0;
}

} // namespace

std::vector<component_rule> cursors_rows() {
  using k = field_kind;
  return {
    {"DatetimeBasedCursor",
     {{"cursor_field", k::text, {}, required},
      {"datetime_format", k::text, {}, required},
      {"cursor_datetime_formats", k::texts},
      {"start_datetime", k::text_or_component, "=MinMaxDatetime", required},
      {"end_datetime", k::text_or_component, "=MinMaxDatetime"},
      {"step", k::text},
      {"cursor_granularity", k::text},
      {"lookback_window", k::text},
      {"start_time_option", k::component, "=RequestOption"},
      {"end_time_option", k::component, "=RequestOption"},
      {"partition_field_start", k::ignored}, // names keys of stream_interval, which templates cannot use yet
      {"partition_field_end", k::ignored},
      {"is_data_feed", k::unsupported},
      {"is_client_side_incremental", k::unsupported},
      {"is_compare_strictly", k::unsupported},
      {"global_substream_cursor", k::unsupported},
      {"clamping", k::unsupported},
      {"x-sluice", k::component, "=DatetimeBasedCursor.x-sluice"}}},
    {"MinMaxDatetime",
     {{"datetime", k::text, {}, required},
      {"datetime_format", k::text},
      {"min_datetime", k::text},
      {"max_datetime", k::text}}},
    {"DatetimeBasedCursor.x-sluice",
     {{"state_format", k::choice, "epoch_seconds|datetime_format"}, {"sorted", k::choice, "ascending"}},
     true,
     true},
  };
}

datetime_cursor compile_cursor(context& x, const component_view& c) {
  datetime_cursor result;
  result.cursor_field = x.fixed(c, "cursor_field");
  if (result.cursor_field.empty())
    x.refuse(c.path("cursor_field"), "must not be empty");
  result.record_formats = c.texts("cursor_datetime_formats");
  result.datetime_format = x.fixed(c, "datetime_format");
  if (result.record_formats.empty())
    result.record_formats.push_back(result.datetime_format);
  if (auto test = language::format_datetime(x.input().now, result.datetime_format); !test)
    x.refuse(c.path("datetime_format"), "'" + result.datetime_format + "' is not supported: " + test.error().message);
  if (auto extension = c.child("x-sluice"); extension && extension->text("state_format") == "epoch_seconds")
    result.state = state_format::epoch_seconds;
  if (auto extension = c.child("x-sluice"))
    result.ascending = extension->text("sorted") == "ascending";

  result.start = compile_moment(x, c, "start_datetime", result.datetime_format).value_or(instant{});
  result.end = c.has("end_datetime") ? compile_moment(x, c, "end_datetime", result.datetime_format).value_or(instant{})
                                     : x.input().now;
  result.now = x.input().now;
  result.step = compile_duration(x, c, "step");
  auto granularity = compile_duration(x, c, "cursor_granularity");
  if (result.step.has_value() != granularity.has_value())
    x.refuse(c.path(), "step and cursor_granularity belong together: give both or neither");
  if (result.step && is_zero(*result.step))
    x.refuse_config(c.path("step"), "a step of zero would never reach the end");
  if (granularity && granularity->months != 0)
    x.refuse(c.path("cursor_granularity"), "months and years are not supported as a granularity");
  if (granularity)
    result.granularity = granularity->exact;
  result.lookback = compile_duration(x, c, "lookback_window").value_or(language::duration{});
  result.start_option = compile_option(x, c, "start_time_option");
  result.end_option = compile_option(x, c, "end_time_option");
  return result;
}

} // namespace sluice::compiling

namespace sluice {

expected<std::string> default_cursor_field(const manifest& m, const stream_definition& stream,
                                           const language::value& config) {
  const auto* cursor = stream.component.find("incremental_sync");
  if (cursor == nullptr)
    return std::string{};
  compile_input input;
  input.config = config;
  compiling::context x{m, input};
  auto result = x.fixed({*cursor, stream.path + ".incremental_sync"}, "cursor_field");
  if (x.failed())
    return tl::unexpected(x.take_failure());
  return result;
}

} // namespace sluice
