#include "actors/net/readiness_loop.hpp"

#include "actors/net/task.hpp"
#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A loop with its thread.
struct running_loop {
  std::shared_ptr<abort_signal> abort = std::make_shared<abort_signal>();
  std::shared_ptr<readiness_loop> loop = std::make_shared<readiness_loop>(abort);
  std::thread thread{[this] { loop->run(); }};

  ~running_loop() {
    loop->stop();
    thread.join();
  }
};

/// Two connected, non-blocking sockets.
struct socket_pair {
  int ours = -1;
  int theirs = -1;

  socket_pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    ours = fds[0];
    theirs = fds[1];
  }
  ~socket_pair() {
    ::close(ours);
    ::close(theirs);
  }
  /// Also on a loop's thread, where Catch2's assertions may not be.
  void say(char c) const {
    if (::write(theirs, &c, 1) != 1)
      std::abort();
  }
};

/// Steps that wait, one after the other, and tell how each wait ended.
struct steps {
  std::shared_ptr<loop_waiter> waits;
  std::promise<std::vector<wait_outcome>> done;
  std::optional<task<bool>> under_way;

  explicit steps(readiness_loop& loop) : waits{loop.make_waiter()} {}
  ~steps() {
    waits->close([this] { under_way.reset(); });
  }

  struct wait {
    int fd;
    short events;
    wait_clock::duration patience;
  };

  /// What `between` does before each wait, the first one included.
  void begin(std::vector<wait> all, std::function<void(std::size_t)> between = {}) {
    waits->run([&] { under_way.emplace(carry_out(std::move(all), std::move(between))); });
  }

  task<bool> carry_out(std::vector<wait> all, std::function<void(std::size_t)> between) {
    std::vector<wait_outcome> outcomes;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (between)
        between(i);
      const auto until = all[i].patience == wait_clock::duration::max() ? wait_clock::time_point::max()
                                                                        : wait_clock::now() + all[i].patience;
      outcomes.push_back(co_await waiting{*waits, all[i].fd, all[i].events, until});
    }
    waits->when_unlocked([this, outcomes] { done.set_value(outcomes); });
    co_return true;
  }
};

constexpr auto for_ever = wait_clock::duration::max();

} // namespace

TEST_CASE("a wait ends with its event, and one without an event with its time") {
  running_loop x;
  const socket_pair pair;
  steps s{*x.loop};
  REQUIRE(s.waits->watch(pair.ours));
  char read = 0;
  bool was_read = false;
  s.begin({{pair.ours, POLLIN, for_ever}, {pair.ours, POLLIN, 20ms}, {pair.ours, POLLIN, for_ever}},
          [&](std::size_t i) {
            if (i == 1) {
              was_read = ::read(pair.ours, &read, 1) == 1; // Catch2 wants its assertions on one thread
            } else if (i == 2) {
              pair.say('b');
            }
          });
  pair.say('a');
  CHECK(s.done.get_future().get() == std::vector{wait_outcome::ready, wait_outcome::expired, wait_outcome::ready});
  CHECK(was_read);
  CHECK(read == 'a');
}

TEST_CASE("what happened before anybody waited for it is not lost") {
  running_loop x;
  const socket_pair pair;
  steps s{*x.loop};
  REQUIRE(s.waits->watch(pair.ours));
  pair.say('a');
  // Another waiter's event behind it: the loop has seen the first one.
  const socket_pair other;
  steps later{*x.loop};
  REQUIRE(later.waits->watch(other.ours));
  later.begin({{other.ours, POLLIN, for_ever}});
  other.say('b');
  later.done.get_future().wait();
  s.begin({{pair.ours, POLLIN, for_ever}});
  CHECK(s.done.get_future().get() == std::vector{wait_outcome::ready});
}

TEST_CASE("the end of a connection ends a wait for bytes") {
  running_loop x;
  const socket_pair pair;
  steps s{*x.loop};
  REQUIRE(s.waits->watch(pair.ours));
  s.begin({{pair.ours, POLLIN, for_ever}});
  ::shutdown(pair.theirs, SHUT_RDWR);
  CHECK(s.done.get_future().get() == std::vector{wait_outcome::ready});
}

TEST_CASE("an earlier deadline is kept although the loop sleeps for a later one") {
  running_loop x;
  steps patient{*x.loop};
  patient.begin({{waiter::no_fd, 0, 1h}});
  steps hasty{*x.loop};
  hasty.begin({{waiter::no_fd, 0, 10ms}, {waiter::no_fd, 0, 20ms}});
  CHECK(hasty.done.get_future().get() == std::vector{wait_outcome::expired, wait_outcome::expired});
}

TEST_CASE("a deadline that lies behind a wait's end is not taken for the next one's") {
  running_loop x;
  const socket_pair pair;
  steps s{*x.loop};
  REQUIRE(s.waits->watch(pair.ours));
  pair.say('a');
  s.begin({{pair.ours, POLLIN, 30ms}, {waiter::no_fd, 0, 80ms}});
  const auto begin = wait_clock::now();
  CHECK(s.done.get_future().get() == std::vector{wait_outcome::ready, wait_outcome::expired});
  CHECK(wait_clock::now() - begin >= 75ms);
}

TEST_CASE("a waker ends a wait without a descriptor, also before it begins, and outlives the waiter") {
  running_loop x;
  std::function<void()> wake;
  {
    steps s{*x.loop};
    wake = s.waits->waker();
    s.begin({{waiter::no_fd, 0, for_ever}, {waiter::no_fd, 0, for_ever}}, [&](std::size_t) { wake(); });
    CHECK(s.done.get_future().get() == std::vector{wait_outcome::ready, wait_outcome::ready});
  }
  wake();
}

TEST_CASE("an abort ends all waits, and those that begin later") {
  running_loop x;
  steps one{*x.loop};
  steps two{*x.loop};
  one.begin({{waiter::no_fd, 0, for_ever}, {waiter::no_fd, 0, for_ever}});
  two.begin({{waiter::no_fd, 0, 1h}});
  x.abort->raise();
  x.loop->wake();
  CHECK(one.done.get_future().get() == std::vector{wait_outcome::aborted, wait_outcome::aborted});
  CHECK(two.done.get_future().get() == std::vector{wait_outcome::aborted});
  steps later{*x.loop};
  later.begin({{waiter::no_fd, 0, for_ever}});
  CHECK(later.done.get_future().get() == std::vector{wait_outcome::aborted});
}

TEST_CASE("a loop that stops leaves nobody waiting") {
  std::optional<running_loop> x{std::in_place};
  const auto loop = x->loop;
  steps s{*loop};
  s.begin({{waiter::no_fd, 0, for_ever}});
  x.reset();
  CHECK(s.done.get_future().get() == std::vector{wait_outcome::aborted});
}

TEST_CASE("a waiter whose owner goes away in the middle of its wait is forgotten, whatever happens at that moment") {
  running_loop x;
  for (int i = 0; i < 200; ++i) {
    const socket_pair pair;
    steps s{*x.loop};
    REQUIRE(s.waits->watch(pair.ours));
    s.begin({{pair.ours, POLLIN, i % 2 == 0 ? wait_clock::duration{1us} : for_ever}, {waiter::no_fd, 0, for_ever}});
    pair.say('a');
  }
  steps last{*x.loop};
  last.begin({{waiter::no_fd, 0, 1ms}});
  CHECK(last.done.get_future().get() == std::vector{wait_outcome::expired});
}

TEST_CASE("what comes while the loop's thread is busy is in time, however long that takes") {
  running_loop x;
  const socket_pair busy;
  const socket_pair waits;
  steps first{*x.loop};
  steps second{*x.loop};
  REQUIRE(first.waits->watch(busy.ours));
  REQUIRE(second.waits->watch(waits.ours));
  constexpr auto limit = 20ms;
  first.begin({{busy.ours, POLLIN, for_ever}, {busy.ours, POLLIN, 0ms}}, [&](std::size_t i) {
    if (i == 0)
      return;
    // The loop's thread is here. The byte comes before the second wait's time is up, and can only be seen after it.
    const auto began = wait_clock::now();
    second.begin({{waits.ours, POLLIN, limit}});
    waits.say('x');
    while (wait_clock::now() < began + 2 * limit)
      std::this_thread::yield();
  });
  busy.say('x');
  CHECK(second.done.get_future().get() == std::vector{wait_outcome::ready});
  CHECK(first.done.get_future().get().front() == wait_outcome::ready);
}
