#pragma once

#include "actors/core/state/ledger_books.hpp"
#include "actors/core/state/ledger_opening.hpp"
#include "actors/core/state/ledger_report.hpp"
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
#include <utility>
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

  const plan_ptr& plan() const noexcept { return books_.plan; }
  /// What the user should know of the initial states: what of them lies in the future.
  const std::vector<std::string>& warnings() const noexcept { return books_.warnings; }
  /// What is to be read of a root endpoint: the windows of its cursor, with those that only its children need; one that
  /// is not looked at if it has no cursor. If it has partitions, which parents do not make: of one that no state knows.
  /// Ask before the first page is written.
  cursor_windows windows_of(endpoint_id e) const { return windows_left(books_, e); }
  /// What a child endpoint's partitions have behind them. Ask before the first page is written.
  std::shared_ptr<const partition_past> past_of(endpoint_id e) const { return sluice::past_of(books_, e); }

  /// Returns why the state of the endpoint's streams is another one now, if it is.
  std::optional<state_change> opened(const slices_opened& x);
  /// A page is written. Returns why the state of the endpoint's printed streams is another one now, if it is.
  std::optional<state_change> written(const page_receipt& x);
  void failed(const slice_failed& x);
  void abandoned(const slices_abandoned& x);
  void generated(const generation_done& x);

  /// True once, when more partitions are done than a state remembers.
  bool take_overflow();

  /// Once, when the endpoint has ended or the run does: what the user should know of the stream with its cursor. What
  /// may keep records from being read is in it, although nothing failed.
  std::vector<std::string> take_findings(endpoint_id e);

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

  aggregator_report report() const { return report_of(books_); }
  /// How many records the streams' syncs will bring, of those that have not ended and whose size can be told.
  std::vector<estimate> estimates() const { return estimates_of(books_); }
  /// For reports: which endpoints have not ended, and what of them is missing; a line each, for people.
  std::string open_work() const { return open_work_of(books_); }

private:
  explicit slice_ledger(ledger_books books) : books_(std::move(books)) {}
  /// A state is about to be printed.
  state_update note_state(state_update update);
  /// What a present state of the stream promises.
  static void add_cover(state_update& update, const ledger_books::endpoint_book& book, bool by_cursor);
  /// A state of the full refresh of a stream that delegates, not complete, says so.
  void mark_delegated(state_update& update) const;
  /// A family may have become complete: then its parent's partition is.
  bool settle_family(const endpoint& e, std::uint64_t parent_id);
  /// What a sync that is stopped has done: members of a state; empty: nothing.
  static std::string completed_json(const ledger_books::endpoint_book& book, const endpoint& e,
                                    const ledger_books::stream_book& s);
  /// What the endpoint's state says of its parents: of those on which it depends incrementally. `reads`: how far they
  /// have been read for it.
  std::string parent_state(const endpoint& e, const std::vector<std::size_t>& reads, std::chrono::microseconds took);
  std::string read_state(ledger_books::parent_read& read, std::chrono::microseconds took);
  /// How far the endpoint's parents have been read for its own stream.
  std::vector<std::size_t> own_reads(const endpoint& e) const;
  std::optional<state_change> move_cursor(ledger_books::endpoint_book& book, const endpoint& e, const page_receipt& x);
  /// The part of a state that depends on what kind of past the stream has; empty if it has none. `complete`: the sync
  /// has read all there is.
  std::string past_json(const ledger_books::endpoint_book& book, const endpoint& e, std::uint32_t output,
                        bool complete) const;

  ledger_books books_;
};

} // namespace sluice
