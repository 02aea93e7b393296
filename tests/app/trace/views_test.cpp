#include "app/trace/views.hpp"

#include "app/text/lines.hpp"
#include "tests/app/trace/trace_text.hpp"

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As it is written into a file.
trace::view_options whole() {
  trace::view_options o;
  o.whole_lines = true;
  return o;
}

trace::view_options columns(std::size_t width) {
  trace::view_options o;
  o.width = width;
  return o;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    widest = std::max(widest, columns_of(std::string_view{text}.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

/// A run in which a page failed three times, got another round at the end, and failed again.
trace_text failed_run() {
  auto t = small_run();
  const std::string bad = R"(,"slice":"survey_responses survey_id=\"77\"","slice_id":77,"page":1)";
  const std::string error(190, 'x');
  for (int i = 0; i < 2; ++i) {
    auto ticket = R"(,"ticket":)" + std::to_string(70 + i);
    t.message("permit", 8, 24, 960 + 10 * i, 961 + 10 * i, 5, bad + ticket + R"(,"attempt":0)");
    t.span('b', "http", "survey_responses", 24, 70 + i, 961 + 10 * i, bad.substr(1) + R"(,"attempt":0)");
    t.span('e', "http", "survey_responses", 24, 70 + i, 965 + 10 * i, R"("status":503)");
    t.message("page_outcome", 24, 8, 966 + 10 * i, 967 + 10 * i, 1,
              bad + ticket + R"(,"result":"failed","error":")" + error + "\"");
  }
  t.message("slice_failed", 8, 7, 980, 981, 1, bad);
  return t;
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
           "# busy: in a handler; = wait: for an answer or stdout's reader; . idle.\n"
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
  auto text = trace::table_view(model_of(small_run().whole()), "survey_details", whole()).text;
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
  auto text = trace::table_view(model_of(small_run().whole()), "survey", whole()).text;
  CHECK(contains(text, "2 slices have 'survey' in their names.\n"));
  CHECK(contains(text, "queued for 5.0 ms                                     survey_details survey_id=\"1\"\n"));
}

TEST_CASE("a name that no slice has is answered with what there is") {
  auto m = model_of(small_run().whole());
  for (const auto& view : {trace::table_view(m, "none", whole()), trace::sequence_view(m, "none", whole()),
                           trace::mermaid_view(m, "none")}) {
    CHECK(!view.found);
    CHECK(view.text
          == "No slice of this trace has 'none' in its name.\n"
             "It holds 2, for example surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z\n");
  }
}

TEST_CASE("the chart of a slice has a lifeline an actor and an arrow a message") {
  auto text = trace::sequence_view(model_of(small_run().whole()), "surveys 2020", {80, false}).text;
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
  auto text = trace::mermaid_view(model_of(t.whole()), "survey_details").text;
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
  for (const auto& text : {trace::sequence_view(m, "survey", {}).text, trace::mermaid_view(m, "survey").text}) {
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
  CHECK(contains(trace::sequence_view(m, "survey_details", {160, false}).text, "#35"));
  auto narrow = trace::sequence_view(m, "survey_details", {80, false}).text;
  CHECK(!contains(narrow, "#35"));
  CHECK(contains(narrow, "governor"));
}

TEST_CASE("the slowest requests, handlers and waits come with where they happened") {
  auto text = trace::slowest_view(model_of(small_run().whole()), 2, whole());
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
  CHECK(contains(trace::slowest_view(model_of(t.cut()), 1, whole()),
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
           "# request   % waits for the quota   . ready, waits for its turn\n"
           "- between: waits for a retry, for its next page or to be written\n"
           "! the slice failed    ? the trace does not show its end\n");
}

TEST_CASE("a Gantt with too few rows shows what took longest and says how many are left out") {
  auto text = trace::gantt_view(model_of(small_run().whole()), 1, {80, false});
  CHECK(contains(text, "surveys: 1 slice, none shown\nsurvey_details: 1 slice\n  1"));
  CHECK(contains(text, "1 slice is left out; --limit N shows more. Those that failed or have no end\n"
                       "come first, then those that took longest, turns in the queue aside.\n"));
}

TEST_CASE("slices that failed or did not end are marked") {
  auto t = small_run();
  t.message("slice_failed", 8, 7, 970, 971, 1, R"(,"slice":"surveys bad","slice_id":5,"page":1)");
  t.message("permit", 8, 23, 972, 973, 1, R"(,"slice":"surveys open","slice_id":6,"page":1)");
  auto text = trace::gantt_view(model_of(t.whole()), 40, {80, false});
  CHECK(contains(text, "\n! bad  "));
  CHECK(contains(text, "\n? open  "));
}

TEST_CASE("tables are as wide as they may be, and show where something is cut") {
  auto m = model_of(failed_run().whole());
  for (std::size_t width : {80, 100, 150, 200}) {
    INFO(width);
    auto o = columns(width);
    CHECK(widest_line(trace::table_view(m, "survey_id", o).text) <= width);
    CHECK(widest_line(trace::table_view(m, "77", o).text) <= width);
    CHECK(widest_line(trace::slowest_view(m, 5, o)) <= width);
    CHECK(widest_line(trace::actors_view(m, o)) <= width);
    CHECK(widest_line(trace::gantt_view(m, 2, o)) <= width);
  }
  auto several = trace::table_view(m, "survey_id", columns(150)).text;
  CHECK(contains(several, "failed: xxx"));
  CHECK(contains(several, "x~  survey_responses 77\n"));
  CHECK(!contains(several, "survey_id=\"77\""));
  auto o = columns(150);
  o.utf8 = true;
  CHECK(contains(trace::table_view(m, "survey_id", o).text, "x…  survey_responses 77\n"));
  CHECK(contains(trace::table_view(m, "survey_id", whole()).text,
                 std::string(190, 'x') + "  survey_responses survey_id=\"77\"\n"));
}

TEST_CASE("the round of tries at the end of a run is told from the first one") {
  auto m = model_of(failed_run().whole());
  auto text = trace::table_view(m, "77", whole()).text;
  CHECK(contains(text, "0.9610 s  governor #8  ->  fetcher #24          permit           1  1.0 ms   5.0 ms\n"));
  CHECK(contains(text, "5.0 ms  tried again at the end\n"));
  auto slowest = trace::slowest_view(m, 9, whole());
  CHECK(contains(slowest, "     503  again     1  0.9710 s"));
  CHECK(contains(slowest, "     503      1     1  0.9610 s"));
}

TEST_CASE("a slash in a slice's name stands for the blank after its endpoint") {
  auto m = model_of(small_run().whole());
  auto view = trace::table_view(m, "surveys/2020", whole());
  CHECK(view.found);
  CHECK(view.text.find("surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: done") == 0);
}

TEST_CASE("a chart of several slices takes the one that comes first in the table") {
  trace_text t;
  // The second one was ready long before, but had to wait.
  t.message("permit", 8, 23, 10, 11, 1, R"(,"slice":"surveys first","slice_id":5,"page":1)");
  t.message("permit", 8, 23, 20, 21, 1, R"(,"slice":"surveys second","slice_id":6,"page":1,"queued_us":19000)");
  auto m = model_of(t.whole());
  CHECK(contains(trace::sequence_view(m, "surveys", {}).text, "surveys first: open"));
  CHECK(contains(trace::mermaid_view(m, "surveys").text, "surveys first: open"));
}

TEST_CASE("a Gantt with too few rows shows what failed, then what took long, not what was queued") {
  trace_text t;
  auto add = [&t](int id, const char* name, double ready, double from, double to, const char* last) {
    auto slice = R"("slice":"surveys )" + std::string{name} + R"(","slice_id":)" + std::to_string(id) + R"(,"page":1)";
    auto queued = std::to_string(static_cast<int>((from - ready) * 1000));
    t.message("permit", 8, 23, from, from, to - from,
              "," + slice + R"(,"ticket":)" + std::to_string(id) + R"(,"queued_us":)" + queued);
    t.span('b', "http", "surveys", 23, id, from, slice);
    t.span('e', "http", "surveys", 23, id, to, R"("status":200)");
    t.message(last, 6, 7, to, to, 0.1, "," + slice + R"(,"last":true)");
  };
  add(1, "queued", 0, 900, 901, "page_written");
  add(2, "slow", 100, 100, 200, "page_written");
  add(3, "slower", 50, 100, 300, "page_written");
  add(4, "failed", 400, 400, 401, "slice_failed");
  auto m = model_of(t.whole());
  auto rows = [&m](std::size_t n) {
    auto text = trace::gantt_view(m, n, columns(80));
    std::string result;
    for (const char* name : {"queued ", "slow ", "slower ", "failed "})
      if (contains(text, std::string{"  "} + name) || contains(text, std::string{"! "} + name))
        result += name;
    return result;
  };
  CHECK(rows(1) == "failed ");
  CHECK(rows(2) == "slower failed ");
  CHECK(rows(3) == "slow slower failed ");
}

TEST_CASE("a trace whose filter let no request through says so once, and takes endpoints from names") {
  trace_text t{"message=permit,page"};
  t.actor(8, "governor");
  t.actor(23, "fetcher");
  t.message("permit", 8, 23, 0, 0, 90, of(window) + R"(,"ticket":1)");
  t.message("page_outcome", 23, 8, 90, 90, 10, of(window) + R"(,"ticket":1,"result":"slice_done")");
  auto m = model_of(t.whole());
  auto sentence = std::string{"The trace holds no requests: its filter 'message=permit,page' let none through (they "
                              "are messages http of fetchers).\n"};
  auto gantt = trace::gantt_view(m, 40, columns(80));
  CHECK(gantt.find("surveys: 1 slice\n? 2020-01-01..2020-12-30  ---") == 0);
  CHECK(contains(gantt, "- from its first message to its last"));
  CHECK(!contains(gantt, "between"));
  CHECK(contains(gantt, sentence));
  auto slowest = trace::slowest_view(m, 3, whole());
  CHECK(slowest.find("The slowest requests:\n  " + sentence) == 0);
  CHECK(!contains(slowest, "of 0"));
  auto actors = trace::actors_view(m, whole());
  CHECK(contains(actors, "fetcher   1         1     1  0 us  0 us    0%   90%   10%"));
  CHECK(contains(actors, sentence));
  CHECK(!contains(trace::table_view(m, "surveys", whole()).text, "0 requests"));
  CHECK(!contains(trace::gantt_view(model_of(small_run().whole()), 40, columns(80)), "holds no requests"));
}
