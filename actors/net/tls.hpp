#pragma once

#include "actors/net/task.hpp"
#include "actors/net/waiter.hpp"

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <mutex>
#include <optional>
#include <string>

namespace sluice::net {

/// What all TLS connections of a transport share: TLS 1.2 or newer, the certificate chain and the host name always
/// verified. Thread-safe.
class tls_client {
public:
  /// @param ca_file see `transport_options`, as for `ca_setting`.
  tls_client(std::string ca_file, std::string ca_setting)
    : ca_file_{std::move(ca_file)}, ca_setting_{std::move(ca_setting)} {}

  /// Does the handshake on a connected, non-blocking socket and checks that the certificate is `host`'s.
  task<io_result<Poco::Net::SecureStreamSocket>> secure(Poco::Net::StreamSocket plain, std::string host, deadline limit,
                                                        waiter& waits);

private:
  /// Made at the first use: loading the system's authorities takes time that plain http need not spend.
  io_result<Poco::Net::Context::Ptr> context();

  std::string ca_file_;
  std::string ca_setting_;
  std::mutex mutex_;
  Poco::Net::Context::Ptr context_;
};

} // namespace sluice::net
