#pragma once

#include "tests/support/certificates.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

/// One thing that a `scripted_server` does on a connection.
struct step {
  enum class kind_type { receive, read_some, send, drip, flood, stall, hold, reset, cut, start_tls };
  kind_type kind = kind_type::receive;
  std::string bytes = {};
  std::chrono::milliseconds pause{0};
};

/// Reads one request (header, and as much body as its Content-Length says) and records it.
inline step receive() {
  return {step::kind_type::receive};
}
/// Reads whatever comes first, and records nothing.
inline step read_some() {
  return {step::kind_type::read_some};
}
/// Sends bytes in one piece.
inline step send(std::string bytes) {
  return {step::kind_type::send, std::move(bytes)};
}
/// Sends bytes one by one, with a pause after each.
inline step drip(std::string bytes, std::chrono::milliseconds pause) {
  return {step::kind_type::drip, std::move(bytes), pause};
}
/// Sends the same bytes again and again until the client goes away.
inline step flood(std::string bytes) {
  return {step::kind_type::flood, std::move(bytes)};
}
/// Does nothing until the client goes away or the server ends.
inline step stall() {
  return {step::kind_type::stall};
}
/// Does nothing, not even read, until the server ends.
inline step hold() {
  return {step::kind_type::hold};
}
/// Ends the connection with a TCP reset.
inline step reset() {
  return {step::kind_type::reset};
}
/// Ends the connection in a way that TLS does not allow: without its farewell.
inline step cut() {
  return {step::kind_type::cut};
}
/// Does a TLS handshake; everything after it is encrypted.
inline step start_tls() {
  return {step::kind_type::start_tls};
}

/// The life of one connection. At its end the server closes the connection in an orderly way: with TLS, close_notify.
using script = std::vector<step>;

/// A server on 127.0.0.1 that does exactly what it is told, right or wrong. The first connection gets the first script,
/// and so on; those that come after the last script are closed at once.
class scripted_server {
public:
  /// @param identity needed for `start_tls`.
  explicit scripted_server(std::vector<script> scripts, std::optional<tls_identity> identity = {});
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// `http://127.0.0.1:PORT` and the path.
  std::string url(const std::string& path = "/") const;

  /// All requests so far, as they came.
  std::vector<std::string> requests() const;
  /// Connections accepted so far.
  std::size_t connections() const;

  /// Blocks until so many requests have come; false if they do not come for long.
  bool wait_for_requests(std::size_t count) const;
  /// Blocks until the server has closed so many connections; false if it does not for long.
  bool wait_for_closed(std::size_t count) const;

private:
  class link;

  void accept_all();
  void play(int descriptor, const script& steps);
  bool perform(link& peer, const step& what);
  void record(std::string request);

  std::vector<script> scripts_;
  std::optional<tls_identity> identity_;
  int listener_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<std::string> requests_;
  std::set<int> open_;
  std::size_t accepted_ = 0;
  std::size_t closed_ = 0;

  std::vector<std::thread> players_;
  std::thread acceptor_;
};

/// A port on 127.0.0.1 where nobody listens.
std::uint16_t unused_port();

} // namespace sluice::test
