#pragma once

#include "actors/core/cursor.hpp"
#include "config/manifest/plan.hpp"
#include "messages/flow.hpp"
#include "messages/output.hpp"
#include "messages/page.hpp"
#include "messages/run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice {

/// How the state aggregator thinks: which slices exist, which are written to their last page, and what state may be
/// promised for that. Pure. A slice counts as closed only when the page that ends it is written, so no state can
/// overtake its records.
class slice_ledger {
public:
  /// Opens the cursors with the plan's initial states. A state that cannot be understood is `errc::bad_state`.
  static expected<slice_ledger> open(plan_ptr p);

  /// The cursor of an endpoint as it stands, or nullptr if it has none.
  const cursor_state* cursor_of(endpoint_id e) const;

  void opened(const slices_opened& x);
  /// A page is written. Returns the state to print if a slice of a cursor closed with it.
  std::optional<state_update> written(const page_receipt& x);
  void failed(const slice_failed& x);
  void generated(const generation_done& x);

  /// True once, when the endpoint's last slice closed or failed: then `final_states` and `summary` are due.
  bool take_completion(endpoint_id e);
  /// The last state of each printed stream of the endpoint that has not had one: the cursor's state; for a full refresh
  /// the reference's end marker if it is complete, else `{}`: nothing is promised.
  std::vector<state_update> final_states(endpoint_id e);
  /// The same for every endpoint, when a run ends early.
  std::vector<state_update> all_final_states();
  endpoint_done summary(endpoint_id e) const;

  aggregator_report report() const;
  /// For reports: which endpoints have not ended, and what of them is missing; a line each, for people.
  std::string open_work() const;

private:
  struct endpoint_book {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t failed = 0;
    bool generated = false;
    bool complete = true;
    bool announced = false;
    std::optional<cursor_state> cursor;
    /// Newest cursor value of slices that are open, by slice id.
    std::unordered_map<std::uint64_t, instant> newest;
  };
  struct stream_book {
    std::uint64_t records = 0;
    std::uint64_t pages = 0;
    bool finished = false;
  };

  explicit slice_ledger(plan_ptr p);
  bool complete(const endpoint_book& b) const {
    return b.generated && b.complete && b.failed == 0 && b.closed == b.opened;
  }

  plan_ptr plan_;
  std::vector<endpoint_book> endpoints_;
  std::vector<stream_book> streams_;
  std::uint64_t states_ = 0;
};

} // namespace sluice
