#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <cstddef>
#include <utility>

namespace sluice {

/// Brings messages to an actor that handles them on the thread that brings them, if it is idle: no worker is woken, and
/// what has just come in is worked on where it is at hand. What the actor sends goes to the workers as ever. One that
/// is busy, or that a worker is about to run, finds the message in its mailbox.
///
/// CAF calls what runs an actor its execution unit; the actor remembers the last one, so this must live as long.
class on_the_spot final : public caf::execution_unit {
public:
  explicit on_the_spot(caf::actor_system& system) : caf::execution_unit{&system} {}

  /// For one thread at a time. `Message` must be of the actor's interface: nothing checks that here.
  template <class Message>
  void bring(const caf::strong_actor_ptr& to, Message message) {
    woken_ = nullptr;
    brings_ = true;
    to->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)), this);
    brings_ = false;
    auto* actor = std::exchange(woken_, nullptr);
    if (actor == nullptr)
      return;
    if (actor->resume(this, most_messages) == caf::resumable::resume_later)
      system().scheduler().enqueue(actor);
    else
      caf::intrusive_ptr_release(actor);
  }

  /// An actor has work to do: the one whom a message is brought to, later those whom it sends messages.
  void exec_later(caf::resumable* actor) override {
    if (std::exchange(brings_, false))
      woken_ = actor;
    else
      system().scheduler().enqueue(actor);
  }

private:
  /// What else waits in its mailbox is handled as well, up to a bound: the thread has more to do.
  static constexpr std::size_t most_messages = 16;

  bool brings_ = false;
  caf::resumable* woken_ = nullptr;
};

} // namespace sluice
