#pragma once

// Streams that are read in one of two ways, as their state has it.

#include "config/manifest/components/source.hpp"
#include "config/manifest/components/support.hpp"

#include <string>
#include <string_view>

namespace sluice::compiling {

/// A stream to be read, and what it begins with.
struct chosen_stream {
  view<DeclarativeStream> definition;
  /// The state that it goes on from, as JSON text; empty: none.
  std::string state{};
  /// It is one that delegates, and this is its full refresh.
  bool is_full_refresh = false;
  /// There was a state, and it does not count.
  bool begins_anew = false;
  /// What the user should know of that, as a sentence without its full stop; empty: nothing.
  std::string warning{};
};

/// The stream itself; of one that delegates, as in the reference, its full refresh if there is no state, or if the
/// state's cursor is older than the `api_retention_period`; else the incremental one. Unlike there, a full refresh that
/// was stopped goes on, and one that the catalogue asks for reads everything, whatever the state.
/// @param state_json its state; empty: none.
/// @param is_incremental the catalogue asks for what is new alone.
chosen_stream choose_stream(context& x, const any_stream& stream, std::string_view state_json, bool is_incremental);

/// The state from which a child's parents go on, as JSON text; empty: all of them are needed. Like the reference that
/// is the parent's own in the child's `parent_state`; without one the child's global cursor, or the only value of an
/// older state.
std::string state_of_parent(context& x, const any_stream& parent, std::string_view child_state_json);

} // namespace sluice::compiling
