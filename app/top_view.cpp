#include "app/top_view.hpp"

#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace sluice {

namespace {

/// Of a bar, as the window allows.
constexpr std::size_t least_bar = 20;
constexpr std::size_t widest_bar = 80;
constexpr std::size_t gauge_width = 24;
/// Where streams and actors stand side by side.
constexpr std::size_t columns_between = 4;
constexpr std::size_t least_actor_columns = 80;

/// The parts of a bar, and what they mean.
struct bar_part {
  const char* utf8;
  const char* ascii;
  look style;
  const char* meaning;
};
constexpr std::array<bar_part, 5> bar_parts{{{"█", "#", look::good, "busy"},
                                             {"▓", "=", look::busy, "awaiting an answer"},
                                             {"▒", "!", look::bad, "held by a reader"},
                                             {"░", "~", look::warn, "held by a quota"},
                                             {"·", ".", look::dim, "idle"}}};

std::string repeated(std::string_view text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i)
    out += text;
  return out;
}

const actor_gauge* find(const run_snapshot& x, const std::string& kind) {
  auto found = std::find_if(x.actors.begin(), x.actors.end(), [&](const actor_gauge& g) { return g.kind == kind; });
  return found == x.actors.end() ? nullptr : &*found;
}

double seconds_between(const std::optional<run_snapshot>& before, const run_snapshot& now) {
  return std::max(0.001, static_cast<double>(now.elapsed_us - (before ? before->elapsed_us : 0)) / 1e6);
}

double rate_between(std::uint64_t then, std::uint64_t now, double seconds) {
  return now > then ? static_cast<double>(now - then) / seconds : 0;
}

limiter_times between(const std::optional<run_snapshot>& before, const run_snapshot& now) {
  auto x = now.requests.limiters;
  if (before) {
    const auto& y = before->requests.limiters;
    x.pool_us -= y.pool_us;
    x.quota_us -= y.quota_us;
    x.output_us -= y.output_us;
    x.fan_out_us -= y.fan_out_us;
    x.backoff_us -= y.backoff_us;
    x.work_us -= y.work_us;
    x.memory_us -= y.memory_us;
    x.credential_us -= y.credential_us;
    x.refused_us -= y.refused_us;
  }
  return x;
}

/// `limited by quota 81 %, pool 12 %`: what held the run up between the two snapshots, the largest shares first.
std::string limits_text(const limiter_times& t) {
  std::vector<std::pair<std::int64_t, std::string>> all{
    {t.pool_us, "pool"},        {t.quota_us, "quota"}, {t.output_us, "output"}, {t.fan_out_us, "fan-out"},
    {t.backoff_us, "back-off"}, {t.work_us, "work"},   {t.memory_us, "memory"}, {t.credential_us, "credential"}};
  std::int64_t total = 0;
  for (const auto& [us, name] : all)
    total += std::max<std::int64_t>(0, us);
  if (total <= 0)
    return "";
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [us, name] : all)
    if (us * 100 >= total)
      text += (text.empty() ? "limited by " : ", ") + name + " "
              + percent_text(static_cast<double>(us) / static_cast<double>(total));
  return text;
}

styled_line head_line(const std::optional<run_snapshot>& before, const run_snapshot& now) {
  const auto seconds = seconds_between(before, now);
  const auto& q = now.requests;
  styled_line line{{"run ", look::plain},
                   {duration_text(now.elapsed_us), look::bold},
                   {"  in flight ", look::plain},
                   {std::to_string(q.in_flight) + "/" + std::to_string(now.pool_size), look::bold},
                   {"  queued " + count_text(q.queued), look::plain},
                   {"  requests " + count_text(q.requests) + " ("
                      + rate_text(rate_between(before ? before->requests.requests : 0, q.requests, seconds)) + "/s)",
                    look::plain}};
  if (q.rate_limited > 0)
    line.push_back({"  429s " + count_text(q.rate_limited), look::warn});
  if (now.resident_bytes > 0)
    line.push_back({"  memory " + bytes_text(now.resident_bytes), look::plain});
  return line;
}

styled_line limit_line(const std::optional<run_snapshot>& before, const run_snapshot& now) {
  styled_line line;
  if (now.left_us >= 0)
    line.push_back(
      {"about " + rough_duration_text(now.left_us) + " left"
         + (now.requests_left >= 0 ? ", " + count_text(static_cast<std::uint64_t>(now.requests_left)) + " requests"
                                   : ""),
       look::bold});
  else
    line.push_back({"time left not known yet", look::dim});
  if (auto text = limits_text(between(before, now)); !text.empty())
    line.push_back({"  " + text, look::plain});
  return line;
}

std::string room_text(const quota_gauge& g) {
  if (g.room_in_us < 0)
    return "used up: the run ends";
  std::string text;
  if (g.room_in_us > 0)
    text = "room in " + duration_text(g.room_in_us);
  if (g.resets_in_us > 0)
    text += (text.empty() ? "" : ", ") + std::string{"resets in "} + duration_text(g.resets_in_us);
  return text;
}

std::vector<styled_line> quota_lines(const run_snapshot& now, const screen& s) {
  std::size_t name_width = 0;
  std::size_t number_width = 0;
  std::vector<std::string> numbers;
  for (const auto& g : now.requests.quotas) {
    numbers.push_back(count_text(g.used) + "/" + count_text(g.limit));
    name_width = std::max(name_width, columns_of(printable(g.policy, s.utf8)));
    number_width = std::max(number_width, numbers.back().size());
  }
  std::vector<styled_line> lines;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& g = now.requests.quotas[i];
    auto name = printable(g.policy, s.utf8);
    name += std::string(name_width - columns_of(name), ' ');
    const auto share = g.limit == 0 ? 1.0 : std::min(1.0, static_cast<double>(g.used) / static_cast<double>(g.limit));
    const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(gauge_width)));
    const auto style = g.used >= g.limit ? look::bad : share >= 0.8 ? look::warn : look::good;
    lines.push_back({{name + "  ", look::plain},
                     {repeated(s.utf8 ? "█" : "#", full), style},
                     {repeated(s.utf8 ? "·" : ".", gauge_width - full), look::dim},
                     {"  " + std::string(number_width - numbers[i].size(), ' ') + numbers[i], look::bold},
                     {"  " + room_text(g), look::plain}});
  }
  return lines;
}

/// A bar whose parts are as long as the shares.
styled_line bar_of(const time_shares& x, std::size_t bar_width, bool utf8) {
  const std::array<double, 5> shares{x.busy, x.answer, x.blocked, x.quota, x.idle};
  if (shares[0] + shares[1] + shares[2] + shares[3] + shares[4] <= 0)
    return {};
  // Each part ends where the sum so far does: then all of them together are as wide as the bar.
  std::array<std::size_t, 5> widths{};
  double sum = 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    sum += shares[i];
    const auto next = std::min(bar_width, static_cast<std::size_t>(std::llround(sum * static_cast<double>(bar_width))));
    widths[i] = next - std::exchange(end, next);
  }
  styled_line line;
  for (std::size_t i = 0; i < bar_parts.size(); ++i)
    if (widths[i] > 0)
      line.push_back({repeated(utf8 ? bar_parts[i].utf8 : bar_parts[i].ascii, widths[i]), bar_parts[i].style});
  return line;
}

std::vector<styled_line> actor_lines(const std::optional<run_snapshot>& before, const run_snapshot& now,
                                     const screen& s) {
  if (now.actors.empty())
    return {};
  const auto seconds = seconds_between(before, now);
  const auto is_idle = [&](const actor_gauge& a) {
    const auto* then = before ? find(*before, a.kind) : nullptr;
    return a.mailbox == 0 && a.messages == (then ? then->messages : 0);
  };
  auto actors = now.actors;
  std::stable_partition(actors.begin(), actors.end(), [&](const actor_gauge& a) { return !is_idle(a); });
  text_table t;
  t.columns = {{"actors", false}, {""}, {"mailbox"}, {"high", true, 3}, {"oldest", true, 2}, {"messages/s", true, 1}};
  t.indent = 0;
  t.utf8 = s.utf8;
  for (const auto& a : actors) {
    const auto* then = before ? find(*before, a.kind) : nullptr;
    t.rows.push_back({{printable(a.kind, s.utf8)},
                      {a.count > 1 ? "x" + std::to_string(a.count) : "", look::dim},
                      {count_text(a.mailbox), a.mailbox > 0 ? look::bold : look::dim},
                      {count_text(a.mailbox_high), look::dim},
                      {a.mailbox > 0 ? duration_text(a.oldest_us) : "", look::plain},
                      {rate_text(rate_between(then ? then->messages : 0, a.messages, seconds))}});
  }
  auto lines = t.lines(s.columns > least_bar + 2 ? s.columns - least_bar - 2 : s.columns);
  std::size_t width = 0;
  for (const auto& line : lines)
    width = std::max(width, columns_of(line));
  const auto bar_width = std::clamp(s.columns - std::min(s.columns, width + 2), least_bar, widest_bar);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto& line = lines[i];
    line.push_back({std::string(width + 2 - columns_of(line), ' '), look::plain});
    if (i == 0)
      line.push_back({"time", look::dim});
    else
      for (auto& p : bar_of(shares_of(before, now, actors[i - 1].kind), bar_width, s.utf8))
        line.push_back(std::move(p));
  }
  return lines;
}

/// The line without blanks at its end.
styled_line trimmed(styled_line line) {
  while (!line.empty()) {
    auto& text = line.back().text;
    text.erase(text.find_last_not_of(' ') + 1);
    if (!text.empty())
      break;
    line.pop_back();
  }
  return line;
}

/// What the parts of the bars mean.
styled_line legend(const screen& s) {
  styled_line line;
  for (const auto& p : bar_parts) {
    line.push_back({std::string{s.utf8 ? p.utf8 : p.ascii}, p.style});
    line.push_back({std::string{" "} + p.meaning + "  ", look::dim});
  }
  return line;
}

piece status_of(const stream_report& s) {
  auto style = s.status == stream_phase::complete     ? look::good
               : s.status == stream_phase::incomplete ? look::bad
               : s.status == stream_phase::running    ? look::busy
                                                      : look::dim;
  return {std::string{to_string(s.status)}, style};
}

/// How long the answers of an endpoint took on average between the two snapshots; empty: none came.
std::string answer_text(const std::optional<run_snapshot>& before, const run_snapshot& now, std::int64_t endpoint) {
  const auto sums = [endpoint](const run_snapshot& x) {
    const auto& all = x.requests.endpoints;
    if (endpoint < 0 || static_cast<std::size_t>(endpoint) >= all.size())
      return std::pair<std::int64_t, std::int64_t>{};
    const auto& e = all[static_cast<std::size_t>(endpoint)];
    return std::pair{e.answer_us,
                     static_cast<std::int64_t>(e.requests - std::min<std::uint64_t>(e.requests, e.in_flight))};
  };
  const auto [us, answers] = sums(now);
  const auto [us_before, answers_before] = before ? sums(*before) : decltype(sums(now)){};
  return answers > answers_before ? duration_text((us - us_before) / (answers - answers_before)) : "";
}

std::vector<styled_line> stream_lines(const std::optional<run_snapshot>& before, const run_snapshot& now,
                                      const screen& s) {
  const auto& streams = now.records.streams;
  if (streams.empty())
    return {};
  const auto seconds = seconds_between(before, now);
  const bool failures
    = std::any_of(streams.begin(), streams.end(), [](const stream_report& x) { return x.slices_failed > 0; });
  text_table t;
  t.columns = {{"streams", false, 0, 12}, {"status", false}, {"slices"},    {"failed", true, failures ? 1 : 4},
               {"pages", true, 3},        {"records"},       {"records/s"}, {"answer", true, 2}};
  t.indent = 0;
  t.utf8 = s.utf8;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto& x = streams[i];
    const auto then = before && i < before->records.streams.size() ? before->records.streams[i].records : 0;
    const auto per_second = rate_between(then, x.records, seconds);
    auto records = count_text(x.records);
    if (x.records_expected > 0)
      records += "/" + count_text(static_cast<std::uint64_t>(x.records_expected));
    t.rows.push_back({{printable(x.name, s.utf8)},
                      status_of(x),
                      {count_text(x.slices_done) + "/" + count_text(x.slices_known) + (x.slices_final ? " " : "+")},
                      {x.slices_failed > 0 ? count_text(x.slices_failed) : "", look::bad},
                      {count_text(x.pages)},
                      {records},
                      {per_second > 0 ? rate_text(per_second) : "", look::bold},
                      {answer_text(before, now, x.endpoint)}});
  }
  return t.lines(s.columns);
}

} // namespace

time_shares shares_of(const std::optional<run_snapshot>& before, const run_snapshot& now, const std::string& kind) {
  const auto* a = find(now, kind);
  if (a == nullptr)
    return {};
  const auto* then = before ? find(*before, kind) : nullptr;
  auto since = [](std::int64_t x, std::int64_t y) { return static_cast<double>(std::max<std::int64_t>(0, x - y)); };
  const auto busy = since(a->busy_us, then ? then->busy_us : 0);
  const auto waiting = since(a->waiting_us, then ? then->waiting_us : 0);
  auto idle = since(a->idle_us, then ? then->idle_us : 0);
  const auto total = busy + waiting + idle;
  if (total <= 0)
    return {};
  const bool fetches = kind == "fetcher";
  time_shares x;
  x.busy = busy / total;
  (fetches ? x.answer : x.blocked) = waiting / total;
  if (fetches) {
    // A fetcher is idle while something other than the pool is the limit; how much of that was the quota, and how much
    // the reader of stdout, the governor has measured.
    const auto t = between(before, now);
    const auto others = static_cast<double>(t.quota_us + t.output_us + t.fan_out_us + t.backoff_us + t.work_us
                                            + t.memory_us + t.credential_us);
    if (others > 0) {
      x.quota = idle / total * std::max(0.0, static_cast<double>(t.quota_us)) / others;
      x.blocked = idle / total * std::max(0.0, static_cast<double>(t.output_us)) / others;
    }
  }
  x.idle = std::max(0.0, 1 - x.busy - x.answer - x.blocked - x.quota);
  return x;
}

namespace {

/// The lines of a screen, from top to bottom.
struct top_sections {
  /// How the run stands, and its quotas.
  std::vector<styled_line> head;
  /// Streams, actors, and what the bars mean.
  std::vector<styled_line> body;
};

void append(std::vector<styled_line>& to, std::vector<styled_line> more) {
  if (!to.empty() && !more.empty())
    to.emplace_back();
  for (auto& line : more)
    to.push_back(std::move(line));
}

std::size_t width_of(const std::vector<styled_line>& lines) {
  std::size_t width = 0;
  for (const auto& line : lines)
    width = std::max(width, columns_of(line));
  return width;
}

std::vector<styled_line> side_by_side(std::vector<styled_line> left, std::vector<styled_line> right,
                                      std::size_t width) {
  left.resize(std::max(left.size(), right.size()));
  for (std::size_t i = 0; i < right.size(); ++i) {
    left[i].push_back({std::string(width - columns_of(left[i]), ' '), look::plain});
    for (auto& p : right[i])
      left[i].push_back(std::move(p));
  }
  return left;
}

top_sections sections_of(const std::optional<run_snapshot>& before, const run_snapshot& now, const screen& s) {
  top_sections result;
  result.head = {head_line(before, now), limit_line(before, now)};
  append(result.head, quota_lines(now, s));
  auto streams = stream_lines(before, now, s);
  const auto left = width_of(streams) + columns_between;
  if (!streams.empty() && left + least_actor_columns <= s.columns) {
    auto narrower = s;
    narrower.columns -= left;
    result.body = side_by_side(std::move(streams), actor_lines(before, now, narrower), left);
  } else {
    result.body = std::move(streams);
    append(result.body, actor_lines(before, now, s));
  }
  if (!now.actors.empty())
    append(result.body, {legend(s)});
  for (auto* lines : {&result.head, &result.body})
    for (auto& line : *lines)
      line = clip(trimmed(std::move(line)), s.columns, s.utf8);
  return result;
}

/// `q quit  arrows, PgUp, PgDn scroll  lines 3-12 of 40`
styled_line key_line(const top_page& page, std::size_t lines, const screen& s) {
  styled_line line{{"q", look::bold}, {" quit", look::dim}};
  if (page.room < lines) {
    line.push_back({s.utf8 ? "  ↑ ↓ PgUp PgDn" : "  arrows PgUp PgDn", look::bold});
    line.push_back({" scroll", look::dim});
    line.push_back({"  lines " + std::to_string(page.first + 1) + "-" + std::to_string(page.first + page.room) + " of "
                      + std::to_string(lines),
                    look::dim});
  }
  return clip(std::move(line), s.columns, s.utf8);
}

} // namespace

std::vector<styled_line> top_lines(const std::optional<run_snapshot>& before, const run_snapshot& now,
                                   const screen& s) {
  auto sections = sections_of(before, now, s);
  append(sections.head, std::move(sections.body));
  return std::move(sections.head);
}

top_page top_page_of(const std::optional<run_snapshot>& before, const run_snapshot& now, const screen& s,
                     std::size_t first) {
  auto [head, body] = sections_of(before, now, s);
  top_page page;
  if (s.rows == 0)
    return page;
  // Blank lines are the first to go, and of the head what does not leave room for a line of the body and the keys.
  const bool airy = head.size() + 1 + body.size() + 2 <= s.rows;
  if (!airy)
    for (auto* lines : {&head, &body})
      lines->erase(std::remove_if(lines->begin(), lines->end(), [](const styled_line& line) { return line.empty(); }),
                   lines->end());
  head.resize(std::min(head.size(), s.rows > 2 ? s.rows - 2 : 0));
  page.room = std::min(body.size(), s.rows - 1 - head.size() - (airy ? 2 : 0));
  page.first = std::min(first, body.size() - page.room);
  page.lines = std::move(head);
  if (airy)
    page.lines.emplace_back();
  for (std::size_t i = 0; i < page.room; ++i)
    page.lines.push_back(std::move(body[page.first + i]));
  if (airy)
    page.lines.emplace_back();
  page.lines.push_back(key_line(page, body.size(), s));
  return page;
}

} // namespace sluice
