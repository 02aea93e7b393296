#pragma once

#include "actors/core/admission/size_estimate.hpp"
#include "actors/core/state/completed_partitions.hpp"
#include "actors/core/state/cursor.hpp"
#include "actors/core/state/partition_cursors.hpp"
#include "actors/core/state/partition_past.hpp"
#include "actors/core/state/state_pacer.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/flow.hpp"
#include "messages/output.hpp"
#include "messages/page.hpp"
#include "messages/run.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice {

/// How the state aggregator thinks: which slices exist, which are written to their last page, and what state may be
/// promised for that. Pure. A slice counts as closed only when the page that ends it is written, so no state can
/// overtake its records.
///
/// What a stream's state is made of: the cursor of a root endpoint; a cursor for each partition of a child; or, where
/// there is no cursor, the child's partitions that have been read to their ends.
class slice_ledger {
public:
  /// Opens the cursors with the plan's initial states. A state that cannot be understood is `errc::bad_state`.
  static expected<slice_ledger> open(plan_ptr p);

  /// What the user should know of the initial states: what of them lies in the future.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  /// What is to be read of a root endpoint: the windows of its cursor, with those that only its children need; one that
  /// is not looked at if it has no cursor. Ask before the first page is written.
  std::vector<cursor_window> windows_of(endpoint_id e) const;
  /// What a child endpoint's partitions have behind them. Ask before the first page is written.
  std::shared_ptr<const partition_past> past_of(endpoint_id e) const;

  /// Returns why the state of the endpoint's streams is another one now, if it is.
  std::optional<state_change> opened(const slices_opened& x);
  /// A page is written. Returns why the state of the endpoint's printed streams is another one now, if it is.
  std::optional<state_change> written(const page_receipt& x);
  void failed(const slice_failed& x);
  void abandoned(const slices_abandoned& x);
  void generated(const generation_done& x);

  /// True once, when more partitions are done than a state remembers.
  bool take_overflow();

  /// Streams whose state changed when `written` said so for a slice of this endpoint.
  std::vector<stream_index> streams_with_state(endpoint_id e) const;
  /// Streams that have a state and no final one yet.
  std::vector<stream_index> streams_under_way() const;
  /// The state that may be promised for a stream of `streams_with_state` now.
  state_update present_state(stream_index s);

  /// True once, when the endpoint's last slice closed or failed: then `final_states` and `summary` are due.
  bool take_completion(endpoint_id e);
  /// The last state of each printed stream of the endpoint that has not had one. A full refresh that is complete ends
  /// with the reference's marker, so that the next one starts anew; one that is not, with what is complete of it, if it
  /// has partitions, else with `{}`: nothing is promised. `took` is how long the run has been.
  std::vector<state_update> final_states(endpoint_id e, std::chrono::microseconds took);
  /// The same for every endpoint, when a run ends early.
  std::vector<state_update> all_final_states(std::chrono::microseconds took);
  endpoint_done summary(endpoint_id e) const;

  aggregator_report report() const;
  /// How many records the streams' syncs will bring, of those that have not ended and whose size can be told.
  std::vector<estimate> estimates() const;
  /// For reports: which endpoints have not ended, and what of them is missing; a line each, for people.
  std::string open_work() const;

private:
  /// A slice of a cursor, some of whose pages are written.
  struct open_slice {
    std::optional<instant> newest;
    /// All its pages came in ascending order so far.
    bool ordered = true;
  };
  /// The slices that the records of one slice of the parent's endpoint have become.
  struct family {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    bool expanded = false;
    std::vector<partition_field> partition;
  };
  struct endpoint_book {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t failed = 0;
    std::uint64_t pages = 0;
    bool generated = false;
    bool complete = true;
    bool announced = false;
    std::optional<cursor_state> cursor;
    std::optional<partition_cursors> partitions;
    /// `incremental_dependency`: how far the parents have been read for this endpoint.
    std::optional<cursor_state> parents;
    /// By slice id.
    std::unordered_map<std::uint64_t, open_slice> open;
    /// By id of the parent's slice, until all of its slices are closed.
    std::unordered_map<std::uint64_t, family> families;
  };
  struct stream_book {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t pages = 0;
    std::uint64_t states = 0;
    /// The beginning of the newest state.
    std::string state;
    bool finished = false;
    /// Of a child endpoint: the partitions that the sync has read to their ends, and the parent's partitions all of
    /// whose records it has read.
    std::optional<completed_partitions> completed;
    std::optional<completed_partitions> whole_parents;
  };

  explicit slice_ledger(plan_ptr p);
  /// A state is about to be printed.
  state_update note_state(state_update update);
  /// What a present state of the stream promises.
  void add_cover(state_update& update, const endpoint_book& book, bool by_cursor) const;
  expected<void> open_endpoint(const endpoint& e);
  expected<void> open_cursor(const endpoint& e, const output& out, const std::string& initial);
  expected<void> open_parents(const endpoint& e, const std::string& initial_state);
  expected<void> open_completed(const endpoint& e, const output& out, std::string_view initial_state);
  void warn(const output& out, const std::string& what);
  /// A family may have become complete: then its parent's partition is.
  bool settle_family(const endpoint& e, std::uint64_t parent_id);
  std::string completed_json(const stream_book& s) const;
  std::optional<state_change> move_cursor(endpoint_book& book, const endpoint& e, const page_receipt& x);
  /// The part of a state that depends on what kind of past the stream has; empty if it has none.
  std::string past_json(const endpoint_book& book, const endpoint& e, std::uint32_t output) const;
  /// All slices were tried; none is left because the run was stopped.
  static bool has_ended(const endpoint_book& b) { return b.generated && b.closed + b.failed >= b.opened; }
  bool complete(const endpoint_book& b) const {
    return b.generated && b.complete && b.failed == 0 && b.closed == b.opened;
  }

  plan_ptr plan_;
  std::vector<endpoint_book> endpoints_;
  std::vector<stream_book> streams_;
  std::vector<std::string> warnings_;
  size_estimate sizes_;
  std::uint64_t states_ = 0;
  bool overflow_told_ = false;
};

} // namespace sluice
