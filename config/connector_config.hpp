#pragma once

#include "config/language/value.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A connector config that has passed its specification.
struct connector_config {
  /// A dict: the config as it was given. Defaults are the manifest's business (`config.get('page_size', 1000)`), as in
  /// the reference: filled in here, nobody could tell a setting from a default any more. The reserved keys `_limit` and
  /// `_page_size` are gone.
  language::value values;
  /// Every text found where the specification says `airbyte_secret`, at any depth: for the redactor. Unique, none
  /// empty.
  std::vector<std::string> secrets;
};

/// Checks a config's JSON text against a connection specification (JSON schema, as text).
///
/// A text that is no JSON object is `errc::unreadable_file`. Violations are `errc::bad_config`, config_error, and begin
/// with `Config validation error: `; each violation (at most five) is named with its JSON path, what was expected and
/// what was found, never with a value that is or may be a secret. A specification that cannot be used is
/// `errc::bad_manifest`.
expected<connector_config> validate_config(std::string_view text, std::string_view connection_specification);

/// The same for a file; one that cannot be read is `errc::unreadable_file`.
expected<connector_config> load_connector_config(const std::string& path, std::string_view connection_specification);

/// A config in which these texts are others. Objects that are missing on the way are made, and whatever else stands
/// there gives way; a position in a list is the list's element. Order and everything else stay.
language::value with_changes(const language::value& config, const std::vector<config_change>& changes);

} // namespace sluice
