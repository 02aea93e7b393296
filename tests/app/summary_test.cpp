#include "app/masked.hpp"
#include "app/summary.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>
#include <simdjson.h>

#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

run_result sample_result() {
  run_result r;
  r.snapshot = sample_run();
  r.snapshot.requests_left = 0;
  r.snapshot.left_us = 0;
  return r;
}

std::string summary(const run_result& r, std::size_t columns, bool utf8 = true) {
  return summary_text(r, {}, {columns, 24, utf8, false});
}

bool contains(const std::string& where, const std::string& what) {
  return where.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("the summary at 120 columns") {
  CHECK(summary(sample_result(), 120) == R"(
Sync ended after 83 s: 1 of 5 streams complete, 1,431 records, 76 requests.

  stream            status    records  slices  pages  requests  retries  429s  answer   wait   quota  state
  surveys           complete       60       7      7         7        0     0   60 ms  10 ms    0 ms  date_modified=175…
  survey_responses  running     1,234     12+     24        28        2     1   2.1 s  3.0 s   2.5 s  -
  survey_details    running        40      40     40        41        0     0   60 ms  1.0 s  500 ms  -
  survey_pages      running        97      40      ″         ″        ″     ″       ″      ″       ″  -
  collectors        waiting         0      0+      0         0        0     0                         -
  total                         1,431             71        76        2     1  776 ms  1.6 s   1.2 s
  ″         from the same pages as the stream above
  wait      from ready to sent, on average; quota: the part of it for a rate limit; answer: from sent to answered

  requests  0.9/s, at most 10 of 10 in flight, 2 retried, 1 refused by the rate limit
  quota     minute: 96 of 120 used (as the server reports), free again in 23 s
  quota     day: 96 of 500 used (as the server reports), free again in 11 h 03 min
  process   24 MiB of memory, 1.2 s of processor time
  limit     Limited by the pool 72 % of the time: all 10 fetchers had a request in flight; survey_responses answers
            after 2.1 s on average, 35 times slower than the rest, and takes 95 % of the pool's time; a larger pool
            (num_workers) helps only if the server can answer more of these requests at once.
)");
}

TEST_CASE("the summary at 80 columns is compact") {
  CHECK(summary(sample_result(), 80) == R"(
Sync ended after 83 s: 1 of 5 streams complete, 1,431 records, 76 requests.

  stream            status    records  slices  pages  requests  retries  429s
  surveys           complete       60       7      7         7        0     0
  survey_responses  running     1,234     12+     24        28        2     1
  survey_details    running        40      40     40        41        0     0
  survey_pages      running        97      40      ″         ″        ″     ″
  collectors        waiting         0      0+      0         0        0     0
  total                         1,431             71        76        2     1
  ″         from the same pages as the stream above

  requests  0.9/s, at most 10 of 10 in flight, 2 retried, 1 refused by the rate
            limit
  quota     minute: 96 of 120 used (as the server reports), free again in 23 s
  quota     day: 96 of 500 used (as the server reports), free again in 11 h 03
            min
  process   24 MiB of memory, 1.2 s of processor time
  limit     Limited by the pool 72 % of the time: all 10 fetchers had a request
            in flight; survey_responses answers after 2.1 s on average, 35 times
            slower than the rest, and takes 95 % of the pool's time; a larger
            pool (num_workers) helps only if the server can answer more of these
            requests at once.
)");
}

TEST_CASE("the summary at 40 columns is still one") {
  CHECK(summary(sample_result(), 40, false) == R"(
Sync ended after 83 s: 1 of 5 streams
complete, 1,431 records, 76 requests.

  stream            status    records
  surveys           complete       60
  survey_responses  running     1,234
  survey_details    running        40
  survey_pages      running        97
  collectors        waiting         0
  total                         1,431

  requests  0.9/s, at most 10 of 10 in
            flight, 2 retried, 1 refused
            by the rate limit
  quota     minute: 96 of 120 used (as
            the server reports), free
            again in 23 s
  quota     day: 96 of 500 used (as the
            server reports), free again
            in 11 h 03 min
  process   24 MiB of memory, 1.2 s of
            processor time
  limit     Limited by the pool 72 % of
            the time: all 10 fetchers
            had a request in flight;
            survey_responses answers
            after 2.1 s on average, 35
            times slower than the rest,
            and takes 95 % of the pool's
            time; a larger pool
            (num_workers) helps only if
            the server can answer more
            of these requests at once.
)");
}

TEST_CASE("what is unknown is left out of the summary") {
  run_result r;
  r.snapshot = bare_run();
  r.reason = "Interrupted by SIGINT.";
  CHECK(summary(r, 120) == R"(
Sync ended after 1.5 s: 0 of 1 streams complete, 12 records, 30 requests.

  stream   status   records  slices  failed  pages  requests  retries  429s
  surveys  running       12      3+       0      3
  total                  12                               30        0     0

  requests  20/s, at most 0 of 10 in flight, 0 retried, 0 refused by the rate limit
  limit     Nothing had to be waited for.

Interrupted by SIGINT.
)");
}

TEST_CASE("streams that share an endpoint stand below each other, and what they share counts once") {
  auto r = sample_result();
  auto& streams = r.snapshot.records.streams;
  std::swap(streams[3], streams[4]); // survey_pages comes after another endpoint's stream now
  std::istringstream in{summary(r, 120)};
  std::string line;
  while (std::getline(in, line) && !contains(line, "survey_details"))
    ;
  CHECK(contains(line, "  40        41"));
  std::getline(in, line);
  CHECK(contains(line, "survey_pages"));
  CHECK(contains(line, "″         ″"));
}

TEST_CASE("requests for streams that are not selected are told, so that the sum is right") {
  auto r = sample_result();
  r.snapshot.records.streams.erase(r.snapshot.records.streams.begin());
  auto text = summary(r, 120);
  CHECK(contains(text, "  (surveys)         parent         -"));
  CHECK(contains(text, "not selected, read as parent of others"));
  INFO(text);
  CHECK(contains(text, "1,371                     71        76"));
}

TEST_CASE("no line of the summary is wider than the terminal") {
  CHECK(rc::check("whatever the numbers", [] {
    auto columns = *rc::gen::inRange<std::size_t>(40, 200);
    auto r = sample_result();
    auto& x = r.snapshot;
    for (auto& s : x.records.streams) {
      s.records = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 50);
      s.slices_failed = *rc::gen::inRange<std::uint64_t>(0, 1000);
      s.name += std::string(*rc::gen::inRange<std::size_t>(0, 60), 'x');
      s.state = *rc::gen::element<std::string>("", R"({"a":{"b":["\u00e9回答","c"]}})", "{\"cut\":\"\xE5\x9B");
    }
    x.requests.retries = *rc::gen::inRange<std::uint64_t>(0, 3);
    r.reason = "Nobody can tell why this happened, and that is why it takes more than one line to say so.";
    std::istringstream in{summary(r, columns)};
    for (std::string line; std::getline(in, line);)
      RC_ASSERT(columns_of(line) <= columns);
  }));
}

TEST_CASE("the state is shown without the signs that say little") {
  auto r = sample_result();
  r.snapshot.records.streams[1].state = R"({"since":"2024-01-01T00:00:00Z","ids":[1,2]})";
  r.snapshot.records.streams[2].state = R"({"__ab_no_cursor_state_message":true})";
  auto text = summary(r, 200);
  CHECK(contains(text, "  date_modified=1759276799\n"));
  CHECK(contains(text, "  since=2024-01-01T00:00:00Z ids=[1 2]\n"));
  CHECK(contains(text, "  full refresh\n"));
  CHECK(contains(text, "  -\n"));
}

TEST_CASE("a run that failed ends with its errors, one of each kind, and no advice on speed") {
  auto r = sample_result();
  r.errors = {{errc::http_status, failure_type::config_error, "The token is refused. Get another one.", ""},
              {errc::timed_out, failure_type::transient_error, "The server did not answer.", ""}};
  r.reason = "These streams did not sync completely: surveys.";
  CHECK(contains(summary(r, 120), "  limit     Limited by"));
  CHECK(contains(summary(r, 120), "\nThese streams did not sync completely: surveys.\n\nconfig_error: The token is "
                                  "refused. Get another one.\n\ntransient_error: The server did not answer.\n"));
  for (auto& s : r.snapshot.records.streams) {
    s.records = 0;
    s.status = stream_phase::incomplete;
  }
  CHECK_FALSE(contains(summary(r, 120), "Limited by"));
}

TEST_CASE("colours of the summary follow the screen") {
  CHECK(contains(summary_text(sample_result(), {}, {120, 24, true, true}), "\033[32mcomplete\033[0m"));
  CHECK_FALSE(contains(summary(sample_result(), 120), "\033"));
}

namespace {

const run_identity identity{"sluice 1.2", "surveymonkey", language::instant{std::chrono::seconds{1'700'000'000}}};

} // namespace

TEST_CASE("secrets that look like numbers, words and keys spoil neither table nor JSON") {
  redactor secrets;
  for (const auto* secret : {"000", "234", "true", "name", "null", "state", "complete", "\",\""})
    secrets.add(secret);
  auto r = sample_result();
  r.exit_code = 1;
  r.reason = "The key name=000 is not \",\" true.";
  r.snapshot.records.streams[1].state = R"({"name":"000"})";
  auto plain = summary_json(r, {}, identity);
  r = masked(r, secrets);
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  auto json = summary_json(r, {}, identity);
  REQUIRE(parser.parse(json).get(doc) == simdjson::SUCCESS);
  CHECK(std::string_view{doc["reason"]} == "The key ****=**** is not **** ****.");
  CHECK(std::string_view{doc.at_pointer("/streams/1/state")} == R"({"****":"****"})");
  CHECK(std::uint64_t{doc.at_pointer("/streams/1/records")} == 1234);
  CHECK(std::string_view{doc.at_pointer("/streams/0/status")} == "complete");
  auto text = summary(r, 120);
  CHECK(contains(text, "1,234"));
  CHECK_FALSE(contains(text, "000"));
}

TEST_CASE("the JSON summary holds every number") {
  auto r = sample_result();
  r.exit_code = 3;
  r.reason = "It was \"enough\".";
  r.snapshot.requests.idle_policies = {"hour"};
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  auto json = summary_json(r, {}, identity);
  REQUIRE(json.back() == '\n');
  REQUIRE(parser.parse(json).get(doc) == simdjson::SUCCESS);
  auto number = [&doc](const char* pointer) {
    double value = -999;
    INFO(pointer);
    CHECK(doc.at_pointer(pointer).get(value) == simdjson::SUCCESS);
    return value;
  };
  auto words = [&doc](const char* pointer) {
    std::string_view value;
    INFO(pointer);
    CHECK(doc.at_pointer(pointer).get(value) == simdjson::SUCCESS);
    return std::string{value};
  };
  CHECK(words("/version") == "sluice 1.2");
  CHECK(words("/connector") == "surveymonkey");
  CHECK(words("/started_at") == "2023-11-14T22:13:20Z");
  const std::vector<std::pair<const char*, double>> expected{
    {"/exit_code", 3},
    {"/elapsed_us", 83'400'000},
    {"/pool_size", 10},
    {"/streams/1/endpoint", 1},
    {"/streams/1/records", 1234},
    {"/streams/1/bytes", 123400},
    {"/streams/1/pages", 24},
    {"/streams/1/slices", 60},
    {"/streams/1/slices_done", 12},
    {"/streams/1/slices_failed", 0},
    {"/streams/1/records_expected", 2345},
    {"/streams/0/states", 2},
    {"/endpoints/1/requests", 28},
    {"/endpoints/1/retries", 2},
    {"/endpoints/1/rate_limited", 1},
    {"/endpoints/1/in_flight", 2},
    {"/endpoints/1/queued", 20},
    {"/endpoints/1/answer_us", 54'600'000},
    {"/endpoints/1/queued_us", 84'000'000},
    {"/endpoints/1/quota_us", 70'000'000},
    {"/endpoints/1/pages", 24},
    {"/endpoints/1/pages_left", -1},
    {"/endpoints/1/slices", 60},
    {"/states", 2},
    {"/requests", 76},
    {"/retries", 2},
    {"/put_off", 0},
    {"/rate_limited", 1},
    {"/in_flight", 2},
    {"/queued", 23},
    {"/peak_in_flight", 10},
    {"/credit_used_bytes", 0},
    {"/peak_credit_bytes", 0},
    {"/peak_fan_out", 0},
    {"/requests_left", 0},
    {"/left_us", 0},
    {"/resident_bytes", 25'300'000},
    {"/processor_us", 1'200'000},
    {"/limiter_us/pool", 60'000'000},
    {"/limiter_us/quota", 20'400'000},
    {"/limiter_us/output", 0},
    {"/limiter_us/fan_out", 0},
    {"/limiter_us/backoff", 0},
    {"/limiter_us/credential", 0},
    {"/limiter_us/memory", 0},
    {"/limiter_us/work", 3'000'000},
    {"/bottleneck/share", 0.7194},
    {"/quotas/0/limit", 120},
    {"/quotas/0/used", 96},
    {"/quotas/0/window_us", 60'000'000},
    {"/quotas/0/room_in_us", 0},
    {"/quotas/0/resets_in_us", 23'000'000},
    {"/actors/1/count", 1},
    {"/actors/1/messages", 91},
    {"/actors/1/mailbox", 3},
    {"/actors/1/mailbox_high", 12},
    {"/actors/1/oldest_us", 1500},
    {"/actors/1/busy_us", 200'000},
    {"/actors/1/waiting_us", 0},
    {"/actors/1/idle_us", 83'200'000},
  };
  for (const auto& [pointer, value] : expected) {
    INFO(pointer);
    CHECK(number(pointer) == near(value));
  }
  CHECK(words("/reason") == r.reason);
  CHECK(words("/streams/0/name") == "surveys");
  CHECK(words("/streams/0/status") == "complete");
  CHECK(words("/streams/0/state") == R"({"date_modified":1759276799})");
  CHECK(words("/endpoints/1/name") == "survey_responses");
  CHECK(words("/bottleneck/limiter") == "pool");
  CHECK(words("/bottleneck/sentence").rfind("Limited by the pool 72 % of the time", 0) == 0);
  CHECK(words("/quotas/0/policy") == "minute");
  CHECK(words("/idle_policies/0") == "hour");
  CHECK(words("/actors/0/kind") == "fetcher");
  CHECK(bool(doc.at_pointer("/quotas/0/reported_by_server").get_bool()) == true);
  CHECK(bool(doc.at_pointer("/streams/1/slices_final").get_bool()) == false);
}
