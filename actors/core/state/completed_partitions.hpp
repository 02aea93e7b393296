#pragma once

#include "messages/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sluice {

/// The members of a state that hold such lists: partitions that have been read, and partitions of the parent all of
/// whose records have been.
inline constexpr std::string_view completed_partitions_key = "completed_partitions";
inline constexpr std::string_view completed_parents_key = "completed_parents";
/// Beside them where partitions have a cursor: up to when they have been read.
inline constexpr std::string_view completed_until_key = "completed_until";

/// Which partitions of a full refresh have been read to their end, so that a run that was stopped can go on where it
/// was. Pure. The state is small: `{"completed_partitions":{"survey_id":["307785415","307785416"]}}`.
///
/// A sync that came to its end with failed partitions adds `"ended":"incomplete"`: the next one asks for the gap alone,
/// and if that fails again, the one after it starts anew. So one partition that never heals cannot keep all others from
/// being read again.
class completed_partitions {
public:
  /// More than this many are not remembered: those beyond are read again after a stop.
  static constexpr std::size_t max_remembered = 100000;

  /// @param partition_field the name of the slices' partition field.
  /// @param state_json may be of the form above or of the reference's,
  /// `{"states":[{"partition":{..},"cursor":{"__ab_full_refresh_sync_complete":true}}]}`. Nothing, `{}` and Airbyte's
  /// markers (`__ab_...`) mean: start anew. Everything else is `errc::bad_state`.
  /// @param key what the list is called in the state.
  static expected<completed_partitions> open(std::string partition_field, std::string_view state_json,
                                             std::size_t limit = max_remembered,
                                             std::string_view key = completed_partitions_key);

  /// Older states named the children of a partition by their own values alone. Where other partitions have such names,
  /// they must not be meant.
  void pass_over_older_names() noexcept { has_older_names_ = false; }

  /// @param partition a JSON object; see `slice::partition`.
  bool contains(std::string_view partition) const;

  /// The partition was read to its end. Twice is as good as once.
  void add(std::string_view partition);

  std::size_t size() const noexcept { return known_.size(); }

  /// True if there was one more than can be remembered.
  bool overflowed() const noexcept { return overflowed_; }

  /// The incoming state is of a sync that ended incomplete: this run heals its gap.
  bool heals() const noexcept { return heals_; }

  /// The list alone: `{"survey_id":["307785415"]}`.
  std::string list_json() const;

  /// The list as a state of its own. Costs a copy of the text.
  std::string state_json() const;

private:
  completed_partitions(std::string partition_field, std::size_t limit, std::string_view key);
  std::optional<error> read(std::string_view state_json, std::string_view key);
  std::optional<error> read_list(std::string_view lists, std::string_view key);
  std::optional<error> read_reference(std::string_view states);
  void remember(std::string value);

  std::string field_;
  std::size_t limit_;
  std::unordered_set<std::string> known_;
  /// The state's text up to the last value, without the closing brackets.
  std::string text_;
  bool overflowed_ = false;
  bool heals_ = false;
  bool has_older_names_ = true;
};

} // namespace sluice
