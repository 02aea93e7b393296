#pragma once

#include <string>

namespace sluice {

/// A JSON Schema (draft 7) of manifests, made of the table of components, for editors: fields, words and component
/// types are proposed as one writes. It forbids less than the checker: what references and `$parameters` fill in, it
/// cannot see.
std::string manifest_json_schema();

} // namespace sluice
