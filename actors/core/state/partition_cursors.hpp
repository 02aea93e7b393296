#pragma once

#include "actors/core/state/cursor.hpp"
#include "actors/core/state/cursor_track.hpp"
#include "actors/core/state/partition_kind.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct partition_state;

/// Bounds of a per-partition cursor.
struct partition_limits {
  /// With more partitions than this the state is kept for all of them together. As in the reference: it looks for more
  /// than 10,000 before it adds one.
  std::size_t partitions = 10001;
};

/// The incremental state of a stream that has a cursor of its own in every partition (the reference's
/// ConcurrentPerPartitionCursor): which windows each partition still has to read, and what may be promised when some
/// of them are read. Pure. Two spellings of a partition with the same `partition_key` are the same one; states print it
/// as slices have it.
///
/// The promise: of every partition in `states` everything up to its cursor has been read. Of every other one nothing,
/// if the state lists all of them (`partition_state::lists_all`): such a partition appeared later, with rows of any
/// age. Else, and in global mode, everything up to the global cursor less the lookback, also of partitions that do not
/// exist yet; that is how the reference reads all of its states.
///
/// A copy shares what came in, so a copy that is made before the first `close` costs next to nothing and can go to
/// another actor.
class partition_cursors {
public:
  /// `state_json` is the stream's state object, "" for none. Understands
  /// - `{}` and objects of Airbyte's own markers (`__ab_...`) alone: no state;
  /// - `{"use_global_cursor":..,"states":[{"partition":{..},"cursor":{field: v}}],"state":{field: v},
  ///   "lookback_window":seconds,"parent_state":{..}}`, all of it optional;
  /// - `{field: v}`, `{"slices":[..],"state_type":"date-range"}`: a cursor that holds for all partitions;
  /// - `{"307785415": {field: v}}`: an older shape, with the values of `partition_field` as keys, be they texts or
  ///   whole numbers.
  /// Every cursor may be in the form with slices, too; states print it as `{field: v}`.
  /// Values as in `cursor_state::open`. Anything else is `errc::bad_state`; a cursor that cannot be cut into windows is
  /// `errc::bad_manifest`.
  static expected<partition_cursors> open(const datetime_cursor& cursor, const std::string& partition_field,
                                          std::string_view state_json, partition_limits limits = {},
                                          const partition_kind& kind = {});

  /// The windows that this partition has to read, oldest first. A function of the incoming state alone: from the
  /// partition's own cursor if it has one; else from the global cursor less `lookback_window`, unless the state lists
  /// all partitions and is not in global mode; else from the start. The cursor's own lookback comes off in every case.
  /// May be empty.
  /// With `for_children` also the rest of the time, as `children_only` windows.
  cursor_windows windows(std::string_view partition, bool for_children = false) const;

  /// Window `w` of the partition was read completely; see `cursor_state::close`. `order` is where it stands among the
  /// partitions: states list those that came in first, then the others in the order in which they were made.
  void close(std::string_view partition, const cursor_window& w, std::optional<instant> newest,
             std::uint64_t order = 0);

  /// Window `w` is being read in ascending order, and everything before `newest` has been; see `cursor_state::advance`.
  void advance(std::string_view partition, const cursor_window& w, instant newest, std::uint64_t order = 0);

  /// What to tell of partitions that began at the global cursor, although the state that came in lists partitions;
  /// empty: there were none.
  std::string unlisted_warning() const;

  /// How many of the cursors that came in lie beyond `t`.
  std::size_t beyond(instant t) const;

  /// The sync goes on from a stopped one that had read some partitions up to `t`, and they are not read again: so what
  /// holds for all of them must not lie beyond.
  void hold_at(instant t);
  /// The same for the cursors of each partition, where they are those of parents.
  void hold_each_at(instant t);
  /// Up to when all partitions have been read when the sync is complete.
  instant reads_until() const;

  /// JSON text to be printed as `parent_state`; "" for none.
  void set_parent_state(std::string json);

  /// True if the state holds for all partitions together: it came in so, or there are too many partitions.
  bool global_mode() const noexcept { return global_mode_; }

  /// The state to print during a run: the global cursor and the lookback as they came in.
  std::string state_json() const;

  /// The state at the end. `complete`: all partitions that exist were read to their ends. Then the global cursor is the
  /// newest value seen (it never moves back) and the lookback is the time that the run took, in seconds, rounded up.
  /// Else, and if no value was seen, both stay as they came in. A complete run knows all partitions, also those without
  /// a row, and its state says so.
  std::string final_state_json(bool complete, std::chrono::microseconds took) const;

private:
  explicit partition_cursors(std::shared_ptr<const partition_state> in, partition_limits limits);

  struct progress {
    cursor_track track;
    /// The partition, as states print it.
    std::string printed;
    std::uint64_t order = 0;
  };

  /// Up to where a partition that is not in the list has been read.
  std::optional<instant> known_of_unlisted() const;
  cursor_track begin(const std::string& key) const;
  cursor_track* progress_of(std::string_view partition, std::uint64_t order);
  void saw(instant newest, const cursor_window& w);
  /// What came in lists all partitions that had been read. With too many it does so until the run is complete: in a
  /// state for all of them together those that are new would count as read.
  bool keeps_list() const;
  enum class coverage : std::uint8_t { under_way, stopped, complete };
  /// `lookback` without a value: as it came in.
  std::string json(const std::string& global, std::optional<std::chrono::seconds> lookback, bool lists_all,
                   coverage how) const;

  /// What came in; shared by all copies.
  std::shared_ptr<const partition_state> in_;
  partition_limits limits_;
  bool global_mode_ = false;
  /// Partitions of which something was read in this run.
  std::map<std::string, progress> progress_;
  std::size_t new_partitions_ = 0;
  /// Those of them that began at the global cursor.
  std::size_t unlisted_ = 0;
  std::optional<instant> newest_;
  instant held_at_ = instant::max();
  bool holds_each_ = false;
  std::string parent_state_;
};

} // namespace sluice
