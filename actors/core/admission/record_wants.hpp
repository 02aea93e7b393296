#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <vector>

namespace sluice {

/// Which endpoints are still needed, and how many of their requests, if so many records of each stream are wanted and
/// no more (`plan::record_limit`). Without a limit all are needed. Pure.
class record_wants {
public:
  explicit record_wants(plan_ptr p);

  bool limited() const noexcept { return plan_->record_limit > 0; }
  /// A page brought these.
  void take(const std::vector<stream_count>& counts);
  /// Nothing is asked of the endpoint any more.
  void give_up(endpoint_id e);
  /// Some stream of its own, or of the endpoints below it, has not enough records yet.
  bool wanted(endpoint_id e) const { return !limited() || wanted_[e]; }
  /// Requests in flight that its own streams need, as the largest page so far tells: one while none has come; 0: they
  /// have enough.
  std::uint64_t worth_asking(endpoint_id e) const;
  /// Streams that have as many records as are wanted.
  std::vector<stream_index> satisfied() const;

private:
  struct book {
    std::uint64_t records = 0;
    std::uint64_t largest_page = 0;
  };

  bool satisfied(stream_index s) const { return books_[s].records >= plan_->record_limit; }
  bool own_wanted(const endpoint& e) const;
  void settle();

  plan_ptr plan_;
  std::vector<book> books_;
  /// By endpoint.
  std::vector<bool> given_up_;
  std::vector<bool> wanted_;
};

} // namespace sluice
