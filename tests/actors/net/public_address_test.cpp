#include "actors/net/public_address.hpp"
#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice::net;
using Poco::Net::IPAddress;

TEST_CASE("addresses of private networks and of special purposes are told from public ones") {
  for (const std::string address :
       {"127.0.0.1",       "127.255.255.255",  "0.0.0.0",   "10.0.0.1",        "172.16.0.1",  "172.31.255.255",
        "192.168.1.1",     "169.254.169.254",  "192.0.0.1", "192.0.2.7",       "198.18.0.1",  "198.19.255.255",
        "198.51.100.1",    "203.0.113.9",      "240.0.0.1", "255.255.255.255", "::",          "::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "fc00::1",   "fdff::1",         "fe80::1",     "febf::1",
        "2001:db8::1",     "2001::1",          "2002::1",   "100::1",          "64:ff9b:1::1"}) {
    INFO(address);
    CHECK(is_private(IPAddress{address}));
  }
  for (const std::string address :
       {"1.1.1.1",   "8.8.8.8",         "9.255.255.255",  "11.0.0.0",        "100.64.0.1",      "126.255.255.255",
        "128.0.0.0", "172.15.255.255",  "172.32.0.0",     "169.253.255.255", "192.0.0.9",       "192.0.0.10",
        "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",      "223.255.255.255", "::ffff:1.1.1.1",
        "2600::1",   "2a00:1450::1",    "2001:20::1",     "2001:4:112::1",   "2001:1::1",       "fec0::1",
        "101::1",    "64:ff9b::1"}) {
    INFO(address);
    CHECK_FALSE(is_private(IPAddress{address}));
  }
}
