#pragma once

#include "actors/net/connection.hpp"
#include "actors/net/proxy.hpp"
#include "actors/net/resolver.hpp"
#include "actors/net/spare_bodies.hpp"
#include "actors/net/tls.hpp"
#include "actors/net/transport.hpp"
#include "messages/text/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::net {

/// What a transport takes from its surroundings; tests put their own in.
struct surroundings {
  environment get_variable = process_environment;
  lookup_function lookup = system_lookup;
};

/// Opens connections: name resolution, all addresses in turn, the proxy's tunnel, TLS. What the sessions of a transport
/// share. Thread-safe.
class connector {
public:
  connector(transport_options options, const surroundings& around);

  const transport_options& options() const noexcept { return options_; }

  expected<std::optional<proxy_server>> proxy_for(const url::parts& target) const { return proxies_.choose(target); }

  /// A connection that is ready for a request to `target`. Everything it takes happens within `connect_timeout`.
  /// @param waits how the connection waits, also later.
  task<io_result<std::unique_ptr<connection>>>
  connect(const url::parts& target, const std::optional<proxy_server>& proxy, deadline whole_request, waiter& waits);

  /// Ends all waits, now and later: those of loops as soon as they are told to look. Callable from any thread.
  void abort() noexcept { abort_->raise(); }
  const std::shared_ptr<abort_signal>& abort_switch() const noexcept { return abort_; }
  bool is_aborted() const noexcept { return abort_->raised(); }
  const std::atomic<bool>& abort_flag() const noexcept { return abort_->flag(); }

  spare_bodies& bodies() noexcept { return bodies_; }

private:
  /// @param check the host's addresses must be public, if that is asked for.
  task<io_result<std::unique_ptr<connection>>> connect_to(std::string host, std::uint16_t port, deadline limit,
                                                          bool check, waiter& waits);
  /// The addresses of a host; an error if `public_only` and one of them is private.
  task<io_result<std::vector<Poco::Net::SocketAddress>>> public_addresses(std::string host, std::uint16_t port,
                                                                          deadline limit, waiter& waits);
  task<io_result<void>> open_tunnel(connection& link, const url::parts& target, const proxy_server& proxy,
                                    deadline limit);

  transport_options options_;
  proxy_rules proxies_;
  std::shared_ptr<abort_signal> abort_;
  resolver resolver_;
  tls_client tls_;
  spare_bodies bodies_;
};

} // namespace sluice::net
