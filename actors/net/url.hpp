#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::net {

/// An absolute `http` or `https` URL, taken apart only as far as sending it needs: nothing is decoded or encoded again,
/// so that the path and the query reach the server byte for byte as they were given.
struct url {
  bool secure = false;
  /// Lower case, without the brackets of an IPv6 address.
  std::string host;
  std::uint16_t port = 80;
  /// What a `Host` header says: brackets around an IPv6 address, the port only if it is not the scheme's own.
  std::string authority;
  /// Path and query; begins with `/`. The fragment is gone: it is never sent.
  std::string target;
  /// `scheme://host:port/path` for messages and logs. A query is left out, it may hold secrets.
  std::string display;
};

/// Reads a URL. Fails (`config_error`) for other schemes, for user names and passwords in the URL, for hosts and ports
/// that cannot be, and for bytes that would break the request line. The message never repeats the query.
expected<url> parse_url(std::string_view text);

/// `host:port`, with brackets around an IPv6 address.
std::string host_and_port(std::string_view host, std::uint16_t port);

} // namespace sluice::net
