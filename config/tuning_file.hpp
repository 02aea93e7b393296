#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::detail {

/// One setting as it stands in a file or in `--set`.
struct setting {
  /// `fetchers.pool_size`, however it was nested.
  std::string key;
  std::string text;
  /// False if there is nothing after the colon.
  bool has_value = true;
  /// Where it was found, for messages: `line 3`, `--set`.
  std::string place;
};

/// Reads the settings of a tuning file in order: a map of sections (`fetchers: {pool_size: 10}`) or of dotted keys.
/// Lists, aliases, deeper nesting, keys given twice and a second document are errors (`errc::bad_tuning`) with a line
/// number; the message is the bare fault, for the caller to put into a sentence.
expected<std::vector<setting>> read_settings(std::string_view yaml);

} // namespace sluice::detail
