#include "actors/core/auth/credential_watch.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

void credential_watch::ready(credential_ready x, steady_time now) {
  asked_ = false;
  refused_ = false;
  retry_at_.reset();
  current_ = std::move(x.credential);
  got_ = now;
  renew_at_ = ends_ = steady_time::max();
  if (x.valid_us >= 0) {
    const auto valid = std::max<std::chrono::microseconds>(std::chrono::microseconds{x.valid_us}, least_valid);
    ends_ = now + valid;
    renew_at_ = ends_ - std::min<std::chrono::microseconds>(ahead, valid / 4);
  }
}

void credential_watch::failed(credential_failed x, steady_time now) {
  asked_ = false;
  // The run is ending.
  if (x.error.code == errc::interrupted)
    return;
  if (x.retry_us < 0)
    lost_ = std::move(x.error);
  else
    retry_at_ = now + std::chrono::microseconds{x.retry_us};
}

void credential_watch::refused(std::uint64_t version) noexcept {
  // Others may have found out before.
  if (current_ && current_->version == version)
    refused_ = true;
}

bool credential_watch::due(steady_time now) noexcept {
  const bool needed = std::exchange(needed_, false) && (!holds(now) || now >= renew_at_);
  return needed && !asked_ && !lost_ && (!retry_at_ || now >= *retry_at_);
}

credential_wanted credential_watch::ask(credential_id id) noexcept {
  asked_ = true;
  return {id, current_ && refused_ ? current_->version : 0};
}

} // namespace sluice
