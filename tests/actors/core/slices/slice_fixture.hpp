#pragma once

#include "actors/core/slices/slice_source.hpp"
#include "actors/core/state/partition_cursors.hpp"
#include "config/manifest/plan/plan.hpp"
#include "tests/support/catch2.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace sluice::test {

/// A cursor over the seconds [0, end], in windows of `step` seconds.
inline datetime_cursor seconds_cursor(std::int64_t end, std::int64_t step) {
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%s";
  c.state = state_format::epoch_seconds;
  c.end = language::instant{std::chrono::seconds{end}};
  c.granularity = std::chrono::seconds{1};
  c.step = language::duration{0, std::chrono::seconds{step}};
  return c;
}

/// Parents `surveys` and `contacts`, and endpoint 2, `answers`, which both of them may feed; every endpoint is printed.
struct slice_plan {
  std::shared_ptr<plan> the_plan = std::make_shared<plan>();
  static constexpr endpoint_id child = 2;

  slice_plan() {
    for (const char* name : {"surveys", "contacts", "answers"}) {
      endpoint e;
      e.id = static_cast<endpoint_id>(the_plan->endpoints.size());
      e.name = name;
      output out;
      out.stream = e.id;
      out.stream_name = name;
      e.outputs.push_back(out);
      the_plan->endpoints.push_back(e);
      the_plan->streams.push_back({name, "", e.id, 0, true, ""});
    }
  }

  endpoint& operator[](endpoint_id e) { return the_plan->endpoints[e]; }

  /// The records of `parent` make partitions of `of`; returns the edge.
  std::uint32_t feed(endpoint_id parent, std::string field, endpoint_id of = child) {
    const auto index = static_cast<std::uint32_t>(the_plan->edges.size());
    the_plan->edges.push_back({parent, of, 0, {"id"}, std::move(field), false});
    the_plan->endpoints[parent].child_edges.push_back(index);
    auto& factors = the_plan->endpoints[of].slices.factors;
    if (factors.empty())
      factors.emplace_back(parent_records{});
    std::get<parent_records>(factors.front()).edges.push_back(index);
    return index;
  }

  void cut(endpoint_id e, datetime_cursor cursor) {
    the_plan->endpoints[e].cursor = std::move(cursor);
    the_plan->endpoints[e].slices.factors.emplace_back(time_windows{});
  }

  plan_ptr done() const { return the_plan; }
};

/// Nothing has been read; with a cursor every partition has all its windows.
inline std::shared_ptr<const partition_past> no_past(const endpoint& e, bool printed = true,
                                                     std::string_view state = {}) {
  std::optional<partition_cursors> cursors;
  if (e.cursor) {
    auto opened = partition_cursors::open(*e.cursor, "id", state);
    REQUIRE(opened);
    cursors = std::move(*opened);
  }
  return std::make_shared<const partition_past>(std::move(cursors), std::vector<completed_partitions>{},
                                                std::vector<completed_partitions>{}, printed, !e.child_edges.empty());
}

} // namespace sluice::test
