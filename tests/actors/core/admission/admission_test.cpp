#include "actors/core/admission/admission.hpp"

#include "tests/support/catch2.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// parent -> child -> grandchild, one stream each.
plan_ptr family(std::uint64_t per_minute = 0) {
  auto p = std::make_shared<plan>();
  for (std::uint32_t i = 0; i < 3; ++i) {
    endpoint e;
    e.id = i;
    e.name = i == 0 ? "parent" : i == 1 ? "child" : "grandchild";
    e.depth = i;
    output out;
    out.stream = i;
    out.stream_name = e.name;
    e.outputs.push_back(out);
    p->streams.push_back({e.name, "", i, 0, false, ""});
    p->endpoints.push_back(e);
  }
  for (std::uint32_t i = 0; i < 2; ++i) {
    edge x;
    x.parent = i;
    x.child = i + 1;
    p->edges.push_back(x);
    p->endpoints[i].child_edges.push_back(i);
    p->endpoints[i + 1].slices.factors = {parent_records{{i}}};
  }
  if (per_minute > 0) {
    rate_policy policy;
    policy.name = "minute";
    policy.rates.push_back({per_minute, 1min});
    p->budget.policies.push_back(policy);
  }
  return p;
}

slices_offered offer(endpoint_id e, std::uint64_t first, std::uint64_t count, std::uint32_t consumed = 0) {
  slices_offered x;
  x.endpoint = e;
  x.consumed_parents = {consumed};
  for (std::uint64_t i = 0; i < count; ++i) {
    slice s;
    s.endpoint = e;
    s.id = (static_cast<std::uint64_t>(e + 1) << 40) | (first + i);
    x.slices.push_back(s);
  }
  return x;
}

page_outcome outcome_of(const permit& x, page_result result, std::uint64_t bytes = 0, std::uint32_t parents = 0) {
  page_outcome o;
  o.ticket = x.ticket;
  o.request = x.request;
  o.result = result;
  o.batch_bytes = bytes;
  o.parent_records = {parents};
  o.feedback.status = 200;
  return o;
}

const steady_time begin{1000s};
const language::instant wall{std::chrono::seconds{1'700'000'000}};

admission_limits limits_with(std::uint32_t pool) {
  admission_limits l;
  l.pool_size = pool;
  return l;
}

} // namespace

TEST_CASE("admission hands out no more permits than there are idle fetchers") {
  admission rules{family(), limits_with(2), begin};
  rules.fetcher_idle();
  rules.fetcher_idle();
  rules.offer(offer(0, 0, 5), begin);
  CHECK(rules.next(begin));
  CHECK(rules.next(begin));
  CHECK(!rules.next(begin));
  CHECK(rules.in_flight() == 2);
}

TEST_CASE("admission asks sources for slices until its lookahead is filled, and again when half is gone") {
  auto l = limits_with(4);
  l.lookahead = 8;
  admission rules{family(), l, begin};
  auto first = rules.demands();
  REQUIRE(first.size() == 3);
  CHECK(first[0].count == 8);
  CHECK(rules.demands().empty());
  rules.offer(offer(0, 0, 8), begin);
  CHECK(rules.demands().empty());
  for (int i = 0; i < 4; ++i) {
    rules.fetcher_idle();
    REQUIRE(rules.next(begin));
  }
  auto more = rules.demands();
  REQUIRE(more.size() == 1);
  CHECK(more[0].endpoint == 0);
  CHECK(more[0].count == 4);
}

TEST_CASE("deeper endpoints go first while the parents' children have work") {
  auto l = limits_with(1);
  admission rules{family(), l, begin};
  rules.offer(offer(0, 0, 5), begin);
  rules.offer(offer(1, 0, 5), begin);
  rules.offer(offer(2, 0, 5), begin);
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  CHECK(x->request.slice.endpoint == 2);
}

TEST_CASE("a parent whose children run dry goes before them") {
  auto l = limits_with(10);
  admission rules{family(), l, begin};
  rules.offer(offer(0, 0, 1), begin);
  rules.offer(offer(1, 0, 3), begin); // fewer than two pools
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  CHECK(x->request.slice.endpoint == 1); // its own children, the grandchildren, have nothing at all
  rules.finish(outcome_of(*x, page_result::slice_done, 0, 100), begin, wall);
  rules.fetcher_idle();
  x = rules.next(begin);
  REQUIRE(x);
  CHECK(x->request.slice.endpoint == 0);
}

TEST_CASE("pages of a slice that has begun go before new slices") {
  admission rules{family(), limits_with(1), begin};
  rules.offer(offer(2, 0, 3), begin);
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  auto next = outcome_of(*x, page_result::next_page);
  next.request.page = 2;
  rules.finish(next, begin, wall);
  rules.fetcher_idle();
  auto y = rules.next(begin);
  REQUIRE(y);
  CHECK(y->request.slice.id == x->request.slice.id);
  CHECK(y->request.page == 2);
}

TEST_CASE("a retry waits for its delay and holds up nothing else") {
  admission rules{family(), limits_with(1), begin};
  rules.offer(offer(2, 0, 2), begin);
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  auto again = outcome_of(*x, page_result::retry);
  again.delay_us = 5'000'000;
  rules.finish(again, begin, wall);
  rules.fetcher_idle();
  auto y = rules.next(begin);
  REQUIRE(y);
  CHECK(y->request.slice.id != x->request.slice.id);
  rules.finish(outcome_of(*y, page_result::slice_done), begin, wall);
  rules.fetcher_idle();
  CHECK(!rules.next(begin));
  CHECK(rules.wake_at() == begin + 5s);
  CHECK(!rules.next(begin + 4999ms));
  auto z = rules.next(begin + 5s);
  REQUIRE(z);
  CHECK(z->request.slice.id == x->request.slice.id);
}

TEST_CASE("a stdout that is not read stops requests at the credit, and a page larger than all credit still passes") {
  auto l = limits_with(40);
  l.output_bytes = 100'000;
  admission rules{family(), l, begin};
  rules.offer(offer(2, 0, 50), begin);
  for (int i = 0; i < 40; ++i)
    rules.fetcher_idle();
  std::vector<permit> flights;
  while (auto x = rules.next(begin))
    flights.push_back(std::move(*x));
  CHECK(flights.size() == 16); // nobody knows yet how large a page is
  for (std::size_t i = 1; i < flights.size(); ++i)
    rules.finish(outcome_of(flights[i], page_result::slice_done, 0), begin, wall);
  rules.finish(outcome_of(flights[0], page_result::slice_done, 400'000), begin, wall);
  CHECK(!rules.next(begin)); // 400 kB are unwritten
  rules.written(400'000, begin);
  CHECK(rules.next(begin));  // an empty output takes one page of any size
  CHECK(!rules.next(begin)); // two pages as large as the last would not fit
  auto report = rules.report(begin);
  CHECK(report.peak_credit_bytes == 400'000);
}

TEST_CASE("the output's credit follows the pool, also when that changes during the run") {
  constexpr std::uint64_t page = 20'000;
  auto l = limits_with(10);
  l.output_bytes = 10 * page;
  l.output_bytes_per_fetcher = page;
  admission rules{family(), l, begin};
  rules.offer(offer(2, 0, 1000), begin);
  for (int i = 0; i < 100; ++i)
    rules.fetcher_idle();
  // As many as may go at once when the size of a page is known and nothing is written.
  auto in_flight_after_a_page = [&rules] {
    auto x = rules.next(begin);
    REQUIRE(x);
    rules.finish(outcome_of(*x, page_result::slice_done, page), begin, wall);
    rules.written(page, begin);
    std::vector<permit> flights;
    while (auto y = rules.next(begin))
      flights.push_back(std::move(*y));
    for (const auto& y : flights) {
      rules.finish(outcome_of(y, page_result::slice_done, page), begin, wall);
      rules.written(page, begin);
      rules.fetcher_idle();
    }
    rules.fetcher_idle();
    return flights.size();
  };
  CHECK(in_flight_after_a_page() == 10);
  rules.change_bounds({30, {}}, begin);
  CHECK(in_flight_after_a_page() == 30);
  rules.change_bounds({3, {}}, begin);
  CHECK(in_flight_after_a_page() == 3);
}

TEST_CASE("credit that comes back before the fetcher's outcome is not lost") {
  auto l = limits_with(1);
  l.output_bytes = 70'000;
  admission rules{family(), l, begin};
  for (int i = 0; i < 20; ++i) {
    rules.offer(offer(2, static_cast<std::uint64_t>(i), 1), begin);
    rules.fetcher_idle();
    auto x = rules.next(begin);
    INFO("page " << i);
    REQUIRE(x);
    rules.written(50'000, begin); // the emitter was faster
    rules.finish(outcome_of(*x, page_result::slice_done, 50'000), begin, wall);
    CHECK(rules.report(begin).credit_used_bytes == 0);
  }
}

TEST_CASE("a parent waits while the fan-out below has no room, and goes on when children leave it") {
  auto l = limits_with(10);
  l.fan_out_records = 150;
  admission rules{family(), l, begin};
  rules.offer(offer(0, 0, 10), begin);
  for (int i = 0; i < 10; ++i)
    rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  CHECK(!rules.next(begin)); // the first page may bring 100 parents; two would be too many
  rules.finish(outcome_of(*x, page_result::slice_done, 0, 100), begin, wall);
  CHECK(!rules.next(begin));
  rules.offer(offer(1, 0, 60, 60), begin); // 60 left the fan-out
  // The child's requests go first (its own fan-out is empty), then a parent has room again.
  bool parent_went = false;
  while (auto y = rules.next(begin))
    parent_went = parent_went || y->request.slice.endpoint == 0;
  CHECK(parent_went);
  CHECK(rules.report(begin).peak_fan_out == 100);
}

TEST_CASE("an offer of the fan-out that overtakes the fetcher's outcome does no harm") {
  auto l = limits_with(4);
  l.fan_out_records = 100;
  admission rules{family(), l, begin};
  rules.offer(offer(0, 0, 2), begin);
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  rules.offer(offer(1, 0, 80, 80), begin);
  rules.finish(outcome_of(*x, page_result::slice_done, 0, 80), begin, wall);
  rules.fetcher_idle();
  rules.fetcher_idle();
  auto first = rules.next(begin);
  auto second = rules.next(begin);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->request.slice.endpoint == 1);
  // The room that the first child reserved for its own children is all there is; the parent's fan-out is empty again.
  CHECK(second->request.slice.endpoint == 0);
}

TEST_CASE("after a drain nothing is admitted, whatever comes in") {
  admission rules{family(), limits_with(3), begin};
  rules.offer(offer(0, 0, 5), begin);
  rules.fetcher_idle();
  rules.fetcher_idle();
  auto x = rules.next(begin);
  REQUIRE(x);
  rules.drain(begin);
  CHECK(rules.draining());
  CHECK(rules.in_flight() == 1);
  rules.finish(outcome_of(*x, page_result::next_page), begin, wall);
  rules.offer(offer(0, 5, 5), begin);
  CHECK(!rules.next(begin));
  CHECK(rules.demands().empty());
  CHECK(rules.in_flight() == 0);
}

TEST_CASE("the time is booked to what held the run up") {
  admission rules{family(2), limits_with(3), begin};
  for (int i = 0; i < 3; ++i)
    rules.fetcher_idle();
  CHECK(!rules.next(begin)); // no work for 1 s
  rules.offer(offer(2, 0, 10), begin + 1s);
  auto a = rules.next(begin + 1s);
  auto b = rules.next(begin + 1s);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(!rules.next(begin + 1s)); // the third waits for the minute
  rules.finish(outcome_of(*a, page_result::slice_done), begin + 3s, wall);
  rules.finish(outcome_of(*b, page_result::slice_done), begin + 3s, wall);
  CHECK(!rules.next(begin + 3s));
  auto report = rules.report(begin + 11s);
  CHECK(report.limiters.work_us == 1'000'000);
  CHECK(report.limiters.quota_us == 10'000'000);
  CHECK(report.limiters.pool_us == 0);
}

TEST_CASE("with any mix of work admission never stops for good while work is left") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random{seed};
    auto l = limits_with(1 + static_cast<std::uint32_t>(random() % 6));
    l.output_bytes = 1 + random() % 5000;
    l.fan_out_records = 1 + random() % 10;
    l.lookahead = 1 + static_cast<std::uint32_t>(random() % 5);
    auto p = family(random() % 2 == 0 ? 0 : 5 + random() % 50);
    admission rules{p, l, begin};
    for (std::uint32_t i = 0; i < l.pool_size; ++i)
      rules.fetcher_idle();
    // A model of the rest: a generator of 6 parents, fan-outs with queues, an output that writes at random moments.
    std::uint64_t parents_left = 6;
    std::uint64_t ids = 0;
    std::vector<std::uint64_t> queued{0, 0};
    std::vector<std::uint64_t> wanted{0, 0, 0};
    std::vector<permit> flying;
    std::uint64_t unwritten = 0;
    std::uint64_t finished = 0;
    std::uint64_t expected_total = 6;
    auto now = begin;
    INFO("seed " << seed);
    int idle_rounds = 0;
    while (finished < expected_total) {
      for (auto& d : rules.demands())
        wanted[d.endpoint] += d.count;
      auto n = std::min(wanted[0], parents_left);
      if (n > 0) {
        parents_left -= n;
        wanted[0] -= n;
        rules.offer(offer(0, ids, n), now);
        ids += n;
      }
      for (std::uint32_t child = 1; child < 3; ++child) {
        auto m = std::min(wanted[child], queued[child - 1]);
        if (m == 0)
          continue;
        wanted[child] -= m;
        queued[child - 1] -= m;
        rules.offer(offer(child, ids, m, static_cast<std::uint32_t>(m)), now);
        ids += m;
      }
      bool moved = false;
      while (auto x = rules.next(now)) {
        flying.push_back(std::move(*x));
        moved = true;
      }
      REQUIRE(flying.size() <= l.pool_size);
      if (!flying.empty() && (random() % 2 == 0 || !moved)) {
        auto pick = random() % flying.size();
        auto x = flying[pick];
        flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(pick));
        auto depth = x.request.slice.endpoint;
        auto children = depth < 2 ? static_cast<std::uint32_t>(random() % 4) : 0U;
        if (depth < 2) {
          queued[depth] += children;
          expected_total += children;
        }
        auto bytes = random() % 3000;
        unwritten += bytes;
        rules.finish(outcome_of(x, page_result::slice_done, bytes, children), now, wall);
        rules.fetcher_idle();
        ++finished;
        moved = true;
      } else if (unwritten > 0) {
        rules.written(unwritten, now);
        unwritten = 0;
        moved = true;
      }
      if (!moved) {
        REQUIRE(rules.wake_at() != steady_time::max());
        now = std::max(now, rules.wake_at());
      }
      REQUIRE(++idle_rounds < 100'000);
    }
  }
}

TEST_CASE("a slice that failed is put off until nothing else is left, and then tried once from the page that failed") {
  auto p = family();
  admission rules{p, limits_with(1), begin};
  rules.offer(offer(2, 0, 3), begin);
  rules.fetcher_idle();
  auto first = rules.next(begin);
  REQUIRE(first);
  auto failed = outcome_of(*first, page_result::failed);
  failed.request.page = 7;
  failed.request.token = "seven";
  failed.error = {errc::http_status, failure_type::transient_error, "no", ""};
  rules.finish(failed, begin, wall);
  CHECK(rules.take_failures().empty());
  for (int i = 1; i < 3; ++i) {
    rules.fetcher_idle();
    auto other = rules.next(begin);
    REQUIRE(other);
    CHECK(other->request.slice.id != first->request.slice.id);
    rules.finish(outcome_of(*other, page_result::slice_done), begin, wall);
  }
  rules.fetcher_idle();
  auto again = rules.next(begin);
  REQUIRE(again);
  CHECK(again->request.slice.id == first->request.slice.id);
  CHECK(again->request.page == 7);
  CHECK(again->request.token == "seven");
  CHECK(again->request.round == 1);
  failed.ticket = again->ticket;
  failed.request = again->request;
  rules.finish(failed, begin, wall);
  auto failures = rules.take_failures();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].error.message == "no");
  CHECK(rules.report(begin).put_off == 1);
}

TEST_CASE("a slice that was put off has failed when the run is stopped before its turn") {
  admission rules{family(), limits_with(1), begin};
  rules.offer(offer(2, 0, 3), begin);
  rules.fetcher_idle();
  auto first = rules.next(begin);
  REQUIRE(first);
  auto failed = outcome_of(*first, page_result::failed);
  failed.error = {errc::http_status, failure_type::transient_error, "no", ""};
  rules.finish(failed, begin, wall);
  rules.drain(begin);
  CHECK(rules.take_failures().size() == 1);
}

TEST_CASE("a bound on requests admits exactly so many, and is no bound for who needs no more") {
  auto l = limits_with(10);
  l.max_requests = 3;
  admission rules{family(), l, begin};
  for (int i = 0; i < 10; ++i)
    rules.fetcher_idle();
  rules.offer(offer(2, 0, 3), begin);
  int admitted = 0;
  while (rules.next(begin))
    ++admitted;
  CHECK(admitted == 3);
  CHECK(!rules.requests_spent()); // nothing is left to ask for
  rules.offer(offer(2, 3, 1), begin);
  CHECK(!rules.next(begin));
  CHECK(rules.requests_spent());
}

TEST_CASE("what holds up everything is a throttle only if it is the rate limit alone") {
  admission rules{family(2), limits_with(10), begin};
  for (int i = 0; i < 10; ++i)
    rules.fetcher_idle();
  rules.offer(offer(2, 0, 5), begin);
  while (rules.next(begin)) {
  }
  REQUIRE(rules.throttled_until());
  CHECK(*rules.throttled_until() >= begin);
  rules.drain(begin);
  CHECK(!rules.next(begin));
  CHECK(!rules.throttled_until());
}

TEST_CASE("a quota that ends the run is waited for by nobody") {
  auto p = std::make_shared<plan>(*family(2));
  p->budget.policies[0].stop_when_exhausted = true;
  admission rules{p, limits_with(3), begin};
  for (int i = 0; i < 3; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 5), begin);
  REQUIRE(rules.next(begin));
  REQUIRE(rules.next(begin));
  REQUIRE_FALSE(rules.next(begin));
  CHECK(rules.exhausted(begin));
  CHECK_FALSE(rules.throttled_until());
}

TEST_CASE("a permit tells how long its request was ready, and for how much of it the rate limit was the reason") {
  admission rules{family(2), limits_with(2), begin};
  rules.offer(offer(0, 0, 4), begin);
  rules.fetcher_idle();
  auto first = rules.next(begin + 1s);
  REQUIRE(first);
  CHECK(first->queued_us == 1'000'000);
  CHECK(first->quota_us == 0);
  rules.fetcher_idle();
  auto second = rules.next(begin + 1s);
  REQUIRE(second);
  for (const auto& x : {*first, *second})
    rules.finish(outcome_of(x, page_result::slice_done), begin + 2s, wall);
  rules.fetcher_idle();
  rules.fetcher_idle();
  REQUIRE_FALSE(rules.next(begin + 2s));
  auto due = rules.wake_at();
  REQUIRE(due < begin + 5min);
  auto third = rules.next(due);
  REQUIRE(third);
  CHECK(third->queued_us == std::chrono::duration_cast<std::chrono::microseconds>(due - begin).count());
  CHECK(third->quota_us == std::chrono::duration_cast<std::chrono::microseconds>(due - begin - 2s).count());
  auto traffic = rules.report(due).endpoints.at(0);
  CHECK(traffic.requests == 3);
  CHECK(traffic.in_flight == 1);
  CHECK(traffic.queued == 1);
  CHECK(traffic.queued_us == first->queued_us + second->queued_us + third->queued_us);
  CHECK(traffic.quota_us == third->quota_us);
}

TEST_CASE("while a request waits to be sent again for a failure, the report says which") {
  admission rules{family(), limits_with(4), begin};
  rules.fetcher_idle();
  rules.offer(offer(0, 0, 1), begin);
  auto failed = outcome_of(*rules.next(begin), page_result::retry);
  failed.error = {errc::connection_failed, failure_type::transient_error,
                  "GET http://x/y failed: the host x could not be found; check the name. Nothing was used.", ""};
  failed.delay_us = 5'000'000;
  CHECK(rules.report(begin).retrying.empty());
  rules.finish(failed, begin + 1s, wall);
  CHECK(rules.report(begin + 1s).retrying == "the host x could not be found");
  rules.fetcher_idle();
  REQUIRE(rules.next(begin + 6s));
  CHECK(rules.report(begin + 6s).retrying.empty());
}

TEST_CASE("an endpoint's numbers are its own") {
  admission rules{family(), limits_with(4), begin};
  for (int i = 0; i < 4; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 1), begin);
  auto parent = rules.next(begin);
  REQUIRE(parent);
  auto refused = outcome_of(*parent, page_result::retry);
  refused.feedback.status = 429;
  refused.feedback.rate_limited = true;
  refused.delay_us = 5'000'000;
  refused.took_us = 700;
  rules.finish(refused, begin + 1s, wall);
  rules.offer(offer(1, 0, 2), begin + 1s);
  auto report = rules.report(begin + 1s);
  REQUIRE(report.endpoints.size() == 3);
  CHECK(report.endpoints[0].requests == 1);
  CHECK(report.endpoints[0].retries == 1);
  CHECK(report.endpoints[0].rate_limited == 1);
  CHECK(report.endpoints[0].answer_us == 700);
  CHECK(report.endpoints[0].queued == 1);
  CHECK(report.endpoints[1].queued == 2);
  CHECK(report.endpoints[1].requests == 0);
  // A retry is not ready before its time, so that time is no waiting.
  rules.fetcher_idle();
  while (rules.next(begin + 6s)) {
  }
  CHECK(rules.report(begin + 6s).endpoints[0].queued_us <= 1'000'000);
}

TEST_CASE("the pool's size can be changed while requests are in flight") {
  admission rules{family(), limits_with(2), begin};
  for (int i = 0; i < 6; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 10), begin);
  std::vector<permit> flying;
  auto admit_all = [&] {
    while (auto x = rules.next(begin))
      flying.push_back(std::move(*x));
  };
  admit_all();
  CHECK(rules.in_flight() == 2);
  auto done = rules.change_bounds({4, {}}, begin);
  CHECK(done.problem.empty());
  CHECK(done.changes == std::vector<std::string>{"pool size 2 -> 4"});
  admit_all();
  CHECK(rules.in_flight() == 4);
  rules.change_bounds({1, {}}, begin);
  while (flying.size() > 1) {
    rules.finish(outcome_of(flying.back(), page_result::slice_done), begin, wall);
    rules.fetcher_idle();
    flying.pop_back();
    CHECK_FALSE(rules.next(begin));
  }
  rules.finish(outcome_of(flying.back(), page_result::slice_done), begin, wall);
  CHECK(rules.next(begin));
}

TEST_CASE("a rate limit can be changed while the run is on, but not beyond what the server allows") {
  auto p = std::make_shared<plan>(*family(3));
  p->budget.policies[0].limit_header = "limit";
  admission rules{p, limits_with(20), begin};
  for (int i = 0; i < 20; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 50), begin);
  auto admit_all = [&] {
    std::vector<permit> result;
    while (auto x = rules.next(begin))
      result.push_back(std::move(*x));
    return result;
  };
  auto first = admit_all();
  CHECK(first.size() == 3);
  CHECK(rules.change_bounds({0, {{"minute", 5}}}, begin).changes
        == std::vector<std::string>{"limit of `minute` 3 -> 5"});
  CHECK(admit_all().size() == 2);
  auto told = outcome_of(first[0], page_result::slice_done);
  told.feedback.headers.push_back({"limit", "8"});
  rules.finish(told, begin, wall);
  // The user's bound stays in force.
  CHECK(admit_all().empty());
  CHECK(rules.change_bounds({0, {{"minute", 100}}}, begin).changes
        == std::vector<std::string>{"limit of `minute` 5 -> 8 (the server allows no more)"});
  CHECK(admit_all().size() == 3);
  CHECK(rules.report(begin).quotas.at(0).limit == 8);
}

TEST_CASE("bounds that make no sense change nothing") {
  admission rules{family(3), limits_with(2), begin};
  CHECK_FALSE(rules.change_bounds({7, {{"minute", 0}}}, begin).problem.empty());
  auto unknown = rules.change_bounds({7, {{"minute", 1}, {"hour", 1}}}, begin);
  CHECK(unknown.problem == "There is no rate policy `hour`.");
  CHECK(unknown.changes.empty());
  CHECK(rules.change_bounds({7, {}}, begin).changes == std::vector<std::string>{"pool size 2 -> 7"});
  CHECK(rules.report(begin).quotas.at(0).limit == 3);
}

TEST_CASE("a gauge tells when a policy has room again and when all of it is free") {
  admission rules{family(2), limits_with(5), begin};
  for (int i = 0; i < 5; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 5), begin);
  auto gauge = [&](steady_time now) { return rules.report(now).quotas.at(0); };
  CHECK(gauge(begin).room_in_us == 0);
  CHECK(gauge(begin).window_us == 60'000'000);
  auto first = rules.next(begin);
  rules.finish(outcome_of(*first, page_result::slice_done), begin + 1s, wall);
  CHECK(gauge(begin + 1s).room_in_us == 0);
  auto second = rules.next(begin + 10s);
  rules.finish(outcome_of(*second, page_result::slice_done), begin + 11s, wall);
  auto full = gauge(begin + 20s);
  CHECK(full.used == 2);
  CHECK(full.room_in_us > 40'000'000);
  CHECK(full.room_in_us < 43'000'000);
  CHECK(full.resets_in_us > 50'000'000);
  CHECK(full.resets_in_us < 53'000'000);
}

namespace {

/// A parent with two children.
plan_ptr siblings() {
  auto p = std::make_shared<plan>(*family());
  p->endpoints[2].depth = 1;
  p->edges[1].parent = 0;
  p->endpoints[0].child_edges = {0, 1};
  p->endpoints[1].child_edges.clear();
  return p;
}

} // namespace

TEST_CASE("each edge has its own count of parents") {
  auto l = limits_with(4);
  l.fan_out_records = 20;
  admission rules{siblings(), l, begin};
  for (int i = 0; i < 4; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 1000), begin);
  std::uint64_t slices = 0;
  for (int page = 0; page < 100; ++page) {
    auto x = rules.next(begin);
    INFO("page " << page << ": " << rules.held_up(begin));
    REQUIRE(x);
    auto o = outcome_of(*x, page_result::slice_done);
    o.parent_records = {4, 20};
    rules.finish(o, begin, wall);
    rules.fetcher_idle();
    rules.written(0, begin);
    // Both are full or one is, until it has given its parents on.
    if (page > 0)
      CHECK(!rules.next(begin));
    rules.offer(offer(1, slices, 0, 4), begin);
    rules.offer(offer(2, slices, 0, 20), begin);
    slices += 20;
  }
}

TEST_CASE("requests that bring nothing to write have a bound while nothing is written") {
  auto l = limits_with(3);
  l.output_pages = 2;
  admission rules{family(), l, begin};
  for (int i = 0; i < 3; ++i)
    rules.fetcher_idle();
  rules.offer(offer(2, 0, 100), begin);
  auto results = {page_result::slice_done, page_result::next_page, page_result::failed};
  std::size_t sent = 0;
  for (int round = 0; round < 10; ++round)
    for (auto result : results)
      if (auto x = rules.next(begin)) {
        ++sent;
        rules.finish(outcome_of(*x, result), begin, wall);
        rules.fetcher_idle();
      }
  CHECK(sent == 6);
  CHECK(rules.held_up(begin).find("the output (6 pages") != std::string::npos);
  rules.written(0, begin);
  CHECK(rules.next(begin));
  CHECK(!rules.next(begin));
}

TEST_CASE("a policy without rates limits nothing, and the others' numbers stay their own") {
  auto p = std::make_shared<plan>(*family());
  for (const char* name : {"empty", "later", "minute"}) {
    rate_policy policy;
    policy.name = name;
    if (policy.name != "empty")
      policy.rates.push_back({10, 1min});
    policy.only_when_reported = policy.name == "later";
    p->budget.policies.push_back(policy);
  }
  admission rules{p, limits_with(1), begin};
  auto quotas = rules.report(begin).quotas;
  REQUIRE(quotas.size() == 1);
  CHECK(quotas.front().policy == "minute");
}

TEST_CASE("pages reserve what the endpoint's latest pages took in memory, and one always fits") {
  auto l = limits_with(4);
  l.page_bytes = 100;
  admission rules{family(), l, begin};
  for (int i = 0; i < 4; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 50), begin);
  auto finish = [&](const permit& x, std::uint64_t bytes, page_result result) {
    auto outcome = outcome_of(x, result);
    outcome.page_bytes = bytes;
    rules.finish(std::move(outcome), begin, wall);
    rules.fetcher_idle();
  };
  auto in_flight = [&] {
    std::vector<permit> permits;
    while (auto next = rules.next(begin))
      permits.push_back(std::move(*next));
    return permits;
  };
  // Nothing is known yet.
  auto permits = in_flight();
  REQUIRE(permits.size() == 4);
  for (const auto& x : permits)
    finish(x, 40, page_result::slice_done);
  permits = in_flight();
  CHECK(permits.size() == 2);
  // A page that failed took its memory, too; of pages larger than the bound one goes at a time.
  finish(permits[0], 1000, page_result::failed);
  CHECK(in_flight().empty());
  finish(permits[1], 10, page_result::slice_done);
  permits = in_flight();
  CHECK(permits.size() == 1);
  CHECK(in_flight().empty());
  // The expectation shrinks by and by.
  for (int i = 0; i < 40 && permits.size() == 1; ++i) {
    finish(permits[0], 10, page_result::slice_done);
    permits = in_flight();
  }
  CHECK(permits.size() > 1);
}

TEST_CASE("an endpoint with several parents gives each of its edges its own room back") {
  auto p = std::make_shared<plan>(*family());
  p->endpoints[1].depth = 0;
  p->endpoints[1].slices.factors.clear();
  p->endpoints[2].depth = 1;
  p->endpoints[2].slices.factors = {parent_records{{0, 1}}};
  p->edges[0].child = 2;
  auto l = limits_with(4);
  l.fan_out_records = 1;
  admission rules{p, l, begin};
  for (int i = 0; i < 4; ++i)
    rules.fetcher_idle();
  rules.offer(offer(0, 0, 10), begin);
  rules.offer(offer(1, 0, 10), begin);
  for (int i = 0; i < 2; ++i) {
    auto x = rules.next(begin);
    REQUIRE(x);
    rules.finish(outcome_of(*x, page_result::slice_done, 0, 1), begin, wall);
    rules.fetcher_idle();
    rules.written(0, begin);
  }
  CHECK(!rules.next(begin));
  for (endpoint_id parent : {1U, 0U}) {
    auto news = offer(2, parent, 0);
    news.consumed_parents = {parent == 0 ? 1U : 0U, parent == 1 ? 1U : 0U};
    rules.offer(news, begin);
    auto x = rules.next(begin);
    REQUIRE(x);
    CHECK(x->request.slice.endpoint == parent);
    CHECK(!rules.next(begin));
  }
}
