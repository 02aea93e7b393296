#include "tests/support/temporary_file.hpp"
#include "tests/support/terminal.hpp"

#include <csignal>
#include <iostream>

using namespace sluice::test;

namespace {

bool contains(const std::string& where, const std::string& what) {
  return where.find(what) != std::string::npos;
}

std::size_t count(const std::string& where, const std::string& what) {
  std::size_t n = 0;
  for (auto at = where.find(what); at != std::string::npos; at = where.find(what, at + 1))
    ++n;
  return n;
}

/// A demo under way with a control socket, and the command that looks at it.
struct watched_demo {
  temporary_directory files;
  std::string path = files.path("run.sock");
  program demo;

  explicit watched_demo(std::vector<std::string> more = {"--latency", "100ms"})
    : demo([&] {
        std::vector<std::string> all{SLUICE_BINARY, "demo", "--surveys", "20000", "--control", path};
        all.insert(all.end(), more.begin(), more.end());
        return all;
      }()) {
    REQUIRE(demo.wait_for_bytes(1));
  }
  std::string top(const std::string& environment = "-u NO_COLOR") const {
    return "env " + environment + " LC_ALL=C.UTF-8 " + SLUICE_BINARY + " top --interval 200ms " + path;
  }
};

/// Everything that the table has, each once.
bool whole(const std::string& shown) {
  for (const char* part : {"\nrun ", "\nminute ", "\nactors ", "\nfetcher ", "\ngovernor ", "\nstreams ", "\nsurveys ",
                           "\nsurvey_responses_bulk ", "in flight "})
    if (count("\n" + shown, part) != 1)
      return false;
  return true;
}

std::string first_line(const std::string& shown) {
  return shown.substr(0, shown.find('\n'));
}

/// The table is there, alone, and its numbers move.
void check_table(terminal& t) {
  auto shown = t.wait_until(whole);
  INFO(shown);
  REQUIRE(whole(shown));
  auto before = first_line(shown);
  shown = t.wait_until([&](const std::string& s) { return whole(s) && first_line(s) != before; });
  CHECK(whole(shown));
  CHECK(first_line(shown) != before);
}

} // namespace

TEST_CASE("top repaints the whole window, follows its size, and gives the terminal back") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  watched_demo run;
  terminal t{80, 24, "sh -c \"echo before; " + run.top() + "\""};
  check_table(t);
  CHECK(contains(t.text_with_codes(), "\033[36m▓"));
  CHECK_FALSE(contains(t.text(), "before"));
  t.resize(120, 40);
  check_table(t);
  t.wait_for("idle"); // the legend
  t.resize(60, 12);
  auto low = t.wait_for("PgUp PgDn scroll");
  INFO(low);
  CHECK(contains(low, "PgUp PgDn scroll"));
  CHECK(contains(low, "streams "));
  CHECK_FALSE(contains(low, "governor "));
  // To the end, where the actors are, and back.
  t.press("G");
  low = t.wait_for("governor ");
  CHECK(contains(low, "governor "));
  t.press("g");
  low = t.wait_until([](const std::string& s) { return !contains(s, "governor "); });
  CHECK_FALSE(contains(low, "governor "));
  t.resize(80, 24);
  check_table(t);
  t.press("q");
  auto after = t.wait_for("exit code");
  INFO(after);
  CHECK(contains(after, "before"));
  CHECK(contains(after, "exit code 0"));
  CHECK_FALSE(contains(after, "fetcher"));
  run.demo.send(SIGINT);
  CHECK(run.demo.wait().signal == SIGINT);
}

TEST_CASE("Ctrl-C ends top and nothing else; NO_COLOR takes the colours") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  watched_demo run;
  terminal t{80, 24, run.top("NO_COLOR=1")};
  check_table(t);
  CHECK_FALSE(contains(t.text_with_codes(), "\033"));
  t.interrupt();
  CHECK(contains(t.wait_for("exit code"), "exit code 0"));
  CHECK(run_program({SLUICE_BINARY, "top", "--once", "--json", run.path}).exit_code == 0);
}

TEST_CASE("top says that the run has ended, with what it saw last") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  watched_demo run;
  terminal t{80, 40, run.top()};
  check_table(t);
  run.demo.send(SIGTERM);
  auto after = t.wait_for("exit code");
  INFO(after);
  CHECK(contains(after, "The run has ended."));
  CHECK(contains(after, "exit code 0"));
  CHECK(whole(after));
}
