#include "app/progress.hpp"

#include "actors/core/clock.hpp"
#include "config/language/datetime.hpp"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// At most four a second; snapshots come every 250 ms, more or less.
constexpr std::chrono::milliseconds repaint_interval{225};

} // namespace

progress_state::~progress_state() {
  // The summary takes its place.
  if (in_place)
    block->erase();
}

void progress_state::show(const run_snapshot& x) {
  auto rates = meter.add(x);
  outside_wait waiting{*record, outside::display, "the progress display"};
  // A pipe that nobody reads must hold up neither this actor nor the end of the run.
  if (::isatty(STDERR_FILENO) != 1 && !takes_lines(STDERR_FILENO))
    return;
  if (in_place) {
    auto now = std::chrono::steady_clock::now();
    // Who has asked for the end wants to see at once that it was heard.
    const bool is_news = x.stops_in_us >= 0 && !std::exchange(stopping, true);
    if (painted_at && now - *painted_at < repaint_interval && !is_news)
      return;
    painted_at = now;
    auto on = screen_of(STDERR_FILENO);
    std::vector<std::string> lines;
    for (const auto& line : progress_block(x, rates, on))
      lines.push_back(rendered(line, on.colour));
    block->show(std::move(lines));
  } else if (x.elapsed_us - last_shown_us >= options.interval.count()) {
    last_shown_us = x.elapsed_us;
    const auto time = language::format_datetime(system_wall_clock(), "%Y-%m-%dT%H:%M:%SZ").value_or("");
    std::fputs((time + " " + progress_pairs(x, rates, options.detail) + "\n").c_str(), stderr);
  }
}

observer_actor::behavior_type progress(progress_self* self, progress_options options,
                                       std::shared_ptr<live_block> block) {
  install_handlers(self);
  self->state.options = options;
  self->state.in_place = options.mode == progress_mode::always || can_draw_on(STDERR_FILENO);
  self->state.block = std::move(block);
  return {
    [self](const run_snapshot& x) {
      self->state.show(x);
      return snapshot_shown{};
    },
  };
}

} // namespace sluice
