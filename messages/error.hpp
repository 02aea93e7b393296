#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice {

/// Whose turn it is to act, in the Airbyte protocol's terms (TRACE ERROR `failure_type`).
enum class failure_type : std::uint8_t {
  /// The user must change something: credentials, configuration, input files.
  config_error,
  /// Waiting may cure it: network, quota, a server's bad moment.
  transient_error,
  /// Neither: a bug, or a server that breaks its own rules.
  system_error,
};

/// What happened, not whose fault it is. One sentence per code in `describe`.
enum class errc : std::uint8_t {
  none,
  /// The command line asks for what there is not. Exit code 2.
  bad_arguments,
  unreadable_file,
  bad_config,
  bad_catalog,
  bad_state,
  bad_tuning,
  bad_manifest,
  bad_template,
  connection_failed,
  timed_out,
  tls_failed,
  truncated_body,
  body_too_large,
  bad_response,
  http_status,
  foreign_url,
  bad_page,
  quota_exhausted,
  output_closed,
  interrupted,
  internal,
};

/// Number of codes in `errc`; the table behind `describe` is checked against it.
inline constexpr std::size_t errc_count = 22;

/// A failure as a value. It becomes a TRACE ERROR, a CONNECTION_STATUS or a usage text only at the edge.
struct error {
  errc code = errc::none;
  failure_type failure = failure_type::system_error;
  /// For the end user: what happened, where, what it means for the data, what to do. No secrets.
  std::string message;
  /// For the log: the technical detail. No secrets. May be empty.
  std::string internal_message;
};

/// A value or the reason why there is none.
template <class T>
using expected = tl::expected<T, error>;

/// Shorthand for returning a failure from a function that returns `expected<T>`.
tl::unexpected<error> fail(errc code, failure_type failure, std::string message, std::string internal_message = {});

/// The sentence that belongs to a code.
std::string_view describe(errc code) noexcept;

/// The protocol's text: `config_error`, `transient_error` or `system_error`.
std::string_view to_string(failure_type failure) noexcept;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, error& x) {
  return f(x.code, x.failure, x.message, x.internal_message);
}

} // namespace sluice
