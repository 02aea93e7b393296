#pragma once

#include "actors/support/flight_record.hpp"
#include "actors/support/flight_report.hpp"
#include "actors/support/message_view.hpp"
#include "actors/support/system_config.hpp"
#include "actors/support/thread_sanitizer.hpp"
#include "actors/support/trace_log.hpp"

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice {

/// Which actor's handler runs on this thread. Tells traces who sent a message: a timer's is sent by nobody.
struct handling {
  /// 0: none.
  std::uint64_t actor = 0;
  /// It only watches: what it says and hears is no part of the run.
  bool watches = false;

  static handling& here() noexcept {
    thread_local handling current;
    return current;
  }
};

/// For the time of a handler, also of one that throws: its thread goes on with other actors, or with the one whose
/// handler brought this one its message on the spot.
class handling_scope {
public:
  explicit handling_scope(const handling& now) noexcept : before_{std::exchange(handling::here(), now)} {}
  ~handling_scope() { handling::here() = before_; }
  handling_scope(const handling_scope&) = delete;
  handling_scope& operator=(const handling_scope&) = delete;

private:
  const handling before_;
};

/// The common base of all actors: here, and only here, messages are recorded (always; see docs/tracing.md for what
/// that costs) and traced (off, it costs one branch a message), and questions about the actor's state are answered.
/// `consume` and `enqueue` are virtual and not final in CAF 0.17.6; later versions change `consume`'s result type.
template <class Base>
class traced : public Base {
public:
  explicit traced(caf::actor_config& config) : Base(config), trace_(trace_of(this->home_system())) {
    auto* recorder = recorder_of(this->home_system());
    record_ = recorder != nullptr ? recorder->add(this->id()) : std::make_shared<flight_record>(this->id());
  }

  const std::shared_ptr<flight_record>& record() const { return record_; }

  /// @param describe says in a few lines what the actor is waiting for; runs on the actor's thread.
  void introduce(std::function<std::string()> describe) {
    describe_ = std::move(describe);
    record_->introduce(this->name(), caf::weak_actor_ptr{this->ctrl()});
    if (auto* trace = log())
      trace->introduce(this->id(), this->name());
    released(this);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    record_->ended();
    return Base::cleanup(std::move(reason), unit);
  }

#ifndef SLUICE_BARE // `./run bench trace` measures what these cost
  // Runs on the sender's thread.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    auto now = flight_clock::now();
    record_->queued(now);
    if (log() != nullptr) {
      auto from = handling::here();
      std::lock_guard guard{mutex_};
      sent_.push_back({element.get(), now, from.actor, from.watches});
    }
    released(element.get());
    Base::enqueue(std::move(element), unit);
  }

  // Runs on the actor's thread.
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    acquired(&x);
    const held alone{this};
    const auto& content = x.content();
    trace_message m;
    m.kind = kind_of(content);
    if (m.kind == question_kind) {
      record_->skipped();
      // Its place in the mailbox's memory is used again: the next message there must not be taken for it.
      if (log() != nullptr)
        take_sending(&x, flight_clock::now());
      answer(content.get_as<flight_question>(0));
      return caf::invoke_message_result::consumed;
    }
    m.began = flight_clock::now();
    record_->begin(m.kind, x.sender ? x.sender->id() : 0, place_of(traits_of(m.kind), content), m.began);
    auto* trace = log();
    auto result = trace == nullptr ? Base::consume(x) : consume_traced(x, m, *trace);
    record_->end(flight_clock::now());
    return result;
  }
#endif

  /// From now on the actor only looks at the run: what it says and hears is not traced.
  void watch_only() noexcept {
    watches_ = true;
  }
  /// For what is no message; may be null, and off.
  trace_log* trace() const {
    return trace_;
  }
  /// The trace, while there is one and it is on.
  trace_log* log() const {
    return trace_ != nullptr && trace_->on() ? trace_ : nullptr;
  }

private:
  struct sending {
    const void* element = nullptr;
    flight_time at;
    std::uint64_t from = 0;
    bool watches = false;
  };

  sending take_sending(const void* element, flight_time now) {
    std::lock_guard guard{mutex_};
    // Nearly always the first: mailboxes are queues, but for urgent messages.
    auto found = std::find_if(sent_.begin(), sent_.end(), [element](const sending& s) { return s.element == element; });
    if (found == sent_.end())
      return {element, now, 0, false};
    auto result = *found;
    sent_.erase(found);
    return result;
  }

  caf::invoke_message_result consume_traced(caf::mailbox_element& x, trace_message& m, trace_log& trace) {
    auto sent = take_sending(&x, m.began);
    m.from = sent.from;
    m.to = this->id();
    m.sent = std::min(sent.at, m.began);
    prepared_.clear();
    if (!sent.watches && !watches_)
      trace.prepare(prepared_, m, x.content());
    auto result = [&] {
      const handling_scope scope{{this->id(), watches_}};
      return Base::consume(x);
    }();
    if (!prepared_.empty())
      trace.finish(prepared_, m, flight_clock::now());
    return result;
  }

  void answer(const flight_question& question) {
    std::string text;
    try {
      if (describe_)
        text = describe_();
    } catch (const std::exception& e) {
      text = std::string{"cannot say what it waits for: "} + e.what();
    }
    record_->answered();
    question.answers->add(this->id(), std::move(text));
  }

  /// Outlives the actor system.
  trace_log* const trace_;

  std::shared_ptr<flight_record> record_;
  std::function<std::string()> describe_;
  std::mutex mutex_;
  /// Of the messages in the mailbox, in the order of sending; only while messages are traced.
  std::deque<sending> sent_;
  bool watches_ = false;
  /// The events of the message that is handled now.
  std::string prepared_;
};

/// The class of an actor with interface `Handle` and state `State`; the first parameter of an actor's function.
/// C++20 would initialise an aggregate state from the actor's pointer, silently: states declare a constructor.
template <class Handle, class State>
using actor_self
  = std::enable_if_t<!std::is_aggregate_v<State>, caf::stateful_actor<State, traced<typename Handle::base>>>;

/// What an exception says.
std::string text_of(const std::exception_ptr& x);

/// Logs what CAF would otherwise print to stdout.
void log_actor_problem(const char* actor, const std::string& what);

/// The first line of every actor: replaces the default handlers, which print to stdout. A message that no handler takes
/// is an error to its sender; an exception ends the actor with an error that its supervisor sees. A state that has a
/// `describe` answers with it when a report asks what the actor waits for; one that has a `record` or a `trace` gets
/// the actor's.
template <class Self>
void install_handlers(Self* self) {
  if constexpr (requires { self->record(); }) {
    if constexpr (requires { self->state.record = self->record(); })
      self->state.record = self->record();
    if constexpr (requires { self->state.trace = self->trace(); })
      self->state.trace = self->trace();
    if constexpr (requires { self->state.describe(); })
      self->introduce([self] { return self->state.describe(); });
    else
      self->introduce({});
  }
  self->set_default_handler([self](caf::scheduled_actor*, caf::message_view& x) -> caf::result<caf::message> {
    log_actor_problem(self->name(), "unexpected message " + caf::to_string(x.content()).substr(0, 200));
    return caf::make_error(caf::sec::unexpected_message);
  });
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& x) {
    log_actor_problem(self->name(), "unexpected end of another actor: " + caf::to_string(x.reason));
  });
  self->set_error_handler([self](caf::scheduled_actor*, caf::error& x) {
    log_actor_problem(self->name(), "error " + caf::to_string(x));
    self->quit(std::move(x));
  });
  self->set_exit_handler([self](caf::scheduled_actor*, caf::exit_msg& x) { self->quit(std::move(x.reason)); });
  self->set_exception_handler([self](caf::scheduled_actor*, std::exception_ptr& x) -> caf::error {
    auto what = text_of(x);
    log_actor_problem(self->name(), "exception " + what);
    return caf::make_error(caf::sec::runtime_error, what);
  });
}

} // namespace sluice
