#include "actors/core/admission/budget.hpp"

#include "actors/core/admission/quota_headers.hpp"

#include <algorithm>
#include <bit>

namespace sluice {

namespace {

using std::chrono::microseconds;

using moving_windows = std::vector<moving_window>;

/// A refusal that names no time pauses for this part of the account's minute: 1 s of 60 s.
constexpr int pauses_per_minute = 60;

template <class Visit>
void for_each_policy(std::uint64_t mask, Visit visit) {
  for (std::uint32_t i = 0; mask != 0; ++i, mask >>= 1U)
    if ((mask & 1U) != 0)
      visit(i);
}

std::uint32_t weight_of(const budget::claim& c, std::uint32_t policy) {
  return policy < c.weights.size() ? std::max<std::uint32_t>(c.weights[policy], 1) : 1;
}

bool was_refused(const rate_feedback& feedback, const std::vector<int>& codes) {
  return feedback.rate_limited || std::find(codes.begin(), codes.end(), feedback.status) != codes.end();
}

} // namespace

// -- policies ------------------------------------------------------------------

std::uint64_t budget::policy_state::limit() const noexcept {
  const auto* moving = std::get_if<moving_windows>(&windows);
  return moving ? moving->front().limit() : std::get_if<fixed_window>(&windows)->limit();
}

microseconds budget::policy_state::window() const noexcept {
  const auto* moving = std::get_if<moving_windows>(&windows);
  return moving ? moving->front().length() : std::get_if<fixed_window>(&windows)->length();
}

void budget::policy_state::apply_limit() {
  const auto limit = std::min(server_limit, bound.value_or(server_limit));
  if (auto* fixed = std::get_if<fixed_window>(&windows))
    fixed->set_limit(limit);
  else
    std::get_if<moving_windows>(&windows)->front().set_limit(limit);
}

std::uint64_t budget::policy_state::used(steady_time now) const {
  const auto* moving = std::get_if<moving_windows>(&windows);
  return moving ? moving->front().used(now) : std::get_if<fixed_window>(&windows)->used(now);
}

steady_time budget::policy_state::room_at(std::uint64_t weight, steady_time now) const {
  if (!enforced())
    return now;
  if (const auto* fixed = std::get_if<fixed_window>(&windows))
    return fixed->earliest(weight, now);
  auto when = now;
  for (const auto& w : *std::get_if<moving_windows>(&windows))
    when = std::max(when, w.earliest(weight, now));
  return when;
}

steady_time budget::policy_state::free_at(std::uint64_t weight, steady_time now) const {
  return std::max(paused.until, room_at(weight, now));
}

budget::policy_state::policy_state(const rate_policy& p, microseconds minute, steady_time now)
  : definition(p), windows(moving_windows{}), paused(now) {
  for (const auto& m : p.matchers)
    matchers.emplace_back(m);
  for (const auto& r : p.rates) {
    const auto limit = std::max<std::uint64_t>(r.limit, 1);
    const auto length = std::max(r.interval == std::chrono::minutes{1} ? minute : r.interval, microseconds{1});
    if (p.what == rate_policy::kind::fixed_window) {
      windows = fixed_window{limit, length, now};
      break;
    }
    std::get_if<moving_windows>(&windows)->emplace_back(limit, length, now);
  }
  server_limit = limit();
}

budget::budget(const api_budget& definition, microseconds minute, steady_time now)
  : ungoverned_(now), ratelimit_codes_(definition.status_codes_for_ratelimit_hit), minute_(minute) {
  for (const auto& p : definition.policies) {
    if (policies_.size() == max_policies)
      break;
    if (p.what == rate_policy::kind::unlimited) {
      if (p.matchers.empty()) // all requests are free of what is behind it
        break;
      exemptions_.push_back({{p.matchers.begin(), p.matchers.end()}, policies_.size()});
      has_matchers_ = true;
    }
    if (p.rates.empty()) // limits nothing
      continue;
    policies_.emplace_back(p, minute, now);
    policies_.back().governs_all = p.matchers.empty() && exemptions_.empty();
    has_matchers_ = has_matchers_ || !p.matchers.empty();
  }
}

budget::claim budget::match(std::string_view method, std::string_view url,
                            const std::vector<std::pair<std::string, std::string>>& headers,
                            const credential_fields& known) const {
  claim out;
  std::optional<request_view> view;
  if (has_matchers_)
    view.emplace(method, url, headers, known);
  const auto matches = [&view](const rate_matcher& m) { return m.matches(*view); };
  const auto frees = [&](const exemption& x) { return std::any_of(x.matchers.begin(), x.matchers.end(), matches); };
  const auto freed = std::find_if(exemptions_.begin(), exemptions_.end(), frees);
  const auto end = freed == exemptions_.end() ? policies_.size() : freed->first_policy;
  for (std::size_t i = 0; i < end; ++i) {
    const auto& matchers = policies_[i].matchers;
    if (matchers.empty()) {
      out.policies |= std::uint64_t{1} << i;
      continue;
    }
    const auto found = std::find_if(matchers.begin(), matchers.end(), matches);
    if (found == matchers.end())
      continue;
    out.policies |= std::uint64_t{1} << i;
    if (found->weight() > 1) {
      out.weights.resize(policies_.size(), 1);
      out.weights[i] = found->weight();
    }
  }
  return out;
}

// -- admission -----------------------------------------------------------------

steady_time budget::earliest(const claim& c, steady_time now) const {
  if (c.policies == 0)
    return std::max(now, ungoverned_.until);
  auto when = now;
  for_each_policy(c.policies, [&](std::uint32_t i) {
    const auto& p = policies_[i];
    const auto room = p.room_at(weight_of(c, i), now);
    const auto is_over = p.definition.stop_when_exhausted && room > now;
    when = std::max({when, p.paused.until, is_over ? steady_time::max() : room});
  });
  return when;
}

std::uint64_t budget::acquire(const claim& c, steady_time now) {
  ticket_state t{now, {}};
  t.holdings.reserve(static_cast<std::size_t>(std::popcount(c.policies)));
  for_each_policy(c.policies, [&](std::uint32_t i) {
    auto& p = policies_[i];
    ++p.matched;
    auto& h = t.holdings.emplace_back(holding{i, weight_of(c, i)});
    if (auto* fixed = std::get_if<fixed_window>(&p.windows)) {
      h.fixed = fixed->acquire(h.weight, now);
      return;
    }
    auto& moving = *std::get_if<moving_windows>(&p.windows);
    h.place = moving.front().acquire(h.weight, now);
    for (std::size_t k = 1; k < moving.size(); ++k)
      moving[k].acquire(h.weight, now);
  });
  const auto id = next_ticket_++;
  tickets_.emplace(id, std::move(t));
  return id;
}

// -- answers -------------------------------------------------------------------

/// What an answer says, policy by policy in the order of the ticket's holdings.
struct budget::server_word {
  struct about_policy {
    quota_report report;
    std::optional<reset_bounds> reset;
  };
  std::vector<about_policy> policies;
  /// The moment before which the server wants no further request, if it refused this one and says so.
  std::optional<steady_time> not_before;
};

budget::server_word budget::read_feedback(const ticket_state& t, const rate_feedback& feedback, steady_time now,
                                          language::instant wall) const {
  server_word out;
  std::optional<steady_time> used_up;   // latest reset of the policies with nothing left
  std::optional<steady_time> may_be_up; // earliest reset of those that do not say what is left
  out.policies.reserve(t.holdings.size());
  for (const auto& h : t.holdings) {
    auto& [report, reset] = out.policies.emplace_back();
    report = read_quota(policies_[h.policy].definition, policies_[h.policy].window(), feedback.headers, wall);
    reset = report.reset(t.acquired, now);
    if (reset && report.remaining == std::uint64_t{0})
      used_up = std::max(used_up.value_or(reset->latest), reset->latest);
    else if (reset && !report.remaining)
      may_be_up = std::min(may_be_up.value_or(reset->latest), reset->latest);
  }
  if (feedback.wait_us > 0)
    out.not_before = now + std::min(microseconds{feedback.wait_us}, longest_wait);
  else if (const auto wait = read_retry_after(feedback.headers, wall); wait && *wait > microseconds{0})
    out.not_before = now + *wait;
  else
    out.not_before = used_up ? used_up : may_be_up;
  return out;
}

void budget::settle(std::uint64_t ticket, const holding& h, const server_word* word, std::size_t index,
                    steady_time now) {
  auto& p = policies_[h.policy];
  auto* fixed = std::get_if<fixed_window>(&p.windows);
  auto* moving = std::get_if<moving_windows>(&p.windows);
  std::optional<std::uint64_t> server_used;
  std::optional<reset_bounds> reset;
  if (word) {
    const auto& report = word->policies[index].report;
    reset = word->policies[index].reset;
    if (report.limit && ticket >= p.limit_ticket) {
      p.limit_ticket = ticket;
      p.server_limit = *report.limit;
      p.apply_limit();
    }
    if (report.remaining) {
      const auto limit = report.limit.value_or(p.server_limit);
      server_used = limit > *report.remaining ? limit - *report.remaining : 0;
    }
    p.reported = p.reported || report.limit || report.remaining;
  }
  if (fixed) {
    // A reset of 0 says that no time is left, not when the next window ends. (In windows of a second or two all of
    // them may be 0: that they cannot be placed is worth knowing.)
    if (reset && word->policies[index].report.reset_in == microseconds{0} && fixed->can_place(*reset))
      reset.reset();
    fixed->release(h.weight, h.fixed, word != nullptr, reset, server_used, now);
    return;
  }
  if (server_used)
    moving->front().report(h.place, *server_used, reset, now);
  for (auto& w : *moving)
    w.release(h.weight, word != nullptr, now);
}

void budget::begin_pause(pause& p, const ticket_state& t, std::optional<steady_time> named, steady_time now) const {
  const auto is_same_episode = t.acquired < p.began;
  if (!is_same_episode) {
    p.began = now;
    ++p.episodes;
  }
  if (!named && !is_same_episode) {
    auto wait = minute_ / pauses_per_minute;
    for (std::uint32_t i = 1; i < p.episodes && wait < minute_; ++i)
      wait *= 2;
    named = now + std::clamp(wait, microseconds{1}, minute_);
  }
  if (named)
    p.until = std::max(p.until, *named);
}

void budget::charge_pause(const ticket_state& t, const server_word& word) {
  const auto is_used_up = [&](std::size_t i) { return word.policies[i].report.remaining == std::uint64_t{0}; };
  bool told = false;
  // An answer that does not tell which limit it is about is most likely about the one that is met most often.
  std::size_t shortest = 0;
  for (std::size_t i = 0; i < t.holdings.size(); ++i) {
    told = told || is_used_up(i);
    if (policies_[t.holdings[i].policy].window() < policies_[t.holdings[shortest].policy].window())
      shortest = i;
  }
  for (std::size_t i = 0; i < t.holdings.size(); ++i)
    policies_[t.holdings[i].policy].caused_pause = told ? is_used_up(i) : i == shortest;
}

void budget::finish(std::uint64_t ticket, const rate_feedback& feedback, bool sent, steady_time now,
                    language::instant wall) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end())
    return;
  const auto t = std::move(found->second);
  tickets_.erase(found);

  std::optional<server_word> word;
  if (sent)
    word = read_feedback(t, feedback, now, wall);
  for (std::size_t i = 0; i < t.holdings.size(); ++i)
    settle(ticket, t.holdings[i], word ? &*word : nullptr, i, now);
  if (!sent)
    return;

  const auto each_pause = [&](auto visit) {
    if (t.holdings.empty())
      visit(ungoverned_);
    for (const auto& h : t.holdings)
      visit(policies_[h.policy].paused);
  };
  if (feedback.wait_refused)
    return;
  if (was_refused(feedback, ratelimit_codes_)) {
    each_pause([&](pause& p) { begin_pause(p, t, word->not_before, now); });
    charge_pause(t, *word);
  } else if (feedback.status != 0) {
    each_pause([&](pause& p) {
      if (t.acquired >= p.began)
        p.episodes = 0;
    });
  }
}

// -- reports -------------------------------------------------------------------

std::optional<budget::exhaustion> budget::exhausted(steady_time now) const {
  for (const auto& p : policies_) {
    if (!p.definition.stop_when_exhausted || !p.governs_all)
      continue;
    if (const auto room = p.room_at(1, now); room > now)
      return exhaustion{p.definition.name, p.limit(), room};
  }
  return std::nullopt;
}

std::optional<budget::exhaustion> budget::exhausted(const claim& c, steady_time now) const {
  std::optional<exhaustion> found;
  for_each_policy(c.policies, [&](std::uint32_t i) {
    const auto& p = policies_[i];
    const auto room = p.room_at(weight_of(c, i), now);
    if (p.definition.stop_when_exhausted && room > now && (!found || room > found->resets_at))
      found = exhaustion{p.definition.name, p.limit(), room};
  });
  return found;
}

bool budget::refused(const claim& c, steady_time now) const {
  if (c.policies == 0)
    return ungoverned_.until > now;
  steady_time room = now;
  steady_time paused = now;
  for_each_policy(c.policies, [&](std::uint32_t i) {
    room = std::max(room, policies_[i].room_at(weight_of(c, i), now));
    paused = std::max(paused, policies_[i].paused.until);
  });
  return paused > room;
}

std::optional<steady_time> budget::paused_until(steady_time now) const {
  if (policies_.empty())
    return ungoverned_.until > now ? std::optional{ungoverned_.until} : std::nullopt;
  // If no policy governs every request, all of them wait only if all policies are full.
  std::optional<steady_time> by_all;
  std::optional<steady_time> by_each;
  for (const auto& p : policies_) {
    const auto free_at = p.free_at(1, now);
    if (p.governs_all)
      by_all = std::max(by_all.value_or(free_at), free_at);
    else
      by_each = std::min(by_each.value_or(free_at), free_at);
  }
  const auto until = by_all ? *by_all : *by_each;
  return until > now ? std::optional{until} : std::nullopt;
}

std::vector<budget::gauge> budget::gauges(steady_time now) const {
  std::vector<gauge> out;
  for (const auto& p : policies_)
    out.push_back({p.definition.name, p.limit(), p.used(now), p.reported, p.enforced(), p.matched, p.window(),
                   p.definition.stop_when_exhausted && p.room_at(1, now) > now ? steady_time::max()
                   : p.caused_pause                                            ? p.free_at(1, now)
                                                                               : p.room_at(1, now),
                   p.free_at(p.limit(), now)});
  return out;
}

std::optional<std::uint64_t> budget::set_bound(std::string_view policy, std::uint64_t limit) {
  std::optional<std::uint64_t> result;
  for (auto& p : policies_) {
    if (p.definition.name != policy)
      continue;
    p.bound = limit;
    // Before the server has spoken, what is configured is a guess: the user's word goes before it.
    if (!p.reported)
      p.server_limit = std::max(p.server_limit, limit);
    p.apply_limit();
    result = p.limit();
  }
  return result;
}

} // namespace sluice
