#pragma once

#include "messages/slice.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// JSON text in its one canonical form: compact, keys sorted, no escapes where none are needed. Numbers keep their
/// text, so `1`, `1.0` and `1e0` differ, and 20 digits stay 20 digits. `json` is valid JSON.
std::string canonical_json(std::string_view json);

/// What identifies a partition, in memory and in state: a compact JSON object with sorted keys, e.g.
/// `{"survey_id":"307785415"}`. A field `parent_slice` is left out, as in the reference.
std::string partition_key(const std::vector<partition_field>& partition);

/// The same from the JSON text of a partition object, as it stands in a state.
std::string partition_key(std::string_view partition_json);

} // namespace sluice
