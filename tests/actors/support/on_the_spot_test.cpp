#include "actors/support/on_the_spot.hpp"

#include "actors/support/system_config.hpp"
#include "tests/support/catch2.hpp"

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <functional>
#include <vector>

using namespace sluice;

namespace {

/// A system whose actors run when the test says so.
struct stepped_system {
  /// An actor that does `what` with each number, and is idle.
  caf::actor spawn(const std::function<void(caf::event_based_actor&, int)>& what) {
    auto made = system.spawn(
      [what](caf::event_based_actor* self) -> caf::behavior { return {[self, what](int x) { what(*self, x); }}; });
    scheduler().run();
    return made;
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  void bring(const caf::actor& to, int x) { here.bring(caf::actor_cast<caf::strong_actor_ptr>(to), x); }

  struct stepped_config : system_config {
    stepped_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  stepped_config config;
  caf::actor_system system{config};
  on_the_spot here{system};
};

} // namespace

TEST_CASE("an idle actor handles what it is brought before the bringer goes on") {
  stepped_system x;
  std::vector<int> handled;
  const auto actor = x.spawn([&](caf::event_based_actor&, int n) { handled.push_back(n); });
  x.bring(actor, 1);
  CHECK(handled == std::vector{1});
  // Idle again, it handles the next in the same way.
  x.bring(actor, 2);
  CHECK(handled == std::vector{1, 2});
  CHECK_FALSE(x.scheduler().has_job());
}

TEST_CASE("what an actor sends on the spot goes to the workers") {
  stepped_system x;
  std::vector<int> received;
  const auto receiver = x.spawn([&](caf::event_based_actor&, int n) { received.push_back(n); });
  const auto sender = x.spawn([receiver](caf::event_based_actor& self, int n) { self.send(receiver, n); });
  x.bring(sender, 1);
  CHECK(received.empty());
  x.scheduler().run();
  CHECK(received == std::vector{1});
}

TEST_CASE("a busy actor finds what it is brought in its mailbox") {
  stepped_system x;
  std::vector<int> handled;
  const auto actor = x.spawn([&](caf::event_based_actor& self, int n) {
    if (n == 1)
      x.bring(caf::actor_cast<caf::actor>(&self), 2);
    handled.push_back(n);
  });
  caf::anon_send(actor, 1);
  x.scheduler().run();
  CHECK(handled == std::vector{1, 2});
}

TEST_CASE("an actor that a worker is about to run is left to it") {
  stepped_system x;
  std::vector<int> handled;
  const auto actor = x.spawn([&](caf::event_based_actor&, int n) { handled.push_back(n); });
  caf::anon_send(actor, 1);
  x.bring(actor, 2);
  CHECK(handled.empty());
  x.scheduler().run();
  CHECK(handled == std::vector{1, 2});
}

TEST_CASE("an actor may end on the spot, and what is brought to one that has ended is lost") {
  stepped_system x;
  int handled = 0;
  const auto actor = x.spawn([&](caf::event_based_actor& self, int) {
    ++handled;
    self.quit();
  });
  x.bring(actor, 1);
  x.bring(actor, 2);
  CHECK(handled == 1);
  CHECK_FALSE(x.scheduler().has_job());
}
