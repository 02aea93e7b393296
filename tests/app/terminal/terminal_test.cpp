#include "tests/support/catch2.hpp"
#include "tests/support/terminal.hpp"

#include <algorithm>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

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

/// A demo that lasts until it is interrupted.
std::string endless_demo(const std::string& arguments = "", const std::string& environment = "-u NO_COLOR") {
  return "env " + environment + " LC_ALL=C.UTF-8 " + SLUICE_BINARY + " demo --surveys 20000 --latency 100ms "
         + arguments;
}

/// The block's parts, each of which must be there once.
bool one_block(const std::string& shown) {
  for (const char* part :
       {"  slices", " ▸ surveys ", " ▸ survey_responses ", " ▸ survey_responses_bulk ", " requests/s  ", " in flight"})
    if (count(shown, part) != 1)
      return false;
  return true;
}

/// `12 s` of the block's line about the time; empty if there is none.
std::string time_shown(const std::string& shown) {
  std::istringstream in{shown};
  bool traffic = false;
  for (std::string line; std::getline(in, line);) {
    if (traffic)
      return line.substr(0, line.find("  ", 1));
    traffic = contains(line, " requests/s");
  }
  return "";
}

/// The block is shown, and goes on being shown alone while it is painted again and again.
void check_block(terminal& t, const std::function<bool(const std::string&)>& also) {
  auto shown = t.wait_until([&](const std::string& s) { return one_block(s) && also(s); });
  INFO(shown);
  REQUIRE(one_block(shown));
  REQUIRE(also(shown));
  for (int i = 0; i < 3; ++i) {
    auto before = time_shown(shown);
    shown = t.wait_until([&before](const std::string& s) { return !time_shown(s).empty() && time_shown(s) != before; });
    INFO(shown);
    CHECK(time_shown(shown) != before);
    CHECK(one_block(shown));
  }
}

/// True if the longest line is in so many columns.
bool lies_in(const std::string& shown, std::size_t least, std::size_t most) {
  std::istringstream in{shown};
  std::size_t longest = 0;
  for (std::string line; std::getline(in, line);)
    if (contains(line, "of 10 in flight") || contains(line, " done "))
      longest = std::max(longest, line.size());
  return longest >= least && longest <= most;
}

void check_summary(terminal& t, const std::string& exit_code) {
  auto shown = t.wait_for("exit code");
  INFO(shown);
  CHECK(contains(shown, "exit code " + exit_code + "\n"));
  CHECK(count(shown, "Sync ended after ") == 1);
  CHECK(count(shown, "\n  stream  ") == 1);
  CHECK(count(shown, "\n  total ") == 1);
  CHECK(count(shown, "\n  limit     ") == 1);
  // Nothing of the block is left.
  CHECK_FALSE(contains(shown, "queued"));
  CHECK_FALSE(contains(shown, "▸ surveys"));
}

} // namespace

TEST_CASE("the block is painted in place, follows the window's size, and makes room for the summary") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{80, 24, endless_demo()};
  check_block(t, [](const std::string& s) { return contains(s, " queued"); });
  CHECK(contains(t.text_with_codes(), "\033[36m▸"));
  t.resize_between_paintings(60, 20, "stream  ");
  check_block(t, [](const std::string& s) { return lies_in(s, 20, 59); });
  t.resize_between_paintings(120, 40, "stream  ");
  check_block(t, [](const std::string& s) { return contains(s, " queued"); });
  t.resize_between_paintings(100, 30, "stream  ");
  check_block(t, [](const std::string& s) { return contains(s, " queued"); });
  // What has scrolled out of the window holds no part of a block either.
  auto all = t.wait_until(one_block, true);
  INFO(all);
  CHECK(one_block(all));
  t.interrupt();
  check_summary(t, "130");
}

TEST_CASE("a narrow window shows a block without broken lines") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{40, 20, endless_demo()};
  check_block(t, [](const std::string& s) { return lies_in(s, 20, 39); });
  t.interrupt();
  check_summary(t, "130");
}

TEST_CASE("Ctrl-C is answered while requests are waited for, and a second one leaves a clean window") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{80, 24, "env -u NO_COLOR LC_ALL=C.UTF-8 " SLUICE_BINARY " demo --latency 8s"};
  t.wait_for("10 of 10 in flight");
  t.interrupt();
  auto shown = t.wait_for("stopping: 10 requests in flight, at most 10 s  again to end now");
  INFO(shown);
  CHECK(contains(shown, "stopping: 10 requests in flight"));
  t.interrupt();
  shown = t.wait_for("exit code");
  INFO(shown);
  CHECK(contains(shown, "exit code 130"));
  CHECK_FALSE(contains(shown, "in flight"));
  CHECK_FALSE(contains(shown, "surveys "));
}

TEST_CASE("with NO_COLOR there are no colours, neither in the block nor in the summary") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{80, 24, endless_demo("", "NO_COLOR=1")};
  check_block(t, [](const std::string&) { return true; });
  CHECK_FALSE(contains(t.text_with_codes(), "\033"));
  t.interrupt();
  check_summary(t, "130");
  CHECK_FALSE(contains(t.text_with_codes(), "\033"));
}

TEST_CASE("log lines are printed above the block and are not torn") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{100, 30, endless_demo("--log-level debug --fault \"status=503 every=5\"")};
  check_block(t, [](const std::string& s) { return contains(s, "retr"); });
  auto shown = t.wait_until(
    [](const std::string& s) { return count(s, "\nWARN ") + count(s, "\nINFO ") + count(s, "\nDEBUG ") > 5; }, true);
  INFO(shown);
  CHECK(one_block(shown));
  t.interrupt();
  check_summary(t, "130");
}

TEST_CASE("messages on the same terminal are not torn by the block") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{80, 24, endless_demo("--records --max-requests 60")};
  t.wait_for("exit code");
  auto shown = t.text_unbroken();
  std::istringstream in{shown};
  std::size_t messages = 0;
  for (std::string line; std::getline(in, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.rfind("{\"type\":", 0) != 0)
      continue;
    ++messages;
    INFO(line);
    CHECK(line.back() == '}');
  }
  CHECK(messages > 20);
  check_summary(t, "3");
}

TEST_CASE("a terminal in which one cannot draw gets no codes") {
  if (tmux_is_missing()) {
    std::cout << "SKIPPED: tmux is not installed\n";
    return;
  }
  terminal t{80, 24, endless_demo("--max-requests 60", "TERM=dumb")};
  check_summary(t, "3");
  CHECK_FALSE(contains(t.text_with_codes(), "\033"));
}
