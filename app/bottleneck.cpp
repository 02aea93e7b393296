#include "app/bottleneck.hpp"

#include "app/text/numbers.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <thread>
#include <utility>

namespace sluice {

namespace {

/// Processors, or an actor, that work for this part of the time are what limits.
constexpr double saturated = 0.9;
/// An endpoint so many times slower than the others is worth a word.
constexpr double notably_slower = 3;
/// Pages of a slice come one after the other; from here on a slice is a chain.
constexpr double chain_pages = 3;

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", x);
  return text;
}

std::string share_text(double share) {
  return percent_text(share) + " of the time";
}

// -- quotas ----------------------------------------------------------------------

/// How much of a quota's window the run fills: 1 is all of it.
double filled(const run_snapshot& x, const quota_gauge& q) {
  if (q.limit == 0)
    return 0;
  auto requests = static_cast<double>(x.requests.requests);
  double in_window = x.elapsed_us > q.window_us && q.window_us > 0
                       ? requests * static_cast<double>(q.window_us) / static_cast<double>(x.elapsed_us)
                       : requests;
  return std::max(in_window, static_cast<double>(q.used)) / static_cast<double>(q.limit);
}

/// The policy that held requests up most.
const quota_gauge* strictest(const run_snapshot& x) {
  const quota_gauge* found = nullptr;
  auto weight = [&x](const quota_gauge& q) { return filled(x, q) + (q.room_in_us != 0 ? 1 : 0); };
  for (const auto& q : x.requests.quotas)
    if (q.limit > 0 && (found == nullptr || weight(q) > weight(*found)))
      found = &q;
  return found;
}

/// `120 requests a minute`
std::string limit_text(const quota_gauge& q) {
  static constexpr std::array<std::pair<std::int64_t, const char*>, 4> windows{
    {{1, "a second"}, {60, "a minute"}, {3600, "an hour"}, {86400, "a day"}}};
  std::string window = q.window_us > 0 ? "in " + duration_text(q.window_us) : "";
  for (const auto& [seconds, words] : windows)
    if (q.window_us == seconds * 1'000'000)
      window = words;
  return count_text(q.limit) + " requests" + (window.empty() ? "" : " " + window);
}

std::string quota_sentence(const run_snapshot& x, const run_facts& facts, double share) {
  const auto& l = x.requests.limiters;
  if (l.refused_us * 2 > l.quota_us)
    return "Limited by refusals of the server " + share_text(share) + ": it answered "
           + count_text(x.requests.rate_limited) + (x.requests.rate_limited == 1 ? " request" : " requests")
           + " with a rate limit (429), and the run waited as long as that asked for, although the quotas that are "
             "known "
             "had room; a larger pool will not help, fewer requests at once (a smaller pool or limit) may.";
  const auto* q = strictest(x);
  if (q == nullptr)
    return "Limited by the server's rate limit " + share_text(share) + "; a larger pool will not help.";
  std::string text = "Limited by the " + q->policy + " quota (" + limit_text(*q) + ") " + share_text(share)
                     + "; a larger pool will not help, fewer streams or a higher limit of the account would";
  if (q->resets_in_us >= 60'000'000)
    text += "; all of it is free again in " + duration_text(q->resets_in_us);
  if (!q->reported_by_server && !facts.limit_key.empty())
    text += "; the server did not report this limit: if the account's is higher, raise " + facts.limit_key;
  return text + ".";
}

/// The pool size at which a quota becomes the limit, and which; none: no quota of this run would.
std::pair<double, const quota_gauge*> useful_pool(const run_snapshot& x) {
  std::pair<double, const quota_gauge*> least{std::numeric_limits<double>::infinity(), nullptr};
  std::int64_t answer_us = 0;
  std::uint64_t answered = 0;
  for (const auto& e : x.requests.endpoints) {
    answer_us += e.answer_us;
    answered += e.requests - std::min<std::uint64_t>(e.requests, e.in_flight);
  }
  for (const auto& q : x.requests.quotas) {
    // Work that fits into one window never meets the limit, however fast it is done.
    auto ahead = x.requests_left > 0 ? static_cast<std::uint64_t>(x.requests_left) : 0;
    if (q.limit == 0 || q.window_us <= 0 || answered == 0 || x.requests.requests + ahead <= q.limit)
      continue;
    // Requests per second times seconds per request are requests in flight (Little's law).
    auto pool = ratio(static_cast<std::int64_t>(q.limit), q.window_us) * static_cast<double>(answer_us)
                / static_cast<double>(answered);
    if (pool < least.first)
      least = {pool, &q};
  }
  return least;
}

// -- endpoints -------------------------------------------------------------------

std::string name_of_endpoint(const run_snapshot& x, std::size_t i) {
  return i < x.records.endpoints.size() ? x.records.endpoints[i].name : "endpoint " + std::to_string(i);
}

/// The endpoint whose requests fill the pool, if it is slower than the rest by far; else empty.
std::string slow_endpoint(const run_snapshot& x) {
  const auto& all = x.requests.endpoints;
  if (all.size() < 2)
    return "";
  auto answered
    = [](const endpoint_traffic& e) { return e.requests - std::min<std::uint64_t>(e.requests, e.in_flight); };
  std::size_t most = 0;
  std::int64_t sum_us = 0;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    most = all[i].answer_us > all[most].answer_us ? i : most;
    sum_us += all[i].answer_us;
    count += answered(all[i]);
  }
  auto rest_count = count - answered(all[most]);
  if (answered(all[most]) == 0 || rest_count == 0)
    return "";
  auto mean = ratio(all[most].answer_us, static_cast<std::int64_t>(answered(all[most])));
  auto rest = ratio(sum_us - all[most].answer_us, static_cast<std::int64_t>(rest_count));
  if (rest <= 0 || mean < rest * notably_slower)
    return "";
  return name_of_endpoint(x, most) + " answers after " + duration_text(std::llround(mean)) + " on average, "
         + (mean / rest < 10 ? number(mean / rest) : count_text(static_cast<std::uint64_t>(std::llround(mean / rest))))
         + " times slower than the rest, and takes " + percent_text(ratio(all[most].answer_us, sum_us))
         + " of the pool's time";
}

std::string pool_sentence(const run_snapshot& x, const run_facts& facts, double share) {
  auto pool = count_text(x.pool_size);
  std::string text = "Limited by the pool " + share_text(share) + ": "
                     + (x.pool_size == 1 ? "the one fetcher" : "all " + pool + " fetchers")
                     + " had a request in flight";
  auto slow = slow_endpoint(x);
  if (!slow.empty())
    text += "; " + slow;
  auto [useful, quota] = useful_pool(x);
  if (quota != nullptr && useful < static_cast<double>(x.pool_size) * 1.2)
    return text + "; a larger pool would at once be limited by the " + quota->policy + " quota (" + limit_text(*quota)
           + ").";
  if (x.pool_size >= facts.largest_pool)
    return text + "; it is as large as a pool can be.";
  auto key = facts.pool_key;
  if (x.pool_size >= facts.max_pool_size)
    key += key == "fetchers.max_pool_size" ? "" : " and fetchers.max_pool_size";
  text += "; a larger pool (" + key + ") helps "
          + (slow.empty() ? "as long as the server's answers do not get slower"
                          : "only if the server can answer more of these requests at once");
  if (quota != nullptr && useful < facts.largest_pool)
    text += ", up to about " + count_text(static_cast<std::uint64_t>(useful)) + " fetchers: then the " + quota->policy
            + " quota (" + limit_text(*quota) + ") limits";
  return text + ".";
}

/// An endpoint that is read as a few long chains of pages.
std::string chain_sentence(const run_snapshot& x, const run_facts& facts) {
  const auto& traffic = x.requests.endpoints;
  const auto& progress = x.records.endpoints;
  if (traffic.empty() || traffic.size() > progress.size())
    return "";
  auto most = static_cast<std::size_t>(
    std::max_element(traffic.begin(), traffic.end(),
                     [](const endpoint_traffic& a, const endpoint_traffic& b) { return a.answer_us < b.answer_us; })
    - traffic.begin());
  const auto& e = progress[most];
  if (e.slices_known == 0 || e.slices_known >= x.pool_size
      || static_cast<double>(e.pages) < chain_pages * static_cast<double>(e.slices_known))
    return "";
  auto slices = count_text(e.slices_known) + (e.slices_known == 1 ? " slice" : " slices");
  std::string text = e.name + " has " + count_text(e.pages) + " pages in " + slices
                     + ", and the pages of a slice can only be read one after the other";
  if (most < facts.sliced.size() && facts.sliced[most])
    return text + "; shorter slices (" + facts.slice_key + ") can be read at the same time";
  return text + "; no setting changes that";
}

std::string work_sentence(const run_snapshot& x, const run_facts& facts, double share) {
  std::string text = "Limited by the work " + share_text(share) + ": there were fewer requests to send than fetchers";
  auto chain = chain_sentence(x, facts);
  if (!chain.empty())
    return text + "; " + chain + ".";
  std::int64_t answer_us = 0;
  for (const auto& e : x.requests.endpoints)
    answer_us += e.answer_us;
  if (answer_us > 0 && x.elapsed_us > 0)
    text += ", on average " + number(ratio(answer_us, x.elapsed_us)) + " of " + count_text(x.pool_size)
            + " were in flight";
  // Few requests that take long look like too little work.
  if (auto slow = slow_endpoint(x); !slow.empty())
    text += "; " + slow;
  return text + "; a larger pool will not help.";
}

// -- processors ------------------------------------------------------------------

const actor_gauge* busiest(const run_snapshot& x) {
  auto found = std::max_element(x.actors.begin(), x.actors.end(),
                                [](const actor_gauge& a, const actor_gauge& b) { return a.busy_us < b.busy_us; });
  return found == x.actors.end() || found->busy_us <= 0 ? nullptr : &*found;
}

/// All processors busy, or one actor that has only one at its disposal; else `none`.
bottleneck processor_bound(const run_snapshot& x, const run_facts& facts) {
  bottleneck none{"none", 0, ""};
  if (x.elapsed_us <= 0)
    return none;
  auto cores = ratio(x.processor_us, x.elapsed_us);
  const auto* actor = busiest(x);
  std::string who;
  if (actor != nullptr)
    who = ", the busiest actors are of the kind " + actor->kind + " (" + number(ratio(actor->busy_us, x.elapsed_us))
          + " cores)";
  if (facts.processors > 0 && cores >= saturated * facts.processors)
    return {"processor", std::min(1.0, cores / facts.processors),
            "Limited by the processor: " + number(cores) + " of " + count_text(facts.processors)
              + (facts.processors == 1 ? " core was busy" : " cores were busy") + who
              + "; a larger pool will not help, more cores would."};
  for (const auto& a : x.actors) {
    auto share = ratio(a.busy_us, x.elapsed_us);
    if (a.count == 1 && share >= saturated)
      return {"processor", std::min(1.0, share),
              "Limited by one processor core: the " + a.kind + ", which is a single actor, was working "
                + share_text(std::min(1.0, share)) + "; neither a larger pool nor more cores will help."};
  }
  return none;
}

/// True if who reads stdout is what the emitter waited for.
bool reader_is_slow(const run_snapshot& x) {
  for (const auto& a : x.actors)
    if (a.kind == "emitter")
      return a.waiting_us >= a.busy_us;
  return true;
}

} // namespace

run_facts facts_of(const plan& p, const tuning& t, bool built_in) {
  run_facts facts;
  facts.max_pool_size = t.fetchers.max_pool_size;
  facts.processors = std::thread::hardware_concurrency();
  if (!built_in) {
    facts.pool_key = p.concurrency ? "concurrency_level of the manifest" : "fetchers.pool_size";
    facts.slice_key = "step of the manifest's cursor";
    facts.limit_key = "the limit in the manifest's api_budget";
  }
  for (const auto& e : p.endpoints)
    facts.sliced.push_back(e.cursor && e.cursor->step);
  return facts;
}

bottleneck bottleneck_of(const run_snapshot& x, const run_facts& facts) {
  const auto& l = x.requests.limiters;
  const std::array<std::pair<const char*, std::int64_t>, 8> all{{{"pool", l.pool_us},
                                                                 {"quota", l.quota_us},
                                                                 {"output", l.output_us},
                                                                 {"fan_out", l.fan_out_us},
                                                                 {"backoff", l.backoff_us},
                                                                 {"memory", l.memory_us},
                                                                 {"credential", l.credential_us},
                                                                 {"work", l.work_us}}};
  std::int64_t total = 0;
  for (const auto& [name, us] : all)
    total += us;
  if (total <= 0)
    return {"none", 0, "Nothing had to be waited for."};
  auto worst
    = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::string limiter = worst->first;
  auto share = ratio(worst->second, total);
  // Quotas, back-offs and a slow reader let the processors rest.
  if (limiter == "pool" || limiter == "work" || limiter == "fan_out" || (limiter == "output" && !reader_is_slow(x)))
    if (auto processor = processor_bound(x, facts); processor.limiter != "none")
      return processor;
  auto times = share_text(share);
  std::string sentence;
  if (limiter == "pool")
    sentence = pool_sentence(x, facts, share);
  else if (limiter == "quota")
    sentence = quota_sentence(x, facts, share);
  else if (limiter == "output")
    sentence
      = "Limited by who reads stdout " + times
        + ": lines could not be written as fast as they came; a faster reader helps, a larger pool does not, and "
          "a larger emitter.mailbox_bytes only evens out bursts.";
  else if (limiter == "fan_out")
    sentence = "Limited by the fan-out " + times
               + ": parents had run ahead of their children as far as they may; a larger fan_out.mailbox lets them run "
                 "further and takes memory, a larger pool will not help.";
  else if (limiter == "backoff")
    sentence = "Limited by retries " + times
               + ": only requests that waited for their back-off were left; the log says what failed, a larger pool "
                 "will not help.";
  else if (limiter == "memory")
    sentence
      = "Limited by memory " + times
        + ": the process held as much as memory.limit allows; a smaller pool or smaller pages need less, a higher "
          "memory.limit allows more.";
  else if (limiter == "credential")
    sentence = "Limited by the credential " + times
               + ": there was none that requests could be sent with until a new one was obtained; the log says how "
                 "that went, a "
                 "larger pool will not help.";
  else
    sentence = work_sentence(x, facts, share);
  return {limiter, share, sentence};
}

} // namespace sluice
