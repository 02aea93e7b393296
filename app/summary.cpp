#include "app/summary.hpp"

#include "actors/core/state/full_refresh.hpp"
#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

namespace {

/// `date_modified=1759276799` of `{"date_modified":1759276799}`: a state without the signs that say little. The marker
/// of streams without a cursor is `full refresh`.
std::string short_state(const std::string& json, bool utf8) {
  if (json == full_refresh_marker)
    return "full refresh";
  std::string text;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (c == '"')
      in_string = !in_string;
    else if (c == '\\' && in_string && i + 1 < json.size())
      text += json[++i];
    else if (in_string || (c != '{' && c != '}'))
      text += !in_string && c == ':' ? '=' : !in_string && c == ',' ? ' ' : c;
  }
  return text.empty() ? "-" : printable(text, utf8);
}

std::string ditto(const screen& s) {
  return s.utf8 ? "″" : "\"";
}

look look_of(stream_phase status) {
  return status == stream_phase::complete ? look::good : status == stream_phase::incomplete ? look::bad : look::plain;
}

piece count_piece(std::uint64_t n, look alarm = look::plain) {
  return {count_text(n), n > 0 ? alarm : look::plain};
}

/// What one request of an endpoint took on average; empty: it sent none.
std::string mean_text(std::int64_t us, std::uint64_t requests) {
  return requests > 0 ? duration_text(us / static_cast<std::int64_t>(requests)) : "";
}

std::vector<piece> traffic_pieces(const endpoint_traffic& e) {
  return {count_piece(e.requests),
          count_piece(e.retries, look::warn),
          count_piece(e.rate_limited, look::warn),
          {mean_text(e.answer_us, e.requests - std::min<std::uint64_t>(e.requests, e.in_flight)), look::plain},
          {mean_text(e.queued_us, e.requests), look::plain},
          {mean_text(e.quota_us, e.requests), look::plain}};
}

endpoint_traffic sum_of(const run_snapshot& x) {
  endpoint_traffic sum;
  for (const auto& e : x.requests.endpoints) {
    sum.answer_us += e.answer_us;
    sum.queued_us += e.queued_us;
    sum.quota_us += e.quota_us;
  }
  // The governor's own counts are right even where it does not tell endpoints apart.
  sum.requests = x.requests.requests;
  sum.retries = x.requests.retries;
  sum.rate_limited = x.requests.rate_limited;
  sum.in_flight = x.requests.in_flight;
  return sum;
}

/// The table's rows, and what has to be said below it.
struct stream_table {
  text_table table;
  bool shares = false;
  bool parents = false;
};

stream_table streams_of(const run_snapshot& x, const screen& s) {
  const auto& streams = x.records.streams;
  const auto& traffic = x.requests.endpoints;
  stream_table result;
  // Streams that share an endpoint stand below each other: what they share is said once.
  std::unordered_map<std::int64_t, std::size_t> first_of_endpoint;
  std::vector<std::pair<std::size_t, const stream_report*>> order;
  for (std::size_t i = 0; i < streams.size(); ++i)
    order.emplace_back(
      streams[i].endpoint < 0 ? i : first_of_endpoint.try_emplace(streams[i].endpoint, i).first->second, &streams[i]);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const piece same{ditto(s), look::dim};
  std::map<std::int64_t, bool> told;
  std::uint64_t records = 0;
  std::uint64_t pages = 0;
  std::uint64_t failed = 0;
  auto& rows = result.table.rows;
  for (const auto& [place, st] : order) {
    records += st->records;
    failed += st->slices_failed;
    bool shared = st->endpoint >= 0 && std::exchange(told[st->endpoint], true);
    result.shares = result.shares || shared;
    pages += shared ? 0 : st->pages;
    styled_line row{{printable(st->name, s.utf8), look::plain},
                    {std::string{to_string(st->status)}, look_of(st->status)},
                    count_piece(st->records),
                    {count_text(st->slices_done) + (st->slices_final ? "" : "+"), look::plain},
                    count_piece(st->slices_failed, look::bad),
                    shared ? same : count_piece(st->pages)};
    auto e = static_cast<std::size_t>(std::max<std::int64_t>(0, st->endpoint));
    for (const auto& p : st->endpoint >= 0 && e < traffic.size() ? traffic_pieces(traffic[e]) : std::vector<piece>(6))
      row.push_back(shared && !p.text.empty() ? same : p);
    row.push_back({short_state(st->state, s.utf8), look::dim});
    rows.push_back(std::move(row));
  }
  // Requests for streams that are not selected, because the selected ones need them as parents.
  for (std::size_t e = 0; e < traffic.size() && e < x.records.endpoints.size(); ++e) {
    if (told.count(static_cast<std::int64_t>(e)) > 0 || traffic[e].requests == 0)
      continue;
    const auto& parent = x.records.endpoints[e];
    result.parents = true;
    pages += parent.pages;
    styled_line row{{"(" + printable(parent.name, s.utf8) + ")", look::dim},
                    {"parent", look::dim},
                    {"-", look::dim},
                    {count_text(parent.slices_done) + (parent.slices_final ? "" : "+"), look::plain},
                    count_piece(parent.slices_failed, look::bad),
                    count_piece(parent.pages)};
    for (auto& p : traffic_pieces(traffic[e]))
      row.push_back(std::move(p));
    row.push_back({"-", look::dim});
    rows.push_back(std::move(row));
  }
  auto sum = sum_of(x);
  bool known = !traffic.empty();
  styled_line total{
    {"total", look::bold}, {}, {count_text(records), look::bold}, {}, {}, {known ? count_text(pages) : "", look::bold}};
  for (auto& p : traffic_pieces(sum))
    total.push_back({known || total.size() < 9 ? std::move(p.text) : "", look::bold});
  total.emplace_back();
  rows.push_back(std::move(total));
  // A column of nothing but zeros gives way before any that says something.
  auto gives_way = [](bool zero, int order_of_use) { return zero ? 20 : order_of_use; };
  bool states = std::any_of(streams.begin(), streams.end(), [](const stream_report& st) { return !st.state.empty(); });
  result.table.columns = {{"stream", false, 0, 8},
                          {"status", false, 2},
                          {"records", true, 0},
                          {"slices", true, 5},
                          {"failed", true, gives_way(failed == 0, 1)},
                          {"pages", true, 6},
                          {"requests", true, 3},
                          {"retries", true, gives_way(sum.retries == 0, 7)},
                          {"429s", true, gives_way(sum.rate_limited == 0, 4)},
                          {known ? "answer" : "", true, 9},
                          {known ? "wait" : "", true, 8},
                          {known ? "quota" : "", true, gives_way(sum.quota_us == 0, 10)},
                          {states ? "state" : "", false, 15, 12}};
  if (!states)
    for (auto& row : rows)
      row.back().text.clear();
  result.table.utf8 = s.utf8;
  return result;
}

/// `  limit     The sentence, in as many lines`
/// `            as it takes.`
std::string paragraph(const std::string& title, const std::string& text, const screen& s) {
  constexpr std::size_t column = 12;
  auto room = s.columns > 2 * column ? s.columns - column : column;
  std::string result;
  for (const auto& line : wrap(printable(text, s.utf8), room)) {
    std::string begin = result.empty() ? "  " + title : "";
    begin.append(column - columns_of(begin), ' ');
    result += begin + line + "\n";
  }
  return result;
}

std::string rendered_paragraph(const std::string& text, const screen& s) {
  std::string result;
  for (const auto& line : wrap(printable(text, s.utf8), s.columns))
    result += line + "\n";
  return result;
}

} // namespace

std::string summary_text(const run_result& r, const run_facts& facts, const screen& s) {
  const auto& x = r.snapshot;
  std::size_t complete = 0;
  std::uint64_t records = 0;
  for (const auto& st : x.records.streams) {
    complete += st.status == stream_phase::complete ? 1 : 0;
    records += st.records;
  }
  std::string text
    = "\n"
      + rendered_paragraph("Sync ended after " + duration_text(x.elapsed_us) + ": " + count_text(complete) + " of "
                             + count_text(x.records.streams.size()) + " streams complete, " + count_text(records)
                             + " records, " + count_text(x.requests.requests) + " requests.",
                           s)
      + "\n";
  auto streams = streams_of(x, s);
  std::string table;
  for (const auto& line : streams.table.lines(s.columns))
    table += rendered(line, s.colour) + "\n";
  text += table;
  if (streams.shares && table.find(ditto(s)) != std::string::npos)
    text += paragraph(ditto(s), "from the same pages as the stream above", s);
  auto header = table.substr(0, table.find('\n'));
  auto has = [&header](const char* title) { return header.find(title) != std::string::npos; };
  if (has(" wait"))
    text += paragraph("wait",
                      "from ready to sent, on average"
                        + std::string{has(" quota") ? "; quota: the part of it for a rate limit" : ""}
                        + (has(" answer") ? "; answer: from sent to answered" : ""),
                      s);
  if (streams.parents)
    text += paragraph("( )", "not selected, read as parent of others", s);
  text += "\n";
  auto seconds = static_cast<double>(std::max<std::int64_t>(1, x.elapsed_us)) / 1e6;
  text += paragraph("requests",
                    rate_text(static_cast<double>(x.requests.requests) / seconds) + "/s, at most "
                      + std::to_string(x.requests.peak_in_flight) + " of " + std::to_string(x.pool_size)
                      + " in flight, " + count_text(x.requests.retries) + " retried, "
                      + count_text(x.requests.rate_limited) + " refused by the rate limit"
                      + (x.requests.put_off > 0
                           ? ", " + count_text(x.requests.put_off) + (x.requests.put_off == 1 ? " slice" : " slices")
                               + " tried again at the end"
                           : ""),
                    s);
  for (const auto& q : x.requests.quotas)
    if (q.used * 100 >= q.limit) // a quota that is hardly touched is no news
      text
        += paragraph("quota",
                     q.policy + ": " + count_text(q.used) + " of " + count_text(q.limit) + " used"
                       + (q.reported_by_server ? " (as the server reports)" : "")
                       + (q.used > 0 && q.resets_in_us > 0 ? ", free again in " + duration_text(q.resets_in_us) : ""),
                     s);
  if (x.resident_bytes > 0 || x.processor_us > 0)
    text += paragraph("process",
                      (x.resident_bytes > 0 ? bytes_text(x.resident_bytes) + " of memory" : std::string{})
                        + (x.resident_bytes > 0 && x.processor_us > 0 ? ", " : "")
                        + (x.processor_us > 0 ? duration_text(x.processor_us) + " of processor time" : std::string{}),
                      s);
  // Where nothing came there was no speed to limit.
  const bool in_vain = records == 0 && complete == 0 && !r.errors.empty();
  if (!in_vain)
    text += paragraph("limit", bottleneck_of(x, facts).sentence, s);
  if (!r.reason.empty())
    text += "\n" + rendered_paragraph(r.reason, s);
  for (const auto& e : r.errors)
    text += "\n" + rendered_paragraph(std::string{to_string(e.failure)} + ": " + e.message, s);
  return text;
}

} // namespace sluice
