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
  x.requests.endpoints[1].requests += 50;
  x.requests.endpoints[1].answer_us += 30'000'000;
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
  CHECK(text_of(top_lines(sample_run(), later(), plain()))
        == R"(run 93 s  in flight 2/10  queued 23  requests 126 (5.0/s)  429s 1  memory 24 MiB
about 3 min left, 240 requests  limited by pool 50 %, quota 40 %, output 10 %

minute  ###################.....  96/120  resets in 23 s
day     ####....................  96/500  resets in 11 h 03 min

streams           status    slices  pages      records  records/s  answer
surveys           complete    7/7       7           60
survey_responses  running   12/60+     24  1,734/2,345         50  600 ms
survey_details    running   40/60      40           40
survey_pages      running   40/60      40           97
collectors        waiting     0/0+      0            0

actors        mailbox  high  oldest  messages/s  time
fetcher  x10        0     1                 5.0  ##==============!!!~~~~~~~~~~~~
emitter             3    12    1 ms         5.5  ###!!!!!!!!!!!!!...............

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
  auto text = text_of(top_lines(std::nullopt, sample_run(), plain()));
  INFO(text);
  CHECK(text.find("requests 76 (0.9/s)") != std::string::npos);
  CHECK(text.find("limited by pool 72 %, quota 24 %, work 4 %") != std::string::npos);
}

TEST_CASE("what is unknown is said to be, or left out") {
  auto text = text_of(top_lines(std::nullopt, bare_run(), plain()));
  INFO(text);
  CHECK(text.find("time left not known yet") != std::string::npos);
  CHECK(text.find("memory") == std::string::npos);
  CHECK(text.find("actors") == std::string::npos);
  CHECK(text.find("limited by") == std::string::npos);
  CHECK(text_of(top_lines(std::nullopt, {}, plain())).find("run 0 ms") == 0);
}

TEST_CASE("a policy that is used up and ends the run says so") {
  auto x = sample_run();
  x.requests.quotas[1].used = 500;
  x.requests.quotas[1].room_in_us = -1;
  CHECK(text_of(top_lines(std::nullopt, x, plain())).find("500/500  used up: the run ends") != std::string::npos);
  x.requests.quotas[1].room_in_us = 3'000'000;
  CHECK(text_of(top_lines(std::nullopt, x, plain())).find("room in 3.0 s, resets in 11 h 03 min") != std::string::npos);
}

TEST_CASE("where colours are wanted they are there, and nowhere else") {
  CHECK(text_of(top_lines(sample_run(), later(), plain()), true).find("\033[36m") != std::string::npos);
  CHECK(text_of(top_lines(sample_run(), later(), plain()), false).find('\033') == std::string::npos);
}

TEST_CASE("names from elsewhere cannot move the cursor") {
  auto x = sample_run();
  x.records.streams[0].name = "a\033[2Jb\n";
  x.requests.quotas[0].policy = "m\r\n";
  x.actors[0].kind = "f\033[1m";
  auto text = text_of(top_lines(std::nullopt, x, plain()));
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("actors that do nothing stand behind the others") {
  auto before = sample_run();
  auto now = later();
  actor_gauge idle;
  idle.kind = "authenticator";
  idle.count = 1;
  idle.messages = 3;
  for (auto* x : {&before, &now})
    x->actors.insert(x->actors.begin(), idle);
  auto text = text_of(top_lines(before, now, plain()));
  INFO(text);
  CHECK(text.find("\nfetcher") < text.find("\nauthenticator"));
  CHECK(text.find("\nemitter") < text.find("\nauthenticator"));
}

TEST_CASE("a window that is too low is scrolled, and says how") {
  const auto page
    = [](std::size_t rows, std::size_t first) { return top_page_of(sample_run(), later(), plain(80, rows), first); };
  // The run's two lines, two quotas, five lines of ten, the keys.
  auto top = page(10, 0);
  CHECK(top.lines.size() == 10);
  CHECK(top.room == 5);
  auto text = text_of(top.lines);
  INFO(text);
  CHECK(text.find("\nstreams ") != std::string::npos);
  CHECK(text.find("\nactors ") == std::string::npos);
  CHECK(text.find("\nq quit  arrows PgUp PgDn scroll  lines 1-5 of 10\n") != std::string::npos);
  auto next = page(10, top.first + top.room);
  CHECK(text_of(next.lines).find("lines 6-10 of 10") != std::string::npos);
  CHECK(text_of(next.lines).find("\nactors ") != std::string::npos);
  CHECK(text_of(next.lines).find("run 93 s") == 0);
  // Further than the end is the end.
  CHECK(page(10, 99).first == 5);
  // Where all of it fits there is nothing to scroll.
  CHECK(text_of(page(40, 7).lines).find("\nq quit\n") != std::string::npos);
  CHECK(page(40, 7).first == 0);
}

TEST_CASE("in a wide window streams and actors stand side by side") {
  auto text = text_of(top_lines(sample_run(), later(), plain(200)));
  INFO(text);
  std::istringstream in{text};
  bool beside = false;
  for (std::string line; std::getline(in, line);)
    beside = beside || (line.rfind("streams ", 0) == 0 && line.find("actors ") != std::string::npos);
  CHECK(beside);
}

TEST_CASE("no line is wider than the screen, and no screen too low", "[property]") {
  CHECK(rc::check([] {
    screen s;
    s.columns = *rc::gen::inRange<std::size_t>(1, 240);
    s.rows = *rc::gen::inRange<std::size_t>(1, 50);
    s.utf8 = *rc::gen::arbitrary<bool>();
    auto x = later();
    if (*rc::gen::arbitrary<bool>())
      x.records.streams[0].name = "名前名前名前名前名前名前";
    auto page = top_page_of(sample_run(), x, s, *rc::gen::inRange<std::size_t>(0, 30));
    RC_ASSERT(page.lines.size() <= s.rows);
    for (const auto& lines : {page.lines, top_lines(sample_run(), x, s)})
      for (const auto& line : lines)
        RC_ASSERT(columns_of(line) <= s.columns);
  }));
}
