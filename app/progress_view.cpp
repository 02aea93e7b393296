#include "app/progress_view.hpp"

#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <utility>

namespace sluice {

namespace {

constexpr std::int64_t rate_window_us = 5'000'000;
/// Shorter waits come and go with each request of a moving window.
constexpr std::int64_t notable_wait_us = 1'000'000;
constexpr std::size_t most_quotas = 4;
/// Narrower windows have no room to give away for the case that they become even narrower.
constexpr std::size_t columns_to_spare = 80;

/// Whole seconds, rounded up.
std::int64_t seconds(std::int64_t us) {
  return (us + 999'999) / 1'000'000;
}

std::uint64_t total_records(const run_snapshot& x) {
  std::uint64_t total = 0;
  for (const auto& s : x.records.streams)
    total += s.records;
  return total;
}

bool ended(const stream_report& s) {
  return s.status != stream_phase::waiting && s.status != stream_phase::running;
}

std::size_t ended_streams(const run_snapshot& x) {
  const auto& all = x.records.streams;
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), ended));
}

double rate_of(const current_rates& rates, std::size_t stream) {
  return stream < rates.records_per_s.size() ? rates.records_per_s[stream] : 0;
}

// -- streams -----------------------------------------------------------------------

/// Which streams a person wants to see first.
int rank(const stream_report& s) {
  return s.status == stream_phase::running      ? 0
         : s.status == stream_phase::incomplete ? 1
         : s.status == stream_phase::complete   ? 3
                                                : 2;
}

piece mark_of(const stream_report& s, bool utf8) {
  if (s.status == stream_phase::complete)
    return {utf8 ? "✓" : "+", look::good};
  if (s.status == stream_phase::incomplete)
    return {utf8 ? "✗" : "x", look::bad};
  if (s.status == stream_phase::running)
    return {utf8 ? "▸" : ">", look::busy};
  return {utf8 ? "·" : ".", look::dim};
}

std::string slices_text(const stream_report& s) {
  if (s.slices_known == 0)
    return "";
  return count_text(s.slices_done) + "/" + count_text(s.slices_known) + (s.slices_final || ended(s) ? "" : "+");
}

std::string records_text(const stream_report& s) {
  return s.records == 0 && !ended(s) && s.status != stream_phase::running ? "" : count_text(s.records);
}

std::string expected_text(const stream_report& s) {
  bool known = s.records_expected > 0 && static_cast<std::uint64_t>(s.records_expected) > s.records && !ended(s);
  return known ? "of ~" + count_text(static_cast<std::uint64_t>(s.records_expected)) : "";
}

std::vector<styled_line> bar(double share, std::size_t columns, const screen& s, look style) {
  auto full = static_cast<std::size_t>(std::floor(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns)));
  std::string done;
  std::string rest;
  for (std::size_t i = 0; i < columns; ++i)
    (i < full ? done : rest) += s.utf8 ? (i < full ? "█" : "░") : (i < full ? "#" : "-");
  return {{{done, style}, {rest, look::dim}}};
}

styled_line stream_row(const stream_report& s, double rate, const screen& on) {
  bool running = s.status == stream_phase::running;
  look row = running || s.status == stream_phase::incomplete ? look::plain : look::dim;
  auto per_second = running && rate > 0.05 ? rate_text(rate) : "";
  return {mark_of(s, on.utf8),
          {printable(s.name, on.utf8), s.status == stream_phase::waiting ? look::dim : look::plain},
          {slices_text(s), row},
          {s.slices_failed > 0 ? count_text(s.slices_failed) : "", look::bad},
          {s.pages > 0 ? count_text(s.pages) : "", row},
          {records_text(s), row},
          {expected_text(s), look::dim},
          {per_second, row}};
}

/// `12 more: 9 complete, 3 waiting`
std::string rest_text(const std::vector<const stream_report*>& rest, bool utf8) {
  std::string text;
  for (auto status : {stream_phase::running, stream_phase::incomplete, stream_phase::complete, stream_phase::waiting}) {
    auto n = std::count_if(rest.begin(), rest.end(), [status](const stream_report* s) { return s->status == status; });
    if (n > 0)
      text += (text.empty() ? ": " : ", ") + count_text(static_cast<std::uint64_t>(n)) + " "
              + std::string{to_string(status)};
  }
  return (utf8 ? "… " : "~ ") + count_text(rest.size()) + " more" + text;
}

/// At most `room` lines about the streams.
std::vector<styled_line> stream_lines(const run_snapshot& x, const current_rates& rates, const screen& on,
                                      std::size_t room) {
  const auto& all = x.records.streams;
  if (all.empty() || room == 0)
    return {};
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  bool titles = room >= 3;
  auto rows = room - (titles ? 1 : 0);
  if (all.size() > rows) {
    std::stable_sort(order.begin(), order.end(),
                     [&all](std::size_t a, std::size_t b) { return rank(all[a]) < rank(all[b]); });
    order.resize(rows - 1);
  }
  bool failures = std::any_of(all.begin(), all.end(), [](const stream_report& s) { return s.slices_failed > 0; });
  text_table table;
  table.columns
    = {{"", false},        {"stream", false, 0, 8, 1}, {"slices", true, 0},  {failures ? "failed" : "", true, 2},
       {"pages", true, 4}, {"records", true, 1},       {"", false, 5, 0, 1}, {"per s", true, 3}};
  table.indent = 1;
  table.titles = titles;
  table.utf8 = on.utf8;
  for (auto i : order)
    table.rows.push_back(stream_row(all[i], rate_of(rates, i), on));
  // Without rows that show anything there is nothing to entitle.
  table.titles = titles && !table.rows.empty();
  auto lines = table.lines(on.columns - 1);
  if (order.size() < all.size()) {
    std::vector<const stream_report*> rest;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (std::find(order.begin(), order.end(), i) == order.end())
        rest.push_back(&all[i]);
    lines.push_back({{" ", look::plain}, {rest_text(rest, on.utf8), look::dim}});
  }
  return lines;
}

// -- the lines below -----------------------------------------------------------------

/// A part of a line; those with higher numbers are left out first.
struct line_part {
  styled_line text;
  int gives_way = 0;
};

styled_line joined(std::vector<line_part> parts, std::size_t width) {
  auto columns = [&parts] {
    std::size_t n = 1;
    for (const auto& p : parts)
      n += columns_of(p.text) + 2;
    return n - 2;
  };
  while (parts.size() > 1 && columns() > width)
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](const line_part& a, const line_part& b) { return a.gives_way <= b.gives_way; }));
  styled_line line{{" ", look::plain}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0)
      line.push_back({"  ", look::plain});
    line.insert(line.end(), parts[i].text.begin(), parts[i].text.end());
  }
  return line;
}

line_part text_part(int gives_way, std::string text, look style = look::plain) {
  return {{{std::move(text), style}}, gives_way};
}

styled_line traffic_line(const run_snapshot& x, const current_rates& rates, const screen& s) {
  const auto& r = x.requests;
  std::vector<line_part> parts;
  parts.push_back(text_part(0, rate_text(rates.requests_per_s) + " requests/s"));
  parts.push_back(text_part(1, std::to_string(r.in_flight) + " of " + std::to_string(x.pool_size) + " in flight"));
  parts.push_back(text_part(4, count_text(r.queued) + " queued"));
  if (r.retries > 0)
    parts.push_back(text_part(3, count_text(r.retries) + (r.retries == 1 ? " retry" : " retries"), look::warn));
  if (r.rate_limited > 0)
    parts.push_back(text_part(2, count_text(r.rate_limited) + " x 429", look::warn));
  if (x.resident_bytes > 0)
    parts.push_back(text_part(5, bytes_text(x.resident_bytes)));
  return joined(std::move(parts), s.columns - 1);
}

styled_line time_line(const run_snapshot& x, const screen& s) {
  std::vector<line_part> parts;
  parts.push_back(text_part(1, duration_text(x.elapsed_us)));
  parts.push_back(
    text_part(3, count_text(ended_streams(x)) + " of " + count_text(x.records.streams.size()) + " streams done"));
  parts.push_back(text_part(2, count_text(total_records(x)) + " records"));
  if (x.left_us > 0 || x.requests_left > 0) {
    std::string text;
    if (x.left_us > 0)
      text = "about " + rough_duration_text(x.left_us) + " left";
    if (x.requests_left > 0)
      text += (text.empty() ? "" : ", ") + count_text(static_cast<std::uint64_t>(x.requests_left))
              + (x.requests_left == 1 ? " request" : " requests") + (text.empty() ? " left" : "");
    parts.push_back(text_part(0, text, look::bold));
  }
  return joined(std::move(parts), s.columns - 1);
}

/// A quota that is hardly touched is no news.
bool matters(const quota_gauge& q) {
  return q.limit > 0 && (q.used * 20 >= q.limit || q.room_in_us != 0);
}

std::vector<styled_line> quota_bars(const run_snapshot& x, const screen& s) {
  std::vector<const quota_gauge*> shown;
  std::size_t name_columns = 0;
  for (const auto& q : x.requests.quotas)
    if (matters(q) && shown.size() < most_quotas)
      shown.push_back(&q);
  for (const auto* q : shown)
    name_columns = std::max(name_columns, columns_of(printable(q->policy, s.utf8)));
  name_columns = std::min<std::size_t>(name_columns, s.columns / 4);
  auto bar_columns = std::clamp<std::size_t>(s.columns / 4, 8, 30);
  std::vector<styled_line> lines;
  for (const auto* q : shown) {
    auto share = static_cast<double>(q->used) / static_cast<double>(q->limit);
    auto name = clip(printable(q->policy, s.utf8), name_columns, s.utf8);
    name.append(name_columns - columns_of(name), ' ');
    std::vector<line_part> parts;
    parts.push_back(text_part(0, name));
    line_part filled{bar(share, bar_columns, s,
                         share >= 1      ? look::bad
                         : share >= 0.75 ? look::warn
                                         : look::good)
                       .front(),
                     1};
    parts.push_back(std::move(filled));
    parts.push_back(text_part(0, count_text(q->used) + " of " + count_text(q->limit)));
    if (q->used > 0 && q->resets_in_us > 0)
      parts.push_back(text_part(2, "resets in " + duration_text(std::max<std::int64_t>(q->resets_in_us, 1'000'000))));
    lines.push_back(joined(std::move(parts), s.columns - 1));
  }
  return lines;
}

std::optional<styled_line> wait_line(const run_snapshot& x, const screen& s) {
  const auto* q = holding_quota(x);
  if (q == nullptr)
    return std::nullopt;
  auto name = "the " + printable(q->policy, s.utf8) + " quota";
  std::vector<line_part> parts;
  if (q->room_in_us < 0)
    parts.push_back(text_part(0, name + " is used up: this run sends no more requests", look::warn));
  else {
    parts.push_back(text_part(0, "waiting for " + name, look::warn));
    if (q->room_in_us > 0)
      parts.push_back(text_part(1, "next request in " + duration_text(q->room_in_us), look::warn));
  }
  return joined(std::move(parts), s.columns - 1);
}

std::optional<styled_line> retry_line(const run_snapshot& x, const screen& s) {
  if (x.requests.retrying.empty())
    return std::nullopt;
  return joined({text_part(0, "retrying: " + printable(x.requests.retrying, s.utf8), look::warn)}, s.columns - 1);
}

std::optional<styled_line> stop_line(const run_snapshot& x, const screen& s) {
  if (x.stops_in_us < 0)
    return std::nullopt;
  const auto n = x.requests.in_flight;
  std::vector<line_part> parts;
  parts.push_back(text_part(0,
                            "stopping: " + std::to_string(n) + (n == 1 ? " request" : " requests")
                              + " in flight, at most " + std::to_string(seconds(x.stops_in_us)) + " s",
                            look::warn));
  parts.push_back(text_part(1, "again to end now", look::warn));
  return joined(std::move(parts), s.columns - 1);
}

// -- the whole block -----------------------------------------------------------------

std::vector<styled_line> composed(const run_snapshot& x, const current_rates& rates, const screen& s) {
  // One column and one row stay free: a full line would wrap, a full screen scroll.
  screen on = s;
  on.columns = std::max<std::size_t>(s.columns, 10);
  on.rows = std::max<std::size_t>(s.rows, 2);
  auto room = on.rows - 1;
  // In the order in which they are dropped when there are few rows.
  std::vector<styled_line> below = quota_bars(x, on);
  below.push_back(traffic_line(x, rates, on));
  below.push_back(time_line(x, on));
  if (auto wait = wait_line(x, on))
    below.push_back(std::move(*wait));
  if (auto stop = stop_line(x, on))
    below.push_back(std::move(*stop));
  if (auto retry = retry_line(x, on))
    below.push_back(std::move(*retry));
  // Of few rows half are the streams'.
  auto keep = std::max<std::size_t>(1, std::min(below.size(), room / 2));
  if (x.records.streams.size() + 1 + below.size() <= room)
    keep = below.size();
  below.erase(below.begin(), below.end() - static_cast<std::ptrdiff_t>(keep));
  auto lines = stream_lines(x, rates, on, room - below.size());
  lines.insert(lines.end(), below.begin(), below.end());
  for (auto& line : lines)
    line = clip(std::move(line), std::min(on.columns, s.columns) - 1, on.utf8);
  return lines;
}

/// True if a window that loses a quarter of its width and height at once would wrap these lines into more than it has
/// rows. What scrolls out of it then comes back as rubbish when it grows again.
bool is_fragile(const std::vector<styled_line>& lines, const screen& s) {
  auto columns = s.columns * 3 / 4;
  std::size_t rows = 0;
  for (const auto& line : lines)
    rows += std::max<std::size_t>(1, (columns_of(line) + columns - 1) / columns);
  return rows > s.rows * 3 / 4;
}

// -- key=value -----------------------------------------------------------------------

/// Fit for a key or a value: what is no letter, digit, point or hyphen becomes `_`.
std::string word(const std::string& text) {
  auto result = text;
  for (auto& c : result)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-')
      c = '_';
  return result;
}

} // namespace

// -- rates ---------------------------------------------------------------------------

current_rates rate_meter::add(const run_snapshot& x) {
  if (samples_.empty())
    samples_.push_back({0, 0, {}}); // the run began with nothing
  sample now{x.elapsed_us, x.requests.requests, {}};
  for (const auto& s : x.records.streams)
    now.records.push_back(s.records);
  samples_.push_back(std::move(now));
  while (samples_.size() > 2 && samples_[1].at_us <= x.elapsed_us - rate_window_us)
    samples_.pop_front();
  const auto& from = samples_.front();
  const auto& to = samples_.back();
  current_rates rates;
  auto s = static_cast<double>(to.at_us - from.at_us) / 1e6;
  auto per_second = [s](std::uint64_t before, std::uint64_t after) {
    return s > 0 && after > before ? static_cast<double>(after - before) / s : 0;
  };
  rates.requests_per_s = per_second(from.requests, to.requests);
  for (std::size_t i = 0; i < to.records.size(); ++i)
    rates.records_per_s.push_back(per_second(i < from.records.size() ? from.records[i] : 0, to.records[i]));
  return rates;
}

// -- what is shown -------------------------------------------------------------------

const quota_gauge* holding_quota(const run_snapshot& x) {
  if (x.requests.queued == 0)
    return nullptr;
  const quota_gauge* holding = nullptr;
  for (const auto& q : x.requests.quotas) {
    if (q.room_in_us < 0)
      return &q;
    if (q.room_in_us >= notable_wait_us && (holding == nullptr || q.room_in_us > holding->room_in_us))
      holding = &q;
  }
  return holding;
}

std::vector<styled_line> progress_block(const run_snapshot& x, const current_rates& rates, const screen& s) {
  auto lines = composed(x, rates, s);
  if (s.columns < columns_to_spare || !is_fragile(lines, s))
    return lines;
  auto narrower = s;
  narrower.columns = s.columns * 3 / 4 + 1;
  return composed(x, rates, narrower);
}

std::string progress_pairs(const run_snapshot& x, const current_rates& rates, bool detail) {
  const auto& r = x.requests;
  std::string line = "progress elapsed_s=" + std::to_string(x.elapsed_us / 1'000'000)
                     + " streams_done=" + std::to_string(ended_streams(x)) + "/"
                     + std::to_string(x.records.streams.size()) + " records=" + std::to_string(total_records(x))
                     + " requests=" + std::to_string(r.requests) + " requests_per_s=";
  line += std::to_string(std::llround(rates.requests_per_s * 10) / 10) + "."
          + std::to_string(std::llround(rates.requests_per_s * 10) % 10);
  // What does not fit is left out: a pair as a whole.
  const auto add = [&](const std::string& key, const std::string& text) {
    const auto pair = " " + key + "=" + text;
    if (detail || line.size() + pair.size() <= most_progress_bytes)
      line += pair;
  };
  const auto add_quota = [&](const quota_gauge& q) {
    const auto name = "quota_" + word(q.policy);
    add(name, std::to_string(q.used) + "/" + std::to_string(q.limit));
    if (q.resets_in_us >= 0)
      add(name + "_reset_s", std::to_string(seconds(q.resets_in_us)));
    if (q.room_in_us > 0)
      add(name + "_wait_s", std::to_string(seconds(q.room_in_us)));
  };
  add("in_flight", std::to_string(r.in_flight));
  add("pool", std::to_string(x.pool_size));
  add("queued", std::to_string(r.queued));
  add("retries", std::to_string(r.retries));
  add("rate_limited", std::to_string(r.rate_limited));
  if (x.requests_left >= 0)
    add("requests_left", std::to_string(x.requests_left));
  if (x.left_us >= 0)
    add("eta_s", std::to_string(seconds(x.left_us)));
  if (!r.retrying.empty())
    add("retrying", word(r.retrying));
  const auto* holding = holding_quota(x);
  if (holding != nullptr)
    add("waiting_for", word(holding->policy));
  if (x.resident_bytes > 0)
    add("memory_bytes", std::to_string(x.resident_bytes));
  if (!detail) {
    if (holding != nullptr)
      add_quota(*holding);
    return line;
  }
  for (const auto& q : r.quotas)
    add_quota(q);
  for (const auto& s : x.records.streams) {
    const auto name = word(s.name);
    add("status_" + name, std::string{to_string(s.status)});
    add("records_" + name, std::to_string(s.records));
    if (s.records_expected >= 0)
      add("expected_" + name, std::to_string(s.records_expected));
    add("slices_" + name,
        std::to_string(s.slices_done) + "/" + std::to_string(s.slices_known) + (s.slices_final ? "" : "+"));
  }
  return line;
}

} // namespace sluice
