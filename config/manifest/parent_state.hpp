#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The state from which a child's parents go on where the child depends on them incrementally, as JSON text; empty: all
/// of them are needed. As in the reference that is
/// - the parent's own in the child's `parent_state`,
/// - without one the child's global cursor (`state`),
/// - or the one value of an older state, `{"updated_at": "2024-01-05"}`, whatever its key.
/// A state that is no JSON object says nothing here.
/// @param parent the parent's name.
/// @param cursor_field the parent's; empty: it has no cursor.
std::string parent_state_in(std::string_view child_state_json, std::string_view parent,
                            const std::string& cursor_field);

} // namespace sluice
