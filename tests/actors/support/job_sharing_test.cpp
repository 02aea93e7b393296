#include "actors/support/job_sharing.hpp"

#include "actors/support/system_config.hpp"
#include "tests/support/catch2.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// Bound for waits that end at once unless something is broken.
constexpr auto patience = 60s;

/// A system whose workers share their jobs, or have CAF's own way of doing so.
struct sharing_system {
  struct sharing_config : system_config {
    sharing_config(std::size_t workers, bool shared) : system_config{nullptr, workers} {
      if (shared)
        share_jobs(*this);
    }
  };

  explicit sharing_system(std::size_t workers, bool shared = true) : config{workers, shared} {}

  sharing_config config;
  caf::actor_system system{config};
};

/// Does as it is told with each number.
caf::behavior doer(caf::event_based_actor*, const std::function<void(int)>& what) {
  return {[what](int x) { what(x); }};
}

/// Counts, and answers one less to whoever it was.
caf::behavior partner(caf::event_based_actor* self, const std::function<void()>& count) {
  return {[self, count](int left) {
    count();
    if (left > 0)
      self->send(caf::actor_cast<caf::actor>(self->current_sender()), left - 1);
  }};
}

} // namespace

TEST_CASE("every message is handled, however few workers are woken for them") {
  const auto workers = GENERATE(1U, 2U, 4U);
  CAPTURE(workers);
  constexpr int hops = 2'000;
  constexpr int pairs = 8;
  std::promise<void> done;
  std::atomic<int> handled{0};
  const auto count = [&] {
    if (++handled == pairs * (hops + 1))
      done.set_value();
  };
  sharing_system x{workers};
  for (int i = 0; i < pairs; ++i) {
    const auto one = x.system.spawn(partner, count);
    const auto other = x.system.spawn(partner, count);
    caf::send_as(one, other, hops);
  }
  CHECK(done.get_future().wait_for(patience) == std::future_status::ready);
}

TEST_CASE("what an actor has sent before it blocks is handled meanwhile, also under another scheduler") {
  const bool shared = GENERATE(true, false);
  CAPTURE(shared);
  std::promise<void> unblocked;
  std::promise<bool> ended;
  sharing_system x{2, shared};
  const auto helper = x.system.spawn(doer, [&](int) { unblocked.set_value(); });
  const auto blocks = x.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    const blocking_job wait{self->home_system(), self};
    return {[&, self, wait, helper](int) {
      self->send(helper, 1);
      wait.about_to_block();
      ended.set_value(unblocked.get_future().wait_for(patience) == std::future_status::ready);
    }};
  });
  caf::anon_send(blocks, 1);
  CHECK(ended.get_future().get());
}

TEST_CASE("who may block lets others go first, but not for ever") {
  constexpr int others = 12;
  constexpr int the_patient = 0;
  std::promise<void> known;
  std::promise<void> begun;
  std::promise<void> all_wait;
  std::promise<void> done;
  std::vector<int> order; // one worker: nobody else writes
  sharing_system x{1};
  const auto note = [&](int who) {
    order.push_back(who);
    if (order.size() == others + 1)
      done.set_value();
  };
  const auto patient = x.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    const blocking_job wait{self->home_system(), self};
    known.set_value();
    return {[note](int who) { note(who); }};
  });
  known.get_future().wait();
  const auto first = x.system.spawn(doer, [&](int) {
    begun.set_value();
    all_wait.get_future().wait();
  });
  caf::anon_send(first, 1);
  begun.get_future().wait();
  caf::anon_send(patient, the_patient);
  for (int who = 1; who <= others; ++who)
    caf::anon_send(x.system.spawn(doer, note), who);
  all_wait.set_value();
  REQUIRE(done.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(order == std::vector{1, 2, 3, 4, 5, 6, 7, 8, the_patient, 9, 10, 11, 12});
}
