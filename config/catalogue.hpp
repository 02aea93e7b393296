#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A stream that the catalogue asks for.
struct configured_stream {
  std::string name;
  /// Empty: no namespace.
  std::string name_space;
  /// `sync_mode` is `incremental`; otherwise `full_refresh`.
  bool incremental = false;
};

/// Reads a ConfiguredAirbyteCatalog from JSON text. Fields that a source has no use for (`destination_sync_mode`,
/// `generation_id`, `json_schema`, unknown ones) are passed over.
///
/// Errors are `errc::bad_catalog`, config_error, and name the JSON path (`streams[2].sync_mode`): no JSON object, no
/// list of streams, a stream without name, an unknown sync mode, a stream (name and namespace) that comes twice. A
/// catalogue without streams is valid.
expected<std::vector<configured_stream>> parse_catalogue(std::string_view text);

/// The same from a file; one that cannot be read is `errc::unreadable_file`.
expected<std::vector<configured_stream>> load_catalogue(const std::string& path);

} // namespace sluice
