#pragma once

#include "actors/core/admission/rate_matcher.hpp"
#include "actors/core/clock.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"
#include "messages/page.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

/// What the governor knows of a pool of tokens: what each has left of each quota, which one the next request goes with,
/// and when one is to be asked about. Pure; time comes in as arguments.
///
/// A call is taken from a token when its request is admitted, so that no token is used beyond what it has. A token that
/// has come down to its reserve rests while another one has more than that; when all are down to it, what they have
/// together is spread until the first of them gets more. One that has nothing left rests until its quota resets.
///
/// A token is asked about when it may soon be needed, and again when its quota has been reset: one at a time, never
/// while requests with it are under way, and never about one whose turn may not come. What the server tells in the
/// headers of answers goes before what was counted, but gives back nothing within a window: answers overtake each
/// other.
class token_watch {
public:
  /// While all known tokens have no more calls than this above their reserve, the next one is asked about, so that
  /// nobody has to wait.
  static constexpr std::uint64_t ahead = 10;
  /// A token of which the server says after its reset that it is to be reset is asked about again so much later, and
  /// twice as late with each time.
  static constexpr std::chrono::seconds asked_again{5};
  /// While calls are spread, requests are no farther apart than this.
  static constexpr std::chrono::seconds longest_gap{10};

  struct choices {
    /// Waits for tokens have no bound.
    bool waits_for_ever = false;
    /// Requests wait until all tokens have been asked about: who checks wants to know of each.
    bool asks_about_all = false;
  };
  token_watch(const token_pool& pool, const choices& wanted);

  /// Which quota a request of this shape is of.
  std::uint32_t quota_of(std::string_view method, std::string_view url,
                         const std::vector<std::pair<std::string, std::string>>& headers) const;
  /// ... depends on it.
  bool has_matchers() const noexcept { return has_matchers_; }

  // -- what happens

  /// A request of this quota wants to go.
  void need(std::uint32_t quota) noexcept { quotas_[quota].needed = true; }
  /// What a token has left.
  void told(credential_ready x, steady_time now);
  void failed(credential_failed x, steady_time now);
  /// A token's call, taken from what it has.
  struct call {
    std::uint32_t token = 0;
    std::uint32_t quota = 0;
    /// The window that it was taken from.
    std::int64_t resets_us = 0;
  };
  /// Only if `look` says `go`.
  call take(std::uint32_t quota, steady_time now);
  /// The call's request ended. True: the server refused it for this token's quota, and another token may have calls, so
  /// there is nothing to wait for.
  bool finish(const call& x, const rate_feedback& feedback, bool sent, steady_time now);

  // -- what follows

  enum class obstacle : std::uint8_t {
    none,
    /// The tokens have no calls left, or spread those they have.
    quota,
    /// The server has not said yet what the next token has.
    unknown,
  };
  struct prospect {
    obstacle what = obstacle::none;
    /// When it is worth another look without any event; max(): only an event helps.
    steady_time at = steady_time::max();
  };
  /// Whether a request of this quota may go.
  prospect look(std::uint32_t quota, steady_time now) const;
  const credential_ptr& credential_of(const call& x) const noexcept { return tokens_[x.token].credential; }
  /// A token is to be asked about: asked anew at every look for requests.
  bool due(steady_time now) noexcept;
  /// About which one.
  credential_wanted ask(credential_id id, steady_time now) noexcept;
  /// While the server is to be asked again for an answer that it failed to give: when; max(): it is not.
  steady_time wake_at() const noexcept { return asked_ ? steady_time::max() : retry_at_.value_or(steady_time::max()); }
  /// Why no request of this quota can go any more.
  std::optional<error> lost(std::uint32_t quota, steady_time now) const;

  /// The tokens' numbers together, of those that are known.
  struct gauge {
    std::string_view quota;
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
    /// When there is a call; max(): nobody knows.
    steady_time room_at{};
    /// When the last of them is reset.
    steady_time all_free_at{};
  };
  std::vector<gauge> gauges(steady_time now) const;

private:
  struct counted {
    quota_left left;
    steady_time resets_at{};
  };
  struct token_state {
    /// Null: it was not asked about yet.
    credential_ptr credential;
    /// By quota.
    std::vector<counted> counts;
    std::uint32_t in_flight = 0;
    steady_time asked_at{};
    /// How often in a row the answer was one of a window that was over.
    std::uint32_t vain = 0;
  };
  struct quota_state {
    bool needed = false;
    /// Since when no token has calls.
    std::optional<steady_time> spent_since;
    /// While calls are spread: when the next may go.
    steady_time not_before{};
  };

  std::uint64_t reserve_of(const counted& x) const noexcept;
  bool has_calls(const counted& x) const noexcept { return !x.left.tracked || x.left.remaining > 0; }
  bool has_plenty(const counted& x, std::uint64_t more_than) const noexcept;
  bool any_unknown() const noexcept;
  /// The token that the next request goes with; none: none has calls.
  std::optional<std::uint32_t> choose(std::uint32_t quota) const noexcept;
  /// All are known, counted, and down to their reserve.
  bool spreads(std::uint32_t quota) const noexcept;
  /// When a token may be asked about again, by the clock.
  steady_time worth_asking(const token_state& x, std::uint32_t quota) const noexcept;
  /// The next one that is to be asked about.
  std::optional<std::uint32_t> next_to_ask(std::uint32_t quota, steady_time now) const noexcept;
  void reconcile(const call& x, const rate_feedback& feedback, steady_time now);
  /// Notes whether any token has calls.
  void note(std::uint32_t quota, steady_time now);
  /// When the first token gets more.
  steady_time first_reset(std::uint32_t quota) const noexcept;

  const token_pool& pool_;
  choices wanted_;
  std::vector<std::vector<rate_matcher>> matchers_;
  /// The quota of requests that no matcher is about.
  std::uint32_t usual_ = 0;
  bool has_matchers_ = false;
  std::vector<token_state> tokens_;
  std::vector<quota_state> quotas_;
  /// The token that is used as long as it has more than its reserve.
  std::uint32_t active_ = 0;
  std::uint32_t to_ask_ = 0;
  bool asked_ = false;
  std::optional<steady_time> retry_at_;
  std::optional<error> lost_;
};

} // namespace sluice
