#pragma once

#include "config/manifest/read/yaml_reader.hpp"

namespace sluice {

/// Replaces every reference by what it refers to: a dict with `$ref: '#/...'` (its own keys win, the target's keys come
/// first, the merge is shallow), or any text that starts with `#/`. References are looked up in the document as
/// written. What several places refer to is one shared node. Errors: circular or dangling references, too deep.
expected<language::value> resolve_references(const yaml_document& document, line_table& lines, std::string_view origin);

} // namespace sluice
