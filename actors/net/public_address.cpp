#include "actors/net/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::net {

namespace {

using Poco::Net::IPAddress;

struct network {
  std::string_view address;
  unsigned prefix;
};

constexpr std::array private_v4{
  network{"0.0.0.0", 8},     network{"10.0.0.0", 8},      network{"127.0.0.0", 8},    network{"169.254.0.0", 16},
  network{"172.16.0.0", 12}, network{"192.0.0.0", 24},    network{"192.0.2.0", 24},   network{"192.168.0.0", 16},
  network{"198.18.0.0", 15}, network{"198.51.100.0", 24}, network{"203.0.113.0", 24}, network{"240.0.0.0", 4},
};
/// Anycast addresses of the internet's own infrastructure, inside 192.0.0.0/24.
constexpr std::array public_v4{network{"192.0.0.9", 32}, network{"192.0.0.10", 32}};

constexpr std::array private_v6{
  network{"::", 127},        network{"64:ff9b:1::", 48}, network{"100::", 64}, network{"2001::", 23},
  network{"2001:db8::", 32}, network{"2002::", 16},      network{"fc00::", 7}, network{"fe80::", 10},
};
/// Global ones inside 2001::/23.
constexpr std::array public_v6{network{"2001:1::1", 128},   network{"2001:1::2", 128}, network{"2001:3::", 32},
                               network{"2001:4:112::", 48}, network{"2001:20::", 28},  network{"2001:30::", 28}};

bool contains(const network& n, const IPAddress& x) {
  const IPAddress base{std::string{n.address}};
  if (base.family() != x.family())
    return false;
  const IPAddress mask{n.prefix, x.family()};
  return (x & mask) == base;
}

template <std::size_t N>
bool any_contains(const std::array<network, N>& all, const IPAddress& x) {
  return std::any_of(all.begin(), all.end(), [&x](const network& n) { return contains(n, x); });
}

} // namespace

bool is_private(const IPAddress& address) {
  if (address.family() == IPAddress::IPv4)
    return any_contains(private_v4, address) && !any_contains(public_v4, address);
  if (address.isIPv4Mapped()) {
    const auto* bytes = static_cast<const std::uint8_t*>(address.addr());
    return is_private(IPAddress{bytes + 12, 4});
  }
  return any_contains(private_v6, address) && !any_contains(public_v6, address);
}

} // namespace sluice::net
