// Which requests have to wait for their credential, and when credentials are asked for.

#include "actors/core/admission/admission.hpp"
#include "actors/core/auth/login.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sluice {

namespace {

error quota_without_room(const std::string& credential) {
  return {errc::quota_exhausted, failure_type::transient_error,
          "The quota that governs the login for " + credential
            + " is used up, and does not come back in this run. Run again later; the state keeps what is complete.",
          ""};
}

/// The credential that a login carries, if that is one that expires.
std::optional<credential_id> carried_by(const planned_credential& x) {
  const auto* session = std::get_if<session_login>(&x.how);
  const auto* own
    = session != nullptr ? std::get_if<expiring_credential>(&session->login->request.credential) : nullptr;
  return own != nullptr ? std::optional{own->id} : std::nullopt;
}

} // namespace

void admission::open_credentials() {
  for (const auto& x : plan_->credentials) {
    auto& share = logins_.emplace_back();
    share.carries = carried_by(x);
    for (const auto& request : requests_of_login(*plan_, x))
      share.claims.push_back(budget_.match(request.method, request.url, request.headers));
    const auto* pool = pool_of(x);
    const token_watch::choices wanted{limits_.wait_for_every_quota, limits_.ask_about_all_tokens};
    pools_.push_back(pool != nullptr ? std::make_unique<token_watch>(*pool, wanted) : nullptr);
  }
  for (auto& l : lanes_) {
    const auto* expiring = std::get_if<expiring_credential>(&l.of->request.credential);
    if (expiring != nullptr && pools_[expiring->id] != nullptr) {
      l.tokens = pools_[expiring->id].get();
      l.credential = nullptr;
    }
  }
}

// -- what happens ------------------------------------------------------------------

void admission::credential_is_ready(credential_ready x, steady_time now) {
  account(now);
  end_login(x.id, now);
  auto& login = logins_[x.id];
  if (login.carries && std::exchange(login.renewed, false))
    watches_[*login.carries].tried_again(false);
  if (auto& pool = pools_[x.id])
    return pool->told(std::move(x), now);
  watches_[x.id].ready(std::move(x), now);
}

void admission::credential_has_failed(credential_failed x, steady_time now) {
  account(now);
  end_login(x.id, now);
  auto& login = logins_[x.id];
  if (login.carries && x.refused != 0) {
    login.renewed = true;
    watches_[*login.carries].refused(x.refused);
  }
  if (auto& pool = pools_[x.id])
    return pool->failed(std::move(x), now);
  watches_[x.id].failed(std::move(x), now);
}

void admission::end_call(const lane& l, const token_watch::call& x, page_outcome& outcome, steady_time now) {
  if (!l.tokens->finish(x, outcome.feedback, outcome.sent, now) || outcome.result == page_result::slice_done
      || outcome.result == page_result::next_page)
    return;
  // What the server wants to be waited for is this token's; it was no try of the page.
  outcome.result = page_result::retry;
  outcome.delay_us = 0;
  outcome.lasting = false;
  outcome.request.attempt = 0;
  outcome.feedback.wait_us = -1;
  outcome.feedback.wait_refused = true; // nobody waits for it
}

// -- what follows -------------------------------------------------------------------

admission::obstacle admission::credential_obstacle(const lane& l, const waiting_request& w, steady_time now) {
  if (l.tokens != nullptr) {
    l.tokens->need(w.token_quota);
    const auto [what, at] = l.tokens->look(w.token_quota, now);
    if (what == token_watch::obstacle::none)
      return obstacle::none;
    wake_at_ = std::min(wake_at_, at);
    if (what == token_watch::obstacle::unknown)
      return obstacle::unauthenticated;
    quota_until_ = at;
    return obstacle::tokens;
  }
  if (l.credential != nullptr) {
    l.credential->need();
    if (!l.credential->holds(now)) {
      wake_at_ = std::min(wake_at_, l.credential->wake_at());
      return obstacle::unauthenticated;
    }
  }
  return obstacle::none;
}

std::vector<credential_wanted> admission::credentials_wanted(steady_time now) {
  // From the last to the first: what a login carries comes before it.
  for (auto id = static_cast<credential_id>(logins_.size()); id-- > 0;) {
    logins_[id].waits = !draining_ && (login_due(id, now) || logins_[id].waits);
    if (logins_[id].waits && logins_[id].carries)
      watches_[*logins_[id].carries].need();
  }
  let_logins_go(now);
  return std::exchange(logins_to_begin_, {});
}

void admission::give_up_lost(steady_time now) {
  if (watches_.empty())
    return;
  for (auto& l : lanes_) {
    if ((l.credential == nullptr && l.tokens == nullptr) || !l.ready())
      continue;
    std::optional<error> why;
    if (l.tokens != nullptr)
      why = l.tokens->lost(queue_of(l).front().token_quota, now);
    else if (const auto* lost = l.credential->lost(now))
      why = *lost;
    if (why && failures_.give_up(l.of->id, *why))
      abandon_queued(l);
  }
}

// -- logins --------------------------------------------------------------------------

bool admission::login_due(credential_id id, steady_time now) {
  return pools_[id] ? pools_[id]->due(now) : watches_[id].due(now);
}

steady_time admission::login_time(const login_share& x, steady_time now) const {
  auto result = now;
  for (const auto& claim : x.claims)
    result = std::max(result, budget_.earliest(claim, now));
  return result;
}

bool admission::may_log_in(credential_id id, steady_time now) {
  const auto carries = logins_[id].carries;
  if (!carries || watches_[*carries].holds(now))
    return true;
  if (const auto* why = watches_[*carries].lost(now)) {
    logins_[id].waits = false;
    watches_[id].failed({id, *why, -1}, now);
    wake_at_ = now;
  }
  wake_at_ = std::min(wake_at_, watches_[*carries].wake_at());
  return false;
}

void admission::let_logins_go(steady_time now) {
  for (credential_id id = 0; id < logins_.size(); ++id) {
    auto& login = logins_[id];
    if (!login.waits || !may_log_in(id, now))
      continue;
    const auto at = login_time(login, now);
    login.waits = at > now && at != steady_time::max();
    if (at == steady_time::max()) {
      credential_failed none{id, quota_without_room(plan_->credentials[id].name), -1};
      pools_[id] ? pools_[id]->failed(std::move(none), now) : watches_[id].failed(std::move(none), now);
      wake_at_ = now;
    } else if (login.waits) {
      wake_at_ = std::min(wake_at_, at);
    } else {
      for (const auto& claim : login.claims)
        login.tickets.push_back(budget_.acquire(claim, now));
      auto wanted = pools_[id] ? pools_[id]->ask(id, now) : watches_[id].ask(id);
      if (login.carries) {
        wanted.with = watches_[*login.carries].current();
        wanted.renewable = !login.renewed && watches_[*login.carries].helps(now);
      }
      logins_to_begin_.push_back(std::move(wanted));
    }
  }
}

void admission::end_login(credential_id id, steady_time now) {
  for (auto ticket : std::exchange(logins_[id].tickets, {}))
    budget_.finish(ticket, {}, true, now, {});
}

} // namespace sluice
