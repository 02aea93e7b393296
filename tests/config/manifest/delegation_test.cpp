// Streams that delegate to one of two, and where parents go on.
#include "config/manifest/compile.hpp"
#include "config/manifest/parent_state.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <chrono>
#include <string>

using namespace sluice;
using namespace sluice::testing;
using namespace std::chrono_literals;
using language::value;
using language::value_dict;

namespace {

constexpr language::instant now = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 10h;

constexpr std::string_view head = R"(check: {stream_names: [crates]}
definitions:
  selector: {extractor: {field_path: []}}
  days:
    type: DatetimeBasedCursor
    cursor_field: changed
    datetime_format: "%Y-%m-%d"
    start_datetime: "2026-01-01"
)";

constexpr std::string_view delegating = R"(
    type: StateDelegatingStream
    name: crates
    full_refresh_stream:
      name: crates
      retriever: {requester: {url_base: "http://a.test", path: crates}, record_selector: '#/definitions/selector'}
      incremental_sync: '#/definitions/days'
    incremental_stream:
      name: crates
      retriever: {requester: {url_base: "http://a.test", path: events}, record_selector: '#/definitions/selector'}
      incremental_sync: '#/definitions/days'
)";

std::string crates(const std::string& more = {}) {
  return std::string{head} + "streams:\n  -" + std::string{delegating} + more;
}

/// A child, which depends on its parent incrementally.
std::string labels(const std::string& more = {}) {
  return std::string{head} + "  crates:" + std::string{delegating} + more + R"(
streams:
  - name: labels
    retriever:
      requester: {url_base: "http://a.test", path: "labels/{{ stream_partition.crate }}"}
      record_selector: '#/definitions/selector'
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - {stream: '#/definitions/crates', parent_key: id, partition_field: crate, incremental_dependency: true}
    incremental_sync: '#/definitions/days'
)";
}

expected<plan> compiled(const std::string& yaml, const std::string& state, bool incremental = true,
                        const std::string& stream = "crates") {
  compile_input in;
  in.config = value{value_dict{{"keeps", value{"P10D"}}, {"nothing", value{""}}}};
  in.now = now;
  in.streams.push_back({stream, "", incremental, state});
  return compile_plan(*load(yaml), in);
}

plan plan_of(const std::string& yaml, const std::string& state, bool incremental = true,
             const std::string& stream = "crates") {
  auto p = compiled(yaml, state, incremental, stream);
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  return std::move(*p);
}

std::string path_of(const plan& p) {
  REQUIRE(p.endpoints.size() >= 1);
  return p.endpoints[0].request.path.source();
}

std::string refusal(const std::string& yaml, const std::string& state = {}) {
  auto p = compiled(yaml, state);
  REQUIRE_FALSE(p);
  return p.error().message;
}

} // namespace

TEST_CASE("the state decides to which stream is delegated") {
  struct row {
    const char* state;
    bool incremental;
    const char* path;
    bool full_refresh;
    bool anew;
  };
  for (const auto& [state, incremental, path, full_refresh, anew] : std::initializer_list<row>{
         {"", true, "crates", true, false},
         {"{}", true, "crates", true, false},
         {"", false, "crates", true, false},
         {R"({"changed":"2026-02-01"})", true, "events", false, false},
         {R"({"__ab_no_cursor_state_message":true})", true, "events", false, false},
         // A full refresh that was stopped goes on, whatever is asked for.
         {R"({"changed":"2026-02-01","delegated_to":"full_refresh_stream"})", true, "crates", true, false},
         {R"({"changed":"2026-02-01","delegated_to":"full_refresh_stream"})", false, "crates", true, false},
         {R"({"changed":"2026-02-01","delegated_to":"another"})", true, "events", false, false},
         // One that is asked for reads everything.
         {R"({"changed":"2026-02-01"})", false, "crates", true, true},
       }) {
    INFO(state << (incremental ? " incremental" : ""));
    const auto p = plan_of(crates(), state, incremental);
    CHECK(path_of(p) == path);
    CHECK(p.streams[0].delegated_full_refresh == full_refresh);
    CHECK(p.streams[0].begins_anew == anew);
    CHECK(p.streams[0].warning.empty());
    CHECK(p.streams[0].initial_state == state);
  }
}

TEST_CASE("a state older than the retention period is given up, with a warning") {
  struct row {
    const char* period;
    const char* state;
    bool goes_on;
  };
  for (const auto& [period, state, goes_on] : std::initializer_list<row>{
         {"P30D", R"({"changed":"2026-02-01"})", true},
         {"P30D", R"({"changed":"2026-01-01"})", false},
         {"P28DT10H", R"({"changed":"2026-02-01"})", true}, // exactly as old
         {"P28DT9H59M59S", R"({"changed":"2026-02-01"})", false},
         {"P1M", R"({"changed":"2026-02-02"})", true},
         {"P1M", R"({"changed":"2026-02-01"})", false},
         {"'{{ config.keeps }}'", R"({"changed":"2026-02-25"})", true},
         {"'{{ config.keeps }}'", R"({"changed":"2026-02-10"})", false},
         {"'{{ config.nothing }}'", R"({"changed":"2020-02-10"})", true},
         // What tells no moment may be of any age.
         {"P30D", R"({"other":"2026-02-25"})", false},
         {"P30D", R"({"changed":null})", false},
         {"P30D", R"({"changed":"once"})", false},
         {"P30D", R"({"__ab_no_cursor_state_message":true})", false},
         {"P30D", R"({"state_type":"date-range","slices":[{"start":"2026-01-01","end":"2026-02-20"}]})", true},
         {"P30D",
          R"({"state_type":"date-range","slices":[{"start":"2026-01-01","end":"2026-02-20",)"
          R"("most_recent_cursor_value":"2026-01-20"}]})",
          false},
         {"P30D", R"({"state_type":"date-range","slices":[]})", false},
         {"P30D", R"({"state_type":"date-range","slices":[5]})", false},
       }) {
    INFO(period << " " << state);
    const auto p = plan_of(crates("    api_retention_period: " + std::string{period} + "\n"), state);
    CHECK(path_of(p) == (goes_on ? "events" : "crates"));
    CHECK(p.streams[0].begins_anew != goes_on);
    CHECK(p.streams[0].warning.empty() == goes_on);
  }
  const auto p = plan_of(crates("    api_retention_period: P30D\n"), R"({"changed":"2026-01-01"})");
  CHECK(p.streams[0].warning
        == "its state stands at 2026-01-01T00:00:00Z, and the API keeps what changed only since 2026-01-30T10:00:00Z "
           "(api_retention_period), so everything is read anew");
}

TEST_CASE("the state of a full refresh with another cursor leaves the incremental stream at its start") {
  for (const auto& [state, anew] : std::initializer_list<std::pair<const char*, bool>>{
         {R"({"use_global_cursor":true,"state":{"changed":"2026-02-25"},"lookback_window":8})", true},
         {R"({"created":"2026-02-25"})", true},
         {R"({"use_global_cursor":true,"state":{"changed":"2026-02-25"},"changed":"2026-02-26"})", false},
         {R"({"state_type":"date-range","slices":[]})", false},
         {R"({"__ab_no_cursor_state_message":true})", false},
       }) {
    INFO(state);
    const auto p = plan_of(crates(), state);
    CHECK(path_of(p) == "events");
    CHECK(p.streams[0].begins_anew == anew);
    CHECK(p.streams[0].warning.starts_with("its state is that of its full refresh") == anew);
    CHECK_FALSE(p.streams[0].delegated_full_refresh);
  }
}

TEST_CASE("what is wrong with a stream that delegates is told") {
  CHECK(
    contains(refusal(with("      name: crates\n      retriever: {requester: {url_base: \"http://a.test\", path: events",
                          "      name: boxes\n      retriever: {requester: {url_base: \"http://a.test\", path: events",
                          crates())),
             "streams[0].incremental_stream.name: both streams must have the name of the stream that delegates to "
             "them, 'crates', but this is 'boxes'"));
  CHECK(contains(refusal(crates("    api_retention_period: a month\n")),
                 "streams[0].api_retention_period: 'a month' is not an ISO 8601 duration such as P30D"));
  CHECK(contains(refusal(crates("    api_retention_period: '{{ 5 }}'\n")), "'5' is not an ISO 8601 duration"));
  CHECK(contains(refusal(with("      incremental_sync: '#/definitions/days'\n    incremental_stream",
                              "      incremental_sync: {type: IncrementingCountCursor, cursor_field: id}\n"
                              "    incremental_stream",
                              crates("    api_retention_period: P30D\n"))),
                 "streams[0].api_retention_period: is about dates, so that neither stream may have an "
                 "IncrementingCountCursor"));
}

TEST_CASE("validation compiles both streams") {
  const auto yaml = with("path: events", "path: '{{ confg.x }}'", crates());
  CHECK(compiled(yaml, ""));
  compile_input in;
  in.config = value{value_dict{}};
  in.streams.push_back({"crates", "", true, ""});
  const auto faults = plan_faults(*load(yaml), in);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].path == "streams[0].incremental_stream.retriever.requester.path");
}

TEST_CASE("a parent delegates as the child's state has it") {
  struct row {
    const char* more;
    const char* state;
    const char* path;
    bool anew;
  };
  for (const auto& [more, state, path, anew] : std::initializer_list<row>{
         {"", "", "crates", false},
         {"", R"({"__ab_no_cursor_state_message":true})", "crates", false},
         {"", R"({"states":[],"parent_state":{}})", "crates", false},
         {"", R"({"states":[],"parent_state":{"crates":{"changed":"2026-01-05"}}})", "events", false},
         {"", R"({"changed":"2026-01-05"})", "events", false},
         {"    api_retention_period: P30D\n", R"({"states":[],"parent_state":{"crates":{"changed":"2026-02-05"}}})",
          "events", false},
         {"    api_retention_period: P30D\n", R"({"states":[],"parent_state":{"crates":{"changed":"2026-01-05"}}})",
          "crates", true},
       }) {
    INFO(more << " " << state);
    const auto p = plan_of(labels(more), state, true, "labels");
    CHECK(path_of(p) == path);
    REQUIRE(p.edges.size() == 1);
    CHECK(p.edges[0].parents_begin_anew == anew);
    CHECK(p.streams[0].warning.starts_with("of its parent crates, its state stands at") == anew);
    CHECK_FALSE(p.streams[0].delegated_full_refresh);
  }
}

TEST_CASE("the state of a parent is found in its child's, in every shape") {
  struct row {
    const char* state;
    const char* of_parent;
  };
  for (const auto& [state, of_parent] : std::initializer_list<row>{
         {"", ""},
         {"5", ""},
         {"{", ""},
         {"{}", ""},
         {R"({"parent_state":{"p":{"a":1}},"state":{"x":2}})", R"({"a":1})"},
         {R"({"parent_state":{"p":null},"state":{"x":2}})", ""},
         {R"({"parent_state":{"q":{"a":1}},"state":{"x":2}})", R"({"x":2})"},
         {R"({"parent_state":5,"states":[]})", ""},
         {R"({"state":{"x":2}})", R"({"x":2})"},
         {R"({"state":5})", ""},
         {R"({"states":[]})", ""},
         {R"({"x":"2024-01-05"})", R"({"at":"2024-01-05"})"},
         {R"({"x":1.50})", R"({"at":1.5})"},
         {R"({"x":true})", ""},
         {R"({"x":{"a":1}})", ""},
         {R"({"x":1,"y":2})", ""},
         {R"({"x":1,"completed_partitions":{"id":[1]},"__ab_no_cursor_state_message":true})", R"({"at":1})"},
         {R"({"__ab_no_cursor_state_message":true})", ""},
       }) {
    INFO(state);
    CHECK(parent_state_in(state, "p", "at") == of_parent);
  }
  CHECK(parent_state_in(R"({"x":1})", "p", "").empty());
}

TEST_CASE("migrations of states are where older states can be") {
  const auto with_migration = [](std::string yaml) {
    return with("  - name: labels\n",
                "  - name: labels\n    state_migrations: [{type: LegacyToPerPartitionStateMigration}]\n",
                std::move(yaml));
  };
  CHECK(compiled(with_migration(labels()), "", true, "labels"));
  const auto refused = [](const std::string& yaml) {
    auto p = compiled(yaml, "", true, "labels");
    return p ? std::string{} : p.error().message;
  };
  CHECK(contains(
    refused(with("        type: SubstreamPartitionRouter\n        parent_stream_configs:\n          - {stream: "
                 "'#/definitions/crates', parent_key: id, partition_field: crate, incremental_dependency: true}",
                 "        {type: ListPartitionRouter, values: [a], cursor_field: crate}", with_migration(labels()))),
    "streams[0].state_migrations: LegacyToPerPartitionStateMigration needs a SubstreamPartitionRouter"));
  CHECK(contains(refused(with("incremental_dependency: true}\n    incremental_sync: '#/definitions/days'",
                              "incremental_dependency: true}", with_migration(labels()))),
                 "streams[0].state_migrations: LegacyToPerPartitionStateMigration needs incremental_sync"));
}
