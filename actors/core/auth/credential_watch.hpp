#pragma once

#include "actors/core/clock.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// What the governor knows of one credential that expires: whether requests may go with it, and when another one is to
/// be asked for. Pure; time comes in as arguments.
///
/// One is asked for when a request needs it and there is none that holds, and a little before the end of the one there
/// is, so that nobody has to wait; never twice at once, however many requests want it. If it cannot be had, the
/// authenticator says whether and when it is worth another try.
///
/// A refusal (401) is cured by another credential once for each request. A server that refuses some requests whatever
/// credential they carry must not cost a renewal for each of them: after `most_vain` renewals in a row that did not
/// help, refusals ask for another only once in `vain_pause`.
class credential_watch {
public:
  static constexpr std::uint32_t most_vain = 3;
  static constexpr std::chrono::minutes vain_pause{1};
  /// The next one is asked for so long before the end of the one there is, or a quarter of its time.
  static constexpr std::chrono::minutes ahead{1};
  /// One that is said to end sooner is used so long all the same: one that never holds would be asked for without end.
  static constexpr std::chrono::seconds least_valid{5};

  // -- what happens

  /// A request needs it.
  void need() noexcept { needed_ = true; }
  void ready(credential_ready x, steady_time now);
  void failed(credential_failed x, steady_time now);
  /// A request that was sent with this version was refused and will be sent again.
  void refused(std::uint64_t version) noexcept;
  /// A request that is sent again with another credential was refused once more, or was not.
  void tried_again(bool refused_again) noexcept { vain_ = refused_again ? vain_ + 1 : 0; }

  // -- what follows

  /// Requests may go with `current`.
  bool holds(steady_time now) const noexcept { return current_ && !refused_ && now < ends_; }
  const credential_ptr& current() const noexcept { return current_; }
  /// A refusal would be answered by a renewal.
  bool helps(steady_time now) const noexcept { return vain_ < most_vain || now >= got_ + vain_pause; }
  /// It is time to ask the authenticator: a request needs it. Asked anew at every look for requests.
  bool due(steady_time now) noexcept;
  /// What to ask then.
  credential_wanted ask(credential_id id) noexcept;
  /// While it waits before it is asked for again: until when; max(): it does not.
  steady_time wake_at() const noexcept { return asked_ ? steady_time::max() : retry_at_.value_or(steady_time::max()); }
  /// Why it cannot be had any more, once the last one has ended; null: it can.
  const error* lost(steady_time now) const noexcept { return lost_ && !holds(now) ? &*lost_ : nullptr; }

private:
  credential_ptr current_;
  steady_time got_{};
  steady_time renew_at_ = steady_time::max();
  steady_time ends_ = steady_time::max();
  bool needed_ = false;
  bool refused_ = false;
  bool asked_ = false;
  std::optional<steady_time> retry_at_;
  std::uint32_t vain_ = 0;
  std::optional<error> lost_;
};

} // namespace sluice
