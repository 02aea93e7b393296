#include "actors/governor.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A governor of one endpoint, `surveys`, and a pool of probes.
struct governor_case {
  explicit governor_case(std::size_t pool = 2, std::uint64_t rate_per_minute = 1'000'000,
                         std::optional<credential> carried = std::nullopt,
                         std::uint32_t lookahead = admission_limits{}.lookahead) {
    run_case c;
    c.streams = {"surveys"};
    c.rate_limit_per_minute = rate_per_minute;
    auto compiled = plan_of(c);
    REQUIRE(compiled);
    if (carried) {
      compiled->endpoints[0].request.credential = *carried;
      compiled->credentials.push_back({"session", oauth_login{}});
    }
    admission_limits limits;
    limits.pool_size = static_cast<std::uint32_t>(pool);
    limits.lookahead = lookahead;
    under_test = f.spawn(governor, std::make_shared<const plan>(std::move(*compiled)), limits, supervisor.handle(),
                         aggregator.handle(), f.wall(), memory_watch{});
    if (carried && std::holds_alternative<expiring_credential>(*carried))
      f.send(under_test, atom::join_v, credential_id{0}, authenticator.handle());
    for (std::size_t i = 0; i < pool; ++i) {
      fetchers.push_back(f.probe_of<fetcher_actor>("fetcher " + std::to_string(i)));
      f.send(under_test, atom::join_v, static_cast<std::uint32_t>(i), fetchers.back().handle());
    }
    f.send(under_test, atom::join_v, endpoint_id{0}, slice_source_actor{source.handle()});
  }

  void offer(std::uint64_t count) {
    slices_offered x;
    for (std::uint64_t i = 0; i < count; ++i) {
      slice s;
      s.id = ++slices;
      s.label = "slice " + std::to_string(s.id);
      x.slices.push_back(std::move(s));
    }
    f.send(under_test, std::move(x));
  }

  /// The permits of a fetcher, oldest first.
  std::vector<permit> permits(std::size_t fetcher) const { return fetchers[fetcher].all<permit>(); }
  std::size_t count_permits() const {
    std::size_t result = 0;
    for (const auto& x : fetchers)
      result += x.count<permit>();
    return result;
  }

  /// A fetcher tells how its newest permit was used.
  void finish(std::size_t fetcher, page_result result, const std::function<void(page_outcome&)>& change = {}) {
    auto used = permits(fetcher).back();
    page_outcome x;
    x.fetcher = static_cast<std::uint32_t>(fetcher);
    x.ticket = used.ticket;
    x.result = result;
    x.request = used.request;
    x.feedback.status = result == page_result::unauthorized ? 401 : 200;
    if (change)
      change(x);
    f.send(under_test, std::move(x));
  }

  actor_fixture f;
  probe<read_supervisor_actor> supervisor = f.probe_of<read_supervisor_actor>("read_supervisor");
  probe<state_aggregator_actor> aggregator = f.probe_of<state_aggregator_actor>("state_aggregator");
  probe<slice_generator_actor> source = f.probe_of<slice_generator_actor>("slice_generator");
  probe<authenticator_actor> authenticator = f.probe_of<authenticator_actor>("authenticator");
  std::vector<probe<fetcher_actor>> fetchers;
  governor_actor under_test;
  std::uint64_t slices = 0;
};

credential_ready issued(std::uint64_t version, std::int64_t valid_us = -1) {
  return {0, std::make_shared<const issued_credential>(issued_credential{version, {}}), valid_us};
}

} // namespace

// -- permits -------------------------------------------------------------------

TEST_CASE(
  "a governor asks for slices when all sources are there, and hands out as many requests as there are fetchers") {
  governor_case c;
  auto demands = c.source.all<slice_demand>();
  REQUIRE(demands.size() == 1);
  CHECK(demands[0].count == admission_limits{}.lookahead);
  c.offer(3);
  CHECK(c.permits(0).size() == 1);
  CHECK(c.permits(1).size() == 1);
  c.finish(0, page_result::slice_done);
  REQUIRE(c.permits(0).size() == 2);
  CHECK(c.permits(0).back().request.slice.id == 3);
  CHECK(c.permits(1).size() == 1);
}

TEST_CASE("more slices are asked for while the first requests are under way, not when they are answered") {
  constexpr std::uint32_t lookahead = 10;
  governor_case c{lookahead, 1'000'000, std::nullopt, lookahead};
  c.offer(lookahead);
  CHECK(c.count_permits() == lookahead);
  const auto demands = c.source.all<slice_demand>();
  REQUIRE(demands.size() == 2);
  CHECK(demands[1].count == lookahead);
}

TEST_CASE("the fetcher that became idle last works first") {
  governor_case c{3};
  c.offer(3);
  c.finish(1, page_result::slice_done);
  c.finish(0, page_result::slice_done);
  c.finish(2, page_result::slice_done);
  c.offer(2);
  CHECK(c.permits(2).size() == 2);
  CHECK(c.permits(0).size() == 2);
  CHECK(c.permits(1).size() == 1);
}

TEST_CASE("a retry goes when its wait is over, on one timer") {
  governor_case c{1};
  c.offer(1);
  c.finish(0, page_result::retry, [](page_outcome& x) { x.delay_us = 5'000'000; });
  c.f.advance(4s);
  CHECK(c.permits(0).size() == 1);
  c.f.advance(1s);
  CHECK(c.permits(0).size() == 2);
  c.f.advance(1h);
  CHECK(c.permits(0).size() == 2);
}

TEST_CASE("a request waits for its rate window") {
  governor_case c{1, 1};
  c.offer(2);
  REQUIRE(c.count_permits() == 1);
  c.finish(0, page_result::slice_done);
  c.f.advance(59s);
  CHECK(c.count_permits() == 1);
  c.f.advance(2s);
  CHECK(c.count_permits() == 2);
}

// -- buffers -------------------------------------------------------------------

TEST_CASE("the memory of written lines goes out again with the next permit, that which was used last first") {
  governor_case c{1};
  c.offer(3);
  CHECK(c.permits(0).back().buffer.empty());
  c.f.send(c.under_test, bytes_written{10, std::string(1000, 'a')});
  c.f.send(c.under_test, bytes_written{10, std::string(2000, 'b')});
  c.finish(0, page_result::slice_done);
  CHECK(c.permits(0).back().buffer == std::string(2000, 'b'));
  c.finish(0, page_result::slice_done);
  CHECK(c.permits(0).back().buffer == std::string(1000, 'a'));
}

TEST_CASE("memory is kept only as far as the output may need it at once, and large pieces are given back") {
  governor_case c{1};
  constexpr std::size_t large = (std::size_t{2} << 20) + 1;
  constexpr std::size_t medium = std::size_t{1} << 20;
  c.f.send(c.under_test, bytes_written{0, std::string(large, 'x')});
  for (int i = 0; i < 12; ++i)
    c.f.send(c.under_test, bytes_written{0, std::string(medium, 'm')});
  c.offer(20);
  std::size_t kept = 0;
  for (int i = 0; i < 15; ++i) {
    auto size = c.permits(0).back().buffer.size();
    CHECK((size == 0 || size == medium));
    kept += size;
    c.finish(0, page_result::slice_done);
    c.f.send(c.under_test, bytes_written{});
  }
  CHECK(kept > 4 * medium);
  CHECK(kept <= admission_limits{}.output_bytes);
}

// -- drain ---------------------------------------------------------------------

TEST_CASE("a drain forgets what is queued and is told when nothing is in flight") {
  governor_case c;
  c.offer(5);
  c.f.send(c.under_test, drain{});
  CHECK(c.supervisor.count<drained>() == 0);
  c.finish(0, page_result::next_page);
  CHECK(c.supervisor.count<drained>() == 0);
  c.finish(1, page_result::slice_done);
  CHECK(c.supervisor.count<drained>() == 1);
  CHECK(c.count_permits() == 2);
  c.offer(1);
  CHECK(c.count_permits() == 2);
  CHECK(c.supervisor.count<drained>() == 1);
}

// -- credentials ---------------------------------------------------------------

TEST_CASE("static credentials need nobody") {
  governor_case c{2, 1'000'000, static_credential{}};
  c.offer(2);
  CHECK(c.count_permits() == 2);
  CHECK(c.permits(0).back().credential == nullptr);
  CHECK_FALSE(c.permits(0).back().renewable);
}

TEST_CASE("requests wait for a credential that is asked for once, and carry it") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  CHECK(c.authenticator.count<credential_wanted>() == 0); // nobody needs it yet
  c.offer(2);
  c.offer(2);
  c.f.advance(1h);
  CHECK(c.count_permits() == 0);
  auto wanted = c.authenticator.all<credential_wanted>();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted[0].refused == 0);
  c.f.send(c.under_test, issued(1));
  REQUIRE(c.count_permits() == 2);
  for (std::size_t i : {0U, 1U}) {
    CHECK(c.permits(i).back().credential->version == 1);
    CHECK(c.permits(i).back().renewable);
  }
  auto report = c.f.ask<governor_report>(c.under_test, report_request{});
  REQUIRE(report);
  CHECK(report->limiters.credential_us == 3'600'000'000);
}

TEST_CASE("a refused credential is renewed once for all, and a refusal of the fresh one is a failure like any other") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  c.offer(3);
  c.f.send(c.under_test, issued(1));
  c.finish(0, page_result::unauthorized);
  c.finish(1, page_result::unauthorized);
  auto wanted = c.authenticator.all<credential_wanted>();
  REQUIRE(wanted.size() == 2);
  CHECK(wanted[1].refused == 1);
  CHECK(c.count_permits() == 2); // nobody goes with the one that was refused
  c.f.send(c.under_test, issued(2));
  REQUIRE(c.count_permits() == 4);
  for (std::size_t i : {0U, 1U}) {
    auto again = c.permits(i).back();
    CHECK(again.credential->version == 2);
    CHECK(again.request.slice.id <= 2);
    CHECK(again.request.attempt == 0);
    CHECK_FALSE(again.renewable);
  }
  CHECK(c.f.ask<governor_report>(c.under_test, report_request{})->retries == 0);
  c.finish(0, page_result::failed, [](page_outcome& x) {
    x.feedback.status = 401;
    x.error = {errc::http_status, failure_type::config_error, "Unauthorized.", ""};
    x.lasting = true;
  });
  auto failed = c.aggregator.all<slice_failed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].error.failure == failure_type::config_error);
  CHECK(c.authenticator.count<credential_wanted>() == 2);
  // Another request's first refusal is another matter.
  CHECK(c.permits(0).back().request.slice.id == 3);
  CHECK(c.permits(0).back().renewable);
}

TEST_CASE("a refusal of a credential that others have replaced is none of the next one") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  c.offer(3);
  c.f.send(c.under_test, issued(1));
  c.finish(0, page_result::unauthorized);
  c.f.send(c.under_test, issued(2));
  // The other request was under way with the first one for so long.
  c.finish(1, page_result::unauthorized);
  const auto again = c.permits(1).back();
  CHECK(again.credential->version == 2);
  CHECK(again.renewable);
  CHECK(c.authenticator.count<credential_wanted>() == 2);
}

TEST_CASE("the second refusal of a page is no failure if the credential has ended for others, too") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  c.offer(3);
  const auto refuse_for_good = [&c](std::size_t fetcher) {
    c.finish(fetcher, page_result::failed, [](page_outcome& x) {
      x.feedback.status = 401;
      x.error = {errc::http_status, failure_type::config_error, "Unauthorized.", ""};
      x.lasting = true;
    });
  };
  c.f.send(c.under_test, issued(1));
  c.finish(0, page_result::unauthorized);
  c.f.send(c.under_test, issued(2));
  // Fetcher 0 has the page that was refused; fetcher 1 goes on with another one, which finds the second one ended.
  c.finish(1, page_result::slice_done);
  c.finish(1, page_result::unauthorized);
  refuse_for_good(0);
  CHECK(c.aggregator.all<slice_failed>().empty());
  c.f.send(c.under_test, issued(3));
  CHECK(c.permits(0).back().credential->version == 3);
  CHECK(c.permits(1).back().credential->version == 3);
}

TEST_CASE("a credential is renewed before it ends while requests go on") {
  governor_case c{1, 1'000'000, expiring_credential{0}};
  c.offer(3);
  c.f.send(c.under_test, issued(1, 3'600'000'000));
  c.f.advance(59min + 30s);
  CHECK(c.authenticator.count<credential_wanted>() == 1);
  c.finish(0, page_result::slice_done);
  CHECK(c.permits(0).back().credential->version == 1); // it still holds
  CHECK(c.authenticator.count<credential_wanted>() == 2);
  c.f.send(c.under_test, issued(2, 3'600'000'000));
  c.finish(0, page_result::slice_done);
  CHECK(c.permits(0).back().credential->version == 2);
}

TEST_CASE("a credential that cannot be obtained is asked for again, and its endpoints are given up in the end") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  c.offer(3);
  auto fail_login = [&](failure_type failure) {
    const std::int64_t again_us = failure == failure_type::transient_error ? 1'000'000 : -1;
    c.f.send(c.under_test, credential_failed{0, {errc::http_status, failure, "no login", ""}, again_us});
  };
  fail_login(failure_type::transient_error);
  CHECK(c.authenticator.count<credential_wanted>() == 1);
  c.f.advance(1s);
  CHECK(c.authenticator.count<credential_wanted>() == 2);
  fail_login(failure_type::config_error);
  c.f.advance(1h);
  CHECK(c.authenticator.count<credential_wanted>() == 2);
  CHECK(c.count_permits() == 0);
  auto given_up = c.supervisor.all<endpoint_given_up>();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].credential.message == "no login");
  auto abandoned = c.aggregator.all<slices_abandoned>();
  REQUIRE(abandoned.size() == 1);
  CHECK(abandoned[0].count == 3);
  c.offer(2); // slices that were on their way
  CHECK(c.aggregator.all<slices_abandoned>().back().count == 2);
  CHECK(c.count_permits() == 0);
}

TEST_CASE("a drain does not wait for a credential") {
  governor_case c{2, 1'000'000, expiring_credential{0}};
  c.offer(3);
  c.f.send(c.under_test, drain{});
  CHECK(c.supervisor.count<drained>() == 1);
  c.f.send(c.under_test, issued(1));
  CHECK(c.count_permits() == 0);
}
