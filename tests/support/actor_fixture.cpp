#include "tests/support/actor_fixture.hpp"

#include "actors/support/actor_base.hpp"
#include "actors/support/flight_record.hpp"

#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <spdlog/spdlog.h>

namespace sluice::test {

namespace {

/// Takes every message, of whatever interface it stands in for.
class stand_in final : public caf::event_based_actor {
public:
  stand_in(caf::actor_config& config, std::shared_ptr<probe_memory> memory, std::vector<std::string>* journal)
    : caf::event_based_actor(config), memory_(std::move(memory)), journal_(journal) {
    set_default_handler([this](caf::scheduled_actor*, caf::message_view& x) { return take(x); });
  }

  // At the moment of sending: in which order actors get their turns says nothing.
  void enqueue(caf::mailbox_element_ptr x, caf::execution_unit* unit) override {
    if (!x->content().match_elements<caf::exit_msg>())
      journal_->push_back(memory_->name + " " + std::string{sluice::name_of(kind_of(x->content()))});
    caf::event_based_actor::enqueue(std::move(x), unit);
  }

  caf::behavior make_behavior() override {
    // An actor without any handler would end at once; nobody sends a string.
    return {[](const std::string&) { /* nop */ }};
  }

private:
  caf::result<caf::message> take(caf::message_view& x) {
    memory_->messages.push_back(x.move_content_to_message());
    if (memory_->answer)
      if (auto answer = memory_->answer(memory_->messages.back()))
        return *answer;
    // Whoever asked waits. (To a message that is no question this is nothing.)
    return make_response_promise();
  }

  std::shared_ptr<probe_memory> memory_;
  std::vector<std::string>* journal_;
};

} // namespace

std::string kind_name(const caf::message& m) {
  return std::string{sluice::name_of(kind_of(m))};
}

testing_config::testing_config(trace_log* trace) : system_config(trace, 1) {
  set("scheduler.policy", caf::atom("testing"));
}

actor_fixture::actor_fixture(trace_log* trace)
  : config_(trace), system_(config_), scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
    began_(system_.clock().now()) {
  spdlog::set_level(spdlog::level::off);
}

actor_fixture::~actor_fixture() {
  for (const auto& a : actors_)
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  run();
  // CAF would wait for ever for whoever is left.
  for (const auto& record : config_.actors()->records())
    if (auto left = record->actor())
      caf::anon_send_exit(caf::actor_cast<caf::actor>(left), caf::exit_reason::kill);
  run();
  // Timers keep their actors.
  while (scheduler_.trigger_timeout())
    run();
}

caf::actor actor_fixture::spawn_probe(std::shared_ptr<probe_memory> memory) {
  actors_.push_back(system_.spawn<stand_in>(std::move(memory), &journal));
  run();
  return actors_.back();
}

void actor_fixture::run() {
  // More than any test needs: actors that send each other messages for ever must fail, not hang.
  for (int turn = 0; turn < 1'000'000 && scheduler_.has_job(); ++turn)
    scheduler_.run_once();
}

void actor_fixture::advance(std::chrono::nanoseconds time) {
  auto& clock = scheduler_.clock();
  const auto until = clock.now() + time;
  run();
  while (!clock.schedule().empty() && clock.schedule().begin()->first <= until) {
    scheduler_.trigger_timeout();
    run();
  }
  if (clock.now() < until)
    scheduler_.advance_time(until - clock.now());
  run();
}

wall_clock actor_fixture::wall() const {
  return [this] {
    return language::instant{std::chrono::seconds{start_s}}
           + std::chrono::duration_cast<std::chrono::microseconds>(elapsed());
  };
}

std::chrono::nanoseconds actor_fixture::elapsed() const {
  return scheduler_.clock().now() - began_;
}

caf::actor actor_fixture::living(const std::string& kind) const {
  for (const auto& record : config_.actors()->records())
    if (auto view = record->view(); view.name == kind && !view.ended)
      if (auto found = record->actor())
        return caf::actor_cast<caf::actor>(found);
  return {};
}

std::size_t actor_fixture::count_living(const std::string& kind) const {
  std::size_t n = 0;
  for (const auto& view : config_.actors()->views())
    n += view.name == kind && !view.ended ? 1 : 0;
  return n;
}

} // namespace sluice::test
