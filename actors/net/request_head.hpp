#pragma once

#include "actors/net/proxy.hpp"
#include "actors/net/transport.hpp"
#include "messages/text/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::net {

/// Where a request goes. Fails (`config_error`) for other schemes than http and https, for user names and passwords in
/// the URL, for hosts and ports that cannot be, and for bytes that would break the request line. The message never
/// repeats the query.
expected<url::parts> read_target(std::string_view url);

/// The request line and the header of a request, with the blank line. The caller's headers replace the defaults (Host,
/// User-Agent, Accept, Accept-Encoding, Connection). Fails (`config_error`) for what would break the header, and for
/// Content-Length and Transfer-Encoding, which follow from the body.
/// @param proxy the proxy that is to forward the request; absent for direct and for tunnelled connections.
expected<std::string> write_request_head(const request& r, const url::parts& target,
                                         const std::optional<proxy_server>& proxy, std::string_view user_agent);

/// The request that asks a proxy for a tunnel to the target.
std::string write_connect_head(const url::parts& target, const proxy_server& proxy, std::string_view user_agent);

/// Whether sending the request twice does no more than sending it once.
bool is_idempotent(std::string_view method) noexcept;

/// Whether the caller asked for the connection to be closed afterwards.
bool asks_for_close(const request& r) noexcept;

} // namespace sluice::net
