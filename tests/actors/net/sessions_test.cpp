#include "actors/net/sessions.hpp"

#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <dirent.h>

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A session with what it has called.
struct caller {
  std::unique_ptr<async_session> session;
  std::promise<void> done;
  std::atomic<int> calls{0};

  explicit caller(transport& from) : session{from.open_async_session()} {}

  void start(const std::string& url) {
    session->start({"GET", url, {}, {}}, [this] {
      if (++calls == 1)
        done.set_value();
    });
  }
  http_result wait() {
    done.get_future().wait();
    return session->take();
  }
};

std::size_t threads_of_this_process() {
  std::size_t count = 0;
  auto* tasks = ::opendir("/proc/self/task");
  REQUIRE(tasks != nullptr);
  while (const auto* entry = ::readdir(tasks))
    count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(tasks);
  return count;
}

} // namespace

TEST_CASE("many requests are in flight on few threads") {
  constexpr std::size_t many = 100;
  const scripted_server server{std::vector<script>(many, {receive(), stall()})};
  auto options = patient_options();
  options.io_threads = 2;
  const auto shared = make_poco_transport(options, with_variables());
  const auto before = threads_of_this_process();
  std::vector<std::unique_ptr<caller>> callers;
  for (std::size_t i = 0; i < many; ++i) {
    callers.push_back(std::make_unique<caller>(*shared));
    callers.back()->start(server.url());
  }
  REQUIRE(server.wait_for_requests(many));
  // The server has a thread for each connection.
  CHECK(threads_of_this_process() - before <= many + 2);
  shared->abort_all();
  for (auto& x : callers) {
    const auto answer = x->wait();
    REQUIRE(!answer);
    CHECK(answer.error().error.code == errc::interrupted);
    CHECK(x->calls == 1);
  }
}

TEST_CASE("a session on a loop is used again and again, over one connection") {
  script steps;
  for (int i = 0; i < 50; ++i) {
    steps.push_back(receive());
    steps.push_back(send(ok("page " + std::to_string(i))));
  }
  const scripted_server server{{steps}};
  const auto shared = make_poco_transport(patient_options(), with_variables());
  const auto session = shared->open_async_session();
  for (int i = 0; i < 50; ++i) {
    std::promise<void> done;
    session->start({"GET", server.url(), {}, {}}, [&] { done.set_value(); });
    done.get_future().wait();
    auto answer = session->take();
    REQUIRE(answer);
    CHECK(answer->body == "page " + std::to_string(i));
    session->reuse(std::move(answer->body));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a session that goes away gives its request up and calls nobody") {
  const scripted_server server{{{receive(), stall()}, {receive(), send(ok("other"))}}};
  const auto shared = make_poco_transport(patient_options(), with_variables());
  std::atomic<int> calls{0};
  {
    const auto session = shared->open_async_session();
    session->start({"GET", server.url(), {}, {}}, [&] { ++calls; });
    REQUIRE(server.wait_for_requests(1));
  }
  caller other{*shared};
  other.start(server.url());
  CHECK(other.wait().value().body == "other");
  CHECK(calls == 0);
}

TEST_CASE("what is wrong with a request is told before start returns") {
  const auto shared = make_poco_transport(patient_options(), with_variables());
  caller x{*shared};
  x.start("nonsense");
  CHECK(x.calls == 1);
  const auto answer = x.wait();
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
}

TEST_CASE("a request under way outlives its transport") {
  const scripted_server server{{{receive(), drip(ok("late"), 2ms)}}};
  auto shared = make_poco_transport(patient_options(), with_variables());
  caller x{*shared};
  x.start(server.url());
  REQUIRE(server.wait_for_requests(1));
  shared.reset();
  CHECK(x.wait().value().body == "late");
}
