#include "app/summary.hpp"

#include "app/text.hpp"
#include "messages/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace sluice {

namespace {

struct limiter {
  const char* key;
  std::int64_t us;
  const char* sentence;
};

std::array<limiter, 7> limiters_of(const limiter_times& t) {
  return {{
    {"pool", t.pool_us, "the fetcher pool was fully busy with requests; a larger pool may help (num_workers)"},
    {"quota", t.quota_us, "requests waited for the account's rate limit; a larger pool will not help"},
    {"output", t.output_us, "stdout was not read fast enough; speed up its reader, or raise emitter.mailbox_bytes"},
    {"fan_out", t.fan_out_us, "parents waited for their children to catch up; raise fan_out.mailbox if memory allows"},
    {"backoff", t.backoff_us, "only retries that waited for their back-off were left; see the log for what failed"},
    {"memory", t.memory_us, "the process held more than memory.limit; a smaller pool or smaller pages need less"},
    {"work", t.work_us, "there were fewer requests to send than fetchers; smaller slices may help (slice_range_days)"},
  }};
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return std::to_string(whole > 0 ? (part * 100 + whole / 2) / whole : 0) + " %";
}

} // namespace

std::string bottleneck_text(const run_snapshot& x) {
  auto all = limiters_of(x.requests.limiters);
  std::int64_t total = 0;
  for (const auto& l : all)
    total += l.us;
  auto worst = std::max_element(all.begin(), all.end(), [](const limiter& a, const limiter& b) { return a.us < b.us; });
  if (total == 0)
    return "Nothing had to be waited for.";
  return percent(worst->us, total) + " of the time " + worst->sentence + ".";
}

std::string summary_text(const run_result& r) {
  const auto& x = r.snapshot;
  std::size_t complete = 0;
  std::uint64_t records = 0;
  std::vector<std::vector<std::string>> rows{{"stream", "status", "records", "pages", "slices", "failed"}};
  for (const auto& s : x.records.streams) {
    complete += s.status == "complete" ? 1 : 0;
    records += s.records;
    rows.push_back({s.name, s.status, count_text(s.records), count_text(s.pages),
                    count_text(s.slices_done) + (s.slices_final ? "" : "+"), count_text(s.slices_failed)});
  }
  rows.push_back({"total", "", count_text(records), "", "", ""});
  std::string text = "\nSync ended after " + duration_text(x.elapsed_us) + ": " + std::to_string(complete) + " of "
                     + std::to_string(x.records.streams.size()) + " streams complete, " + count_text(records)
                     + " records, " + count_text(x.requests.requests) + " requests.\n\n";
  text += table_text(rows, "llr");
  auto seconds = static_cast<double>(std::max<std::int64_t>(1, x.elapsed_us)) / 1e6;
  text += "\n  requests  " + rate_text(static_cast<double>(x.requests.requests) / seconds) + "/s, at most "
          + std::to_string(x.requests.peak_in_flight) + " of " + std::to_string(x.pool_size) + " in flight, "
          + count_text(x.requests.retries) + " retried, " + count_text(x.requests.rate_limited)
          + " refused by the rate limit"
          + (x.requests.put_off > 0 ? ", " + count_text(x.requests.put_off) + " slices tried again at the end" : "")
          + "\n";
  for (const auto& q : x.requests.quotas)
    if (q.used * 100 >= q.limit) // a quota that is hardly touched is no news
      text += "  quota     " + q.policy + ": " + count_text(q.used) + " of " + count_text(q.limit) + " used"
              + (q.reported_by_server ? " (as the server reports)" : "") + "\n";
  text += "  limit     " + bottleneck_text(x) + "\n";
  if (!r.reason.empty())
    text += "\n" + r.reason + "\n";
  return text;
}

std::string summary_json(const run_result& r) {
  const auto& x = r.snapshot;
  auto number = [](auto n) { return std::to_string(n); };
  std::string json = "{\"exit_code\":" + number(r.exit_code) + ",\"reason\":" + json_string(r.reason)
                     + ",\"elapsed_us\":" + number(x.elapsed_us) + ",\"pool_size\":" + number(x.pool_size)
                     + ",\"streams\":[";
  for (std::size_t i = 0; i < x.records.streams.size(); ++i) {
    const auto& s = x.records.streams[i];
    json += std::string{i > 0 ? "," : ""} + "{\"name\":" + json_string(s.name) + ",\"status\":" + json_string(s.status)
            + ",\"records\":" + number(s.records) + ",\"pages\":" + number(s.pages)
            + ",\"slices\":" + number(s.slices_known) + ",\"slices_done\":" + number(s.slices_done)
            + ",\"slices_failed\":" + number(s.slices_failed) + "}";
  }
  const auto& q = x.requests;
  json += "],\"states\":" + number(x.records.states) + ",\"requests\":" + number(q.requests) + ",\"retries\":"
          + number(q.retries) + ",\"put_off\":" + number(q.put_off) + ",\"rate_limited\":" + number(q.rate_limited)
          + ",\"peak_in_flight\":" + number(q.peak_in_flight) + ",\"peak_credit_bytes\":" + number(q.peak_credit_bytes)
          + ",\"peak_fan_out\":" + number(q.peak_fan_out) + ",\"limiter_us\":{";
  bool first = true;
  for (const auto& l : limiters_of(q.limiters)) {
    json += std::string{first ? "" : ","} + json_string(l.key) + ":" + number(l.us);
    first = false;
  }
  json += "},\"bottleneck\":" + json_string(bottleneck_text(x)) + ",\"quotas\":[";
  for (std::size_t i = 0; i < q.quotas.size(); ++i)
    json += std::string{i > 0 ? "," : ""} + "{\"policy\":" + json_string(q.quotas[i].policy)
            + ",\"limit\":" + number(q.quotas[i].limit) + ",\"used\":" + number(q.quotas[i].used)
            + ",\"reported_by_server\":" + (q.quotas[i].reported_by_server ? "true" : "false") + "}";
  return json + "]}\n";
}

} // namespace sluice
