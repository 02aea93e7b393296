#pragma once

#include "actors/net/proxy.hpp"
#include "actors/net/transport.hpp"
#include "actors/net/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::net {

/// The request line and the header of a request, with the blank line. The caller's headers replace the defaults (Host,
/// User-Agent, Accept, Accept-Encoding, Connection). Fails (`config_error`) for what would break the header, and for
/// Content-Length and Transfer-Encoding, which follow from the body.
/// @param proxy the proxy that is to forward the request; absent for direct and for tunnelled connections.
expected<std::string> write_request_head(const request& r, const url& target, const std::optional<proxy_server>& proxy,
                                         std::string_view user_agent);

/// The request that asks a proxy for a tunnel to the target.
std::string write_connect_head(const url& target, const proxy_server& proxy, std::string_view user_agent);

/// Whether sending the request twice does no more than sending it once.
bool is_idempotent(std::string_view method) noexcept;

/// Whether the caller asked for the connection to be closed afterwards.
bool asks_for_close(const request& r) noexcept;

} // namespace sluice::net
