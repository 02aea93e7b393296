#include "actors/net/connector.hpp"

#include "actors/net/body_reader.hpp"
#include "actors/net/public_address.hpp"
#include "actors/net/request_head.hpp"
#include "actors/net/response_head.hpp"

#include <algorithm>
#include <utility>

namespace sluice::net {

namespace {

/// How long addresses are used again: long enough for a burst of new connections, short enough to follow a move.
constexpr std::chrono::seconds keep_addresses{60};

io_error no_tunnel(std::string what, failure_type failure) {
  return {errc::connection_failed, failure, std::move(what)};
}

} // namespace

connector::connector(transport_options options, const surroundings& around)
  : options_{std::move(options)}, proxies_{around.get_variable}, abort_{std::make_shared<abort_signal>()},
    resolver_{around.lookup, keep_addresses}, tls_{options_.ca_file, options_.ca_setting} {}

void connector::abort() noexcept {
  abort_->raise();
  resolver_.wake();
}

io_result<std::vector<Poco::Net::SocketAddress>>
connector::public_addresses(const std::string& host, std::uint16_t port, const deadline& limit) {
  auto addresses = resolver_.resolve(host, port, limit, *abort_);
  if (addresses && options_.public_only)
    for (const auto& address : *addresses)
      if (is_private(address.host()))
        return tl::unexpected{io_error{errc::bad_config, failure_type::config_error,
                                       host
                                         + " belongs to a private network, and only public addresses may be asked "
                                           "here (DEPLOYMENT_MODE is cloud)"}};
  return addresses;
}

io_result<std::unique_ptr<connection>> connector::connect_to(const std::string& host, std::uint16_t port,
                                                             const deadline& limit, bool check) {
  auto addresses = check ? public_addresses(host, port, limit) : resolver_.resolve(host, port, limit, *abort_);
  if (!addresses)
    return tl::unexpected{std::move(addresses.error())};
  io_error failure;
  std::string tried;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    // Each address gets its share of the time that is left: a silent one must not keep the next from being tried.
    const auto now = wait_clock::now();
    auto share = limit;
    if (const auto left = static_cast<int>(addresses->size() - i); left > 1) {
      share.at = now + (limit.at - now) / left;
      share.length = std::chrono::ceil<std::chrono::milliseconds>(share.at - now);
    }
    auto link = connection::open((*addresses)[i], share, abort_);
    if (link || link.error().code == errc::interrupted)
      return link;
    failure = std::move(link.error());
    tried += (i == 0 ? "" : "; ") + (*addresses)[i].toString() + ": " + failure.what;
  }
  resolver_.forget(host, port);
  failure.what = "no connection to " + url::host_and_port(host, port) + " could be made (" + tried + ")";
  return tl::unexpected{std::move(failure)};
}

io_result<void> connector::open_tunnel(connection& link, const url::parts& target, const proxy_server& proxy,
                                       const deadline& limit) {
  const auto name = "the proxy " + url::host_and_port(proxy.host, proxy.port);
  link.set_limits({limit, options_.connect_timeout});
  std::size_t sent = 0;
  if (auto written = link.write_all(write_connect_head(target, proxy, options_.user_agent), sent); !written)
    return written;
  body_reader reader;
  reader.start(link);
  const auto text = reader.read_head();
  if (!text)
    return tl::unexpected{text.error()};
  const auto head = parse_response_head(*text);
  if (!head)
    return tl::unexpected{no_tunnel(name + " did not answer in HTTP: " + head.error(), failure_type::system_error)};
  if (head->status == 407)
    return tl::unexpected{no_tunnel(name + " wants a user name and password (HTTP 407); put them into the proxy's URL",
                                    failure_type::config_error)};
  if (head->status < 200 || head->status > 299)
    return tl::unexpected{no_tunnel(name + " refused the connection (HTTP " + std::to_string(head->status) + ")",
                                    failure_type::transient_error)};
  if (reader.has_leftover())
    return tl::unexpected{no_tunnel(name + " sent bytes of its own into the tunnel", failure_type::system_error)};
  return {};
}

io_result<std::unique_ptr<connection>>
connector::connect(const url::parts& target, const std::optional<proxy_server>& proxy, const deadline& whole_request) {
  const auto own = deadline_after(options_.connect_timeout, "http.connect_timeout");
  const auto limit = earlier(own, whole_request);
  if (proxy && options_.public_only)
    if (auto reached = public_addresses(target.bare_host(), target.port, limit); !reached)
      return tl::unexpected{std::move(reached.error())};
  // The proxy itself may be anywhere: whoever runs the program chose it.
  auto link = proxy ? connect_to(proxy->host, proxy->port, limit, false)
                    : connect_to(target.bare_host(), target.port, limit, true);
  if (!link) {
    if (proxy)
      link.error().what += " (the proxy of the environment)";
    return link;
  }
  if (!target.is_secure())
    return link;
  if (proxy)
    if (auto tunnel = open_tunnel(**link, target, *proxy, limit); !tunnel)
      return tl::unexpected{std::move(tunnel.error())};
  if (auto done = (*link)->secure(tls_, target.bare_host(), limit); !done)
    return tl::unexpected{std::move(done.error())};
  return link;
}

} // namespace sluice::net
