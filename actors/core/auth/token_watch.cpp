#include "actors/core/auth/token_watch.hpp"

#include "actors/core/auth/login_words.hpp"
#include "messages/text/durations.hpp"
#include "messages/text/header_list.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace sluice {

namespace {

using std::chrono::microseconds;

/// So much earlier may a header say that a quota resets, and still mean the same window.
constexpr std::int64_t same_window_us = 60'000'000;

std::optional<language::value> header_of(const rate_feedback& feedback, const std::string& name) {
  const auto text = name.empty() ? std::nullopt : find_header(feedback.headers, name);
  return text ? std::optional{language::value{std::string{trim(*text)}}} : std::nullopt;
}

std::optional<std::uint64_t> count_in(const rate_feedback& feedback, const std::string& name) {
  const auto told = header_of(feedback, name);
  const auto number = told ? told_number(*told) : std::nullopt;
  constexpr double most = 1e15;
  return number ? std::optional{static_cast<std::uint64_t>(std::clamp(*number, 0.0, most))} : std::nullopt;
}

std::optional<std::int64_t> moment_in(const rate_feedback& feedback, const std::string& name) {
  const auto told = header_of(feedback, name);
  const auto moment = told ? told_moment(*told) : std::nullopt;
  return moment ? std::optional{moment->instant.time_since_epoch().count()} : std::nullopt;
}

} // namespace

token_watch::token_watch(const token_pool& pool, const choices& wanted)
  : pool_(pool), wanted_(wanted), tokens_(pool.tokens.size()), quotas_(pool.quotas.size()) {
  std::optional<std::uint32_t> usual;
  for (std::uint32_t i = 0; i < pool.quotas.size(); ++i) {
    const auto& of = pool.quotas[i].matchers;
    matchers_.emplace_back(of.begin(), of.end());
    has_matchers_ = has_matchers_ || !of.empty();
    if (of.empty() && !usual)
      usual = i;
  }
  usual_ = usual.value_or(0);
}

std::uint32_t token_watch::quota_of(std::string_view method, std::string_view url,
                                    const std::vector<std::pair<std::string, std::string>>& headers) const {
  const credential_fields none;
  const request_view view{method, url, headers, none};
  for (std::uint32_t i = 0; i < matchers_.size(); ++i)
    if (std::any_of(matchers_[i].begin(), matchers_[i].end(), [&view](const auto& m) { return m.matches(view); }))
      return i;
  return usual_;
}

// -- what happens ----------------------------------------------------------------

void token_watch::told(credential_ready x, steady_time now) {
  asked_ = false;
  retry_at_.reset();
  auto& t = tokens_[x.token];
  t.credential = std::move(x.credential);
  t.counts.clear();
  for (const auto& left : x.quotas)
    t.counts.push_back({left, now + microseconds{left.resets_in_us}});
  const bool is_old
    = std::any_of(x.quotas.begin(), x.quotas.end(), [](const auto& q) { return q.tracked && q.resets_in_us == 0; });
  t.vain = is_old ? t.vain + 1 : 0;
  for (std::uint32_t q = 0; q < quotas_.size(); ++q)
    note(q, now);
}

void token_watch::failed(credential_failed x, steady_time now) {
  asked_ = false;
  if (x.error.code == errc::interrupted) // the run is ending
    return;
  if (x.retry_us < 0)
    lost_ = std::move(x.error);
  else
    retry_at_ = now + microseconds{x.retry_us};
}

token_watch::call token_watch::take(std::uint32_t quota, steady_time now) {
  const auto chosen = choose(quota).value_or(active_);
  auto& t = tokens_[chosen];
  auto& c = t.counts[quota];
  ++t.in_flight;
  const auto count = static_cast<std::uint32_t>(tokens_.size());
  // Without a count nothing tells tokens apart: they take turns.
  active_ = c.left.tracked ? chosen : (chosen + 1) % count;
  if (c.left.tracked)
    --c.left.remaining;
  note(quota, now);
  if (spreads(quota)) {
    std::uint64_t left = 0;
    for (const auto& other : tokens_)
      left += other.counts[quota].left.remaining;
    const auto until = first_reset(quota) - now;
    if (left > 0 && until.count() > 0)
      quotas_[quota].not_before
        = now + std::min<steady_time::duration>(until / static_cast<std::int64_t>(left), longest_gap);
  }
  return {chosen, quota, c.left.resets_us};
}

bool token_watch::finish(const call& x, const rate_feedback& feedback, bool sent, steady_time now) {
  auto& t = tokens_[x.token];
  auto& c = t.counts[x.quota];
  --t.in_flight;
  if (!c.left.tracked)
    return false;
  if (!sent && c.left.resets_us == x.resets_us)
    ++c.left.remaining;
  if (sent)
    reconcile(x, feedback, now);
  note(x.quota, now);
  const bool refused = feedback.rate_limited || feedback.wait_refused;
  return refused && c.left.remaining == 0 && (choose(x.quota) || any_unknown());
}

void token_watch::reconcile(const call& x, const rate_feedback& feedback, steady_time now) {
  const auto& q = pool_.quotas[x.quota];
  auto& t = tokens_[x.token];
  auto& left = t.counts[x.quota].left;
  const auto& codes = q.exhaustion_statuses;
  const bool refused = std::find(codes.begin(), codes.end(), feedback.status) != codes.end();
  auto remaining = count_in(feedback, q.remaining_header);
  if (!remaining && refused)
    remaining = 0;
  const auto reset = moment_in(feedback, q.reset_header);
  const auto limit = count_in(feedback, q.limit_header);
  // An answer of a window before tells that one's limit.
  if (limit && *limit > 0 && (!reset || *reset >= left.resets_us))
    left.limit = *limit;
  if (reset && *reset > left.resets_us) {
    // Another window. Requests under way may be counted in it, too.
    const auto fresh = remaining.value_or(left.limit);
    t.counts[x.quota].resets_at += microseconds{*reset - left.resets_us};
    t.counts[x.quota].resets_at = std::max(t.counts[x.quota].resets_at, now);
    left.resets_us = *reset;
    left.remaining = fresh > t.in_flight ? fresh - t.in_flight : 0;
  } else if (remaining && ((*remaining == 0 && refused) || !reset || *reset >= left.resets_us - same_window_us)) {
    left.remaining = std::min(left.remaining, *remaining);
  }
}

void token_watch::note(std::uint32_t quota, steady_time now) {
  if (any_unknown() || choose(quota))
    quotas_[quota].spent_since.reset();
  else if (!quotas_[quota].spent_since)
    quotas_[quota].spent_since = now;
}

// -- what follows ----------------------------------------------------------------

std::uint64_t token_watch::reserve_of(const counted& x) const noexcept {
  const auto share = std::floor(static_cast<double>(x.left.limit) * pool_.reserve_fraction);
  return std::max(pool_.least_reserve, static_cast<std::uint64_t>(share));
}

bool token_watch::has_plenty(const counted& x, std::uint64_t more_than) const noexcept {
  return !x.left.tracked || x.left.remaining > reserve_of(x) + more_than;
}

bool token_watch::any_unknown() const noexcept {
  return std::any_of(tokens_.begin(), tokens_.end(), [](const token_state& t) { return t.credential == nullptr; });
}

std::optional<std::uint32_t> token_watch::choose(std::uint32_t quota) const noexcept {
  const auto count = static_cast<std::uint32_t>(tokens_.size());
  std::optional<std::uint32_t> in_reserve;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto at = (active_ + i) % count;
    if (tokens_[at].credential == nullptr)
      continue;
    const auto& c = tokens_[at].counts[quota];
    if (has_plenty(c, 0))
      return at;
    if (!in_reserve && has_calls(c))
      in_reserve = at;
  }
  return in_reserve;
}

bool token_watch::spreads(std::uint32_t quota) const noexcept {
  return std::none_of(tokens_.begin(), tokens_.end(),
                      [&](const token_state& t) { return t.credential == nullptr || has_plenty(t.counts[quota], 0); });
}

steady_time token_watch::worth_asking(const token_state& x, std::uint32_t quota) const noexcept {
  constexpr std::uint32_t most_doublings = 6;
  const auto reset = x.counts[quota].resets_at;
  return x.vain == 0 ? reset : std::max(reset, x.asked_at + asked_again * (1U << std::min(x.vain - 1, most_doublings)));
}

steady_time token_watch::first_reset(std::uint32_t quota) const noexcept {
  auto result = steady_time::max();
  for (const auto& t : tokens_)
    if (t.credential != nullptr && t.counts[quota].left.tracked)
      result = std::min(result, t.counts[quota].resets_at);
  return result;
}

token_watch::prospect token_watch::look(std::uint32_t quota, steady_time now) const {
  if (wanted_.asks_about_all && any_unknown())
    return {obstacle::unknown, wake_at()};
  if (const auto chosen = choose(quota)) {
    // One that may rest, and one that takes turns, waits until the others are known.
    const auto& c = tokens_[*chosen].counts[quota];
    if (any_unknown() && !lost_ && !retry_at_ && !(c.left.tracked && has_plenty(c, 0)))
      return {obstacle::unknown, steady_time::max()};
    const auto& q = quotas_[quota];
    return q.not_before > now && spreads(quota) ? prospect{obstacle::quota, q.not_before} : prospect{};
  }
  if (any_unknown())
    return {obstacle::unknown, wake_at()};
  auto at = steady_time::max();
  for (const auto& t : tokens_)
    at = std::min(at, worth_asking(t, quota));
  return at > now ? prospect{obstacle::quota, at} : prospect{obstacle::unknown, wake_at()};
}

std::optional<std::uint32_t> token_watch::next_to_ask(std::uint32_t quota, steady_time now) const noexcept {
  const auto count = static_cast<std::uint32_t>(tokens_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto at = (active_ + i) % count;
    const auto& t = tokens_[at];
    if (t.credential == nullptr)
      return at;
    if (t.in_flight == 0 && !has_plenty(t.counts[quota], 0) && now >= worth_asking(t, quota))
      return at;
  }
  return std::nullopt;
}

bool token_watch::due(steady_time now) noexcept {
  bool result = false;
  for (std::uint32_t q = 0; q < quotas_.size(); ++q) {
    if (!std::exchange(quotas_[q].needed, false) || result || asked_ || lost_ || (retry_at_ && now < *retry_at_))
      continue;
    const bool plenty = std::any_of(tokens_.begin(), tokens_.end(), [&](const token_state& t) {
      return t.credential != nullptr && t.counts[q].left.tracked && has_plenty(t.counts[q], ahead);
    });
    if (plenty && !(wanted_.asks_about_all && any_unknown()))
      continue;
    if (const auto found = next_to_ask(q, now)) {
      to_ask_ = *found;
      result = true;
    }
  }
  return result;
}

credential_wanted token_watch::ask(credential_id id, steady_time now) noexcept {
  asked_ = true;
  tokens_[to_ask_].asked_at = now;
  credential_wanted result;
  result.id = id;
  result.token = to_ask_;
  return result;
}

std::optional<error> token_watch::lost(std::uint32_t quota, steady_time now) const {
  if (choose(quota))
    return lost_ && wanted_.asks_about_all ? lost_ : std::nullopt;
  if (lost_)
    return lost_;
  const auto since = quotas_[quota].spent_since;
  if (!since || wanted_.waits_for_ever)
    return std::nullopt;
  const auto ends = *since + pool_.longest_wait;
  const auto reset = first_reset(quota);
  if (now < ends && reset < ends)
    return std::nullopt;
  const auto wait = std::chrono::duration_cast<microseconds>(std::max(reset - now, steady_time::duration::zero()));
  return error{
    errc::quota_exhausted, failure_type::transient_error,
    (tokens_.size() == 1 ? std::string{"The only token has"} : "All " + std::to_string(tokens_.size()) + " tokens have")
      + " nothing left of the quota `" + pool_.quotas[quota].name + "`, and no more comes before "
      + human_duration(wait) + "; requests wait for that no longer than " + human_duration(pool_.longest_wait)
      + " (max_wait_time). Run again later, or add tokens to the configuration.",
    ""};
}

std::vector<token_watch::gauge> token_watch::gauges(steady_time now) const {
  std::vector<gauge> result;
  for (std::uint32_t q = 0; q < quotas_.size(); ++q) {
    gauge g{pool_.quotas[q].name, 0, 0, now, now};
    for (const auto& t : tokens_) {
      if (t.credential == nullptr || !t.counts[q].left.tracked)
        continue;
      const auto& left = t.counts[q].left;
      g.limit += left.limit;
      g.used += left.limit > left.remaining ? left.limit - left.remaining : 0;
      if (left.remaining < left.limit)
        g.all_free_at = std::max(g.all_free_at, t.counts[q].resets_at);
    }
    if (g.limit == 0)
      continue;
    if (const auto p = look(q, now); p.what != obstacle::none)
      g.room_at = p.at;
    result.push_back(g);
  }
  return result;
}

} // namespace sluice
