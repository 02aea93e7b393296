#pragma once

#include "actors/core/admission/budget.hpp"
#include "actors/core/admission/credits.hpp"
#include "actors/core/admission/failures.hpp"
#include "actors/core/admission/lanes.hpp"
#include "actors/core/admission/record_wants.hpp"
#include "actors/core/auth/credential_watch.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/flow.hpp"
#include "messages/page.hpp"
#include "messages/run.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

/// The bounds that admission keeps.
struct admission_limits : credit_limits, failure_limits {
  std::uint32_t pool_size = 10;
  /// New slices an endpoint keeps ready.
  std::uint32_t lookahead = 64;
  std::chrono::microseconds minute = std::chrono::minutes{1};
  /// Requests of the whole run; 0: no bound.
  std::uint64_t max_requests = 0;
  /// A quota whose policy ends the run is waited for instead (`quota.on_exhausted: wait`).
  bool wait_for_every_quota = false;
  /// Tokens of which each has its own quota are all asked about before the first request.
  bool ask_about_all_tokens = false;
};

/// How the governor thinks: which page request may go next, and when. Pure; time comes in as arguments.
///
/// A request is admitted when a fetcher is idle, every rate window that governs it has room (`budget`), the output has
/// byte credit, for a parent, the fan-outs below have room (`credits`), and its credential, if it is one that expires,
/// holds (`credential_watch`). Deeper endpoints go first, so that parents
/// never starve the children that free their own room; only a parent whose children are about to run dry goes before
/// them. Within an endpoint, pages of slices that have begun go before new slices.
///
/// What fails is put off until nothing else is left, or reported, and its endpoint may be given up (`failures`). An
/// endpoint that seems to be dead is asked gently: after a fifth of `max_failures_in_a_row` its requests go one at a
/// time, each slice with all its tries, until a good answer comes or all of them are used up. So a dead one costs no
/// more than `max_failures_in_a_row` and the tries of one slice and of those in flight.
///
/// A quota that ends the run does so when nothing else is left that may go.
class admission {
public:
  admission(plan_ptr p, const admission_limits& limits, steady_time now);

  // -- what happens ------------------------------------------------------------

  void fetcher_idle() { ++idle_; }
  /// New slices of an endpoint, and the parents that are consumed with them.
  void offer(slices_offered offered, steady_time now);
  /// A permit was used. Queues the next page or the retry that the outcome asks for.
  void finish(page_outcome outcome, steady_time now, language::instant wall);
  /// An authenticator has obtained a credential, or could not.
  void credential_is_ready(credential_ready x, steady_time now);
  void credential_has_failed(credential_failed x, steady_time now);
  /// A page's record lines reached stdout, so many bytes, or a request that brought no page had its turn there.
  void written(std::uint64_t bytes, steady_time now);
  /// Admit nothing more; forget what is queued. Slices that were put off have failed.
  void drain(steady_time now);
  /// Other bounds from now on: all of them, or, with a problem, none. A policy's limit does not exceed what the server
  /// reports.
  retuned change_bounds(const retune& wanted, steady_time now);
  /// The process holds more memory than it may (or no longer does): one page at a time.
  void memory_high(bool high, steady_time now);

  // -- what is to be done ------------------------------------------------------

  /// The next permit, or nullopt if nothing may go now.
  std::optional<permit> next(steady_time now);
  /// When `next` is worth another try without any event: a retry or a rate window comes due. max() if only an event can
  /// help.
  steady_time wake_at() const noexcept { return wake_at_; }
  /// Slices to ask the sources for. Asking counts as done.
  std::vector<slice_demand> demands();
  /// Credentials that requests need, to ask the authenticators for, as soon as the budget lets their logins go. Asking
  /// counts as done.
  std::vector<credential_wanted> credentials_wanted(steady_time now);
  /// A quota that ends the run blocks work that is ready.
  std::optional<budget::exhaustion> exhausted(steady_time now) const;
  /// The bound on requests is reached, and work is left.
  bool requests_spent() const;
  /// Nothing is in flight, and what is left belongs to streams that have as many records as are wanted.
  bool enough() const;
  /// Streams that have as many records as are wanted.
  std::vector<stream_index> satisfied() const { return wants_.satisfied(); }
  /// If rate limits hold up all work that is ready: until when. Speaks of the last call of `next`.
  std::optional<steady_time> throttled_until() const noexcept { return throttled_until_; }
  /// Slices that failed for good since the last call.
  std::vector<slice_failed> take_failures() { return failures_.take_failed(); }
  /// Slices of given-up endpoints that were dropped since the last call; `given_up` announces each endpoint once.
  std::vector<slices_abandoned> take_abandoned() { return failures_.take_abandoned(); }
  std::vector<endpoint_given_up> take_given_up() { return failures_.take_given_up(); }
  bool draining() const noexcept { return draining_; }
  std::uint32_t in_flight() const noexcept { return static_cast<std::uint32_t>(flights_.size()); }

  governor_report report(steady_time now);
  /// What keeps each endpoint's ready requests from going, for people; empty: nothing does.
  std::string held_up(steady_time now);

private:
  struct flight {
    endpoint_id endpoint = 0;
    std::uint64_t budget_ticket = 0;
    credits::reservation reserved;
    /// What it was sent with, if the endpoint's credential expires; and that it had been refused with another.
    std::uint64_t credential_version = 0;
    bool renewed = false;
    /// Or the call that it took of a token.
    std::optional<token_watch::call> call;
  };
  /// What a login takes of the budget, and the tickets of the one under way.
  struct login_share {
    std::vector<budget::claim> claims;
    std::vector<std::uint64_t> tickets;
    /// It is wanted, and the budget had no room for it, or its own credential does not hold.
    bool waits = false;
    /// The credential that the login carries, if that is one that expires; and that one was refused for this login.
    std::optional<credential_id> carries;
    bool renewed = false;
  };
  /// What keeps a ready request from going. `unneeded`: those in flight may bring as many records as are wanted.
  /// `spent`: a quota that ends the run. `tokens`: none of its tokens has a call. `trouble`: the endpoint seems to be
  /// dead. `unauthenticated`: its credential does not hold.
  enum class obstacle : std::uint8_t {
    none,
    unneeded,
    quota,
    output,
    fan_out,
    memory,
    spent,
    tokens,
    trouble,
    unauthenticated
  };

  /// Completes what waits with a request.
  void prepare(waiting_request& w, steady_time ready_at) const;
  /// It is ready from now on; time must be accounted for.
  void make_ready(waiting_request& w, steady_time now) const;
  /// Another request may be in flight.
  bool pool_has_room() const noexcept { return idle_ > 0 && flights_.size() < limits_.pool_size; }
  obstacle obstacle_for(const lane& l, const waiting_request& w, steady_time now);
  obstacle credential_obstacle(const lane& l, const waiting_request& w, steady_time now);
  /// Notes the end of the call that a request took of a token. One that was refused for that token's quota is sent
  /// again with another.
  void end_call(const lane& l, const token_watch::call& x, page_outcome& outcome, steady_time now);
  /// One more of its requests may be needed for as many records as are wanted, its own or those of its children.
  bool needs_request(const lane& l) const;
  /// It has nothing to ask for: only its parents can bring it something.
  bool runs_dry(const lane& l, std::uint32_t edge) const;
  /// Its last request has come to its end.
  bool is_over(const lane& l) const;
  /// Forgets what waits of endpoints that nobody needs any more.
  void drop_unwanted();
  bool in_trouble(const lane& l) const noexcept { return failures_.in_trouble(l.of->id); }
  /// Where the lane's next request waits.
  std::deque<waiting_request>& queue_of(lane& l) const;
  /// Brings back what a quota that ends the run has kept from going, if it has room again.
  void unpark(steady_time now);
  /// Slices may be on their way to this lane.
  bool is_awaited(const lane& l) const;
  /// After `next` found nothing: only what a quota that ends the run holds up is left.
  bool only_parked_left(steady_time now) const;
  bool memory_has_room(const lane& l) const;
  bool children_run_dry(const lane& l) const;
  /// Lanes with ready requests, in the order in which they are asked.
  const std::vector<lane*>& order();
  std::optional<permit> admit(lane& l, steady_time now);
  void release_due_retries(steady_time now);
  bool nothing_else_left() const;
  /// The slices that were put off get their next round.
  void release_put_off(steady_time now);
  bool has_work() const;
  /// Drops what the lane has queued if its endpoint has too many failures now.
  void judge_failures(lane& l);
  /// Knows of each of the plan's credentials from now on.
  void open_credentials();
  /// Gives up the endpoints whose requests wait for a credential that cannot be obtained.
  void give_up_lost(steady_time now);
  /// Nobody will ask for what the lane has queued.
  void abandon_queued(lane& l);
  /// When the budget lets the login go; max(): in this run no more.
  steady_time login_time(const login_share& x, steady_time now) const;
  /// The login is to be begun, as soon as it may.
  bool login_due(credential_id id, steady_time now);
  /// What the login carries holds, or it carries nothing.
  bool may_log_in(credential_id id, steady_time now);
  /// Those that wait and have room.
  void let_logins_go(steady_time now);
  void end_login(credential_id id, steady_time now);
  void account(steady_time now);

  plan_ptr plan_;
  admission_limits limits_;
  budget budget_;
  credits credits_;
  failures failures_;
  record_wants wants_;
  /// By credential of the plan. Lanes point to them.
  std::vector<credential_watch> watches_;
  /// ... of those that are pools of tokens; the others have none.
  std::vector<std::unique_ptr<token_watch>> pools_;
  /// The same for their logins.
  std::vector<login_share> logins_;
  /// That may go, and nobody was asked yet.
  std::vector<credential_wanted> logins_to_begin_;
  lanes lanes_;
  std::unordered_map<std::uint64_t, flight> flights_;
  std::uint32_t idle_ = 0;
  std::uint64_t next_ticket_ = 1;
  bool draining_ = false;
  bool memory_high_ = false;
  bool only_parked_left_ = false;
  std::optional<steady_time> throttled_until_;
  /// When the request that the quota held up last may go.
  steady_time quota_until_{};
  steady_time wake_at_ = steady_time::max();
  steady_time accounted_until_;
  /// The condition since `accounted_until_`: one of the counters in `report_.limiters`.
  std::int64_t limiter_times::*condition_ = &limiter_times::work_us;
  /// ... and it is a refusal that is waited out.
  bool refused_ = false;
  governor_report report_;
};

} // namespace sluice
