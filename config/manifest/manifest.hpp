#pragma once

#include "config/language/value.hpp"
#include "config/manifest/faults.hpp"
#include "config/manifest/read/yaml_reader.hpp"
#include "messages/error.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A stream as a manifest declares it: what CATALOG says about it, and the components behind it.
struct stream_definition {
  std::string name;
  /// Compact JSON text, the schema loader's schema as written (key order kept); `{}` if it says none.
  std::string json_schema;
  /// CATALOG's `source_defined_primary_key`: one path for each part of the key; empty: no key.
  std::vector<std::vector<std::string>> primary_key;
  /// `supported_sync_modes` has `incremental` besides `full_refresh`, and the cursor is defined by the source.
  bool supports_incremental = false;
  /// Its slices are the records of another stream.
  bool has_parent = false;
  /// The stream's DeclarativeStream or StateDelegatingStream component, resolved and checked. Of the second its full
  /// refresh makes the members above.
  language::value component;
  /// Where it is in the manifest, for messages: `streams[2]`.
  std::string path;
  /// Why its schema is not known (`json_schema` is then `{}`); it does not keep the stream from being read.
  std::vector<manifest_fault> schema_gaps;
  /// Why the stream cannot be read: what is wrong or not supported in it or in its parents. Its component then lacks
  /// fields, also required ones: it must not be compiled.
  std::vector<manifest_fault> faults;
};

/// A manifest, read, with references and parameters resolved, every component checked against the list of what is
/// supported. What is wrong in a stream, or not supported, concerns those who need that stream. Immutable and shared.
struct manifest {
  /// File name for messages.
  std::string origin;
  /// Spec: compact JSON text of `connection_specification`.
  std::string connection_specification;
  std::string documentation_url;
  /// Spec: compact JSON text of `advanced_auth`, with its default filled in; empty: none.
  std::string advanced_auth;
  /// In the manifest's order; names are unique.
  std::vector<stream_definition> streams;
  /// Names that `check` reads one record of; all of them exist.
  std::vector<std::string> check_streams;
  /// Why `check` cannot be run.
  std::vector<manifest_fault> check_faults;
  /// Why no stream can be read: what is wrong, or not supported, in what all requests depend on.
  std::vector<manifest_fault> request_faults;
  /// What makes streams that are not among `streams` (`dynamic_streams`): not supported.
  std::vector<manifest_fault> unlisted_streams;
  /// Things that the reference ignores as well, such as unknown fields. For people; not errors.
  std::vector<std::string> warnings;
  /// The whole resolved component tree (DeclarativeSource).
  language::value root;
  /// Lines of its components.
  line_table lines;

  /// The stream of that name, or nullptr.
  const stream_definition* find_stream(std::string_view name) const noexcept;
};

using manifest_ptr = std::shared_ptr<const manifest>;

/// Files that are larger are refused.
inline constexpr std::size_t max_manifest_bytes = std::size_t{16} << 20;

/// Reads a manifest in Airbyte's low-code language. `origin` is the file name in messages.
/// Errors are `errc::bad_manifest`: they name the component, its path (`streams[2].retriever.paginator`) and the line,
/// of everything that is wrong outside of streams. Faults of a stream are no errors yet.
/// @param folder where files of schemas are looked for; empty: there are none.
/// @param faults takes what the error names, one by one, as far as that can be told; null: nobody asks.
expected<manifest_ptr> load_manifest(std::string_view yaml, std::string_view origin, const std::string& folder = {},
                                     std::vector<manifest_fault>* faults = nullptr);

/// The same from a file. An unreadable or oversized file is `errc::unreadable_file`.
expected<manifest_ptr> load_manifest_file(const std::string& path, std::vector<manifest_fault>* faults = nullptr);

/// The connector that is part of the program: what `load_manifest` makes of `config/surveymonkey.yaml`.
expected<manifest_ptr> load_built_in_manifest();

} // namespace sluice
