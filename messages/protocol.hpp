#pragma once

#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The Airbyte protocol's messages as lines: one compact JSON object in UTF-8 with `type` first, ended by `\n`.
///
/// JSON texts that callers give (schemas, states) must be valid JSON; they are embedded unchanged, except that line
/// breaks between their tokens are dropped. An empty one stands for `{}`. Other texts may hold anything; those for
/// people are cut at `max_text_bytes`. Secrets must be gone from all texts before.
namespace sluice {

/// Longest text for people (log message, stack trace, error message) in a line, bytes; the rest is cut with a note.
inline constexpr std::size_t max_text_bytes = 64 << 10;

/// Names a stream. An empty namespace is no namespace.
struct stream_descriptor {
  std::string name;
  std::string name_space;
  bool operator==(const stream_descriptor&) const = default;
};

/// Levels of LOG messages.
enum class log_level : std::uint8_t { fatal, error, warn, info, debug, trace };

/// The protocol's text: `FATAL`, `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE`.
std::string_view to_string(log_level level) noexcept;

/// Statuses of STREAM_STATUS messages.
enum class stream_status : std::uint8_t { started, running, complete, incomplete };

/// The protocol's text: `STARTED`, `RUNNING`, `COMPLETE`, `INCOMPLETE`.
std::string_view to_string(stream_status status) noexcept;

/// One stream of a CATALOG message.
struct catalog_stream {
  std::string name;
  std::string name_space;
  /// JSON text.
  std::string json_schema;
  /// Can be read incrementally (always also in full).
  bool incremental = false;
  /// Path of the source-defined cursor, one part per level; empty: none.
  std::vector<std::string> cursor_field;
  /// Paths of the fields that make the primary key; empty: none.
  std::vector<std::vector<std::string>> primary_key;
  /// A full refresh that was stopped can go on where it was.
  bool resumable = false;
};

/// SPEC. `connection_specification` and `advanced_auth` are JSON texts; an empty `documentation_url` or `advanced_auth`
/// is omitted.
std::string spec_line(std::string_view connection_specification, std::string_view documentation_url,
                      std::string_view advanced_auth = {}, bool supports_incremental = true);

/// CONNECTION_STATUS: SUCCEEDED or FAILED. An empty message is omitted.
std::string connection_status_line(bool succeeded, std::string_view message = {});

/// CATALOG.
std::string catalog_line(const std::vector<catalog_stream>& streams);

/// A ConfiguredAirbyteCatalog of all these streams, one a line: incremental where they can be. What a sync that was
/// stopped goes on with later must not replace what came before, so such streams are appended, not overwritten.
std::string configured_catalog(const std::vector<catalog_stream>& streams);

/// STATE of type STREAM. `stream_state` is JSON text; `record_count` is the number of the stream's RECORDs since its
/// previous STATE, printed as the protocol's float (`3.0`).
std::string state_line(const stream_descriptor& stream, std::string_view stream_state, std::uint64_t record_count);

/// CONTROL of type CONNECTOR_CONFIG: the configuration (JSON text, an object) that whoever runs the connector must keep
/// in place of the one it gave. It holds secrets, and is the only line that may. `emitted_at_ms` as below.
std::string control_line(std::string_view config, std::int64_t emitted_at_ms);
/// What comes before the state object in a STATE line of the stream, and that object, if the line begins like that;
/// otherwise nothing.
std::string state_prefix(const stream_descriptor& stream);
std::string_view state_in_line(std::string_view line, std::string_view prefix);

/// LOG. An empty stack trace is omitted.
std::string log_line(log_level level, std::string_view message, std::string_view stack_trace = {});

/// TRACE of type ERROR. `emitted_at_ms` is milliseconds since the epoch, as in all lines below.
std::string trace_error_line(const error& what, const std::optional<stream_descriptor>& stream,
                             std::int64_t emitted_at_ms, std::string_view stack_trace = {});

/// TRACE of type ESTIMATE: how many records and bytes a stream's sync will bring in all, as far as can be told now.
std::string estimate_line(const stream_descriptor& stream, std::uint64_t records, std::uint64_t bytes,
                          std::int64_t emitted_at_ms);

/// TRACE of type STREAM_STATUS. With `quota_reset_ms` (milliseconds since the epoch) it carries the reason
/// RATE_LIMITED: the stream waits until then.
std::string stream_status_line(const stream_descriptor& stream, stream_status status, std::int64_t emitted_at_ms,
                               std::optional<std::int64_t> quota_reset_ms = std::nullopt);

/// What comes before the data of a RECORD line. The line is prefix + JSON text of the record + suffix.
std::string record_prefix(const stream_descriptor& stream);

/// What comes after the data of a RECORD line, line end included.
std::string record_suffix(std::int64_t emitted_at_ms);

} // namespace sluice
