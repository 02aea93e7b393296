#include "app/progress_view.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

screen utf8_screen(std::size_t columns, std::size_t rows = 24) {
  return {columns, rows, true, false};
}

std::vector<std::string> block(const run_snapshot& x, const screen& s, const current_rates& rates = {}) {
  std::vector<std::string> lines;
  for (const auto& line : progress_block(x, rates, s))
    lines.push_back(rendered(line, s.colour));
  return lines;
}

std::string text(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines)
    all += line + "\n";
  return all;
}

current_rates sample_rates() {
  return {3.25, {0, 31.4, 4, 9.5, 0}};
}

std::string value_of(const std::string& pairs, const std::string& key) {
  std::istringstream in{pairs};
  for (std::string word; in >> word;)
    if (word.rfind(key + "=", 0) == 0)
      return word.substr(key.size() + 1);
  return "(none)";
}

bool contains(const std::string& where, const std::string& what) {
  return where.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("the block at 80 columns shows streams, traffic, quotas and the time left") {
  CHECK(text(block(sample_run(), utf8_screen(80), sample_rates()))
        == R"(   stream            slices  pages  records            per s
 ✓ surveys              7/7      7       60
 ▸ survey_responses  12/60+     24    1,234 of ~2,345     31
 ▸ survey_details     40/60     40       40              4.0
 ▸ survey_pages       40/60     40       97              9.5
 · collectors
 minute  ████████████████░░░░  96 of 120  resets in 23 s
 day     ███░░░░░░░░░░░░░░░░░  96 of 500  resets in 11 h 03 min
 3.2 requests/s  2 of 10 in flight  23 queued  2 retries  1 x 429  24 MiB
 83 s  1 of 5 streams done  1,431 records  about 3 min left, 240 requests
)");
}

TEST_CASE("the block at 40 columns keeps what matters most") {
  CHECK(text(block(sample_run(), utf8_screen(40), sample_rates())) == R"(   stream            slices  records
 ✓ surveys              7/7       60
 ▸ survey_responses  12/60+    1,234
 ▸ survey_details     40/60       40
 ▸ survey_pages       40/60       97
 · collectors
 minute  ████████░░  96 of 120
 day     █░░░░░░░░░  96 of 500
 3.2 requests/s  2 of 10 in flight
 83 s  about 3 min left, 240 requests
)");
}

TEST_CASE("the block at 120 columns") {
  CHECK(text(block(sample_run(), utf8_screen(120), sample_rates()))
        == R"(   stream            slices  pages  records            per s
 ✓ surveys              7/7      7       60
 ▸ survey_responses  12/60+     24    1,234 of ~2,345     31
 ▸ survey_details     40/60     40       40              4.0
 ▸ survey_pages       40/60     40       97              9.5
 · collectors
 minute  ████████████████████████░░░░░░  96 of 120  resets in 23 s
 day     █████░░░░░░░░░░░░░░░░░░░░░░░░░  96 of 500  resets in 11 h 03 min
 3.2 requests/s  2 of 10 in flight  23 queued  2 retries  1 x 429  24 MiB
 83 s  1 of 5 streams done  1,431 records  about 3 min left, 240 requests
)");
}

TEST_CASE("without a UTF-8 locale the block is ASCII") {
  auto x = sample_run();
  x.records.streams[1].name = "réponses";
  screen ascii{60, 24, false, false};
  CHECK(text(block(x, ascii, sample_rates())) == R"(   stream          slices  pages  records            per s
 + surveys            7/7      7       60
 > r?ponses        12/60+     24    1,234 of ~2,345     31
 > survey_details   40/60     40       40              4.0
 > survey_pages     40/60     40       97              9.5
 . collectors
 minute  ############---  96 of 120  resets in 23 s
 day     ##-------------  96 of 500  resets in 11 h 03 min
 3.2 requests/s  2 of 10 in flight  2 retries  1 x 429
 83 s  1,431 records  about 3 min left, 240 requests
)");
}

TEST_CASE("what is unknown is left out of the block") {
  CHECK(text(block(bare_run(), utf8_screen(80))) == R"(   stream   slices  pages  records  per s
 ▸ surveys    3/7+      3       12
 0.0 requests/s  10 of 10 in flight  0 queued
 1.5 s  0 of 1 streams done  12 records
)");
}

TEST_CASE("more streams than rows: running ones first, then how many more there are") {
  run_snapshot x = bare_run();
  x.records.streams.clear();
  for (int i = 0; i < 9; ++i)
    x.records.streams.push_back(
      sample_stream("done_" + std::to_string(i), stream_phase::complete, i, 1, 1, 1, 1, true));
  for (int i = 0; i < 3; ++i)
    x.records.streams.push_back(
      sample_stream("later_" + std::to_string(i), stream_phase::waiting, i, 0, 0, 0, 0, false));
  for (int i = 0; i < 4; ++i)
    x.records.streams.push_back(
      sample_stream("busy_" + std::to_string(i), stream_phase::running, i, 5, 1, 1, 2, false));
  CHECK(text(block(x, utf8_screen(60, 9))) == R"(   stream  slices  pages  records  per s
 ▸ busy_0    1/2+      1        5
 ▸ busy_1    1/2+      1        5
 ▸ busy_2    1/2+      1        5
 ▸ busy_3    1/2+      1        5
 … 12 more: 9 complete, 3 waiting
 0.0 requests/s  10 of 10 in flight  0 queued
 1.5 s  9 of 16 streams done  29 records
)");
}

TEST_CASE("a tall block keeps its rows short, so that a smaller window does not wrap them out of sight") {
  auto x = sample_run();
  for (int i = 0; i < 5; ++i) {
    x.records.streams.push_back(x.records.streams[1]);
    x.records.streams.back().name = "a_stream_with_a_name_" + std::to_string(i);
  }
  CHECK(contains(text(block(x, utf8_screen(80, 40), sample_rates())), "of ~2,345"));
  auto lines = block(x, utf8_screen(80, 24), sample_rates());
  CHECK_FALSE(contains(text(lines), "of ~2,345"));
  std::size_t rows = 0;
  for (const auto& line : lines)
    rows += (columns_of(line) + 59) / 60;
  CHECK(rows <= 20);
}

TEST_CASE("a wait for a quota is named, with the time of the next request") {
  auto x = sample_run();
  x.requests.quotas[0].used = 120;
  x.requests.quotas[0].room_in_us = 12'300'000;
  CHECK(contains(text(block(x, utf8_screen(80))), " waiting for the minute quota  next request in 12 s\n"));
  SECTION("a moment of a moving window is no wait") {
    x.requests.quotas[0].room_in_us = 40'000;
    CHECK_FALSE(contains(text(block(x, utf8_screen(80))), "waiting for"));
  }
  SECTION("with nothing to send, nothing waits") {
    x.requests.queued = 0;
    CHECK_FALSE(contains(text(block(x, utf8_screen(80))), "waiting for"));
  }
  SECTION("a quota that ends the run is not waited for") {
    x.requests.quotas[1].room_in_us = -1;
    CHECK(contains(text(block(x, utf8_screen(80))), " the day quota is used up: this run sends no more requests\n"));
  }
}

TEST_CASE("a quota that is hardly touched is no news") {
  auto x = sample_run();
  x.requests.quotas[1].limit = 1'000'000;
  CHECK_FALSE(contains(text(block(x, utf8_screen(80))), "day"));
}

TEST_CASE("failed slices stand in the block") {
  auto x = sample_run();
  x.records.streams[1].slices_failed = 2;
  auto lines = block(x, utf8_screen(80));
  CHECK(contains(lines[0], "failed"));
  CHECK(contains(lines[2], "12/60+       2"));
}

TEST_CASE("colours are escape codes around the same text, and NO_COLOR leaves none") {
  screen plain = utf8_screen(80);
  screen coloured = plain;
  coloured.colour = true;
  auto with = text(block(sample_run(), coloured));
  CHECK(contains(with, "\033[32m✓\033[0m"));
  CHECK_FALSE(contains(text(block(sample_run(), plain)), "\033"));
  for (auto at = with.find('\033'); at != std::string::npos; at = with.find('\033'))
    with.erase(at, with.find('m', at) - at + 1);
  CHECK(with == text(block(sample_run(), plain)));
}

TEST_CASE("a stream's name cannot move the cursor") {
  auto x = bare_run();
  x.records.streams[0].name = "a\033[2Jb\nc\xff";
  CHECK(contains(text(block(x, utf8_screen(80))), "a?[2Jb?c?"));
}

TEST_CASE("no line of the block is as wide as the terminal, and the block is lower than it") {
  CHECK(rc::check("whatever the numbers, names and sizes", [] {
    auto pick = [](std::uint64_t most) { return *rc::gen::inRange<std::uint64_t>(0, most); };
    screen s{*rc::gen::inRange<std::size_t>(10, 200), *rc::gen::inRange<std::size_t>(2, 60),
             *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
    run_snapshot x = *rc::gen::arbitrary<bool>() ? sample_run() : bare_run();
    const std::vector<std::string> names{"a",
                                         "survey_responses",
                                         "アンケートの回答",
                                         "e\xCC\x81"
                                         "e\xCC\x81",
                                         "\xff\xfe",
                                         std::string(300, 'x'),
                                         "🙂🙂🙂"};
    for (auto n = pick(40); n-- > 0;) {
      x.records.streams.push_back(sample_stream(names[pick(names.size())], stream_phases[pick(4)], 0, pick(1ULL << 40),
                                                pick(1ULL << 30), pick(100000), pick(1000000), pick(2) == 0));
      x.records.streams.back().records_expected = static_cast<std::int64_t>(pick(1ULL << 41)) - 1;
      x.records.streams.back().slices_failed = pick(3);
    }
    for (auto& q : x.requests.quotas) {
      q.policy = names[pick(names.size())];
      q.used = pick(1000);
      q.room_in_us = static_cast<std::int64_t>(pick(1ULL << 36)) - 1;
    }
    auto lines = progress_block(x, {1e6, std::vector<double>(x.records.streams.size(), 123456.7)}, s);
    RC_ASSERT(!lines.empty());
    RC_ASSERT(lines.size() < s.rows);
    for (const auto& line : lines) {
      RC_ASSERT(columns_of(line) < s.columns);
      for (unsigned char c : rendered(line, false))
        RC_ASSERT((c >= 0x20 && (s.utf8 || c < 0x7F)));
    }
  }));
}

TEST_CASE("rates are those of the last seconds") {
  rate_meter meter;
  auto x = bare_run();
  auto at = [&](int s, std::uint64_t requests, std::uint64_t records) {
    x.elapsed_us = s * 1'000'000LL;
    x.requests.requests = requests;
    x.records.streams[0].records = records;
    return meter.add(x);
  };
  CHECK(at(2, 20, 200).requests_per_s == near(10));
  CHECK(at(4, 100, 400).records_per_s[0] == near(100));
  at(10, 106, 1000);
  auto rates = at(14, 110, 1100);
  // From 4 s (the last sample that is at least 5 s old was at 4 s) to 14 s.
  CHECK(rates.requests_per_s == near(1));
  CHECK(rates.records_per_s[0] == near(70));
  CHECK(at(20, 110, 1100).requests_per_s == near(0));
}

TEST_CASE("lines for a log are key=value pairs without blanks in the values") {
  auto x = sample_run();
  x.requests.quotas[0].policy = "per minute";
  x.requests.quotas[0].room_in_us = 12'300'000;
  auto line = progress_pairs(x, sample_rates(), true);
  CHECK(line.rfind("progress elapsed_s=83 streams_done=1/5 records=1431 requests=76 requests_per_s=3.3 ", 0) == 0);
  CHECK(value_of(line, "in_flight") == "2");
  CHECK(value_of(line, "pool") == "10");
  CHECK(value_of(line, "queued") == "23");
  CHECK(value_of(line, "retries") == "2");
  CHECK(value_of(line, "rate_limited") == "1");
  CHECK(value_of(line, "requests_left") == "240");
  CHECK(value_of(line, "eta_s") == "170");
  CHECK(value_of(line, "memory_bytes") == "25300000");
  CHECK(value_of(line, "waiting_for") == "per_minute");
  CHECK(value_of(line, "quota_per_minute") == "96/120");
  CHECK(value_of(line, "quota_per_minute_reset_s") == "23");
  CHECK(value_of(line, "quota_per_minute_wait_s") == "13");
  CHECK(value_of(line, "quota_day") == "96/500");
  CHECK(value_of(line, "status_survey_responses") == "running");
  CHECK(value_of(line, "records_survey_responses") == "1234");
  CHECK(value_of(line, "expected_survey_responses") == "2345");
  CHECK(value_of(line, "slices_survey_responses") == "12/60+");
  CHECK(value_of(line, "slices_surveys") == "7/7");
  std::istringstream in{line.substr(9)};
  for (std::string word; in >> word;)
    CHECK(std::count(word.begin(), word.end(), '=') == 1);
}

TEST_CASE("a line that does not go into detail is short, and says what holds the run up") {
  auto x = sample_run();
  x.requests.quotas[0].policy = std::string(120, 'p');
  x.requests.quotas[1].room_in_us = 12'300'000;
  auto line = progress_pairs(x, sample_rates(), false);
  CHECK(line.size() <= most_progress_bytes);
  CHECK(value_of(line, "waiting_for") == "day");
  CHECK(value_of(line, "quota_day") == "96/500");
  CHECK(value_of(line, "status_surveys") == "(none)");
  x.requests.quotas[0].room_in_us = 99'000'000; // the policy with the long name
  line = progress_pairs(x, sample_rates(), false);
  CHECK(line.size() <= most_progress_bytes);
  CHECK(value_of(line, "in_flight") == "2");
  CHECK(value_of(line, "eta_s") == "170");
}

TEST_CASE("what is tried again is said, with the reason") {
  auto x = sample_run();
  CHECK(text(block(x, utf8_screen(80))).find("retrying") == std::string::npos);
  CHECK(value_of(progress_pairs(x, sample_rates(), false), "retrying") == "(none)");
  x.requests.retrying = "the host could not be found";
  CHECK(text(block(x, utf8_screen(80))).find(" retrying: the host could not be found\n") != std::string::npos);
  CHECK(value_of(progress_pairs(x, sample_rates(), false), "retrying") == "the_host_could_not_be_found");
}

TEST_CASE("what is unknown has no key") {
  auto line = progress_pairs(bare_run(), {}, true);
  for (const char* key : {"eta_s", "requests_left", "memory_bytes", "waiting_for", "expected_surveys"})
    CHECK(value_of(line, key) == "(none)");
}
