#include "app/progress.hpp"

#include "app/text.hpp"

#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace sluice {

namespace {

constexpr std::int64_t log_interval_us = 10'000'000;

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

std::uint64_t total_records(const run_snapshot& x) {
  std::uint64_t total = 0;
  for (const auto& s : x.records.streams)
    total += s.records;
  return total;
}

std::size_t ended_streams(const run_snapshot& x) {
  std::size_t n = 0;
  for (const auto& s : x.records.streams)
    n += s.status == "complete" || s.status == "incomplete" ? 1 : 0;
  return n;
}

double per_second(std::uint64_t n, std::int64_t us) {
  return us > 0 ? static_cast<double>(n) * 1e6 / static_cast<double>(us) : 0;
}

} // namespace

progress_state::~progress_state() {
  // The summary that follows begins on a line of its own.
  if (line_open)
    std::fputs("\r\033[K", stderr);
}

void progress_state::show(const run_snapshot& x) {
  outside_wait waiting{*record, outside::display, "the progress line"};
  if (in_place) {
    std::fputs(("\r\033[K" + progress_line(x, terminal_width())).c_str(), stderr);
    line_open = true;
  } else if (x.elapsed_us - last_shown_us >= log_interval_us) {
    last_shown_us = x.elapsed_us;
    std::fputs((progress_pairs(x) + "\n").c_str(), stderr);
  }
}

std::string progress_line(const run_snapshot& x, std::size_t width) {
  auto records = total_records(x);
  std::string line = duration_text(x.elapsed_us) + "  " + std::to_string(ended_streams(x)) + "/"
                     + std::to_string(x.records.streams.size()) + " streams  " + count_text(records) + " records  "
                     + count_text(x.requests.requests) + " requests ("
                     + rate_text(per_second(x.requests.requests, x.elapsed_us)) + "/s)  "
                     + std::to_string(x.requests.in_flight) + " in flight";
  for (const auto& q : x.requests.quotas)
    if (q.limit > 0 && q.used >= q.limit)
      line += "  waiting for the " + q.policy + " quota";
  if (x.requests.rate_limited > 0)
    line += "  " + count_text(x.requests.rate_limited) + " x 429";
  // One column stays free: a full line would wrap and could not be drawn over.
  return width > 1 && line.size() >= width ? line.substr(0, width - 1) : line;
}

std::string progress_pairs(const run_snapshot& x) {
  std::string line
    = "progress elapsed_s=" + std::to_string(x.elapsed_us / 1'000'000)
      + " streams_done=" + std::to_string(ended_streams(x)) + "/" + std::to_string(x.records.streams.size())
      + " records=" + std::to_string(total_records(x)) + " requests=" + std::to_string(x.requests.requests)
      + " in_flight=" + std::to_string(x.requests.in_flight) + " queued=" + std::to_string(x.requests.queued)
      + " retries=" + std::to_string(x.requests.retries) + " rate_limited=" + std::to_string(x.requests.rate_limited);
  for (const auto& q : x.requests.quotas)
    line += " quota_" + q.policy + "=" + std::to_string(q.used) + "/" + std::to_string(q.limit);
  return line;
}

progress_actor::behavior_type progress(progress_self* self, progress_mode mode) {
  install_handlers(self);
  self->state.in_place = mode == progress_mode::always || ::isatty(STDERR_FILENO) == 1;
  return {
    [self](const run_snapshot& x) { self->state.show(x); },
  };
}

} // namespace sluice
