#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// A stream's JSON schema with what some readers need and JSON Schema takes for granted: `properties` (be they none)
/// and `additionalProperties` of every object, `items` of every array. What it allows stays the same. Singer's SDK
/// loses whole streams in silence where an array's objects have no `properties`, and fields where nothing is said of
/// further ones.
/// @param schema JSON text; what is no object comes back as it is.
std::string complete_schema(std::string_view schema);

} // namespace sluice
