#pragma once

#include "config/language/value.hpp"
#include "config/manifest/plan/normalization.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A connector config that has passed its specification.
struct connector_config {
  /// A dict: the config as it was given, or as the manifest's rules have made it. Defaults are the manifest's business
  /// (`config.get('page_size', 1000)`), as in the reference: filled in here, nobody could tell a setting from a default
  /// any more. The reserved keys `_limit` and
  /// `_page_size` are gone.
  language::value values;
  /// Every text found where the specification says `airbyte_secret`, at any depth, before the manifest's
  /// transformations and after them: for the redactor. Unique, none empty.
  std::vector<std::string> secrets;
  /// What to do when the day's quota is used up, a word of the tuning's `quota.on_exhausted`; empty: the config does
  /// not say. It is every connector's key `on_quota`, unless its specification has one that allows other words.
  std::string on_quota;
  /// Sentences for the log: keys that the specification does not know, each with the one that may be meant.
  std::vector<std::string> warnings;
};

/// A config's JSON text, from its brace on, if it is a JSON object. Else the error is `errc::unreadable_file`,
/// config_error; it shows nothing of the text.
expected<std::string> read_config_object(std::string_view text);

/// What migrations make of a config (`read_config_object`): nothing if they leave it as it is, in Python's sense of
/// equality. What comes out is to be kept, and given to the next command.
expected<std::optional<std::string>> migrate_config(const std::string& config, const config_rules& rules);

/// The texts of a config that are secrets, as in `connector_config`; of one that has not been checked.
std::vector<std::string> secrets_in(std::string_view config, std::string_view connection_specification);

/// Makes the config of a run: applies the manifest's transformations, checks the result against the connection
/// specification (JSON schema, as text), then the manifest's validations.
/// @param text a config, as it was given or as migrations have left it.
///
/// A text that is no JSON object is `errc::unreadable_file`. Violations are `errc::bad_config`, config_error, and begin
/// with `Config validation error: `; each violation (at most five) is named with its JSON path, what was expected and
/// what was found, never with a value that is or may be a secret. A specification that cannot be used is
/// `errc::bad_manifest`.
expected<connector_config> validate_config(std::string_view text, std::string_view connection_specification,
                                           const config_rules& rules = {});

/// A config in which these texts are others. Objects that are missing on the way are made, and whatever else stands
/// there gives way; a position in a list is the list's element. Order and everything else stay.
language::value with_changes(const language::value& config, const std::vector<config_change>& changes);

} // namespace sluice
