#pragma once

#include <Poco/Net/IPAddress.h>

namespace sluice::net {

/// The address belongs to no public host: this machine, a private or link-local network, or one that IANA keeps for
/// documentation, benchmarks and other special purposes (RFC 6890 and its registries), as Python's
/// `ipaddress.is_private` has it. An IPv4 address mapped into IPv6 counts as itself.
bool is_private(const Poco::Net::IPAddress& address);

} // namespace sluice::net
