#include "app/text.hpp"
#include "app/trace/statistics.hpp"
#include "app/trace/story.hpp"
#include "app/trace/views.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::trace {

namespace {

constexpr std::size_t narrowest_bar = 8;
constexpr std::size_t widest_bar = 30;

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + "%";
}

std::string bar(const kind_numbers& k, std::size_t width, bool colour) {
  auto cells
    = [width](double share) { return static_cast<std::size_t>(std::lround(share * static_cast<double>(width))); };
  auto busy = std::min(width, cells(k.busy));
  auto waiting = std::min(width - busy, cells(k.waiting));
  auto paint = [colour](const char* code, const std::string& text) {
    return colour && !text.empty() ? std::string{"\033["} + code + "m" + text + "\033[0m" : text;
  };
  return paint("32", std::string(busy, '#')) + paint("33", std::string(waiting, '='))
         + paint("2", std::string(width - busy - waiting, '.'));
}

} // namespace

std::string actors_view(const model& m, const view_options& o) {
  auto kinds = kinds_of(m);
  std::vector<std::vector<std::string>> rows{{"kind", "n", "messages", "peak", "p50", "p99", "busy", "wait", "idle"}};
  for (const auto& k : kinds)
    rows.push_back({k.name, count_text(k.actors), count_text(k.messages), count_text(k.high_water),
                    fine_duration_text(k.waited_p50_ns), fine_duration_text(k.waited_p99_ns), percent(k.busy),
                    percent(k.waiting), percent(k.idle())});
  auto table = table_text(rows, "lr", 0);
  auto columns = table.find('\n');
  auto bar_width = std::clamp(o.width > columns + 2 ? o.width - columns - 2 : 0, narrowest_bar, widest_bar);
  // The bars are added by hand: a table does not know of colours.
  std::string result;
  std::size_t row = 0;
  for (std::size_t at = 0; at < table.size(); ++row) {
    auto end = table.find('\n', at);
    result += table.substr(at, end - at);
    if (row > 0)
      result += "  " + bar(kinds[row - 1], bar_width, o.colour);
    result += "\n";
    at = end + 1;
  }
  result += "peak: most messages at one time in one mailbox; p50, p99: time in the mailbox.\n"
            "# busy: inside a handler; = wait: there, for an answer or for stdout's reader; . idle.\n\n";

  rows = {{"kind", "message", "count", "p50", "p99", "handled avg", "sum"}};
  for (const auto& k : kinds)
    for (const auto& x : k.by_message)
      rows.push_back({k.name, x.name, count_text(x.count), fine_duration_text(x.waited_p50_ns),
                      fine_duration_text(x.waited_p99_ns),
                      fine_duration_text(static_cast<std::int64_t>(x.handled_ns / static_cast<double>(x.count))),
                      fine_duration_text(static_cast<std::int64_t>(x.handled_ns))});
  return result + table_text(rows, "llr", 0) + shortcomings(m);
}

} // namespace sluice::trace
