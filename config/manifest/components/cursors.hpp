#pragma once

// Windows of time, and the state that moves with them.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct DeclarativeStream;
struct RequestOption;

struct MinMaxDatetime : component<MinMaxDatetime> {
  static constexpr std::string_view type = "MinMaxDatetime";
  text datetime{this, "datetime", required};
  text datetime_format{this, "datetime_format"};
  text min_datetime{this, "min_datetime"};
  text max_datetime{this, "max_datetime"};
};

struct Clamping : component<Clamping> {
  static constexpr std::string_view type = "Clamping";
  static constexpr bool is_extension = true;
  text target{this, "target", required};
  dict target_details{this, "target_details"};
};

struct DatetimeBasedCursorExtension : component<DatetimeBasedCursorExtension> {
  static constexpr std::string_view type = "DatetimeBasedCursor.x-sluice";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  choice<sluice::state_format> state_format{
    this,
    "state_format",
    {{"epoch_seconds", sluice::state_format::epoch_seconds}, {"datetime_format", sluice::state_format::text}}};
  choice<bool> sorted{this, "sorted", {{"ascending", true}}};
};

struct DatetimeBasedCursor : component<DatetimeBasedCursor> {
  static constexpr std::string_view type = "DatetimeBasedCursor";
  text cursor_field{this, "cursor_field", required};
  text datetime_format{this, "datetime_format", required};
  texts cursor_datetime_formats{this, "cursor_datetime_formats"};
  text_or_child<MinMaxDatetime> start_datetime{this, "start_datetime", required};
  text_or_child<MinMaxDatetime> end_datetime{this, "end_datetime"};
  text step{this, "step"};
  text cursor_granularity{this, "cursor_granularity"};
  text lookback_window{this, "lookback_window"};
  child<RequestOption> start_time_option{this, "start_time_option"};
  child<RequestOption> end_time_option{this, "end_time_option"};
  text partition_field_start{this, "partition_field_start"};
  text partition_field_end{this, "partition_field_end"};
  boolean is_data_feed{this, "is_data_feed", since("next")};
  boolean is_client_side_incremental{this, "is_client_side_incremental", since("next")};
  boolean is_compare_strictly{this, "is_compare_strictly", since("next")};
  boolean global_substream_cursor{this, "global_substream_cursor", since("next")};
  child<Clamping> clamping{this, "clamping", since("next")};
  child<DatetimeBasedCursorExtension> x_sluice{this, "x-sluice"};
};

struct IncrementingCountCursor : component<IncrementingCountCursor> {
  static constexpr std::string_view type = "IncrementingCountCursor";
  static constexpr std::string_view added = "next";
  text cursor_field{this, "cursor_field", required};
  text start_value{this, "start_value"};
  child<RequestOption> start_value_option{this, "start_value_option"};
};

/// Says that states may name partitions by their values alone. They are read so in any case; see
/// `partition_cursors::open`.
struct LegacyToPerPartitionStateMigration : component<LegacyToPerPartitionStateMigration> {
  static constexpr std::string_view type = "LegacyToPerPartitionStateMigration";
  static constexpr std::string_view added = "next";
};

/// What a stream's field for a cursor holds.
using any_cursor = child_ref<DatetimeBasedCursor, IncrementingCountCursor>;

std::vector<component_rule> cursors_rules();

datetime_cursor compile_cursor(context& x, const view<DatetimeBasedCursor>& c);
datetime_cursor compile_cursor(context& x, const view<IncrementingCountCursor>& c);

/// Refuses migrations of states that the stream cannot have, as the reference does.
void check_migrations(context& x, const view<DeclarativeStream>& stream);

} // namespace sluice::compiling
