#include "app/commands.hpp"

#include "app/control/client.hpp"
#include "app/control/status.hpp"
#include "app/full_screen.hpp"
#include "app/terminal.hpp"
#include "app/top_view.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

namespace sluice {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;

int complain(const std::string& message) {
  std::fprintf(stderr, "sluice: %s\n", message.c_str());
  return 1;
}

int complain_of_absence(const std::string& path) {
  return complain("No run listens at " + path + ". Start one with --control " + path
                  + ", or look whether it has ended.");
}

/// A run under way that is asked again and again.
class watched_run {
public:
  explicit watched_run(const std::string& path) : path_(path) {}

  /// The status as JSON; none: the run has ended, or there is none.
  expected<std::optional<std::string>> ask() const {
    auto answer = ask_run(path_, "GET", "/status", "", patience);
    if (!answer)
      return tl::unexpected(answer.error());
    if (!*answer)
      return std::nullopt;
    if ((*answer)->status != 200) {
      auto said = parse_changes((*answer)->body);
      return fail(
        errc::bad_response, failure_type::transient_error,
        "The run at " + path_ + " does not tell its status: "
          + (said && !said->problem.empty() ? said->problem : "HTTP status " + std::to_string((*answer)->status))
          + ".");
    }
    return (*answer)->body;
  }

private:
  std::string path_;
};

/// `pool_size=20` or `minute=60`.
expected<retune> parse_changes_wanted(const std::vector<std::string>& settings) {
  retune wanted;
  for (const auto& text : settings) {
    auto at = text.find('=');
    auto name = text.substr(0, std::min(at, text.size()));
    auto number = at == std::string::npos ? std::string{} : text.substr(at + 1);
    if (name.empty() || number.empty() || number.size() > 18
        || number.find_first_not_of("0123456789") != std::string::npos || std::stoull(number) == 0)
      return fail(errc::bad_config, failure_type::config_error,
                  "`" + text
                    + "` is no setting: write pool_size=20, or a rate policy's name and its limit: minute=60.");
    auto n = std::stoull(number);
    if (name != "pool_size" && name != "fetchers.pool_size")
      wanted.limits.push_back({name, n});
    else if (n > 1'000'000)
      return fail(errc::bad_config, failure_type::config_error, "A pool of " + number + " is too large.");
    else
      wanted.pool_size = static_cast<std::uint32_t>(n);
  }
  return wanted;
}

int change_settings(const command_line& cl) {
  auto wanted = parse_changes_wanted(cl.settings);
  if (!wanted)
    return complain(wanted.error().message);
  auto answer = ask_run(cl.control, "PUT", "/settings", settings_json(*wanted), patience);
  if (!answer)
    return complain(answer.error().message);
  if (!*answer)
    return complain_of_absence(cl.control);
  auto done = parse_changes((*answer)->body);
  if (!done)
    return complain(done.error().message);
  if (!done->problem.empty())
    return complain(done->problem);
  for (const auto& change : done->changes)
    std::printf("%s\n", printable(change, true).c_str());
  if (done->changes.empty())
    std::printf("nothing changed: it is so already\n");
  return 0;
}

bool print_lines(const std::vector<styled_line>& lines, bool colour) {
  std::string text;
  for (const auto& line : lines)
    text += rendered(line, colour) + "\n";
  return written_or_told(fd_line_writer{STDOUT_FILENO}.write(text));
}

/// One JSON object a line, until the run ends.
int stream_json(const watched_run& run, const command_line& cl) {
  for (bool first = true;; first = false) {
    auto status = run.ask();
    if (!status)
      return complain(status.error().message);
    if (!*status)
      return first ? complain_of_absence(cl.control) : 0;
    if (auto written = fd_line_writer{STDOUT_FILENO}.write(**status); !written_or_told(written))
      return written.error().internal_message.empty() ? 0 : 1; // 0: nobody reads any more
    if (cl.once)
      return 0;
    std::this_thread::sleep_for(cl.interval);
  }
}

expected<std::optional<run_snapshot>> look_at(const watched_run& run) {
  auto status = run.ask();
  if (!status)
    return tl::unexpected(status.error());
  if (!*status)
    return std::nullopt;
  auto parsed = parse_status(**status);
  if (!parsed)
    return tl::unexpected(parsed.error());
  return std::move(*parsed);
}

int print_once(const watched_run& run, const command_line& cl) {
  std::optional<run_snapshot> before;
  auto now = look_at(run);
  if (!now)
    return complain(now.error().message);
  if (!*now)
    return complain_of_absence(cl.control);
  std::this_thread::sleep_for(cl.interval);
  // A run that ended meanwhile is shown as it was.
  if (auto later = look_at(run); later && *later)
    before = std::exchange(*now, std::move(*later));
  auto on = screen_of(STDOUT_FILENO);
  if (::isatty(STDOUT_FILENO) != 1)
    on.columns = std::max<std::size_t>(on.columns, 80);
  return print_lines(top_lines(before, **now, on), on.colour) ? 0 : 1;
}

/// The first line that is shown when a key was pressed on this page.
std::size_t after_key(key pressed, const top_page& page) {
  const auto back = [&](std::size_t n) { return page.first - std::min(page.first, n); };
  switch (pressed) {
    case key::up:
      return back(1);
    case key::down:
      return page.first + 1;
    case key::page_up:
      return back(page.room);
    case key::page_down:
      return page.first + page.room;
    case key::first:
      return 0;
    case key::last:
      return std::numeric_limits<std::size_t>::max();
    case key::quit:
    case key::other:
      break;
  }
  return page.first;
}

int watch(const watched_run& run, const command_line& cl) {
  std::optional<run_snapshot> before;
  std::optional<run_snapshot> now;
  std::string problem;
  int signal = 0;
  {
    auto first = look_at(run);
    if (!first)
      return complain(first.error().message);
    if (!*first)
      return complain_of_absence(cl.control);
    now = std::move(*first);
    full_screen terminal;
    auto next = std::chrono::steady_clock::now() + cl.interval;
    std::size_t scrolled = 0;
    while (true) {
      auto on = screen_of(STDOUT_FILENO);
      // What clears the rest of a line would clear the last column as well.
      on.columns -= 1;
      const auto page = top_page_of(before, *now, on, scrolled);
      terminal.paint(page.lines, on.colour);
      auto left = std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
      auto event = terminal.wait(std::max(left, 0ms));
      if (event == full_screen::event::stopped) {
        signal = terminal.signal();
        break;
      }
      if (event == full_screen::event::key) {
        if (terminal.last_key() == key::quit)
          return 0;
        scrolled = after_key(terminal.last_key(), page);
      }
      if (std::chrono::steady_clock::now() < next)
        continue;
      next = std::chrono::steady_clock::now() + cl.interval;
      auto later = look_at(run);
      if (!later) {
        problem = later.error().message;
        break;
      }
      if (!*later)
        break;
      // Two polls may see the same snapshot; rates need two different ones.
      if ((*later)->elapsed_us > now->elapsed_us)
        before = std::exchange(now, std::move(*later));
    }
  }
  if (signal != 0)
    return signal == SIGINT ? 0 : 128 + signal;
  if (!problem.empty())
    return complain(problem);
  // What was seen last stays on the screen.
  auto on = screen_of(STDOUT_FILENO);
  print_lines(top_lines(before, *now, on), on.colour);
  std::printf("\nThe run has ended.\n");
  return 0;
}

} // namespace

int run_top(const command_line& cl) {
  if (!cl.settings.empty())
    return change_settings(cl);
  watched_run run{cl.control};
  if (cl.json)
    return stream_json(run, cl);
  if (cl.once || !can_draw_on(STDOUT_FILENO) || ::isatty(STDIN_FILENO) != 1)
    return print_once(run, cl);
  return watch(run, cl);
}

} // namespace sluice
