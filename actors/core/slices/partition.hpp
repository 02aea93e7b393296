#pragma once

#include "messages/slice.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The field of a partition that holds its parent's partition, as in the reference. Slices have it only where the
/// parent has a partition itself.
inline constexpr std::string_view parent_slice_field = "parent_slice";

/// JSON text in its one canonical form: compact, keys sorted, no escapes where none are needed. Numbers keep their
/// text, so `1`, `1.0` and `1e0` differ, and 20 digits stay 20 digits. `json` is valid JSON.
std::string canonical_json(std::string_view json);

/// What identifies a partition, in memory and in state: a compact JSON object with sorted keys, e.g.
/// `{"parent_slice":{},"survey_id":"307785415"}`. As in the reference, a child of a child holds its parent's partition;
/// a `parent_slice` that is missing or null is an empty one.
std::string partition_key(const std::vector<partition_field>& partition);

/// The same from the JSON text of a partition object, as it stands in a state.
std::string partition_key(std::string_view partition_json);

/// The same without empty parent slices, for lists: `{"survey_id":"307785415"}`.
std::string partition_name(const std::vector<partition_field>& partition);
std::string partition_name(std::string_view partition_json);

/// A partition for people: ` collector_id="5" survey_id="12"`, own fields first, long values cut short.
std::string partition_label(const std::vector<partition_field>& partition);

} // namespace sluice
