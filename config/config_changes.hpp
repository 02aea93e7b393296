#pragma once

#include "config/manifest/plan/normalization.hpp"
#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What changes of a manifest make of a config, one after the other, as the reference makes them (its dpath, where
/// paths are followed). `text` is a JSON object that begins with its brace; what no change touches stays as it is
/// written. Errors are `errc::bad_config`: they name the rule and show no value.
expected<std::string> change_config(std::string text, const std::vector<change_rule>& changes);

/// Whether a config passes the validations of a manifest. Errors are `errc::bad_config` and name the place in the
/// config; a schema that is none is `errc::bad_manifest`. Values are shown as `check_schema` shows them.
expected<void> check_config(std::string_view text, const std::vector<check_rule>& checks);

} // namespace sluice
