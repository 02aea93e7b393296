// The budget against simulated servers in virtual time.

#include "tests/actors/core/admission/simulated_quota.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <array>
#include <random>
#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr steady_time epoch{};

rate_policy reported_policy(rate_policy::kind what, std::uint64_t limit, microseconds interval) {
  rate_policy p;
  p.what = what;
  p.name = "quota";
  p.rates = {{limit, interval}};
  p.limit_header = "X-Limit";
  p.remaining_header = "X-Remaining";
  p.reset_header = "X-Reset";
  return p;
}

budget make(std::vector<rate_policy> policies) {
  api_budget definition;
  definition.policies = std::move(policies);
  return budget{definition, 1min, epoch};
}

simulated_quota quota(counting how, std::uint64_t limit, microseconds interval) {
  simulated_quota q;
  q.how = how;
  q.limit = limit;
  q.interval = interval;
  q.phase = epoch - 1000h;
  return q;
}

const char* name(counting how) {
  return how == counting::aligned ? "aligned" : how == counting::sliding ? "sliding" : "since first request";
}

/// Everything about a random run; drawn first, so that a failure can be repeated.
struct scenario {
  std::mt19937 random;

  explicit scenario(unsigned seed) : random(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random);
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
};

unsigned draw_seed() {
  return *rc::gen::noShrink(rc::gen::arbitrary<unsigned>());
}

} // namespace

TEST_CASE("while there is work at least 97 % of the allowed requests are used, and none is refused",
          "[budget][property]") {
  // 120 a minute, 100 ms from request to answer, twenty minutes.
  for (const auto kind : {rate_policy::kind::moving_window, rate_policy::kind::fixed_window})
    for (const auto how : {counting::aligned, counting::sliding, counting::since_first_request})
      for (const auto reports : {true, false}) {
        if (kind == rate_policy::kind::fixed_window
            && (how == counting::sliding || (how == counting::aligned && !reports)))
          continue; // the manifest would be wrong
        INFO((kind == rate_policy::kind::moving_window ? "moving" : "fixed")
             << ", server " << name(how) << ", reports " << reports);
        timeline time;
        auto b = make({reported_policy(kind, 120, 1min)});
        auto q = quota(how, 120, 1min);
        q.phase += 37123ms;
        simulated_client client{time, b, {&q}};
        client.reports = reports;
        client.start();
        time.run_until(epoch + 20min);
        CHECK(client.refused == 0);
        CHECK(client.served >= 120 * 20 * 97 / 100);
        CHECK(client.most_in_flight == 10);
      }
}

TEST_CASE("two seconds of latency cost a moving window less than four percent", "[budget][property]") {
  timeline time;
  auto b = make({reported_policy(rate_policy::kind::moving_window, 120, 1min)});
  auto q = quota(counting::aligned, 120, 1min);
  simulated_client client{time, b, {&q}};
  client.latency = [] { return 1s; };
  client.start();
  time.run_until(epoch + 62s * 20);
  CHECK(client.refused == 0);
  CHECK(client.served >= 120 * 20 * 99 / 100); // 120 in every 62 s
}

TEST_CASE("a counter of a few seconds is not overrun though its resets come in whole seconds", "[budget][property]") {
  for (const auto interval : {1000ms, 2000ms, 3000ms, 4000ms})
    for (const auto rounds : {rounding::down, rounding::up}) {
      INFO("43 per " << interval.count() << " ms, rounded " << (rounds == rounding::down ? "down" : "up"));
      timeline time;
      auto b = make({reported_policy(rate_policy::kind::fixed_window, 43, interval)});
      auto q = quota(counting::aligned, 43, interval);
      q.phase += interval / 4;
      q.rounds = rounds;
      simulated_client client{time, b, {&q}};
      auto working = true;
      client.has_work = [&] { return working; };
      const auto send_now = [&](std::size_t count) {
        client.pool = count;
        working = true;
        client.pump();
        working = false;
      };
      send_now(12); // counted before the server's first reset
      time.run_until(epoch + interval * 3 / 4);
      send_now(31); // after it, and just before a window that began with the first request would end
      time.run_until(epoch + interval * 3 / 4 + 200ms);
      working = true; // without end, while the server's window with the 31 goes on
      client.pool = 43;
      client.pump();
      const auto rounds_left = 20;
      time.run_until(epoch + (interval + 100ms) * (rounds_left + 2));
      CHECK(client.refused == 0);
      CHECK(client.served >= 43 * rounds_left); // 43 in each interval and 100 ms on the way
    }
}

TEST_CASE("no window of a server ever holds more than its limit", "[budget][property]") {
  CHECK(rc::check("a client that is alone on its account is never refused", [] {
    scenario s{draw_seed()};
    // Often a few seconds: resets in whole seconds are vague then.
    const auto interval = milliseconds{s.between(1, s.chance(40) ? 8 : 90) * 1000};
    const auto limit = static_cast<std::uint64_t>(s.between(1, 150));
    const auto how = std::array{counting::aligned, counting::sliding,
                                counting::since_first_request}[static_cast<std::size_t>(s.between(0, 2))];
    const auto reports = s.chance(60);
    const auto may_be_fixed = how == counting::since_first_request || (how == counting::aligned && reports);
    const auto kind = may_be_fixed && s.chance(60) ? rate_policy::kind::fixed_window : rate_policy::kind::moving_window;
    timeline time;
    auto b = make({reported_policy(kind, limit, interval)});
    auto q = quota(how, limit, interval);
    q.phase += milliseconds{s.between(0, interval / 1ms)};
    q.rounds = std::array{rounding::down, rounding::up, rounding::exact}[static_cast<std::size_t>(s.between(0, 2))];
    simulated_client client{time, b, {&q}};
    client.reports = reports;
    client.pool = static_cast<std::size_t>(s.between(1, 40));
    if (s.chance(30))
      client.weight = static_cast<std::uint32_t>(s.between(1, static_cast<std::int64_t>(limit)));
    // An aligned window is known only after the first answer: until then no more may be under way than fits into one.
    if (kind == rate_policy::kind::fixed_window && how == counting::aligned)
      client.pool = std::min<std::size_t>(client.pool, std::max<std::size_t>(1, limit / client.weight / 2));
    const auto slowest = s.between(1, 3000);
    client.latency = [&] { return milliseconds{s.between(0, slowest)}; };
    const int idle = s.chance(50) ? 20 : 0; // percent of the moments at which there is nothing to do
    client.has_work = [&] {
      if (!s.chance(idle))
        return true;
      time.at(time.now + milliseconds{s.between(1, 20000)}, [&client] { client.pump(); });
      return false;
    };
    client.start();
    time.run_until(epoch + interval * 12);
    RC_LOG() << "limit " << limit << " per " << interval / 1s << " s, " << name(how) << ", weight " << client.weight
             << ", served " << client.served << ", kind " << static_cast<int>(kind) << ", reports " << reports;
    RC_ASSERT(client.refused == 0U);
    RC_ASSERT(client.served > 0U || idle > 0);
    if (kind == rate_policy::kind::moving_window && idle == 0) {
      // Nothing is wasted: each place is used again one interval after its answer, as soon as a fetcher is free.
      const auto places = limit / client.weight;
      const auto rounds = (places + client.pool - 1) / client.pool;
      const auto cycle = interval + milliseconds{2 * slowest} * static_cast<std::int64_t>(rounds + 1);
      RC_ASSERT(client.served >= places * static_cast<std::uint64_t>(interval * 12 / cycle));
    }
  }));
}

TEST_CASE("a limit that the server changes is followed in both directions", "[budget][property]") {
  CHECK(rc::check("few refusals at a fall, full use after a rise", [] {
    scenario s{draw_seed()};
    const auto interval = milliseconds{s.between(20, 60) * 1000};
    const auto how = s.chance(50) ? counting::aligned : counting::since_first_request;
    const auto kind = s.chance(50) ? rate_policy::kind::fixed_window : rate_policy::kind::moving_window;
    timeline time;
    auto b = make({reported_policy(kind, static_cast<std::uint64_t>(s.between(30, 100)), interval)});
    auto q = quota(how, static_cast<std::uint64_t>(s.between(30, 100)), interval);
    simulated_client client{time, b, {&q}};
    client.latency = [&] { return milliseconds{s.between(10, 60)}; };
    client.start();
    for (int change = 1; change <= 4; ++change) {
      const auto settled = change * 4 * interval - 2 * interval;
      time.run_until(epoch + settled);
      const auto before = client.served;
      const auto refused_before = client.refused;
      time.run_until(epoch + settled + 2 * interval);
      RC_LOG() << "kind " << static_cast<int>(kind) << ", " << name(how) << ", limit " << q.limit << " per "
               << interval / 1s << " s, served " << client.served - before << " in two intervals, refused "
               << client.refused << "\n";
      // Settled: nothing is refused, and at least 90 % of two windows are used (the run's windows are not the
      // server's).
      RC_ASSERT(client.refused == refused_before);
      RC_ASSERT(client.served - before >= q.limit * 2 * 90 / 100 - q.limit / 10);
      RC_ASSERT(client.refused <= static_cast<std::uint64_t>(change) * client.pool);
      q.limit = static_cast<std::uint64_t>(s.between(30, 100));
    }
  }));
}

TEST_CASE("who shares an account with others sees what they use", "[budget][property]") {
  CHECK(rc::check("few refusals, and no standstill", [] {
    scenario s{draw_seed()};
    const auto interval = milliseconds{s.between(20, 60) * 1000};
    const auto limit = static_cast<std::uint64_t>(s.between(30, 100));
    const auto how = std::array{counting::aligned, counting::sliding,
                                counting::since_first_request}[static_cast<std::size_t>(s.between(0, 2))];
    const auto kind
      = how != counting::sliding && s.chance(50) ? rate_policy::kind::fixed_window : rate_policy::kind::moving_window;
    timeline time;
    auto b = make({reported_policy(kind, limit, interval)});
    auto q = quota(how, limit, interval);
    simulated_client client{time, b, {&q}};
    client.latency = [&] { return milliseconds{s.between(10, 60)}; };
    client.reports_reset = s.chance(70);
    std::uint64_t theirs = 0;
    const auto pace = s.between(200, 2000); // ms between others' requests, on average
    std::function<void()> others = [&] {
      theirs += q.admit(1, time.now) ? 1 : 0;
      time.at(time.now + milliseconds{s.between(0, 2 * pace)}, others);
    };
    others();
    client.start();
    time.run_until(epoch + interval * 10);
    RC_LOG() << "kind " << static_cast<int>(kind) << ", " << name(how) << ", limit " << limit << " per "
             << interval / 1s << " s, resets reported " << client.reports_reset << ", served " << client.served
             << ", theirs " << theirs << ", of " << limit * 10 << ", refused " << client.refused << "\n";
    // Others' requests that come after ours cannot be foreseen: each may cost one refusal. Who is not told when the
    // server's window ends cannot tell others' use in it from its own use before it, and lives from its pauses.
    RC_ASSERT(client.refused <= (client.reports_reset ? theirs + client.pool : theirs + client.served));
    RC_ASSERT((client.served + theirs) * 100U >= limit * 10U * 70U);
  }));
}
