#include "app/text/numbers.hpp"
#include "app/trace/story.hpp"
#include "app/trace/views.hpp"
#include "messages/text/durations.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace sluice::trace {

namespace {

struct symbol {
  phase what;
  char sign;
  const char* colour;
};
constexpr std::array<symbol, 4> symbols{{
  {phase::request, '#', "32"},
  {phase::quota, '%', "33"},
  {phase::queued, '.', "36"},
  {phase::between, '-', "2"},
}};

const symbol& symbol_of(phase what) {
  return symbols[static_cast<std::size_t>(what)];
}

/// At most `room` characters.
std::string fitted(const std::string& name, std::size_t room) {
  return utf8_length(name) <= room ? name : std::string{utf8_prefix(name, room - 2)} + "..";
}

/// Time, mapped on columns.
struct scale {
  std::int64_t begin_ns = 0;
  double ns_a_cell = 1;
  std::size_t cells = 1;

  double at(std::int64_t ns) const { return static_cast<double>(ns - begin_ns) / ns_a_cell; }
};

std::string line_of(const model& m, const slice_life& s, const scale& to, bool colour) {
  std::vector<std::array<double, 3>> share(to.cells);
  for (const auto& x : stretches_of(m, s)) {
    auto begin = std::clamp(to.at(x.begin_ns), 0.0, static_cast<double>(to.cells));
    auto end = std::clamp(to.at(x.end_ns), begin, static_cast<double>(to.cells));
    for (auto cell = static_cast<std::size_t>(begin); cell < to.cells && static_cast<double>(cell) <= end; ++cell) {
      auto left = std::max(begin, static_cast<double>(cell));
      auto right = std::min(end, static_cast<double>(cell + 1));
      share[cell][static_cast<std::size_t>(x.what)] += right > left                              ? right - left
                                                       : cell == static_cast<std::size_t>(begin) ? 1e-6
                                                                                                 : 0;
    }
  }
  auto first = static_cast<std::size_t>(std::clamp(to.at(s.begin_ns), 0.0, static_cast<double>(to.cells - 1)));
  auto last = static_cast<std::size_t>(std::clamp(to.at(s.end_ns), 0.0, static_cast<double>(to.cells - 1)));
  std::string result(first, ' ');
  const char* painted = nullptr;
  for (auto cell = first; cell <= last; ++cell) {
    // A request shall be seen, however short; of waits the longer one.
    const auto& [request, quota, queued] = share[cell];
    auto what = request > 0                    ? phase::request
                : quota >= queued && quota > 0 ? phase::quota
                : queued > 0                   ? phase::queued
                                               : phase::between;
    const auto& sign = symbol_of(what);
    if (colour && painted != sign.colour) {
      painted = sign.colour;
      result += std::string{"\033[0;"} + painted + "m";
    }
    result += sign.sign;
  }
  return result + (painted != nullptr ? "\033[0m" : "");
}

/// Two lines: ticks, and what they stand for.
std::string axis(const scale& x, std::size_t indent) {
  constexpr std::size_t cells_a_tick = 14;
  // The first round step that leaves room for the labels; none is shorter than a millisecond, which labels can tell.
  double step = 1e6;
  for (double factor : {1.0, 2.0, 5.0})
    for (double power = 1e6; power < 1e18; power *= 10)
      if (auto candidate = factor * power; candidate / x.ns_a_cell >= static_cast<double>(cells_a_tick))
        step = step / x.ns_a_cell >= static_cast<double>(cells_a_tick) ? std::min(step, candidate)
                                                                       : std::max(step, candidate);
  std::string ticks(indent + x.cells, '-');
  std::string labels(indent + x.cells, ' ');
  std::fill_n(ticks.begin(), indent, ' ');
  for (double at = 0; at / x.ns_a_cell < static_cast<double>(x.cells); at += step) {
    auto column = indent + static_cast<std::size_t>(at / x.ns_a_cell);
    auto label = at == 0 ? "0" : fine_duration_text(static_cast<std::int64_t>(at));
    ticks[column] = '+';
    if (column + label.size() <= labels.size())
      labels.replace(column, label.size(), label);
  }
  labels.erase(labels.find_last_not_of(' ') + 1);
  return ticks + "\n" + labels + "\n";
}

} // namespace

std::string gantt_view(const model& m, std::size_t rows, const view_options& o) {
  auto all = collect_slices(m);
  if (all.empty())
    return "This trace holds no message that belongs to a slice.\n" + shortcomings(m);
  auto shown = most_telling(m, all, rows);
  // In the order in which the endpoints began.
  std::vector<name_id> endpoints;
  std::map<name_id, std::size_t> count;
  for (const auto& s : all)
    if (++count[s.endpoint] == 1)
      endpoints.push_back(s.endpoint);
  std::size_t widest = 0;
  for (const auto* s : shown)
    widest = std::max(widest, utf8_length(short_name(m, *s)));
  auto name_width = std::min(widest, std::max<std::size_t>(12, o.width * 3 / 10));
  auto indent = name_width + 4;
  scale x;
  x.cells = o.width > indent + 20 ? o.width - indent : 20;
  x.begin_ns = all.front().begin_ns;
  auto end = x.begin_ns + 1;
  for (const auto& s : all)
    end = std::max(end, s.end_ns);
  x.ns_a_cell = static_cast<double>(end - x.begin_ns) / static_cast<double>(x.cells);

  std::string result;
  for (auto endpoint : endpoints) {
    std::string lines;
    std::size_t here = 0;
    for (const auto* s : shown) {
      if (s->endpoint != endpoint)
        continue;
      ++here;
      auto name = fitted(short_name(m, *s), name_width);
      const char* mark = s->outcome == slice_outcome::done ? "  " : s->outcome == slice_outcome::failed ? "! " : "? ";
      lines += mark + name + std::string(name_width - std::min(name_width, utf8_length(name)), ' ') + "  "
               + line_of(m, *s, x, o.colour);
      lines.erase(lines.find_last_not_of(' ') + 1);
      lines += "\n";
    }
    result += m.text(endpoint) + ": " + count_text(count[endpoint]) + (count[endpoint] == 1 ? " slice" : " slices")
              + (here < count[endpoint] ? ", " + (here == 0 ? "none" : count_text(here)) + " shown" : "") + "\n"
              + lines;
  }
  result += axis(x, indent);
  result += m.lacks_requests() ? "- from its first message to its last\n" : "# request   ";
  result += "% waits for the quota   . ready, waits for its turn\n";
  if (!m.lacks_requests())
    result += "- between: waits for a retry, for its next page or to be written\n";
  result += "! the slice failed    ? the trace does not show its end\n";
  if (m.lacks_requests())
    result += no_requests(m);
  if (shown.size() < all.size())
    result += count_text(all.size() - shown.size())
              + (all.size() - shown.size() == 1 ? " slice is left out" : " slices are left out")
              + "; --limit N shows more. Those that failed or have no end\n"
                "come first, then those that took longest, turns in the queue aside.\n";
  return result + shortcomings(m);
}

} // namespace sluice::trace
