#include "app/trace/views.hpp"

#include "tests/app/trace/trace_text.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the actors' view shows mailboxes, waits and shares of the run") {
  trace_text t;
  t.actor(1, "fetcher");
  t.actor(2, "governor");
  // Three messages at one time in the mailbox; the fetcher waits 40 of 100 ms and works 10.
  t.message("permit", 2, 1, 0, 0, 50, of(window) + R"(,"ticket":1)");
  t.span('b', "http", "surveys", 1, 1, 5, of(window).substr(1));
  t.span('e', "http", "surveys", 1, 1, 45, R"("status":200)");
  t.message("tick", 1, 2, 10, 30, 1);
  t.message("tick", 1, 2, 20, 40, 1);
  t.message("tick", 1, 2, 30, 98, 2);
  auto text = trace::actors_view(model_of(t.whole()), {80, false});
  CHECK(text
        == "kind      n  messages  peak    p50    p99  busy  wait  idle\n"
           "fetcher   1         1     1   0 us   0 us   10%   40%   50%  ##========.........\n"
           "governor  1         3     3  20 ms  20 ms    4%    0%   96%  #..................\n"
           "peak: most messages at one time in one mailbox; p50, p99: time in the mailbox.\n"
           "# busy: inside a handler; = wait: there, for an answer or for stdout's reader; . idle.\n"
           "\n"
           "kind      message  count    p50    p99  handled avg     sum\n"
           "fetcher   permit       1   0 us   0 us        50 ms   50 ms\n"
           "governor  tick         3  20 ms  20 ms       1.3 ms  4.0 ms\n");
}

TEST_CASE("a fetcher whose server hangs is seen to wait") {
  trace_text t;
  t.actor(1, "fetcher");
  t.message("permit", 2, 1, 0, 0, 10, of(window) + R"(,"ticket":1)");
  t.span('b', "http", "surveys", 1, 2, 10, of(window).substr(1));
  t.counter("memory", 100, R"("resident MiB":41)");
  auto text = trace::actors_view(model_of(t.cut()), {80, false});
  CHECK(contains(text, "fetcher  1         1     1  0 us  0 us   10%   90%    0%"));
  CHECK(contains(text, "The trace has no end: the run was killed, or is still going on.\n"));
}

TEST_CASE("colours are used where they are asked for, and only there") {
  auto m = model_of(small_run().whole());
  CHECK(!contains(trace::actors_view(m, {80, false}) + trace::gantt_view(m, 40, {80, false}), "\033"));
  CHECK(contains(trace::actors_view(m, {80, true}), "\033[2m"));
  CHECK(contains(trace::gantt_view(m, 40, {80, true}), "\033[0;33m%"));
}

TEST_CASE("the table of a slice has its messages, answers and waits in time order") {
  auto text = trace::table_view(model_of(small_run().whole()), "survey_details");
  CHECK(
    text
    == "survey_details survey_id=\"1\": done, 2 requests, 1 record, 901 ms\n"
       "      at  from             to                   message       page  waited  handled\n"
       "0.0610 s  governor #8  ->  fetcher #24          permit           1  1.0 ms    30 ms  queued for 5.0 ms\n"
       "0.0900 s                   fetcher #24          (http)           1                   answer 503 after 28 ms, "
       "20 B: HTTP 503\n"
       "0.0920 s  fetcher #24  ->  governor #8          page_outcome     1  1.0 ms   500 us  retry in 100 ms: HTTP "
       "503\n"
       "0.9000 s                   governor #8          (quota)          1                   waited 708 ms for the "
       "quota\n"
       "0.9010 s  governor #8  ->  fetcher #23          permit           1  1.0 ms    50 ms  try 2, queued for 708 ms, "
       "708 ms of it for the quota\n"
       "0.9420 s                   fetcher #23          (http)           1                   answer 200 after 40 ms, "
       "700 B\n"
       "0.9520 s  fetcher #23  ->  emitter #6           record_batch     1  2.0 ms   1.0 ms  1 record, 300 B, last "
       "page\n"
       "0.9530 s  fetcher #23  ->  governor #8          page_outcome     1  3.0 ms   500 us  slice_done\n"
       "0.9550 s  emitter #6   ->  state_aggregator #7  page_written     1  2.0 ms   1.0 ms  1 record, last page\n");
}

TEST_CASE("a table of several slices says which row belongs to which") {
  auto text = trace::table_view(model_of(small_run().whole()), "survey");
  CHECK(contains(text, "2 slices have 'survey' in their names.\n"));
  CHECK(contains(text, "queued for 5.0 ms                                     survey_details survey_id=\"1\"\n"));
}

TEST_CASE("a name that no slice has is answered with what there is") {
  auto m = model_of(small_run().whole());
  for (const auto& text :
       {trace::table_view(m, "none"), trace::sequence_view(m, "none", {}), trace::mermaid_view(m, "none")})
    CHECK(text
          == "No slice of this trace has 'none' in its name.\n"
             "It holds 2, for example surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z\n");
}

TEST_CASE("the chart of a slice has a lifeline an actor and an arrow a message") {
  auto text = trace::sequence_view(model_of(small_run().whole()), "surveys 2020", {80, false});
  CHECK(text
        == "surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: done, 1 request, 2 records, 53 ms\n"
           "\n"
           "                                                                    state_\n"
           "               governor      fetcher      fan_out      emitter    aggregator\n"
           "                  #8           #23          #11          #6           #7\n"
           "                   | permit p1  |            |            |            |\n"
           "   0.0020 s        |----------->|            |            |            |\n"
           "   0.0430 s        |            * answer 200 after 40 ms, 5.1 KiB      |\n"
           "                   |            | parent_batch p1         |            |\n"
           "   0.0510 s        |            |----------->|            |            |\n"
           "                   | page_outcome p1: slice_done          |            |\n"
           "   0.0520 s        |<-----------|            |            |            |\n"
           "                   |            | record_batch p1: 2 records, 900 B, last page\n"
           "   0.0520 s        |            |------------------------>|            |\n"
           "                   |            |  page_written p1: 2 records, 900 B, last page\n"
           "   0.0540 s        |            |            |            |----------->|\n");
}

TEST_CASE("Mermaid text of a slice is a sequence diagram whose texts cannot break it") {
  auto t = small_run();
  t.message("tick", 8, 8, 970, 971, 1, of(details) + R"(,"status":"a;b #c")");
  auto text = trace::mermaid_view(model_of(t.whole()), "survey_details");
  CHECK(text
        == "sequenceDiagram\n"
           "%% survey_details survey_id=\"1\": done, 2 requests, 1 record, 917 ms\n"
           "  participant a2 as governor #35;8\n"
           "  participant a4 as fetcher #35;24\n"
           "  participant a3 as fetcher #35;23\n"
           "  participant a6 as emitter #35;6\n"
           "  participant a7 as state_aggregator #35;7\n"
           "  a2->>a4: permit p1: queued for 5.0 ms\n"
           "  Note over a4: answer 503 after 28 ms, 20 B: HTTP 503\n"
           "  a4->>a2: page_outcome p1: retry in 100 ms: HTTP 503\n"
           "  Note over a2: waited 708 ms for the quota\n"
           "  a2->>a3: permit p1: try 2, queued for 708 ms, 708 ms of it for the quota\n"
           "  Note over a3: answer 200 after 40 ms, 700 B\n"
           "  a3->>a6: record_batch p1: 1 record, 300 B, last page\n"
           "  a3->>a2: page_outcome p1: slice_done\n"
           "  a6->>a7: page_written p1: 1 record, last page\n"
           "  a2->>a2: tick p1: a,b #35;c\n");
}

TEST_CASE("a chart is of one slice and names the others that were meant") {
  auto m = model_of(small_run().whole());
  for (const auto& text : {trace::sequence_view(m, "survey", {}), trace::mermaid_view(m, "survey")}) {
    CHECK(contains(text, "The first of 2 slices with 'survey' in their names; the others:"));
    CHECK(contains(text, "  survey_details survey_id=\"1\"\n"));
    CHECK(contains(text, "surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: done"));
  }
}

TEST_CASE("too many fetchers for the width share a lifeline") {
  auto t = small_run();
  for (int i = 30; i < 36; ++i) {
    t.actor(i, "fetcher");
    t.message("permit", 8, i, 1000 + i, 1001 + i, 1, of(details));
  }
  auto m = model_of(t.whole());
  CHECK(contains(trace::sequence_view(m, "survey_details", {160, false}), "#35"));
  auto narrow = trace::sequence_view(m, "survey_details", {80, false});
  CHECK(!contains(narrow, "#35"));
  CHECK(contains(narrow, "governor"));
}

TEST_CASE("the slowest requests, handlers and waits come with where they happened") {
  auto text = trace::slowest_view(model_of(small_run().whole()), 2);
  CHECK(text
        == "The slowest requests, of 3:\n"
           "   took  queued   quota  status  try  page        at  endpoint        slice\n"
           "  40 ms    0 us    0 us     200    1     1  0.0030 s  surveys         "
           "2020-01-01T00:00:00Z..2020-12-30T23:59:59Z\n"
           "  40 ms  708 ms  708 ms     200    2     1  0.9020 s  survey_details  survey_id=\"1\"\n"
           "\n"
           "The longest handlers, requests left out:\n"
           "  handled  actor       message       from         page        at  slice\n"
           "   1.0 ms  emitter #6  record_batch  fetcher #23     1  0.0520 s  surveys "
           "2020-01-01T00:00:00Z..2020-12-30T23:59:59Z\n"
           "   1.0 ms  emitter #6  record_batch  fetcher #23     1  0.9520 s  survey_details survey_id=\"1\"\n"
           "\n"
           "The longest waits in mailboxes:\n"
           "  waited  actor        message       from         page        at  slice\n"
           "  3.0 ms  governor #8  page_outcome  fetcher #23     1  0.9530 s  survey_details survey_id=\"1\"\n"
           "  2.0 ms  governor #8  page_outcome  fetcher #23     1  0.0520 s  surveys "
           "2020-01-01T00:00:00Z..2020-12-30T23:59:59Z\n");
}

TEST_CASE("a request without an answer is among the slowest") {
  auto t = small_run();
  t.span('b', "http", "surveys", 24, 9, 100, of(window, 2).substr(1));
  CHECK(contains(trace::slowest_view(model_of(t.cut()), 1),
                 "  856 ms    0 us   0 us    open    1     2  0.1000 s  surveys"));
}

TEST_CASE("the Gantt shows requests, waits and what lies between, by endpoint") {
  auto text = trace::gantt_view(model_of(small_run().whole()), 40, {80, false});
  CHECK(text
        == "surveys: 1 slice\n"
           "  2020-01-01..2020-12-30  ###-\n"
           "survey_details: 1 slice\n"
           "  1                          ###----%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%####\n"
           "                          +---------------------------+-------------------------\n"
           "                          0                           500 ms\n"
           "# request   % waits for the quota   . ready, waits for its turn   - between\n"
           "! the slice failed    ? the trace does not show its end\n");
}

TEST_CASE("a Gantt with too few rows shows the longest slices and says how many are left out") {
  auto text = trace::gantt_view(model_of(small_run().whole()), 1, {80, false});
  CHECK(contains(text, "surveys: 1 slice, none shown\nsurvey_details: 1 slice\n  1"));
  CHECK(contains(text, "1 shorter slices are left out; --limit N shows more.\n"));
}

TEST_CASE("slices that failed or did not end are marked") {
  auto t = small_run();
  t.message("slice_failed", 8, 7, 970, 971, 1, R"(,"slice":"surveys bad","slice_id":5,"page":1)");
  t.message("permit", 8, 23, 972, 973, 1, R"(,"slice":"surveys open","slice_id":6,"page":1)");
  auto text = trace::gantt_view(model_of(t.whole()), 40, {80, false});
  CHECK(contains(text, "\n  bad                   ! "));
  CHECK(contains(text, "\n  open                  ? "));
}
