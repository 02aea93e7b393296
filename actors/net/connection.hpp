#pragma once

#include "actors/net/task.hpp"
#include "actors/net/tls.hpp"
#include "actors/net/waiter.hpp"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::net {

/// Where the bytes of an answer come from.
class byte_source {
public:
  virtual ~byte_source() = default;
  /// Reads at least one byte, or returns 0 at the orderly end of the stream.
  virtual task<io_result<std::size_t>> read_some(char* into, std::size_t size) = 0;
  /// Waits for the first byte of an answer, as far as that can be done without memory to read it into: most connections
  /// wait for their server most of the time.
  virtual task<io_result<void>> await_bytes() { co_return io_result<void>{}; }
};

/// The limits of the phase that a connection is in.
struct time_limits {
  /// End of the phase, whatever moves.
  deadline whole;
  /// Longest time in which not a single byte moves.
  std::chrono::microseconds idle{};
};

/// One TCP connection, plain or with TLS, over Poco's sockets. Not thread-safe.
///
/// Poco's HTTP client sessions are not used: their streams take the end of a connection for the end of a body, their
/// header reader for the end of the header; they resolve names without a time limit, try one address only and reconnect
/// behind the caller's back.
class connection final : public byte_source {
public:
  /// @param waits how it waits; must live as long as the connection.
  connection(Poco::Net::StreamSocket socket, waiter& waits);
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Connects to one address.
  static task<io_result<std::unique_ptr<connection>>> open(Poco::Net::SocketAddress address, deadline limit,
                                                           waiter& waits);

  /// Puts TLS on top; everything after it is encrypted.
  task<io_result<void>> secure(tls_client& tls, std::string host, deadline limit);

  void set_limits(const time_limits& limits) { limits_ = limits; }

  task<io_result<std::size_t>> read_some(char* into, std::size_t size) override;
  task<io_result<void>> await_bytes() override;

  /// Sends all bytes, which must stay where they are. `moved` counts those that the system took, also when it fails.
  task<io_result<void>> write_all(std::string_view bytes, std::size_t& moved);

  /// Whether an idle connection can carry another request: the server neither closed it nor said anything unasked.
  bool is_reusable();

private:
  task<io_result<void>> wait(short event, deadline idle, std::string_view waiting_for);
  int fd() const { return socket_.impl()->sockfd(); }

  Poco::Net::StreamSocket socket_;
  waiter& waits_;
  time_limits limits_{{wait_clock::time_point::max(), {}, ""}, {}};
  bool secure_ = false;
  /// Whether nothing was read since something was sent.
  bool answer_expected_ = false;
};

} // namespace sluice::net
