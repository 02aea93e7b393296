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

task<io_result<std::vector<Poco::Net::SocketAddress>>> connector::public_addresses(std::string host, std::uint16_t port,
                                                                                   deadline limit, waiter& waits) {
  auto addresses = co_await resolver_.resolve(host, port, limit, waits);
  if (addresses && options_.public_only)
    for (const auto& address : *addresses)
      if (is_private(address.host()))
        co_return tl::unexpected{io_error{errc::bad_config, failure_type::config_error,
                                          host
                                            + " belongs to a private network, and only public addresses may be asked "
                                              "here (DEPLOYMENT_MODE is cloud)"}};
  co_return addresses;
}

task<io_result<std::unique_ptr<connection>>> connector::connect_to(std::string host, std::uint16_t port, deadline limit,
                                                                   bool check, waiter& waits) {
  io_result<std::vector<Poco::Net::SocketAddress>> addresses;
  if (check)
    addresses = co_await public_addresses(host, port, limit, waits);
  else
    addresses = co_await resolver_.resolve(host, port, limit, waits);
  if (!addresses)
    co_return tl::unexpected{std::move(addresses.error())};
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
    auto link = co_await connection::open((*addresses)[i], share, waits);
    if (link || link.error().code == errc::interrupted)
      co_return link;
    failure = std::move(link.error());
    tried += (i == 0 ? "" : "; ") + (*addresses)[i].toString() + ": " + failure.what;
  }
  resolver_.forget(host, port);
  failure.what = "no connection to " + url::host_and_port(host, port) + " could be made (" + tried + ")";
  co_return tl::unexpected{std::move(failure)};
}

task<io_result<void>> connector::open_tunnel(connection& link, const url::parts& target, const proxy_server& proxy,
                                             deadline limit) {
  const auto name = "the proxy " + url::host_and_port(proxy.host, proxy.port);
  link.set_limits({limit, options_.connect_timeout});
  std::size_t sent = 0;
  const auto question = write_connect_head(target, proxy, options_.user_agent);
  auto written = co_await link.write_all(question, sent);
  if (!written)
    co_return written;
  body_reader reader;
  reader.start(link);
  const auto text = co_await reader.read_head();
  if (!text)
    co_return tl::unexpected{text.error()};
  const auto head = parse_response_head(*text);
  if (!head)
    co_return tl::unexpected{no_tunnel(name + " did not answer in HTTP: " + head.error(), failure_type::system_error)};
  if (head->status == 407)
    co_return tl::unexpected{no_tunnel(
      name + " wants a user name and password (HTTP 407); put them into the proxy's URL", failure_type::config_error)};
  if (head->status < 200 || head->status > 299)
    co_return tl::unexpected{no_tunnel(name + " refused the connection (HTTP " + std::to_string(head->status) + ")",
                                       failure_type::transient_error)};
  if (reader.has_leftover())
    co_return tl::unexpected{no_tunnel(name + " sent bytes of its own into the tunnel", failure_type::system_error)};
  co_return io_result<void>{};
}

task<io_result<std::unique_ptr<connection>>> connector::connect(const url::parts& target,
                                                                const std::optional<proxy_server>& proxy,
                                                                deadline whole_request, waiter& waits) {
  const auto own = deadline_after(options_.connect_timeout, "http.connect_timeout");
  const auto limit = earlier(own, whole_request);
  if (proxy && options_.public_only) {
    auto reached = co_await public_addresses(target.bare_host(), target.port, limit, waits);
    if (!reached)
      co_return tl::unexpected{std::move(reached.error())};
  }
  // The proxy itself may be anywhere: whoever runs the program chose it.
  const auto host = proxy ? proxy->host : target.bare_host();
  const auto port = proxy ? proxy->port : target.port;
  auto link = co_await connect_to(host, port, limit, !proxy, waits);
  if (!link) {
    if (proxy)
      link.error().what += " (the proxy of the environment)";
    co_return link;
  }
  if (!target.is_secure())
    co_return link;
  if (proxy) {
    auto tunnel = co_await open_tunnel(**link, target, *proxy, limit);
    if (!tunnel)
      co_return tl::unexpected{std::move(tunnel.error())};
  }
  auto done = co_await (*link)->secure(tls_, target.bare_host(), limit);
  if (!done)
    co_return tl::unexpected{std::move(done.error())};
  co_return link;
}

} // namespace sluice::net
