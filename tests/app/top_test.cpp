#include "app/top_view.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string text_of(const std::vector<styled_line>& lines, bool colour = false) {
  std::string text;
  for (const auto& line : lines)
    text += rendered(line, colour) + "\n";
  return text;
}

screen plain(std::size_t columns = 80, std::size_t rows = 24) {
  screen s;
  s.columns = columns;
  s.rows = rows;
  return s;
}

bool same(double a, double b) {
  return std::abs(a - b) < 1e-9;
}

/// `sample_run` ten seconds later: five seconds with a full pool, four of waits for the quota, one for stdout.
run_snapshot later() {
  auto x = sample_run();
  x.elapsed_us += 10'000'000;
  x.requests.requests += 50;
  x.requests.limiters.pool_us += 5'000'000;
  x.requests.limiters.quota_us += 4'000'000;
  x.requests.limiters.output_us += 1'000'000;
  x.records.streams[1].records += 500;
  x.actors[0].messages += 50;
  x.actors[0].busy_us += 5'000'000;
  x.actors[0].waiting_us += 45'000'000;
  x.actors[0].idle_us += 50'000'000;
  x.actors[1].messages += 55;
  x.actors[1].busy_us += 1'000'000;
  x.actors[1].waiting_us += 4'000'000;
  x.actors[1].idle_us += 5'000'000;
  return x;
}

} // namespace

TEST_CASE("top shows the run, its quotas, its actors and its streams in eighty columns") {
  CHECK(text_of(top_lines(sample_run(), later(), plain(), true))
        == R"(run 93 s  in flight 2/10  queued 23  requests 126 (5.0/s)  429s 1  memory 24 MiB
about 3 min left, 240 requests  limited by pool 50 %, quota 40 %, output 10 %

minute  ###################.....  96/120  resets in 23 s
day     ####....................  96/500  resets in 11 h 03 min

actors        mailbox  high  oldest  messages/s  time
fetcher  x10        0     1                 5.0  ##==============!!!~~~~~~~~~~~~
emitter             3    12    1 ms         5.5  ###!!!!!!!!!!!!!...............

streams           status    slices  failed  pages      records  records/s
surveys           complete    7/7               7           60
survey_responses  running   12/60+             24  1,734/2,345         50
survey_details    running   40/60              40           40
survey_pages      running   40/60              40           97
collectors        waiting     0/0+              0            0

# busy  = awaiting an answer  ! held by a reader  ~ held by a quota  . idle
)");
}

TEST_CASE("the time of fetchers is divided into work, answers, readers and quotas") {
  auto x = shares_of(sample_run(), later(), "fetcher");
  CHECK(same(x.busy, 0.05));
  CHECK(same(x.answer, 0.45));
  // Idle for half of the time, of which four parts in five were the quota's.
  CHECK(same(x.quota, 0.4));
  CHECK(same(x.blocked, 0.1));
  CHECK(same(x.idle, 0));
  auto y = shares_of(sample_run(), later(), "emitter");
  CHECK(same(y.busy, 0.1));
  CHECK(same(y.blocked, 0.4));
  CHECK(same(y.idle, 0.5));
  auto none = shares_of(std::nullopt, later(), "nobody");
  CHECK(same(none.busy + none.answer + none.blocked + none.quota + none.idle, 0));
}

TEST_CASE("without an earlier look the numbers are those since the run began") {
  auto text = text_of(top_lines(std::nullopt, sample_run(), plain(), false));
  INFO(text);
  CHECK(text.find("requests 76 (0.9/s)") != std::string::npos);
  CHECK(text.find("limited by pool 72 %, quota 24 %, work 4 %") != std::string::npos);
}

TEST_CASE("what is unknown is said to be, or left out") {
  auto text = text_of(top_lines(std::nullopt, bare_run(), plain(), true));
  INFO(text);
  CHECK(text.find("time left not known yet") != std::string::npos);
  CHECK(text.find("memory") == std::string::npos);
  CHECK(text.find("actors") == std::string::npos);
  CHECK(text.find("limited by") == std::string::npos);
  CHECK(text_of(top_lines(std::nullopt, {}, plain(), true)).find("run 0 ms") == 0);
}

TEST_CASE("a policy that is used up and ends the run says so") {
  auto x = sample_run();
  x.requests.quotas[1].used = 500;
  x.requests.quotas[1].room_in_us = -1;
  CHECK(text_of(top_lines(std::nullopt, x, plain(), true)).find("500/500  used up: the run ends") != std::string::npos);
  x.requests.quotas[1].room_in_us = 3'000'000;
  CHECK(text_of(top_lines(std::nullopt, x, plain(), true)).find("room in 3.0 s, resets in 11 h 03 min")
        != std::string::npos);
}

TEST_CASE("where colours are wanted they are there, and nowhere else") {
  CHECK(text_of(top_lines(sample_run(), later(), plain(), true), true).find("\033[36m") != std::string::npos);
  CHECK(text_of(top_lines(sample_run(), later(), plain(), true), false).find('\033') == std::string::npos);
}

TEST_CASE("names from elsewhere cannot move the cursor") {
  auto x = sample_run();
  x.records.streams[0].name = "a\033[2Jb\n";
  x.requests.quotas[0].policy = "m\r\n";
  x.actors[0].kind = "f\033[1m";
  auto text = text_of(top_lines(std::nullopt, x, plain(), false));
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("no line is wider than the screen, and no screen too low", "[property]") {
  CHECK(rc::check([] {
    screen s;
    s.columns = *rc::gen::inRange<std::size_t>(1, 140);
    s.rows = *rc::gen::inRange<std::size_t>(1, 50);
    s.utf8 = *rc::gen::arbitrary<bool>();
    auto x = later();
    if (*rc::gen::arbitrary<bool>())
      x.records.streams[0].name = "名前名前名前名前名前名前";
    auto lines = top_lines(sample_run(), x, s, true);
    RC_ASSERT(lines.size() <= s.rows);
    for (const auto& line : lines)
      RC_ASSERT(columns_of(line) <= s.columns);
  }));
}
