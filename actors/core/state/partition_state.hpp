#pragma once

#include "actors/core/state/cursor_track.hpp"
#include "actors/core/state/partition_kind.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

/// Our states say that their list of partitions is complete by writing `lookback_window` as text: `"2"`. The reference
/// writes a number, and reads either. (A fraction would not pass Singer's tools: they make decimals of it that they
/// cannot write.)
std::string marked_lookback(std::chrono::seconds x);

/// A state that came in, read. Texts are kept as they were, but compact: what does not move goes out as it came.
struct partition_state {
  struct partition {
    std::string key;
    /// As states print it.
    std::string printed;
    /// The cursor object, without Airbyte's markers.
    std::string cursor_json;
    /// None: nothing of it has been read.
    std::optional<instant> value;
    /// What has been, where the state says so piece by piece.
    std::vector<interval> slices{};
  };

  datetime_cursor cursor;
  partition_kind kind;
  bool use_global = false;
  std::vector<partition> partitions;
  /// Positions in `partitions`, by key.
  std::unordered_map<std::string, std::size_t> index;
  /// The global cursor object; empty: none.
  std::string global_json;
  std::optional<instant> global;
  std::string lookback_json = "0";
  std::chrono::seconds lookback{0};
  /// Every partition of which something had been read is in `partitions`: Sluice says so (`marked_lookback`), or the
  /// reference has read all there were, which a lookback tells, and kept the list. (Older versions of it drop the
  /// oldest when there are many.)
  bool lists_all = false;
  /// It is Sluice that says so, which goes on.
  bool is_marked = false;
  /// Empty: none.
  std::string parent_state;
  /// Foreign members, each with a comma before it.
  std::string extras;

  /// Reads a state into `*this`, which has only its cursor and its kind.
  std::optional<error> read(std::string_view state_json, const std::string& partition_field);

  /// The text with which states print a partition that came in.
  std::string printed(std::string_view object) const;

  const partition* find(const std::string& key) const {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &partitions[found->second];
  }

  /// The key under which the state lists the partition with this one; a partition that it does not list keeps its own.
  std::string name_of(std::string key) const {
    const auto* known = find(key);
    return known == nullptr ? std::move(key) : known->key;
  }

private:
  std::optional<error> read_partitions(std::string_view list);
  void add(partition p);
  /// Partitions that an older state names by this text alone: it does not tell numbers from texts.
  void add_older(const std::string& partition_field, std::string_view raw_name, std::string cursor_json,
                 std::optional<instant> value, std::vector<interval> slices);
};

/// The foreign members of a cursor object, each with a comma before it.
std::string foreign_cursor_members(std::string_view object, const std::string& cursor_field);

} // namespace sluice
