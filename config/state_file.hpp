#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The state that a stream starts from.
struct stream_state {
  std::string name;
  /// Empty: no namespace.
  std::string name_space;
  /// The stream's state object as compact JSON text. Its number texts are those of the file.
  std::string json;
};

/// Reads states from JSON text. Accepted are
/// - a list of AirbyteStateMessage objects: of type STREAM (also without `type`), GLOBAL (split into its streams; its
///   `shared_state` must be empty) or LEGACY (`data` holds `{"stream": {...}}`); a single one without a list around it;
/// - a legacy object `{"stream": {...}, ...}`;
/// - messages as a source prints them, one a line, as many as there are: the last STATE of each stream counts, other
///   messages and a torn last line (of a run that was killed), also one that ends inside a character, are passed over;
/// - `[]`, `{}` and `null`: no state.
/// A stream whose state is null or missing has no state.
///
/// Errors are `errc::bad_state`, config_error, and name the JSON path (`[1].stream.stream_descriptor.name`). A stream
/// that comes twice in a list is an error: it cannot be known which state is meant.
expected<std::vector<stream_state>> parse_state(std::string_view text);

/// The same from a file, of which no more than the states is held; one that cannot be read (also an empty one) is
/// `errc::unreadable_file`.
expected<std::vector<stream_state>> load_state(const std::string& path);

/// The same from a file that this program is to replace: one that is not there has no states, and one that holds
/// messages other than states is an error, because they would be lost.
expected<std::vector<stream_state>> load_own_state(const std::string& path);

/// States as a list of AirbyteStateMessage objects, one a line, as `parse_state` reads it.
std::string state_list(const std::vector<stream_state>& states);

} // namespace sluice
