#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "app/trace/statistics.hpp"
#include "app/trace/story.hpp"
#include "app/trace/tables.hpp"
#include "app/trace/views.hpp"
#include "messages/text/durations.hpp"

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
  text_table table;
  table.indent = 0;
  table.utf8 = o.utf8;
  table.columns = {{"kind", false, 0, 8},
                   {"n", true, 4},
                   {"messages", true, 5},
                   {"peak", true, 3},
                   {"p50", true, 2},
                   {"p99", true, 1},
                   {"busy"},
                   {"wait"},
                   {"idle"}};
  for (const auto& k : kinds)
    table.rows.push_back(plain_row({k.name, count_text(k.actors), count_text(k.messages), count_text(k.high_water),
                                    fine_duration_text(k.waited_p50_ns), fine_duration_text(k.waited_p99_ns),
                                    percent(k.busy), percent(k.waiting), percent(k.idle())}));
  auto lines = table.lines(o.whole_lines ? std::string::npos : o.width);
  auto columns = columns_of(lines.front());
  auto room = o.width > columns + 2 ? o.width - columns - 2 : 0;
  auto bar_width = o.whole_lines ? widest_bar : room < narrowest_bar ? 0 : std::min(room, widest_bar);
  // The bars are added by hand: a cell has one colour.
  std::string result;
  for (std::size_t row = 0; row < lines.size(); ++row)
    result += rendered(lines[row], o.colour)
              + (row > 0 && bar_width > 0 ? "  " + bar(kinds[row - 1], bar_width, o.colour) : "") + "\n";
  result += "peak: most messages at one time in one mailbox; p50, p99: time in the mailbox.\n"
            "# busy: in a handler; = wait: for an answer or stdout's reader; . idle.\n";
  if (m.lacks_requests())
    result += no_requests(m) + "A fetcher's time from a permit to its answer counts as waiting for the answer.\n";

  text_table messages;
  messages.indent = 0;
  messages.columns = {{"kind", false, 0, 8, 2, 11},
                      {"message", false, 0, 10},
                      {"count"},
                      {"p50", true, 1},
                      {"p99", true, 2},
                      {"handled avg"},
                      {"sum"}};
  for (const auto& k : kinds)
    for (const auto& x : k.by_message)
      messages.rows.push_back(plain_row(
        {k.name, x.name, count_text(x.count), fine_duration_text(x.waited_p50_ns), fine_duration_text(x.waited_p99_ns),
         fine_duration_text(static_cast<std::int64_t>(x.handled_ns / static_cast<double>(x.count))),
         fine_duration_text(static_cast<std::int64_t>(x.handled_ns))}));
  return result + "\n" + shown(std::move(messages), o) + shortcomings(m);
}

} // namespace sluice::trace
