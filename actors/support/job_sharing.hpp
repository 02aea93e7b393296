#pragma once

namespace caf {
class actor_system;
class actor_system_config;
} // namespace caf

namespace sluice {

class job_queue;

/// Lets the workers of a system share their jobs so that they wake each other only where it helps. One queue, as under
/// CAF's own sharing policy, but a worker whose actor sends a message wakes nobody for it: it is about to end its job,
/// and takes the next one itself. Only what one worker cannot take at once wakes another. A page is handed on by three
/// or four such messages, and to wake a thread for each costs more than to handle it.
void share_jobs(caf::actor_system_config& config);

/// For an actor on a worker that is about to block: what it has sent before must not wait until it is done.
class job_handover {
public:
  explicit job_handover(caf::actor_system& system);
  void operator()() const;

private:
  /// Null under another scheduler, which hands over with each message.
  job_queue* jobs_ = nullptr;
};

} // namespace sluice
