#pragma once

#include "actors/support/flight_record.hpp"
#include "actors/support/flight_report.hpp"
#include "actors/support/system_config.hpp"
#include "actors/support/trace_log.hpp"
#include "messages/slice.hpp"

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <unordered_map>

namespace sluice {

/// What the trace shows of a message's content. Empty for messages that belong to no slice.
struct message_summary {
  std::string_view name;
  const slice* of = nullptr;
  std::uint32_t page = 0;
};

/// Recognises every type of the type-id block; anything else is shown as `other`.
message_summary summarize(const caf::type_erased_tuple& content);

/// The common base of all actors: here, and only here, messages are recorded (always; about a tenth of a microsecond a
/// message) and traced (off, it costs one branch a message), and questions about the actor's state are answered.
/// `consume` and `enqueue` are virtual and not final in CAF 0.17.6; later versions change `consume`'s result type.
template <class Base>
class traced : public Base {
public:
  explicit traced(caf::actor_config& config) : Base(config) {
    auto* recorder = recorder_of(this->home_system());
    record_ = recorder != nullptr ? recorder->add(this->id()) : std::make_shared<flight_record>(this->id());
  }

  const std::shared_ptr<flight_record>& record() const { return record_; }

  /// @param describe says in a few lines what the actor is waiting for; runs on the actor's thread.
  void introduce(std::function<std::string()> describe) {
    describe_ = std::move(describe);
    record_->introduce(this->name(), caf::weak_actor_ptr{this->ctrl()});
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    record_->ended();
    return Base::cleanup(std::move(reason), unit);
  }

  // Runs on the sender's thread.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    record_->queued();
    if (log() != nullptr) {
      std::lock_guard guard{mutex_};
      sent_[element.get()] = std::chrono::system_clock::now();
    }
    Base::enqueue(std::move(element), unit);
  }

  // Runs on the actor's thread.
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    auto kind = kind_of(x.content());
    if (kind == question_kind) {
      record_->unqueued();
      answer(x.content().get_as<flight_question>(0));
      return caf::invoke_message_result::consumed;
    }
    record_->begin(kind, x.sender ? x.sender->id() : 0, flight_clock::now());
    auto* trace = log();
    auto result = trace == nullptr ? Base::consume(x) : consume_traced(x, *trace);
    record_->end(flight_clock::now());
    return result;
  }

private:
  caf::invoke_message_result consume_traced(caf::mailbox_element& x, trace_log& trace) {
    trace_event event;
    event.handled = std::chrono::system_clock::now();
    event.sent = event.handled;
    {
      std::lock_guard guard{mutex_};
      if (auto found = sent_.find(&x); found != sent_.end()) {
        event.sent = found->second;
        sent_.erase(found);
      }
    }
    // Everything is read before handling: handlers move the content out.
    auto summary = summarize(x.content());
    std::string label = summary.of != nullptr ? summary.of->label : std::string{};
    event.message = summary.name;
    event.slice = label;
    event.slice_id = summary.of != nullptr ? summary.of->id : 0;
    event.page = summary.page;
    std::string from = "runtime";
    if (x.sender) {
      event.from_id = x.sender->id();
      if (auto* peer = dynamic_cast<caf::local_actor*>(caf::actor_cast<caf::abstract_actor*>(x.sender)))
        from = peer->name();
    }
    event.from = from;
    event.to = this->name();
    event.to_id = this->id();
    auto begin = std::chrono::steady_clock::now();
    auto result = Base::consume(x);
    event.took = std::chrono::steady_clock::now() - begin;
    trace.write(event);
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

  trace_log* log() const { return trace_of(this->home_system()); }

  std::shared_ptr<flight_record> record_;
  std::function<std::string()> describe_;
  std::mutex mutex_;
  std::unordered_map<const void*, std::chrono::system_clock::time_point> sent_;
};

/// The class of an actor with interface `Handle` and state `State`; the first parameter of an actor's function.
/// C++20 would initialise an aggregate state from the actor's pointer, silently: states declare a constructor.
template <class Handle, class State>
using actor_self
  = std::enable_if_t<!std::is_aggregate_v<State>, caf::stateful_actor<State, traced<typename Handle::base>>>;

/// Logs what CAF would otherwise print to stdout.
void log_actor_problem(const char* actor, const std::string& what);

/// The first line of every actor: replaces the default handlers, which print to stdout. A message that no handler takes
/// is an error to its sender; an exception ends the actor with an error that its supervisor sees. A state that has a
/// `describe` answers with it when a report asks what the actor waits for; one that has a `record` gets the actor's.
template <class Self>
void install_handlers(Self* self) {
  if constexpr (requires { self->record(); }) {
    if constexpr (requires { self->state.record = self->record(); })
      self->state.record = self->record();
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
    std::string what = "unknown exception";
    try {
      std::rethrow_exception(x);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
      // nop
    }
    log_actor_problem(self->name(), "exception " + what);
    return caf::make_error(caf::sec::runtime_error, what);
  });
}

} // namespace sluice
