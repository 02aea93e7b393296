#pragma once

#include "actors/core/clock.hpp"
#include "actors/support/system_config.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/duration.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

/// The deterministic scheduler and virtual time.
struct testing_config : system_config {
  explicit testing_config(trace_log* trace = nullptr);
};

/// What a probe has got, and how it answers.
struct probe_memory {
  std::string name;
  std::vector<caf::message> messages;
  /// The answer to a question; none: the asker waits.
  std::function<std::optional<caf::message>(const caf::message&)> answer;
};

/// Stands in for an actor: keeps every message that it gets. Made by `actor_fixture::probe_of`.
/// @tparam Handle the interface of whom it stands in for.
template <class Handle>
class probe {
public:
  probe(Handle handle, std::shared_ptr<probe_memory> memory) : handle_(std::move(handle)), memory_(std::move(memory)) {}

  /// What the actor under test gets to know.
  const Handle& handle() const { return handle_; }

  /// All messages of one type, oldest first.
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& m : memory_->messages)
      if (m.template match_elements<T>())
        found.push_back(m.template get_as<T>(0));
    return found;
  }
  /// How many there are.
  template <class T>
  std::size_t count() const {
    return all<T>().size();
  }
  /// The names of all messages as traces show them, oldest first: `slices_offered`.
  std::vector<std::string> names() const;
  /// Forgets what it has got.
  void clear() { memory_->messages.clear(); }

  /// From now on questions of this type are answered: `p.answers<flush_request>([](auto&) { return flushed{}; })`.
  /// Without, whoever asks waits for ever.
  template <class Question, class F>
  void answers(F f) {
    memory_->answer = [f, before = std::move(memory_->answer)](const caf::message& m) -> std::optional<caf::message> {
      if (m.match_elements<Question>())
        return caf::make_message(f(m.get_as<Question>(0)));
      return before ? before(m) : std::nullopt;
    };
  }

private:
  Handle handle_;
  std::shared_ptr<probe_memory> memory_;
};

/// One actor (or a few) among probes, on CAF's deterministic scheduler: nothing happens but in `run` and `advance`, and
/// time stands still but in `advance`.
///
///   actor_fixture f;
///   auto governor = f.probe_of<governor_actor>("governor");
///   auto under_test = f.spawn(fan_out, plan, child, governor.handle(), ...);
///   f.send(under_test, slice_demand{child, 3});
///   CHECK(governor.count<slices_offered>() == 1);
class actor_fixture {
public:
  /// The date at which it begins, seconds since the epoch.
  static constexpr std::int64_t start_s = 1'700'000'000;

  /// @param trace may be null.
  explicit actor_fixture(trace_log* trace = nullptr);
  /// Ends all actors.
  ~actor_fixture();
  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  caf::actor_system& system() { return system_; }
  /// What the actors are doing.
  std::shared_ptr<flight_recorder> recorder() const { return config_.actors(); }

  /// @param name stands before its messages in `journal`.
  template <class Handle>
  probe<Handle> probe_of(std::string name) {
    auto memory = std::make_shared<probe_memory>();
    memory->name = std::move(name);
    auto stand_in = spawn_probe(memory);
    return {caf::actor_cast<Handle>(stand_in), std::move(memory)};
  }

  /// An actor that ends with the fixture.
  template <class F, class... Args>
  auto spawn(F behaviour, Args&&... args) {
    auto made = system_.spawn(behaviour, std::forward<Args>(args)...);
    actors_.push_back(caf::actor_cast<caf::actor>(made));
    run();
    return made;
  }

  /// Sends without a sender, and runs.
  template <class Handle, class... Args>
  void send(const Handle& to, Args&&... args) {
    caf::anon_send(to, std::forward<Args>(args)...);
    run();
  }

  /// Asks, and runs; there is nothing in the result until the answer comes, and never if it is an error.
  template <class Answer, class Handle, class Question>
  std::shared_ptr<const std::optional<Answer>> begin_asking(const Handle& whom, Question question) {
    auto answer = std::make_shared<std::optional<Answer>>();
    auto asker = [whom, question, answer](caf::event_based_actor* self) {
      self->request(whom, caf::infinite, question)
        .then([answer](Answer& x) { *answer = std::move(x); }, [](const caf::error&) { /* nothing */ });
    };
    actors_.push_back(system_.spawn(asker));
    run();
    return answer;
  }
  /// The same, for an answer that comes without time passing; none: it did not, or is an error.
  template <class Answer, class Handle, class Question>
  std::optional<Answer> ask(const Handle& whom, Question question) {
    return *begin_asking<Answer>(whom, std::move(question));
  }

  /// Until nobody has a message left; time stands still.
  void run();
  /// Lets time pass, with everything that timers do meanwhile.
  void advance(std::chrono::nanoseconds time);

  /// The date, which goes with the virtual time.
  wall_clock wall() const;
  std::chrono::nanoseconds elapsed() const;

  /// The living actor of this kind, also if it was made by others; probes have no kind.
  caf::actor living(const std::string& kind) const;
  std::size_t count_living(const std::string& kind) const;
  /// Ends an actor as a fault of the program would, and runs.
  template <class Handle>
  void kill(const Handle& whom) {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(whom), caf::exit_reason::kill);
    run();
  }

  /// What was sent to the probes, in that order: `governor bytes_written`. Tests add to it what else happens.
  std::vector<std::string> journal;

private:
  caf::actor spawn_probe(std::shared_ptr<probe_memory> memory);

  testing_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point began_;
  std::vector<caf::actor> actors_;
};

/// A message's name as traces show it.
std::string kind_name(const caf::message& m);

template <class Handle>
std::vector<std::string> probe<Handle>::names() const {
  std::vector<std::string> found;
  for (const auto& m : memory_->messages)
    found.push_back(kind_name(m));
  return found;
}

} // namespace sluice::test
