#include "app/trace/views.hpp"
#include "tests/app/trace/trace_text.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string why(const trace_text& t, std::string_view record) {
  trace::view_options o;
  o.whole_lines = true;
  return trace::why_view(model_of(t.whole()), record, o).text;
}

constexpr std::string_view comes_again = "if the run is started again from its last state, this record comes again";

} // namespace

TEST_CASE("a record's way is told from request to state") {
  CHECK(why(small_run(), "surveys/2")
        == "surveys/2 is on one page of this trace.\n"
           "\n"
           "Page 1 of slice surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: done, 1 request, 2 records, 53 ms\n"
           "  0.0010 s  slice_generator #10 had offered slices of surveys to the governor: this one was there at the "
           "latest then\n"
           "  0.0010 s  the governor sent page 1 to fetcher #23, try 1; handled from 0.0020 s\n"
           "  0.0430 s  answer 200 after 40 ms, 5.1 KiB\n"
           "  0.0500 s  fetcher #23 had cut the page and sent it to emitter #6: 2 records, 900 B, last page\n"
           "  0.0530 s  the page was written to stdout, in 1.0 ms, after 2.0 ms in the mailbox\n"
           "  0.0540 s  state_aggregator #7 learned that it is written\n"
           "  0.0565 s  a STATE of surveys that covers it was written to stdout: it covers all windows through this "
           "slice's end\n");
}

TEST_CASE("a child's record is traced to its parent record, through retries and waits, to the lack of a state") {
  CHECK(
    why(small_run(), "survey_details/1")
    == "survey_details/1 is on one page of this trace.\n"
       "\n"
       "Page 1 of slice survey_details survey_id=\"1\": done, 2 requests, 1 record, 901 ms\n"
       "  0.0500 s  record surveys/\"1\" was on page 1 of slice surveys "
       "2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: it made this slice\n"
       "  0.0600 s  the governor sent page 1 to fetcher #24, try 1, after 5.0 ms in the queue; handled from 0.0610 s\n"
       "  0.0900 s  answer 503 after 28 ms, 20 B: HTTP 503; to be tried again in 100 ms\n"
       "  0.9000 s  the governor sent page 1 to fetcher #23, try 2, after 708 ms in the queue, 708 ms of it for "
       "the quota; handled from 0.9010 s\n"
       "  0.9420 s  answer 200 after 40 ms, 700 B\n"
       "  0.9500 s  fetcher #23 had cut the page and sent it to emitter #6: 1 record, 300 B, last page\n"
       "  0.9530 s  the page was written to stdout, in 1.0 ms, after 2.0 ms in the mailbox\n"
       "  0.9550 s  state_aggregator #7 learned that it is written\n"
       "            no STATE of survey_details comes after it in this trace\n"
       "            if the run is started again from its last state, this record comes again\n");
}

TEST_CASE("which states cover a record depends on what they promise and when they came") {
  struct {
    const char* args;
    double sent;
    bool covered;
  } cases[] = {
    {R"("covers":"everything")", 960, true},
    {R"("covers":"everything")", 940, false}, // before the page was known to be written
    {R"("covers":"partitions")", 960, true},
    {R"("covers":"nothing")", 960, false},
    {R"("covers":"windows","through_us":5000000000000000)", 960, false}, // the slice is none of a window
  };
  for (const auto& c : cases) {
    INFO(c.args << " at " << c.sent);
    auto t = small_run();
    t.message("state_update", 7, 6, c.sent, c.sent + 1, 1, R"(,"stream":"survey_details",)" + std::string{c.args});
    auto text = why(t, "survey_details/1");
    CHECK(contains(text, "a STATE of survey_details that covers it") == c.covered);
    CHECK(contains(text, comes_again) == !c.covered);
  }
}

TEST_CASE("a state through an earlier moment does not cover a window") {
  trace_text t;
  t.message("record_batch", 23, 6, 1, 2, 1, of(window) + R"(,"records":1,"upper_us":500)" + keys_of("surveys", {"7"}));
  t.message("page_written", 6, 7, 3, 4, 1, of(window) + R"(,"upper_us":500)");
  t.message("state_update", 7, 6, 5, 6, 1, R"(,"stream":"surveys","covers":"windows","through_us":499)");
  CHECK(contains(why(t, "surveys/7"),
                 "1 STATE of surveys comes after it in this trace, but none covers it: the slice did not end"));
  t.message("state_update", 7, 6, 7, 8, 1, R"(,"stream":"surveys","covers":"windows","through_us":500)");
  CHECK(contains(why(t, "surveys/7"), "0.0080 s  a STATE of surveys that covers it"));
}

TEST_CASE("a partition's page is covered only when the whole slice was written") {
  trace_text t;
  t.message("record_batch", 23, 6, 1, 2, 1, of(details, 1) + keys_of("survey_details", {"7"}));
  t.message("page_written", 6, 7, 3, 4, 1, of(details, 1));
  t.message("state_update", 7, 6, 5, 6, 1, R"(,"stream":"survey_details","covers":"partitions")");
  t.message("page_written", 6, 7, 7, 8, 1, of(details, 2) + R"(,"last":true)");
  CHECK(contains(why(t, "survey_details/7"), "none covers it"));
  t.message("state_update", 7, 6, 8.5, 9, 1, R"(,"stream":"survey_details","covers":"partitions")");
  CHECK(contains(why(t, "survey_details/7"), "this slice was complete before it"));
}

TEST_CASE("a page that was never reported as written is covered by nothing") {
  trace_text t;
  t.message("record_batch", 23, 6, 1, 2, 1, of(window) + keys_of("surveys", {"7"}));
  auto text = why(t, "surveys/7");
  CHECK(contains(text, "but this trace has no report that it was written: no STATE covers it"));
  CHECK(contains(text, comes_again));
  CHECK(contains(text, "(the request is not in this trace)"));
}

TEST_CASE("keys are found as strings, as numbers and with several fields; a page that came twice is told twice") {
  trace_text t;
  t.message("record_batch", 23, 6, 1, 2, 1, of(window) + keys_of("surveys", {"7", "\"a/b\"", "\"1\",\"x\"", "1,2"}));
  t.message("record_batch", 23, 6, 3, 4, 1, of(window) + keys_of("surveys", {"8", "7"}));
  for (const char* key : {"surveys/a/b", "surveys/1,x", "surveys/1,2", "surveys/8"})
    CHECK(contains(why(t, key), "is on one page of this trace.\n"));
  auto twice = why(t, "surveys/7");
  CHECK(contains(twice, "surveys/7 is on 2 pages of this trace.\n"));
  CHECK(contains(twice, "0.0000 s  actor #23 had cut the page"));
  CHECK(contains(twice, "0.0020 s  actor #23 had cut the page"));
}

TEST_CASE("a record that is not there is said not to be, with what may be the reason") {
  auto text = why(small_run(), "survey/1");
  CHECK(contains(text, "No page of this trace holds the record survey/1.\n"));
  CHECK(contains(text, "There is no stream 'survey' in it.\nIts streams: surveys survey_details\n"));
  trace_text filtered{"message=record_batch"};
  filtered.message("record_batch", 23, 6, 1, 2, 1, of(window) + keys_of("surveys", {"7"}));
  CHECK(contains(why(filtered, "surveys/9"), "its page is not in the trace (filter message=record_batch)"));
  trace_text without;
  without.message("tick", 8, 8, 1, 2, 1);
  CHECK(contains(why(without, "surveys/9"), "The trace holds no records' keys at all"));
}

TEST_CASE("a record that is missing is told with the slice that may be the reason") {
  auto t = small_run();
  const std::string bad = R"(,"slice":"survey_responses survey_id=\"77\"","slice_id":77,"page":1)";
  t.message("page_outcome", 24, 8, 966, 967, 1, bad + R"(,"ticket":70,"result":"failed","error":"HTTP 503")");
  t.message("slice_failed", 8, 7, 968, 969, 1, bad);
  t.message("permit", 8, 23, 972, 973, 1, R"(,"slice":"collectors a=\"77\"","slice_id":6,"page":1)");
  t.message("slice_failed", 8, 7, 974, 975, 1, R"(,"slice":"collectors a=\"771\"","slice_id":7,"page":1)");
  auto m = model_of(t.whole());
  auto view = trace::why_view(m, "survey_responses/77", {});
  CHECK(!view.found);
  CHECK(contains(view.text, "Records may be missing because slices with 77 in their names did not end well:\n"
                            "  survey_responses survey_id=\"77\" failed: HTTP 503\n"
                            "  collectors a=\"77\": the trace does not show its end\n"
                            "KEY is the primary key of a record, as the record has it;"));
  CHECK(!contains(trace::why_view(m, "surveys/9", {}).text, "Records may be missing"));
}

TEST_CASE("the sentences of a record's way are broken at the width of the terminal") {
  trace::view_options o;
  o.width = 70;
  auto text = trace::why_view(model_of(small_run().whole()), "survey_details/1", o).text;
  CHECK(contains(text, "  0.0500 s  record surveys/\"1\" was on page 1 of slice surveys\n"
                       "            2020-01-01T00:00:00Z..2020-12-30T23:59:59Z: it made this\n"
                       "            slice\n"));
}
