#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// A parameter of a query.
struct query_parameter {
  /// As sent.
  std::string raw;
  /// Percent-decoded, `+` as a blank.
  std::string name;
  std::string value;
};

/// A request's target in its parts.
struct request_target {
  /// The path as sent.
  std::string path;
  /// The path's parts, decoded; repeated and trailing slashes give no empty parts.
  std::vector<std::string> segments;
  std::vector<query_parameter> parameters;

  /// The value of a parameter, or nothing.
  std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

request_target parse_target(std::string_view target);

/// A moment as the API takes it: `YYYY-MM-DDTHH:MM:SS`, optionally with a fraction and with `Z` or an offset
/// (`+02:00`, `+0200`). Microseconds since the epoch; without an offset it is UTC.
std::optional<std::int64_t> parse_time(std::string_view text);

/// Whether an `Accept-Encoding` header allows gzip.
bool accepts_gzip(std::string_view accept_encoding);

} // namespace sluice::simulator
