#include "messages/protocol.hpp"

#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <array>

namespace sluice {

namespace {

/// Appends `,"key":` or, as the first member of an object, `"key":`. Keys are our own and need no escaping.
void append_key(std::string& out, std::string_view key) {
  if (out.back() != '{')
    out += ',';
  out += '"';
  out += key;
  out += "\":";
}

void append_string_member(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_json_string(out, text);
}

/// A text for people: bounded, so that a runaway message cannot become a line that no reader accepts.
void append_text_member(std::string& out, std::string_view key, std::string_view text) {
  if (text.size() <= max_text_bytes) {
    append_string_member(out, key, text);
    return;
  }
  auto cut = std::string{utf8_prefix(text, max_text_bytes)};
  cut += "... (cut: the whole text has " + std::to_string(text.size()) + " bytes)";
  append_string_member(out, key, cut);
}

/// Line breaks of valid JSON lie between tokens, where dropping them changes nothing.
void append_json(std::string& out, std::string_view json) {
  if (json.empty()) {
    out += "{}";
    return;
  }
  if (json.find('\n') == std::string_view::npos && json.find('\r') == std::string_view::npos) {
    out += json;
    return;
  }
  while (!json.empty()) {
    auto end = json.find_first_of("\r\n");
    out += json.substr(0, end);
    json.remove_prefix(end == std::string_view::npos ? json.size() : end + 1);
  }
}

template <class Appender, class Items>
void append_list(std::string& out, const Items& items, Appender append_item) {
  out += '[';
  auto first = true;
  for (const auto& item : items) {
    if (!first)
      out += ',';
    first = false;
    append_item(out, item);
  }
  out += ']';
}

void append_strings(std::string& out, const std::vector<std::string>& items) {
  append_list(out, items, append_json_string);
}

void append_descriptor_member(std::string& out, const stream_descriptor& stream) {
  append_key(out, "stream_descriptor");
  out += '{';
  append_string_member(out, "name", stream.name);
  if (!stream.name_space.empty())
    append_string_member(out, "namespace", stream.name_space);
  out += '}';
}

std::string trace_head(std::string_view type, std::int64_t emitted_at_ms) {
  std::string out = R"({"type":"TRACE","trace":{"type":")";
  out += type;
  out += R"(","emitted_at":)";
  out += std::to_string(emitted_at_ms);
  return out;
}

void append_catalog_stream(std::string& out, const catalog_stream& stream) {
  out += '{';
  append_string_member(out, "name", stream.name);
  append_key(out, "json_schema");
  append_json(out, stream.json_schema);
  append_key(out, "supported_sync_modes");
  out += stream.incremental ? R"(["full_refresh","incremental"])" : R"(["full_refresh"])";
  if (!stream.cursor_field.empty()) {
    out += R"(,"source_defined_cursor":true)";
    append_key(out, "default_cursor_field");
    append_strings(out, stream.cursor_field);
  }
  if (!stream.primary_key.empty()) {
    append_key(out, "source_defined_primary_key");
    append_list(out, stream.primary_key, append_strings);
  }
  if (!stream.name_space.empty())
    append_string_member(out, "namespace", stream.name_space);
  out += stream.incremental || stream.resumable ? R"(,"is_resumable":true)" : R"(,"is_resumable":false)";
  out += R"(,"is_file_based":false})";
}

constexpr std::string_view state_begin = R"({"type":"STATE","state":{"type":"STREAM","stream":{)";
/// What follows on the state object.
constexpr std::string_view state_statistics = R"(},"sourceStats":{"recordCount":)";

} // namespace

std::string_view to_string(log_level level) noexcept {
  static constexpr std::array<std::string_view, 6> names{"FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
  return names[static_cast<std::size_t>(level)];
}

std::string_view to_string(stream_status status) noexcept {
  static constexpr std::array<std::string_view, 4> names{"STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"};
  return names[static_cast<std::size_t>(status)];
}

std::string spec_line(std::string_view connection_specification, std::string_view documentation_url,
                      std::string_view advanced_auth, bool supports_incremental) {
  std::string out = R"({"type":"SPEC","spec":{)";
  append_key(out, "connectionSpecification");
  append_json(out, connection_specification);
  if (!documentation_url.empty())
    append_string_member(out, "documentationUrl", documentation_url);
  out += supports_incremental ? R"(,"supportsIncremental":true)" : R"(,"supportsIncremental":false)";
  out += R"(,"supportsNormalization":false,"supportsDBT":false)";
  if (!advanced_auth.empty()) {
    append_key(out, "advanced_auth");
    append_json(out, advanced_auth);
  }
  out += "}}\n";
  return out;
}

std::string connection_status_line(bool succeeded, std::string_view message) {
  std::string out = R"({"type":"CONNECTION_STATUS","connectionStatus":{)";
  append_string_member(out, "status", succeeded ? "SUCCEEDED" : "FAILED");
  if (!message.empty())
    append_text_member(out, "message", message);
  out += "}}\n";
  return out;
}

std::string catalog_line(const std::vector<catalog_stream>& streams) {
  std::string out = R"({"type":"CATALOG","catalog":{"streams":)";
  append_list(out, streams, append_catalog_stream);
  out += "}}\n";
  return out;
}

std::string configured_catalog(const std::vector<catalog_stream>& streams) {
  std::string out = R"({"streams":[)";
  for (const auto& s : streams) {
    out += &s == streams.data() ? "\n{\"stream\":" : ",\n{\"stream\":";
    append_catalog_stream(out, s);
    append_string_member(out, "sync_mode", s.incremental ? "incremental" : "full_refresh");
    if (s.incremental) {
      append_key(out, "cursor_field");
      append_strings(out, s.cursor_field);
    }
    if (!s.primary_key.empty()) {
      append_key(out, "primary_key");
      append_list(out, s.primary_key, append_strings);
    }
    append_string_member(out, "destination_sync_mode",
                         s.incremental && !s.primary_key.empty() ? "append_dedup"
                         : s.incremental || s.resumable          ? "append"
                                                                 : "overwrite");
    out += '}';
  }
  return out + "\n]}\n";
}

std::string state_line(const stream_descriptor& stream, std::string_view stream_state, std::uint64_t record_count) {
  auto out = state_prefix(stream);
  out.reserve(out.size() + stream_state.size() + 64);
  append_json(out, stream_state);
  out += state_statistics;
  out += std::to_string(record_count);
  out += ".0}}}\n";
  return out;
}

std::string control_line(std::string_view config, std::int64_t emitted_at_ms) {
  std::string out;
  out.reserve(config.size() + 128);
  out += R"({"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":)";
  out += std::to_string(emitted_at_ms);
  out += R"(,"connectorConfig":{"config":)";
  append_json(out, config);
  out += "}}}\n";
  return out;
}

std::string state_prefix(const stream_descriptor& stream) {
  std::string out{state_begin};
  append_descriptor_member(out, stream);
  append_key(out, "stream_state");
  return out;
}

std::string_view state_in_line(std::string_view line, std::string_view prefix) {
  const auto end = line.rfind(state_statistics);
  if (!line.starts_with(prefix) || end == std::string_view::npos || end < prefix.size())
    return {};
  return line.substr(prefix.size(), end - prefix.size());
}

std::string log_line(log_level level, std::string_view message, std::string_view stack_trace) {
  std::string out = R"({"type":"LOG","log":{)";
  append_string_member(out, "level", to_string(level));
  append_text_member(out, "message", message);
  if (!stack_trace.empty())
    append_text_member(out, "stack_trace", stack_trace);
  out += "}}\n";
  return out;
}

std::string trace_error_line(const error& what, const std::optional<stream_descriptor>& stream,
                             std::int64_t emitted_at_ms, std::string_view stack_trace) {
  auto out = trace_head("ERROR", emitted_at_ms);
  out += R"(,"error":{)";
  append_text_member(out, "message", what.message);
  if (!what.internal_message.empty())
    append_text_member(out, "internal_message", what.internal_message);
  if (!stack_trace.empty())
    append_text_member(out, "stack_trace", stack_trace);
  append_string_member(out, "failure_type", to_string(what.failure));
  if (stream)
    append_descriptor_member(out, *stream);
  out += "}}}\n";
  return out;
}

std::string stream_status_line(const stream_descriptor& stream, stream_status status, std::int64_t emitted_at_ms,
                               std::optional<std::int64_t> quota_reset_ms) {
  auto out = trace_head("STREAM_STATUS", emitted_at_ms);
  out += R"(,"stream_status":{)";
  append_descriptor_member(out, stream);
  append_string_member(out, "status", to_string(status));
  if (quota_reset_ms) {
    out += R"(,"reasons":[{"type":"RATE_LIMITED","rate_limited":{"quota_reset":)";
    out += std::to_string(*quota_reset_ms);
    out += "}}]";
  }
  out += "}}}\n";
  return out;
}

std::string estimate_line(const stream_descriptor& stream, std::uint64_t records, std::uint64_t bytes,
                          std::int64_t emitted_at_ms) {
  auto out = trace_head("ESTIMATE", emitted_at_ms);
  out += R"(,"estimate":{)";
  append_string_member(out, "name", stream.name);
  if (!stream.name_space.empty())
    append_string_member(out, "namespace", stream.name_space);
  append_string_member(out, "type", "STREAM");
  out += ",\"row_estimate\":" + std::to_string(records);
  out += ",\"byte_estimate\":" + std::to_string(bytes);
  out += "}}}\n";
  return out;
}

std::string record_prefix(const stream_descriptor& stream) {
  std::string out = R"({"type":"RECORD","record":{)";
  append_string_member(out, "stream", stream.name);
  if (!stream.name_space.empty())
    append_string_member(out, "namespace", stream.name_space);
  append_key(out, "data");
  return out;
}

std::string record_suffix(std::int64_t emitted_at_ms) {
  return R"(,"emitted_at":)" + std::to_string(emitted_at_ms) + "}}\n";
}

} // namespace sluice
