#include "actors/support/job_sharing.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/logger.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

// For each job CAF's workers note the actor's number for its own log, which nobody reads here: a search and a cast that
// cost more than handing the job over.
#undef CAF_PUSH_AID_FROM_PTR
#define CAF_PUSH_AID_FROM_PTR(actor) static_cast<void>(0)
#include <caf/scheduler/coordinator.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace sluice {

/// The jobs that wait, and the workers that wait for jobs. Thread-safe.
class job_queue {
public:
  explicit job_queue(caf::scheduler::abstract_coordinator*) {}

  /// Adds a job and wakes a worker for it, unless one has been woken that can take it, too, or `by_worker`: then the
  /// job that adds it is about to end, and its worker takes this one next.
  void add(caf::resumable* job, bool by_worker) {
    std::unique_lock guard{mutex_};
    jobs_.push_back(job);
    wake_if(std::move(guard), jobs_.size() > jobs_for_one * told_ + (by_worker ? 1 : 0));
  }

  /// Wakes a worker for what waits: the one that would have taken it is about to block.
  void hand_over() {
    std::unique_lock guard{mutex_};
    wake_if(std::move(guard), jobs_.size() > told_);
  }

  /// The next job; waits for it.
  caf::resumable* take() {
    std::unique_lock guard{mutex_};
    while (jobs_.empty()) {
      ++asleep_;
      woken_.wait(guard, [this] { return told_ > 0; });
      --told_;
      --asleep_;
    }
    auto next = jobs_.begin();
    if (*next == patient_) {
      if (jobs_.size() > 1 && passed_++ < most_passed)
        ++next;
      else
        passed_ = 0;
    }
    auto* job = *next;
    jobs_.erase(next);
    return job;
  }

  /// Others may go before this one.
  void let_pass(const caf::resumable* patient) {
    const std::lock_guard guard{mutex_};
    patient_ = patient;
  }

  /// Whatever is left.
  template <class Function>
  void drain(Function f) {
    const std::lock_guard guard{mutex_};
    for (; !jobs_.empty(); jobs_.pop_front())
      f(jobs_.front());
  }

private:
  /// What comes from outside comes in pairs: a page's lines and its outcome.
  static constexpr std::size_t jobs_for_one = 2;
  /// Jobs that the patient one lets pass in a row, so that it has its turn however many there are.
  static constexpr int most_passed = 8;

  void wake_if(std::unique_lock<std::mutex> guard, bool needed) {
    if (!needed || asleep_ <= told_)
      return;
    ++told_;
    guard.unlock();
    woken_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<caf::resumable*> jobs_;
  const caf::resumable* patient_ = nullptr;
  int passed_ = 0;
  /// Workers that sleep, and those of them that have been told to wake up.
  std::size_t asleep_ = 0;
  std::size_t told_ = 0;
};

namespace {

/// A policy for `caf::scheduler::coordinator`; its functions are what that wants.
class job_sharing : public caf::policy::unprofiled {
public:
  using coordinator_data = job_queue;
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  /// From a thread that is no worker.
  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    d(self).add(job, false);
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    d(self->parent()).add(job, false);
  }
  /// From the actor that the worker runs.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    d(self->parent()).add(job, true);
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    d(self->parent()).add(job, true);
  }
  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    return d(self->parent()).take();
  }
  template <class Worker, class Function>
  void foreach_resumable(Worker*, Function) {
    // nop: the workers have no jobs of their own
  }
  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* self, Function f) {
    d(self).drain(f);
  }
};

using job_scheduler = caf::scheduler::coordinator<job_sharing>;

} // namespace

void share_jobs(caf::actor_system_config& config) {
  config.load<job_scheduler>();
}

blocking_job::blocking_job(caf::actor_system& system, const caf::resumable* whose) {
  if (auto* scheduler = dynamic_cast<job_scheduler*>(&system.scheduler())) {
    jobs_ = &scheduler->data();
    jobs_->let_pass(whose);
  }
}

void blocking_job::about_to_block() const {
  if (jobs_ != nullptr)
    jobs_->hand_over();
}

} // namespace sluice
