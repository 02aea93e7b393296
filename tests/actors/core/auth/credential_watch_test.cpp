#include "actors/core/auth/credential_watch.hpp"

#include "tests/support/catch2.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const steady_time begin{1000s};

steady_time at(std::chrono::microseconds t) {
  return begin + t;
}

/// A watch of credential 7, and what it asks for.
struct watched {
  credential_watch watch;

  /// A request needs the credential; true: it is asked for now.
  bool asks(std::chrono::microseconds t) {
    watch.need();
    return demand(t).has_value();
  }
  std::optional<credential_wanted> demand(std::chrono::microseconds t) {
    return watch.due(at(t)) ? std::optional{watch.ask(7)} : std::nullopt;
  }
  void ready(std::uint64_t version, std::chrono::microseconds t, std::chrono::microseconds valid = -1us) {
    auto value = std::make_shared<const issued_credential>(issued_credential{version, {}});
    watch.ready({7, std::move(value), valid.count()}, at(t));
  }
  void failed(failure_type failure, std::chrono::microseconds t, std::int64_t retry_us = -1,
              errc code = errc::http_status) {
    watch.failed({7, {code, failure, "no login", ""}, retry_us}, at(t));
  }
};

} // namespace

TEST_CASE("a credential is asked for when a request needs it, once") {
  watched w;
  CHECK_FALSE(w.demand(0s));
  CHECK_FALSE(w.watch.holds(at(0s)));
  w.watch.need();
  auto wanted = w.demand(0s);
  REQUIRE(wanted);
  CHECK(wanted->id == 7);
  CHECK(wanted->refused == 0);
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(w.asks(1s));
  w.ready(1, 2s);
  CHECK(w.watch.holds(at(2s)));
  CHECK(w.watch.holds(at(1000h))); // nobody said when it ends
  CHECK_FALSE(w.asks(3s));
  CHECK(w.watch.current()->version == 1);
}

TEST_CASE("the next one is asked for before the end of the one there is, if a request needs it") {
  watched w;
  REQUIRE(w.asks(0s));
  w.ready(1, 0s, 1h);
  CHECK_FALSE(w.asks(58min));
  CHECK_FALSE(w.demand(59min)); // nobody needs it
  CHECK(w.asks(59min));
  CHECK_FALSE(w.asks(59min));
  CHECK(w.watch.holds(at(59min + 59s)));
  CHECK_FALSE(w.watch.holds(at(60min)));
  w.ready(2, 61min, 40s); // a quarter of the time before the end
  CHECK_FALSE(w.asks(61min + 29s));
  CHECK(w.asks(61min + 30s));
}

TEST_CASE("one that is said to have ended is used for a little while, not asked for without end") {
  for (auto valid : {0us, 1us, 1'000'000us}) {
    watched w;
    REQUIRE(w.asks(0s));
    w.ready(1, 0s, valid);
    CHECK(w.watch.holds(at(4s)));
    CHECK_FALSE(w.watch.holds(at(5s)));
  }
}

TEST_CASE("a refusal ends the version that was refused, and only that") {
  watched w;
  REQUIRE(w.asks(0s));
  w.ready(1, 0s);
  w.watch.refused(1);
  CHECK_FALSE(w.watch.holds(at(1s)));
  w.watch.need();
  auto wanted = w.demand(1s);
  REQUIRE(wanted);
  CHECK(wanted->refused == 1);
  w.watch.refused(1); // another request's answer
  CHECK_FALSE(w.asks(1s));
  w.ready(2, 2s);
  w.watch.refused(1); // one that comes late
  CHECK(w.watch.holds(at(2s)));
  CHECK_FALSE(w.asks(2s));
}

TEST_CASE("a failure is tried again when the authenticator says so, or never") {
  watched w;
  std::chrono::microseconds t = 0s;
  for (std::chrono::microseconds wait : {1s, 2s, 4s}) {
    REQUIRE(w.asks(t));
    CHECK(w.watch.wake_at() == steady_time::max());
    w.failed(failure_type::transient_error, t, wait.count());
    CHECK(w.watch.wake_at() == at(t + wait));
    CHECK_FALSE(w.asks(t + wait - 1us));
    CHECK(w.watch.lost(at(t)) == nullptr);
    t += wait;
  }
  REQUIRE(w.asks(t));
  w.failed(failure_type::transient_error, t);
  REQUIRE(w.watch.lost(at(t)) != nullptr);
  CHECK(w.watch.lost(at(t))->message == "no login");
  CHECK_FALSE(w.asks(t + 1h));
}

TEST_CASE("what only the user can mend is final, but not before the end of the one there is") {
  watched w;
  REQUIRE(w.asks(0s));
  w.ready(1, 0s, 1h);
  REQUIRE(w.asks(59min));
  w.failed(failure_type::config_error, 59min);
  CHECK(w.watch.holds(at(59min)));
  CHECK(w.watch.lost(at(59min)) == nullptr);
  CHECK_FALSE(w.asks(59min));
  CHECK(w.watch.lost(at(60min)) != nullptr);
}

TEST_CASE("a login that the end of the run cut off is no failure") {
  watched w;
  REQUIRE(w.asks(0s));
  w.failed(failure_type::transient_error, 0s, -1, errc::interrupted);
  CHECK(w.watch.lost(at(0s)) == nullptr);
  CHECK(w.watch.wake_at() == steady_time::max());
}

TEST_CASE("a server that refuses whatever credential it gets costs few renewals") {
  watched w;
  REQUIRE(w.asks(0s));
  w.ready(1, 0s);
  std::uint64_t version = 1;
  for (std::uint32_t i = 0; i < credential_watch::most_vain; ++i) {
    REQUIRE(w.watch.helps(at(1s)));
    w.watch.refused(version);
    REQUIRE(w.asks(1s));
    w.ready(++version, 1s);
    w.watch.tried_again(true);
  }
  CHECK_FALSE(w.watch.helps(at(2s)));
  CHECK_FALSE(w.watch.helps(at(60s)));
  CHECK(w.watch.helps(at(61s))); // it may have ended by now
  w.watch.tried_again(false);
  CHECK(w.watch.helps(at(2s)));
}
