#pragma once

#include <caf/actor_system.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace sluice {

/// How the scheduler's workers share their jobs: one queue, as under CAF's own sharing policy, but a worker whose actor
/// sends a message wakes nobody for it: it is about to end its job, and takes the next one itself. Only what one worker
/// cannot take at once wakes another. A page is handed on by three or four such messages, and to wake a thread for each
/// costs more than to handle it. An actor that may block after it has sent says so before (`job_handover`).
/// A policy for `caf::scheduler::coordinator`; its functions are what that wants.
class job_sharing : public caf::policy::unprofiled {
public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex mutex;
    std::condition_variable woken;
    std::deque<caf::resumable*> jobs;
    /// Workers that sleep, and those of them that have been told to wake up.
    std::size_t asleep = 0;
    std::size_t told = 0;
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  /// From a thread that is no worker.
  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    add(d(self), job, 1);
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    add(d(self->parent()), job, 1);
  }
  /// From the actor that the worker runs.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    add(d(self->parent()), job, 2);
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    add(d(self->parent()), job, 2);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& data = d(self->parent());
    std::unique_lock guard{data.mutex};
    while (data.jobs.empty()) {
      ++data.asleep;
      data.woken.wait(guard, [&data] { return data.told > 0; });
      --data.told;
      --data.asleep;
    }
    auto* job = data.jobs.front();
    data.jobs.pop_front();
    return job;
  }

  template <class Worker, class Function>
  void foreach_resumable(Worker*, Function) {}

  /// For what is left when the scheduler ends.
  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* self, Function f) {
    auto& data = d(self);
    const std::lock_guard guard{data.mutex};
    for (; !data.jobs.empty(); data.jobs.pop_front())
      f(data.jobs.front());
  }

  /// Wakes a worker for what waits, if one sleeps: the one that would have taken it is about to block.
  static void hand_over(coordinator_data& data) {
    bool wake = false;
    {
      const std::lock_guard guard{data.mutex};
      wake = data.jobs.size() > data.told && data.asleep > data.told;
      if (wake)
        ++data.told;
    }
    if (wake)
      data.woken.notify_one();
  }

private:
  /// Wakes a worker if there are so many jobs that those awake do not take.
  static void add(coordinator_data& data, caf::resumable* job, std::size_t enough) {
    bool wake = false;
    {
      const std::lock_guard guard{data.mutex};
      data.jobs.push_back(job);
      wake = data.jobs.size() >= enough + data.told && data.asleep > data.told;
      if (wake)
        ++data.told;
    }
    if (wake)
      data.woken.notify_one();
  }
};

using job_scheduler = caf::scheduler::coordinator<job_sharing>;

/// For an actor on a worker that is about to block: what it has sent before must not wait until it is done.
class job_handover {
public:
  explicit job_handover(caf::actor_system& system) : jobs_{dynamic_cast<job_scheduler*>(&system.scheduler())} {}
  void operator()() const {
    if (jobs_ != nullptr)
      job_sharing::hand_over(jobs_->data());
  }

private:
  /// Null under another scheduler, which hands over with each message.
  job_scheduler* jobs_;
};

} // namespace sluice
