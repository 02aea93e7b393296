#pragma once

#include "actors/core/admission/rate_matcher.hpp"
#include "actors/core/admission/rate_window.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

/// The account's rate limits: every policy that governs a request must have room for it. Pure: time comes in as
/// arguments and must not run backwards.
///
/// A request takes its place when it is admitted and keeps it until one window after its *answer* came: the server
/// counted it somewhere in between, so no window of the server's, however aligned, can hold more than the limit. What
/// the server reports in its answers goes before what is configured, upwards and downwards. In a policy with several
/// rates the headers speak of the first.
class budget {
public:
  /// `minute` is the length of the account's minute (`budget.window`): rates over exactly one minute use it instead.
  /// `now` is the moment at which counting starts. At most `max_policies` policies are used; the manifest's loader
  /// refuses more.
  budget(const api_budget& definition, std::chrono::microseconds minute, steady_time now);

  static constexpr std::size_t max_policies = 64;

  /// Policies that govern a request, as a bit mask, with their weights.
  struct claim {
    std::uint64_t policies = 0;
    std::vector<std::uint32_t> weights; // one per policy; empty: all 1
  };
  /// Which policies govern a request with this method, URL and headers, and what is known of its credential.
  claim match(std::string_view method, std::string_view url,
              const std::vector<std::pair<std::string, std::string>>& headers,
              const credential_fields& known = {}) const;
  /// True if the answer of `match` can differ between requests.
  bool has_matchers() const noexcept { return has_matchers_; }

  /// When a request with this claim may go: `now` or earlier means at once. steady_time::max() means never (the day is
  /// over). While answers are outstanding the result may be too early, never too late: ask again at that time, and
  /// after each `finish`. A weight above a limit counts as the limit.
  steady_time earliest(const claim& c, steady_time now) const;

  /// Takes the request's places. Call only if `earliest` allowed it. Returns a ticket for `finish`.
  std::uint64_t acquire(const claim& c, steady_time now);

  /// The request ended. `sent == false` gives its places back. Feedback moves limits in both directions, adds what
  /// others use of the account, and pauses the policies that governed a RATE_LIMITED request, once for all its
  /// siblings: answers to requests that were under way when the pause began lengthen it only if they name a later time.
  /// A wait that nobody is willing to wait (`wait_refused`) pauses nothing.
  /// The pause is what the answer asks for: `wait_us`, else `Retry-After`, else the reset of a policy with nothing
  /// left, else a sixtieth of the minute, doubled with each further refusal in a row up to one minute. `wall` is the
  /// current UTC time, for epoch resets and HTTP dates. An unknown ticket is ignored.
  void finish(std::uint64_t ticket, const rate_feedback& feedback, bool sent, steady_time now, language::instant wall);

  /// Set when a policy with `stop_when_exhausted` has no room left: which one, and when it comes back.
  struct exhaustion {
    std::string policy;
    std::uint64_t limit = 0;
    steady_time resets_at{};
  };
  /// Of a policy that governs every request.
  std::optional<exhaustion> exhausted(steady_time now) const;
  /// Of a policy that governs a request with this claim: of those, the one that comes back last.
  std::optional<exhaustion> exhausted(const claim& c, steady_time now) const;
  /// It is a RATE_LIMITED answer that makes a request with this claim wait, not a window without room.
  bool refused(const claim& c, steady_time now) const;

  /// If every request has to wait because an answer was RATE_LIMITED or a window is full: until when (for the status
  /// message).
  std::optional<steady_time> paused_until(steady_time now) const;

  /// One policy's present numbers, for progress and the summary.
  struct gauge {
    std::string policy;
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
    bool reported_by_server = false;
    /// It limits: it does not wait for the server's word, or has heard it.
    bool enforced = true;
    /// Requests that this policy governed.
    std::uint64_t matched = 0;
    /// Length of its (first) window.
    std::chrono::microseconds window{0};
    /// When it has room for one more request, a pause that it caused included; max(): never in this run. When its whole
    /// limit is free again if nothing more is sent. Both are lower bounds while answers are outstanding.
    steady_time room_at{};
    steady_time all_free_at{};
  };
  std::vector<gauge> gauges(steady_time now) const;

  /// The user's own bound on a policy's (first) rate from now on; what the server reports stays an upper bound. Returns
  /// the limit that is now in force; none: there is no such policy. `limit` must be positive.
  std::optional<std::uint64_t> set_bound(std::string_view policy, std::uint64_t limit);

private:
  /// A stretch without requests, after a RATE_LIMITED answer.
  struct pause {
    steady_time began;
    steady_time until;
    /// Pauses in a row without a good answer in between.
    std::uint32_t episodes = 0;

    explicit pause(steady_time now) : began(now), until(now) {}
  };

  /// Requests that are free of a policy and those behind it (an unlimited policy).
  struct exemption {
    std::vector<rate_matcher> matchers;
    std::size_t first_policy = 0;
  };

  struct policy_state {
    policy_state(const rate_policy& p, std::chrono::microseconds minute, steady_time now);

    rate_policy definition;
    std::vector<rate_matcher> matchers;
    bool governs_all = false;
    /// A moving policy's rates, in the manifest's order; or the counter.
    std::variant<std::vector<moving_window>, fixed_window> windows;
    pause paused;
    /// It is why the server wanted that pause, as far as the answer tells.
    bool caused_pause = false;
    /// The server has reported a limit or a remainder.
    bool reported = false;
    /// What the server allows, as far as it is known, and what the user set while the run was on.
    std::uint64_t server_limit = 1;
    std::optional<std::uint64_t> bound;
    /// Newest ticket whose answer told the limit; older answers do not change it any more.
    std::uint64_t limit_ticket = 0;
    std::uint64_t matched = 0;

    bool enforced() const noexcept { return reported || !definition.only_when_reported; }
    std::uint64_t limit() const noexcept;
    std::chrono::microseconds window() const noexcept;
    /// Puts the smaller of the server's limit and the user's bound into force.
    void apply_limit();
    std::uint64_t used(steady_time now) const;
    /// When the windows have room, whatever the pause; and when both allow a request.
    steady_time room_at(std::uint64_t weight, steady_time now) const;
    steady_time free_at(std::uint64_t weight, steady_time now) const;
  };

  /// A policy's part of a ticket.
  struct holding {
    std::uint32_t policy = 0;
    std::uint32_t weight = 1;
    /// moving_window: the place in that of the first rate, which the server's reports are about.
    moving_window::place place{};
    fixed_window::place fixed{};
  };
  struct ticket_state {
    steady_time acquired{};
    std::vector<holding> holdings;
  };

  struct server_word;
  server_word read_feedback(const ticket_state& t, const rate_feedback& feedback, steady_time now,
                            language::instant wall) const;
  void settle(std::uint64_t ticket, const holding& h, const server_word* word, std::size_t index, steady_time now);
  /// Notes which policies an answer that wants a pause is about.
  void charge_pause(const ticket_state& t, const server_word& word);
  void begin_pause(pause& p, const ticket_state& t, std::optional<steady_time> named, steady_time now) const;

  std::vector<policy_state> policies_;
  /// In the order of the policies that they free of.
  std::vector<exemption> exemptions_;
  /// Pause of the requests that no policy governs.
  pause ungoverned_;
  std::vector<int> ratelimit_codes_;
  std::chrono::microseconds minute_;
  bool has_matchers_ = false;
  std::uint64_t next_ticket_ = 1;
  std::unordered_map<std::uint64_t, ticket_state> tickets_;
};

} // namespace sluice
