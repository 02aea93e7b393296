#pragma once

#include "config/manifest/plan/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Partitions are JSON objects, as text: what a slice carries, what templates see, what states hold.
namespace sluice {

/// The field of a partition that holds its parent's partition, as in the reference; `{}` where the parent has none.
inline constexpr std::string_view parent_slice_field = "parent_slice";

/// The partition that a parent record makes: `{"survey_id":"307785415","parent_slice":{}}`.
/// @param field what the partition calls the key.
/// @param key the parent's key, JSON text.
/// @param parent the partition of the parent's slice; empty: it has none.
std::string make_partition(std::string_view field, std::string_view key, std::string_view parent);

/// The partition that a value of a list makes: `{"region":"eu"}`; it has no parent, and does not say so.
std::string make_partition(std::string_view field, std::string_view value);

/// One object of several, as the reference puts together what several routers give: of the last one's members first;
/// of two with the same key the first one's value counts.
std::string combined_objects(const std::vector<std::string_view>& objects);

/// A partition that stands for any of an endpoint's: every value is `"0"`. Empty if it has none.
std::string sample_partition(const plan& p, const endpoint& e);

/// JSON text in its one canonical form: compact, keys sorted, no escapes where none are needed. Numbers keep their
/// text, so `1`, `1.0` and `1e0` differ, and 20 digits stay 20 digits. `json` is valid JSON.
std::string canonical_json(std::string_view json);

/// What identifies a partition, in memory and in state: the object compact with sorted keys, e.g.
/// `{"parent_slice":{},"survey_id":"307785415"}`. As in the reference, a child of a child holds its parent's partition;
/// a `parent_slice` that is missing or null is an empty one.
std::string partition_key(std::string_view partition);

/// The same without empty parent slices, for lists: `{"survey_id":"307785415"}`.
std::string partition_name(std::string_view partition);

/// A partition for people: ` collector_id="5" survey_id="12"`, own fields first, long values cut short.
std::string partition_label(std::string_view partition);

} // namespace sluice
