#pragma once

namespace caf {
class actor_system;
class actor_system_config;
class resumable;
} // namespace caf

namespace sluice {

class job_queue;

/// Lets the workers of a system share their jobs so that they wake each other only where it helps. One queue, as under
/// CAF's own sharing policy, but a worker whose actor sends a message wakes nobody for it: it is about to end its job,
/// and takes the next one itself. Only what one worker cannot take at once wakes another. A page is handed on by three
/// or four such messages, and to wake a thread for each costs more than to handle it.
void share_jobs(caf::actor_system_config& config);

/// For the one actor on the workers that may block. Others go first, so that what it would hold up is under way before,
/// and what waits when it does block goes to another worker.
class blocking_job {
public:
  blocking_job(caf::actor_system& system, const caf::resumable* whose);
  void about_to_block() const;

private:
  /// Null under another scheduler, where each message wakes a worker.
  job_queue* jobs_ = nullptr;
};

} // namespace sluice
