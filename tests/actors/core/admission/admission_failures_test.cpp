#include "actors/core/admission/admission.hpp"

#include "tests/support/catch2.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

const steady_time begin{1000s};
const language::instant wall{std::chrono::seconds{1'700'000'000}};

/// Endpoints without parents; a policy for some of them.
plan_ptr roots(std::uint32_t count, std::vector<rate_policy> policies = {}) {
  auto p = std::make_shared<plan>();
  for (std::uint32_t i = 0; i < count; ++i) {
    endpoint e;
    e.id = i;
    e.name = "endpoint" + std::to_string(i);
    e.request.url_base = "https://x/" + e.name;
    p->endpoints.push_back(e);
  }
  p->budget.policies = std::move(policies);
  return p;
}

/// Governs `endpointN`, allows so many requests a day, and ends the run then.
rate_policy day_of(std::uint32_t endpoint, std::uint64_t limit) {
  rate_policy p;
  p.what = rate_policy::kind::fixed_window;
  p.name = "day";
  p.rates = {{limit, 24h}};
  p.stop_when_exhausted = true;
  request_matcher m;
  m.path_pattern = "endpoint" + std::to_string(endpoint);
  p.matchers.push_back(m);
  return p;
}

/// How a request ends.
struct answer {
  page_result result = page_result::slice_done;
  bool lasting = false;
  microseconds delay{0};
  bool refused = false;
};

answer done() {
  return {};
}
answer refused_for(microseconds delay) {
  return {page_result::retry, false, delay, true};
}
answer fails_for_good() {
  return {page_result::failed, true};
}
/// As the error policy does it: five retries after 1, 2, 4, 8 and 16 s; in a later round none.
answer fails(const page_request& r) {
  if (r.attempt >= 5 || r.round > 0)
    return {page_result::failed};
  return {page_result::retry, false, 1s * (1 << r.attempt)};
}

/// A run of admission with a number of fetchers and sources that offer what is demanded, in virtual time.
struct simulated_run {
  using server = std::function<answer(const page_request&, steady_time)>;

  simulated_run(plan_ptr p, admission_limits limits, std::vector<std::uint64_t> slices_of_endpoints)
    : rules(p, limits, begin), left(std::move(slices_of_endpoints)), done(left.size()), failed(left.size()),
      requests(left.size()) {
    for (std::uint32_t i = 0; i < limits.pool_size; ++i)
      rules.fetcher_idle();
  }

  void offer() {
    for (const auto& d : rules.demands()) {
      slices_offered x;
      x.endpoint = d.endpoint;
      const auto count = std::min<std::uint64_t>(d.count, left[d.endpoint]);
      for (std::uint64_t i = 0; i < count; ++i) {
        slice s;
        s.endpoint = d.endpoint;
        s.id = (std::uint64_t{d.endpoint} + 1) << 40U | left[d.endpoint]--;
        x.slices.push_back(s);
      }
      x.last = left[d.endpoint] == 0;
      rules.offer(x, now);
    }
  }

  void collect() {
    for (const auto& x : rules.take_failures())
      ++failed[x.slice.endpoint];
    for (const auto& x : rules.take_given_up())
      given_up.push_back(x);
    for (const auto& x : rules.take_abandoned())
      abandoned += x.count;
  }

  void end(const permit& x, const answer& a) {
    page_outcome o;
    o.ticket = x.ticket;
    o.request = x.request;
    o.result = a.result;
    o.lasting = a.lasting;
    o.delay_us = a.delay.count();
    o.feedback.status = a.refused ? 429 : a.result == page_result::slice_done ? 200 : 500;
    o.feedback.rate_limited = a.refused;
    if (a.refused)
      o.feedback.wait_us = a.delay.count();
    if (a.result == page_result::retry || a.result == page_result::failed)
      o.error = {errc::http_status, failure_type::transient_error, "no", ""};
    if (a.result == page_result::retry && !a.refused)
      ++o.request.attempt;
    done[x.request.slice.endpoint] += a.result == page_result::slice_done ? 1 : 0;
    rules.finish(std::move(o), now, wall);
    rules.written(0, now); // the reader of stdout is fast
    rules.fetcher_idle();
  }

  /// Until nothing can move any more; answers take 100 ms.
  void run(const server& serve) {
    for (std::size_t round = 0; round < 1'000'000; ++round) {
      offer();
      std::vector<permit> flying;
      while (auto x = rules.next(now)) {
        ++requests[x->request.slice.endpoint];
        flying.push_back(std::move(*x));
      }
      collect();
      held = std::max(held, rules.report(now).queued);
      if (flying.empty()) {
        if (rules.exhausted(now) || rules.wake_at() == steady_time::max())
          return;
        now = std::max(now, rules.wake_at());
        continue;
      }
      now += 100ms;
      for (const auto& x : flying)
        end(x, serve(x.request, now));
      collect();
    }
    FAIL("the run does not end");
  }

  admission rules;
  std::vector<std::uint64_t> left;
  steady_time now = begin;
  std::vector<std::uint64_t> done;
  std::vector<std::uint64_t> failed;
  std::vector<std::uint64_t> requests;
  std::vector<endpoint_given_up> given_up;
  std::uint64_t abandoned = 0;
  std::uint64_t held = 0;
};

admission_limits limits_with(std::uint32_t pool) {
  admission_limits l;
  l.pool_size = pool;
  return l;
}

} // namespace

TEST_CASE("a dead endpoint costs a bounded number of requests and holds a bounded number of slices") {
  const auto pool = GENERATE(1U, 10U, 48U);
  INFO("pool " << pool);
  simulated_run r{roots(2), limits_with(pool), {5000, 200}};
  r.run([](const page_request& x, steady_time) { return x.slice.endpoint == 0 ? fails(x) : done(); });
  REQUIRE(r.given_up.size() == 1);
  CHECK(r.given_up[0].endpoint == 0);
  CHECK(r.given_up[0].failures_in_a_row >= 100);
  CHECK(r.requests[0] >= 100);
  CHECK(r.requests[0] <= 100 + 5 + pool);
  CHECK(r.held <= 2 * 64 + 100);
  CHECK(r.failed[0] > 0); // their errors name the cause
  CHECK(r.failed[0] < 100);
  CHECK(r.done[1] == 200);
}

TEST_CASE("a token that is revoked in mid-run costs a bounded number of requests an endpoint") {
  simulated_run r{roots(3), limits_with(10), {5000, 5000, 5000}};
  std::uint64_t answered = 0;
  r.run([&](const page_request&, steady_time) { return ++answered > 2000 ? fails_for_good() : done(); });
  CHECK(r.given_up.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(r.requests[i] - r.done[i] <= 100 + 10);
  CHECK(r.rules.report(r.now).put_off == 0);
}

TEST_CASE("an outage that passes loses nothing, however long the pool") {
  const auto pool = GENERATE(1U, 10U, 48U);
  INFO("pool " << pool);
  simulated_run r{roots(1), limits_with(pool), {3000}};
  r.run(
    [](const page_request& x, steady_time now) { return now > begin + 5s && now < begin + 3min ? fails(x) : done(); });
  CHECK(r.given_up.empty());
  CHECK(r.done[0] == 3000);
  CHECK(r.requests[0] < 3000 + 120);
}

TEST_CASE("slices that fail among good ones stop nobody") {
  simulated_run r{roots(1), limits_with(10), {3000}};
  r.run([](const page_request& x, steady_time) {
    const auto n = x.slice.id & 0xffff;
    return n % 3 == 0 && n < 1500 ? fails_for_good() : done(); // 499 of them
  });
  CHECK(r.given_up.empty());
  CHECK(r.failed[0] == 499);
  CHECK(r.done[0] == 2501);
}

TEST_CASE("a stretch of slices that cannot be read does not end the endpoint, if it is not long") {
  simulated_run r{roots(1), limits_with(4), {500}};
  r.run([](const page_request& x, steady_time) {
    const auto n = x.slice.id & 0xffff;
    return n > 200 && n <= 280 ? fails_for_good() : done();
  });
  CHECK(r.given_up.empty());
  CHECK(r.failed[0] == 80);
  CHECK(r.done[0] == 420);
}

TEST_CASE("slices that were put off count as failed ones") {
  auto l = limits_with(2);
  l.max_failed_slices = 10;
  simulated_run r{roots(1), l, {2000}};
  r.run([](const page_request& x, steady_time) { return (x.slice.id & 1U) == 0 ? fails(x) : done(); });
  REQUIRE(r.given_up.size() == 1);
  CHECK(r.given_up[0].failures_in_a_row == 0);
  CHECK(r.given_up[0].failed_slices == 11);
  CHECK(r.failed[0] >= 11);
  CHECK(r.done[0] + r.failed[0] + r.abandoned + r.left[0] == 2000);
}

TEST_CASE("what will not change is not put off") {
  simulated_run r{roots(1), limits_with(2), {6}};
  r.run([](const page_request& x, steady_time) { return (x.slice.id & 1U) == 0 ? fails_for_good() : done(); });
  CHECK(r.requests[0] == 6);
  CHECK(r.failed[0] == 3);
  CHECK(r.rules.report(r.now).put_off == 0);
}

TEST_CASE("what was in flight when its endpoint was given up is not asked for again") {
  auto l = limits_with(8);
  l.max_failed_slices = 0;
  simulated_run r{roots(1), l, {8}};
  r.run([](const page_request&, steady_time) { return answer{page_result::failed}; });
  CHECK(r.requests[0] == 8);
  CHECK(r.failed[0] == 8);
}

// -- quotas that end the run -----------------------------------------------------

TEST_CASE("a used-up quota that ends the run does so when nothing is left that it does not govern") {
  simulated_run r{roots(2, {day_of(0, 20)}), limits_with(3), {100, 500}};
  r.run([](const page_request&, steady_time) { return done(); });
  CHECK(r.done[0] == 20);
  CHECK(r.done[1] == 500);
  auto over = r.rules.exhausted(r.now);
  REQUIRE(over);
  CHECK(over->policy == "day");
  CHECK(over->limit == 20);
}

TEST_CASE("retries and put-off slices that the used-up quota does not govern come before the end") {
  simulated_run r{roots(2, {day_of(0, 5)}), limits_with(3), {100, 10}};
  r.run([](const page_request& x, steady_time) { return x.slice.endpoint == 1 && x.round == 0 ? fails(x) : done(); });
  CHECK(r.done[0] == 5);
  CHECK(r.done[1] == 10);
  CHECK(r.rules.exhausted(r.now));
}

TEST_CASE("a quota that ends the run and comes back before anything else is over ends nothing") {
  auto p = day_of(0, 20);
  p.rates[0].interval = 10s;
  simulated_run r{roots(2, {p}), limits_with(1), {60, 2000}};
  r.run([](const page_request&, steady_time) { return done(); });
  CHECK(r.done[0] == 60);
  CHECK(r.done[1] == 2000);
  CHECK_FALSE(r.rules.exhausted(r.now));
}

TEST_CASE("a request that needs more of a quota than is left of it ends the run, too") {
  auto p = day_of(0, 10);
  p.matchers[0].weight = 4;
  simulated_run r{roots(1, {p}), limits_with(1), {10}};
  r.run([](const page_request&, steady_time) { return done(); });
  CHECK(r.done[0] == 2);
  CHECK(r.rules.exhausted(r.now));
}

TEST_CASE("parents that wait for children without quota do not keep the run from its end") {
  auto p = std::make_shared<plan>(*roots(2, {day_of(1, 3)}));
  edge x;
  x.parent = 0;
  x.child = 1;
  p->edges.push_back(x);
  p->endpoints[0].child_edges.push_back(0);
  p->endpoints[1].slices.factors = {parent_records{{0}}};
  p->endpoints[1].depth = 1;
  auto l = limits_with(2);
  l.fan_out_records = 10;
  l.lookahead = 4;
  admission rules{p, l, begin};
  rules.fetcher_idle();
  std::uint64_t waiting = 0; // in the fan-out
  std::uint64_t wanted = 0;
  std::uint64_t parents = 0;
  std::uint64_t children = 0;
  std::uint64_t roots_left = 50;
  for (int round = 0; round < 1000 && !rules.exhausted(begin); ++round) {
    for (const auto& d : rules.demands()) {
      if (d.endpoint == 1) {
        wanted += d.count;
        continue;
      }
      slices_offered o;
      o.endpoint = 0;
      for (std::uint32_t i = 0; i < d.count && roots_left > 0; ++i, --roots_left) {
        slice s;
        s.id = 1000 + roots_left;
        o.slices.push_back(s);
      }
      o.last = roots_left == 0;
      rules.offer(o, begin);
    }
    slices_offered o;
    o.endpoint = 1;
    o.consumed_parents = {0};
    for (; wanted > 0 && waiting > 0; --wanted, --waiting, ++o.consumed_parents[0]) {
      slice s;
      s.endpoint = 1;
      s.id = 1'000'000 + children + waiting + static_cast<std::uint64_t>(round) * 1000;
      o.slices.push_back(s);
    }
    if (o.consumed_parents[0] > 0)
      rules.offer(o, begin);
    if (auto permit = rules.next(begin)) {
      page_outcome done;
      done.ticket = permit->ticket;
      done.request = permit->request;
      done.feedback.status = 200;
      if (permit->request.slice.endpoint == 0) {
        ++parents;
        done.parent_records = {8};
        waiting += 8;
      } else {
        ++children;
      }
      rules.finish(done, begin, wall);
      rules.written(0, begin);
      rules.fetcher_idle();
    }
  }
  CHECK(rules.exhausted(begin));
  CHECK(children == 3);
  CHECK(parents < 50);
}

// -- refusals ------------------------------------------------------------------

TEST_CASE("a refused page that is all that is left is a throttle, and its time is booked to the refusal") {
  simulated_run r{roots(1), limits_with(2), {1}};
  r.offer();
  auto x = r.rules.next(r.now);
  REQUIRE(x);
  r.end(*x, refused_for(30s));
  CHECK_FALSE(r.rules.next(r.now));
  REQUIRE(r.rules.throttled_until());
  CHECK(*r.rules.throttled_until() == begin + 30s);
  const auto l = r.rules.report(begin + 30s).limiters;
  CHECK(l.quota_us == 30'000'000);
  CHECK(l.refused_us == 30'000'000);
  CHECK(l.backoff_us == 0);
  CHECK(r.rules.next(begin + 30s));
}

TEST_CASE("a page that waits for its back-off after another failure is no throttle") {
  simulated_run r{roots(1), limits_with(2), {1}};
  r.offer();
  auto x = r.rules.next(r.now);
  REQUIRE(x);
  r.end(*x, fails(x->request));
  CHECK_FALSE(r.rules.next(r.now));
  CHECK_FALSE(r.rules.throttled_until());
  CHECK(r.rules.report(begin + 1s).limiters.backoff_us == 1'000'000);
}

TEST_CASE("a pause that a refusal began is told from a quota that is used up") {
  rate_policy minute;
  minute.name = "minute";
  minute.rates = {{1000, 1min}};
  simulated_run r{roots(1, {minute}), limits_with(2), {10}};
  r.offer();
  auto x = r.rules.next(r.now);
  auto y = r.rules.next(r.now);
  REQUIRE(x);
  REQUIRE(y);
  r.end(*x, refused_for(3s));
  r.end(*y, done());
  CHECK_FALSE(r.rules.next(r.now));
  const auto l = r.rules.report(begin + 3s).limiters;
  CHECK(l.quota_us == 3'000'000);
  CHECK(l.refused_us == 3'000'000);

  minute.rates = {{1, 1min}};
  simulated_run full{roots(1, {minute}), limits_with(2), {10}};
  full.offer();
  REQUIRE(full.rules.next(full.now));
  CHECK_FALSE(full.rules.next(full.now));
  CHECK(full.rules.report(begin + 3s).limiters.refused_us == 0);
}
