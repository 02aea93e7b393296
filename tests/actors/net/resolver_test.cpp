#include "actors/net/resolver.hpp"

#include "tests/support/catch2.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace sluice;
using namespace sluice::net;
using namespace std::chrono_literals;

namespace {

const auto patient = [] { return deadline_after(1h, "http.connect_timeout"); };

lookup_answer one_address(const std::string&, std::uint16_t port) {
  return {{Poco::Net::SocketAddress{"127.0.0.1", port}}, {}};
}

} // namespace

TEST_CASE("addresses are asked for once and kept") {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  resolver names{[=](const std::string& host, std::uint16_t port) {
                   ++*calls;
                   return one_address(host, port);
                 },
                 1h};
  blocking_waiter waits{std::make_shared<abort_signal>()};
  for (int i = 0; i < 3; ++i)
    CHECK(names.resolve("h", 80, patient(), waits).take().value().front().toString() == "127.0.0.1:80");
  CHECK(*calls == 1);
  CHECK(names.resolve("h", 81, patient(), waits).take().value().front().port() == 81);
  CHECK(*calls == 2);
  names.forget("h", 80);
  CHECK(names.resolve("h", 80, patient(), waits).take());
  CHECK(*calls == 3);
}

TEST_CASE("addresses are asked for again when their time is over, and after a failure") {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  resolver names{[=](const std::string& host, std::uint16_t port) {
                   ++*calls;
                   return host == "bad" ? lookup_answer{{}, "no such host"} : one_address(host, port);
                 },
                 0s};
  blocking_waiter waits{std::make_shared<abort_signal>()};
  CHECK(names.resolve("good", 80, patient(), waits).take());
  CHECK(names.resolve("good", 80, patient(), waits).take());
  CHECK(*calls == 2);
  for (int i = 0; i < 2; ++i) {
    const auto failed = names.resolve("bad", 80, patient(), waits).take();
    REQUIRE(!failed);
    CHECK(failed.error().code == errc::connection_failed);
    CHECK(failed.error().failure == failure_type::transient_error);
    CHECK(failed.error().what.find("bad") != std::string::npos);
    CHECK(failed.error().what.find("no such host") != std::string::npos);
  }
  CHECK(*calls == 4);
}

TEST_CASE("a lookup without addresses and one that throws are failures") {
  resolver names{[](const std::string& host, std::uint16_t) -> lookup_answer {
                   if (host == "throws")
                     throw std::runtime_error{"out of luck"};
                   return {};
                 },
                 1h};
  blocking_waiter waits{std::make_shared<abort_signal>()};
  CHECK(!names.resolve("empty", 80, patient(), waits).take());
  const auto failed = names.resolve("throws", 80, patient(), waits).take();
  REQUIRE(!failed);
  CHECK(failed.error().what.find("out of luck") != std::string::npos);
}

TEST_CASE("addresses in figures need no lookup") {
  resolver names{[](const std::string&, std::uint16_t) -> lookup_answer { throw std::logic_error{"asked"}; }, 1h};
  blocking_waiter waits{std::make_shared<abort_signal>()};
  CHECK(names.resolve("127.0.0.1", 80, patient(), waits).take().value().front().toString() == "127.0.0.1:80");
  CHECK(names.resolve("::1", 80, patient(), waits).take().value().front().toString() == "[::1]:80");
}

TEST_CASE("a lookup that does not answer is given up at the deadline and asked once only") {
  const auto release = std::make_shared<std::promise<void>>();
  const std::shared_future<void> released = release->get_future().share();
  const auto calls = std::make_shared<std::atomic<int>>(0);
  resolver names{[=](const std::string& host, std::uint16_t port) {
                   ++*calls;
                   released.wait();
                   return one_address(host, port);
                 },
                 1h};
  blocking_waiter waits{std::make_shared<abort_signal>()};
  for (int i = 0; i < 2; ++i) {
    const auto late = names.resolve("slow", 80, deadline_after(20ms, "http.connect_timeout"), waits).take();
    REQUIRE(!late);
    CHECK(late.error().code == errc::timed_out);
    CHECK(late.error().what.find("20ms (http.connect_timeout)") != std::string::npos);
  }
  names.forget("slow", 80); // must not drop the question that runs
  release->set_value();
  CHECK(names.resolve("slow", 80, patient(), waits).take());
  CHECK(*calls == 1);
}

TEST_CASE("an abort ends the wait for a lookup") {
  const auto entered = std::make_shared<std::promise<void>>();
  const auto release = std::make_shared<std::promise<void>>();
  const std::shared_future<void> released = release->get_future().share();
  resolver names{[=](const std::string& host, std::uint16_t port) {
                   entered->set_value();
                   released.wait();
                   return one_address(host, port);
                 },
                 1h};
  const auto abort = std::make_shared<abort_signal>();
  blocking_waiter waits{abort};
  auto waiting = std::async(std::launch::async, [&] { return names.resolve("slow", 80, patient(), waits).take(); });
  entered->get_future().wait();
  abort->raise();
  const auto result = waiting.get();
  release->set_value();
  REQUIRE(!result);
  CHECK(result.error().code == errc::interrupted);
}

TEST_CASE("the system resolves localhost and reports unknown names") {
  const auto local = system_lookup("localhost", 81);
  REQUIRE(!local.addresses.empty());
  CHECK(local.addresses.front().host().isLoopback());
  CHECK(local.addresses.front().port() == 81);
  // RFC 6761 reserves .invalid; no server is asked for an empty label.
  CHECK(!system_lookup("no..such.host.invalid", 80).failure.empty());
}
