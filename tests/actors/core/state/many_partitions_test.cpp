// A hundred thousand partitions: what their states may cost.
#include "actors/core/slices/partition.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/core/state/state_pacer.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <chrono>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t partitions = 100'000;

/// Parents, and children with a cursor in each partition.
plan_ptr children() {
  auto p = std::make_shared<plan>();
  for (const char* name : {"parents", "children"}) {
    endpoint e;
    e.id = static_cast<endpoint_id>(p->endpoints.size());
    e.name = name;
    output out;
    out.emit = e.id == 1;
    out.stream_name = name;
    e.outputs.push_back(out);
    p->endpoints.push_back(e);
  }
  p->streams.push_back({"children", "", 1, 0, true, ""});
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%s";
  c.state = state_format::epoch_seconds;
  c.end = instant{100s};
  auto& child = p->endpoints[1];
  child.cursor = c;
  child.slices.factors = {parent_records{{0}}, time_windows{}};
  p->edges.push_back({0, 1, 0, {"id"}, "parent", false});
  p->endpoints[0].child_edges.push_back(0);
  return p;
}

page_receipt last_page(std::uint64_t n) {
  page_receipt r;
  r.slice.endpoint = 1;
  r.slice.id = n + 1;
  r.slice.partition = make_partition("parent", std::to_string(n), {});
  r.slice.has_window = true;
  r.slice.upper_us = 100'000'000;
  r.last = true;
  r.counts.push_back({0, 1});
  r.has_cursor = true;
  r.newest_us = 50'000'000;
  return r;
}

} // namespace

TEST_CASE("states of a hundred thousand partitions stay within their share of the output", "[many_partitions]") {
  auto ledger = slice_ledger::open(children());
  REQUIRE(ledger);
  constexpr std::uint64_t rate = 64 << 10;
  state_pacer pacer{rate, 5s};
  const state_pacer::time_point begin{};
  auto now = begin;
  std::uint64_t written = 0;
  std::uint64_t largest = 0;
  std::uint64_t states = 0;
  for (std::uint64_t n = 0; n < partitions; ++n) {
    now = begin + n * 1ms;
    (void)ledger->opened({1, 1});
    if (const auto change = ledger->written(last_page(n)))
      pacer.changed(0, *change, now);
    while (const auto due = pacer.next(now)) {
      const auto size = ledger->present_state(*due).json.size();
      pacer.printed(*due, size, now);
      written += size;
      largest = std::max<std::uint64_t>(largest, size);
      ++states;
    }
  }
  CHECK(states > 1);
  // The list of what a stopped sync need not ask for again, and no cursors.
  CHECK(largest < (std::uint64_t{4} << 20));
  const auto seconds = partitions / 1000;
  CHECK(written <= rate * seconds + rate + largest);
  ledger->generated({1, true});
  const auto state = ledger->final_states(1, 100s)[0].json;
  CHECK(state == R"({"use_global_cursor":true,"state":{"ts":50},"lookback_window":100,"parent_state":{}})");
}
