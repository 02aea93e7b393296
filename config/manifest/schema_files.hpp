#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// The schema in a file beside a manifest, as compact JSON text. Where the reference looks into the connector's Python
/// package (`./source_x/schemas/a.json`), the manifest's folder takes its place: tried are the path in the folder, the
/// path in the folder above, and what follows its `schemas/` in the folder. Paths that lead elsewhere, links included,
/// are refused. An empty `folder` has no files. Errors: `errc::unreadable_file`, `errc::bad_response`.
expected<std::string> read_schema_file(const std::string& folder, std::string_view path);

} // namespace sluice
