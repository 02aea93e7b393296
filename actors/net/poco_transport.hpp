#pragma once

#include "actors/net/connector.hpp"
#include "actors/net/transport.hpp"

#include <memory>

namespace sluice::net {

/// The transport over Poco Net in surroundings of the caller's choice; without them it is `transport.hpp`'s.
std::unique_ptr<transport> make_poco_transport(const transport_options& options, const surroundings& around);

} // namespace sluice::net
