#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The table of one family of components (`auth`, see `component_families`) in Markdown. `version` is the program's:
/// what is `next` in the table came with it. Empty if there is no such family.
std::string components_markdown(std::string_view family, std::string_view version);
/// The tables of all families, each below its name, and what the reference has besides.
std::string components_markdown(std::string_view version);

/// The same as one JSON object.
std::string components_json(std::string_view version);

} // namespace sluice
