#include "app/bottleneck.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"

#include <functional>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Ten fetchers, a hundred seconds, two endpoints that answer alike, no quotas, an idle machine of two cores.
run_snapshot quiet_run() {
  run_snapshot x;
  x.elapsed_us = 100'000'000;
  x.pool_size = 10;
  x.requests.requests = 1000;
  x.requests.endpoints.resize(2);
  x.requests.endpoints[0].requests = 500;
  x.requests.endpoints[0].answer_us = 250'000'000;
  x.requests.endpoints[1].requests = 500;
  x.requests.endpoints[1].answer_us = 250'000'000;
  x.records.endpoints
    = {sample_endpoint("surveys", 500, 500, 500, true), sample_endpoint("details", 500, 500, 500, true)};
  x.requests.limiters.work_us = 10'000'000;
  x.processor_us = 10'000'000;
  return x;
}

run_facts facts() {
  run_facts f;
  f.processors = 2;
  f.sliced = {true, false};
  return f;
}

quota_gauge quota(std::string policy, std::uint64_t limit, std::int64_t window_s, std::uint64_t used) {
  quota_gauge q;
  q.policy = std::move(policy);
  q.limit = limit;
  q.window_us = window_s * 1'000'000;
  q.used = used;
  q.reported_by_server = true;
  return q;
}

actor_gauge actor(std::string kind, std::uint32_t count, std::int64_t busy_s, std::int64_t waiting_s) {
  actor_gauge a;
  a.kind = std::move(kind);
  a.count = count;
  a.busy_us = busy_s * 1'000'000;
  a.waiting_us = waiting_s * 1'000'000;
  return a;
}

struct verdict {
  const char* name;
  std::function<void(run_snapshot&, run_facts&)> change;
  const char* limiter;
  const char* sentence;
};

void pool_bound(run_snapshot& x) {
  x.requests.limiters.pool_us = 90'000'000;
}

const std::vector<verdict> verdicts{
  {"nothing measured", [](run_snapshot& x, run_facts&) { x.requests.limiters = {}; }, "none",
   "Nothing had to be waited for."},
  {"the minute's quota, by what the server reports",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.quota_us = 90'000'000;
     x.requests.quotas = {quota("day", 5000, 86400, 1000), quota("minute", 600, 60, 590)};
   },
   "quota",
   "Limited by the minute quota (600 requests a minute) 90 % of the time; a larger pool will not help, fewer streams "
   "or "
   "a higher limit of the account would."},
  {"refusals, whatever the quotas say",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.quota_us = 90'000'000;
     x.requests.limiters.refused_us = 89'000'000;
     x.requests.rate_limited = 3;
     x.requests.quotas = {quota("minute", 1'000'000, 60, 20)};
   },
   "quota",
   "Limited by refusals of the server 90 % of the time: it answered 3 requests with a rate limit (429), and the run "
   "waited as long as that asked for, although the quotas that are known had room; a larger pool will not help, fewer "
   "requests at once (a smaller pool or limit) may."},
  {"a quota that only the configuration knows",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.quota_us = 90'000'000;
     x.requests.quotas = {quota("minute", 600, 60, 590)};
     x.requests.quotas[0].reported_by_server = false;
   },
   "quota",
   "Limited by the minute quota (600 requests a minute) 90 % of the time; a larger pool will not help, fewer streams "
   "or "
   "a higher limit of the account would; the server did not report this limit: if the account's is higher, raise "
   "rate_limit_per_minute."},
  {"a day's quota that comes back late",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.quota_us = 90'000'000;
     x.requests.quotas = {quota("day", 1000, 86400, 1000)};
     x.requests.quotas[0].room_in_us = 3600'000'000;
     x.requests.quotas[0].resets_in_us = 7'260'000'000;
   },
   "quota",
   "Limited by the day quota (1,000 requests a day) 90 % of the time; a larger pool will not help, fewer streams or a "
   "higher limit of the account would; all of it is free again in 2 h 01 min."},
  {"quota without a policy", [](run_snapshot& x, run_facts&) { x.requests.limiters.quota_us = 90'000'000; }, "quota",
   "Limited by the server's rate limit 90 % of the time; a larger pool will not help."},
  {"a busy pool", [](run_snapshot& x, run_facts&) { pool_bound(x); }, "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers) helps "
   "as "
   "long as the server's answers do not get slower."},
  {"a pool of one",
   [](run_snapshot& x, run_facts& f) {
     pool_bound(x);
     x.pool_size = 1;
     f.pool_key = "fetchers.pool_size";
   },
   "pool",
   "Limited by the pool 90 % of the time: the one fetcher had a request in flight; a larger pool (fetchers.pool_size) "
   "helps as long as the server's answers do not get slower."},
  {"a busy pool that is as large as the configuration allows",
   [](run_snapshot& x, run_facts& f) {
     pool_bound(x);
     f.max_pool_size = 10;
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers and "
   "fetchers.max_pool_size) helps as long as the server's answers do not get slower."},
  {"the largest pool there is",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.pool_size = 1000;
   },
   "pool",
   "Limited by the pool 90 % of the time: all 1,000 fetchers had a request in flight; it is as large as a pool can "
   "be."},
  {"one endpoint fills the pool",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.requests.endpoints[0].answer_us = 25'000'000;
     x.requests.endpoints[1].answer_us = 1'000'000'000;
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; details answers after 2.0 s on "
   "average, 40 times slower than the rest, and takes 98 % of the pool's time; a larger pool (num_workers) helps only "
   "if "
   "the server can answer more of these requests at once."},
  {"a slow endpoint with few requests does not fill the pool",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.requests.endpoints[0].requests = 5;
     x.requests.endpoints[0].answer_us = 25'000'000;
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers) helps "
   "as "
   "long as the server's answers do not get slower."},
  {"a larger pool meets the quota at once",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.requests.quotas = {quota("minute", 660, 60, 600)};
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool would at once be "
   "limited by the minute quota (660 requests a minute)."},
  {"a larger pool meets the quota later",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.requests.requests = 3000;
     x.requests.quotas = {quota("minute", 1500, 60, 600)};
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers) helps "
   "as "
   "long as the server's answers do not get slower, up to about 12 fetchers: then the minute quota (1,500 requests a "
   "minute) limits."},
  {"work that fits into one minute never meets its quota",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.requests.quotas = {quota("minute", 1000, 60, 600)};
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers) helps "
   "as "
   "long as the server's answers do not get slower."},
  {"all processors are busy",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.processor_us = 190'000'000;
     x.actors = {actor("governor", 1, 20, 0), actor("fetcher", 10, 140, 30)};
   },
   "processor",
   "Limited by the processor: 1.9 of 2 cores were busy, the busiest actors are of the kind fetcher (1.4 cores); a "
   "larger "
   "pool will not help, more cores would."},
  {"one core is busy of two, by many actors: that is not the limit",
   [](run_snapshot& x, run_facts&) {
     pool_bound(x);
     x.processor_us = 100'000'000;
     x.actors = {actor("fetcher", 10, 95, 800)};
   },
   "pool",
   "Limited by the pool 90 % of the time: all 10 fetchers had a request in flight; a larger pool (num_workers) helps "
   "as "
   "long as the server's answers do not get slower."},
  {"one actor is busy all the time",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.work_us = 100'000'000;
     x.processor_us = 120'000'000;
     x.actors = {actor("governor", 1, 96, 0), actor("fetcher", 10, 20, 30)};
   },
   "processor",
   "Limited by one processor core: the governor, which is a single actor, was working 96 % of the time; neither a "
   "larger "
   "pool nor more cores will help."},
  {"busy processors do not hide a quota",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.quota_us = 90'000'000;
     x.processor_us = 200'000'000;
   },
   "quota", "Limited by the server's rate limit 90 % of the time; a larger pool will not help."},
  {"a slow reader",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.output_us = 90'000'000;
     x.actors = {actor("emitter", 1, 1, 95)};
   },
   "output",
   "Limited by who reads stdout 90 % of the time: lines could not be written as fast as they came; a faster reader "
   "helps, a larger pool does not, and a larger emitter.mailbox_bytes only evens out bursts."},
  {"an emitter that works all the time is no slow reader",
   [](run_snapshot& x, run_facts&) {
     x.requests.limiters.output_us = 90'000'000;
     x.actors = {actor("emitter", 1, 95, 1)};
   },
   "processor",
   "Limited by one processor core: the emitter, which is a single actor, was working 95 % of the time; neither a "
   "larger "
   "pool nor more cores will help."},
  {"a full fan-out", [](run_snapshot& x, run_facts&) { x.requests.limiters.fan_out_us = 90'000'000; }, "fan_out",
   "Limited by the fan-out 90 % of the time: parents had run ahead of their children as far as they may; a larger "
   "fan_out.mailbox lets them run further and takes memory, a larger pool will not help."},
  {"retries", [](run_snapshot& x, run_facts&) { x.requests.limiters.backoff_us = 90'000'000; }, "backoff",
   "Limited by retries 90 % of the time: only requests that waited for their back-off were left; the log says what "
   "failed, a larger pool will not help."},
  {"memory", [](run_snapshot& x, run_facts&) { x.requests.limiters.memory_us = 90'000'000; }, "memory",
   "Limited by memory 90 % of the time: the process held as much as memory.limit allows; a smaller pool or smaller "
   "pages "
   "need less, a higher memory.limit allows more."},
  {"a credential", [](run_snapshot& x, run_facts&) { x.requests.limiters.credential_us = 90'000'000; }, "credential",
   "Limited by the credential 90 % of the time: there was none that requests could be sent with until a new one was "
   "obtained; the log says how that went, a larger pool will not help."},
  {"too little work", [](run_snapshot&, run_facts&) {}, "work",
   "Limited by the work 100 % of the time: there were fewer requests to send than fetchers, on average 5.0 of 10 were "
   "in "
   "flight; a larger pool will not help."},
  {"too little work, and no measured answers",
   [](run_snapshot& x, run_facts&) {
     x.requests.endpoints.clear();
     x.records.endpoints.clear();
   },
   "work",
   "Limited by the work 100 % of the time: there were fewer requests to send than fetchers; a larger pool will not "
   "help."},
  {"a chain of pages in one slice of a sliced endpoint",
   [](run_snapshot& x, run_facts&) {
     x.requests.endpoints[0].answer_us = 300'000'000;
     x.records.endpoints[0].slices_known = 2;
   },
   "work",
   "Limited by the work 100 % of the time: there were fewer requests to send than fetchers; surveys has 500 pages in 2 "
   "slices, and the pages of a slice can only be read one after the other; shorter slices (slice_range_days) can be "
   "read "
   "at the same time."},
  {"the same in another connector",
   [](run_snapshot& x, run_facts& f) {
     x.requests.endpoints[0].answer_us = 300'000'000;
     x.records.endpoints[0].slices_known = 1;
     f.slice_key = "step of the manifest's cursor";
   },
   "work",
   "Limited by the work 100 % of the time: there were fewer requests to send than fetchers; surveys has 500 pages in 1 "
   "slice, and the pages of a slice can only be read one after the other; shorter slices (step of the manifest's "
   "cursor) "
   "can be read at the same time."},
  {"a chain of pages that cannot be sliced",
   [](run_snapshot& x, run_facts&) {
     x.requests.endpoints[1].answer_us = 300'000'000;
     x.records.endpoints[1].slices_known = 1;
   },
   "work",
   "Limited by the work 100 % of the time: there were fewer requests to send than fetchers; details has 500 pages in 1 "
   "slice, and the pages of a slice can only be read one after the other; no setting changes that."},
};

} // namespace

TEST_CASE("the bottleneck is named from measured times, with advice that is true") {
  for (const auto& v : verdicts) {
    INFO(v.name);
    auto x = quiet_run();
    auto f = facts();
    v.change(x, f);
    auto found = bottleneck_of(x, f);
    CHECK(found.limiter == v.limiter);
    CHECK(found.sentence == v.sentence);
  }
}

TEST_CASE("the bottleneck's share is a part of the running time") {
  auto x = quiet_run();
  x.requests.limiters.quota_us = 30'000'000;
  CHECK(bottleneck_of(x, facts()).share == near(0.75));
  pool_bound(x);
  x.processor_us = 250'000'000;
  CHECK(bottleneck_of(x, facts()).share == near(1.0));
}

TEST_CASE("a run without any number has no bottleneck") {
  CHECK(bottleneck_of({}, {}).limiter == "none");
}
