#pragma once

#include "messages/error.hpp"
#include "messages/text/url.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::net {

/// Looks up an environment variable.
using environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process.
std::optional<std::string> process_environment(const char* name);

/// An HTTP proxy.
struct proxy_server {
  std::string host;
  std::uint16_t port = 0;
  /// Value of the `Proxy-Authorization` header, empty if there is none. A secret.
  std::string authorization;
  bool operator==(const proxy_server&) const = default;
};

/// Which proxy serves which URL, by curl's rules:
/// - `http_proxy` for http (lower case only: a web server's CGI turns a client's `Proxy` header into `HTTP_PROXY`),
///   `https_proxy` or `HTTPS_PROXY` for https, else `all_proxy` or `ALL_PROXY`; the lower case name wins; an empty
///   value is none;
/// - `[http://][user:password@]host[:port][/]`, port 1080 if none is given; https and SOCKS proxies are not supported;
/// - `no_proxy` or `NO_PROXY`: `*` alone, or a list, separated by commas or blanks, of host names (they and what lies
///   below them; a leading dot is ignored), IP addresses and networks (`10.0.0.0/8`), each with an optional `:port`
///   (`[address]:port` for IPv6). Loopback is proxied like everything else unless it is listed.
class proxy_rules {
public:
  /// Reads the environment once; later changes have no effect.
  explicit proxy_rules(const environment& get);

  /// The proxy for a URL, or none. Fails (`config_error`) if the variable that counts makes no sense.
  expected<std::optional<proxy_server>> choose(const url::parts& target) const;

private:
  struct setting {
    std::string variable;
    std::string value;
  };
  static std::optional<setting> first_of(const environment& get, std::initializer_list<const char*> names);

  std::optional<setting> http_;
  std::optional<setting> https_;
  std::string no_proxy_;
};

/// Whether a `no_proxy` list covers a host and port.
bool is_exempt(std::string_view no_proxy, std::string_view host, std::uint16_t port);

} // namespace sluice::net
