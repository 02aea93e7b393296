#include "actors/net/connection.hpp"

#include <Poco/Exception.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

namespace sluice::net {

namespace {

using Poco::Net::SecureStreamSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

/// Poco counts bytes in `int`.
constexpr std::size_t largest_operation = 1U << 30;

/// What a blocking Poco call would have waited for comes as -1 with errno, or as an exception that carries the code.
bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

io_error refused(int code) {
  return {errc::connection_failed, failure_type::transient_error, std::strerror(code)};
}

/// The connection broke. The code tells more than Poco's text, if there is one.
io_error broken(const Poco::Exception& problem) {
  const std::string reason = problem.code() != 0 ? std::strerror(problem.code()) : problem.displayText();
  return {errc::connection_failed, failure_type::transient_error, "the connection broke (" + reason + ")", true};
}

/// A wait may end too early; a socket that is not connected yet would pass for one that is.
bool is_there(int fd, short event) {
  pollfd watched{fd, event, 0};
  return ::poll(&watched, 1, 0) > 0;
}

} // namespace

connection::connection(StreamSocket socket, waiter& waits) : socket_{std::move(socket)}, waits_{waits} {}

connection::~connection() {
  try {
    socket_.close();
  } catch (const Poco::Exception&) {
    // nop: there is nobody left to tell, and the descriptor is free either way
  }
}

task<io_result<std::unique_ptr<connection>>> connection::open(SocketAddress address, deadline limit, waiter& waits) {
  try {
    auto result = std::make_unique<connection>(StreamSocket{address.family()}, waits);
    auto& socket = result->socket_;
    socket.connectNB(address);
    if (auto watched = waits.watch(result->fd()); !watched)
      co_return tl::unexpected{std::move(watched.error())};
    for (bool connected = false; !connected;) {
      const auto outcome = co_await waiting{waits, result->fd(), POLLOUT, limit.at};
      if (outcome == wait_outcome::expired)
        co_return tl::unexpected{timed_out("no connection", limit)};
      if (outcome == wait_outcome::aborted)
        co_return tl::unexpected{interrupted()};
      connected = is_there(result->fd(), POLLOUT);
    }
    if (const int code = socket.impl()->socketError(); code != 0)
      co_return tl::unexpected{refused(code)};
    // A request leaves at once: without this its last segment would wait for the answer to the one before.
    socket.setNoDelay(true);
    co_return std::move(result);
  } catch (const Poco::Exception& problem) {
    co_return tl::unexpected{problem.code() != 0 ? refused(problem.code()) : broken(problem)};
  }
}

task<io_result<void>> connection::secure(tls_client& tls, std::string host, deadline limit) {
  auto socket = co_await tls.secure(socket_, std::move(host), limit, waits_);
  if (!socket)
    co_return tl::unexpected{std::move(socket.error())};
  socket_ = *socket;
  secure_ = true;
  co_return io_result<void>{};
}

task<io_result<void>> connection::wait(short event, deadline idle, std::string_view waiting_for) {
  const auto& limit = earlier(limits_.whole, idle);
  const auto outcome = co_await waiting{waits_, fd(), event, limit.at};
  if (outcome == wait_outcome::ready)
    co_return io_result<void>{};
  if (outcome == wait_outcome::expired)
    co_return tl::unexpected{timed_out(&limit == &idle ? waiting_for : "the answer was not complete", limit)};
  co_return tl::unexpected{interrupted()};
}

task<io_result<void>> connection::await_bytes() {
  // The answer to what was just sent is hardly ever there yet: asking for it would be a system call for nothing.
  const bool expected = std::exchange(answer_expected_, false);
  // TLS may hold decrypted bytes, of which the socket knows nothing.
  if (!expected || (secure_ && socket_.available() > 0))
    co_return io_result<void>{};
  co_return co_await wait(POLLIN, deadline_after(limits_.idle, "http.read_timeout"), "no byte came");
}

task<io_result<std::size_t>> connection::read_some(char* into, std::size_t size) {
  std::optional<deadline> idle;
  const int wanted = static_cast<int>(std::min(size, largest_operation));
  for (;;) {
    // A server that always has a byte ready never makes us wait, so the whole is checked here.
    if (waits_.aborted())
      co_return tl::unexpected{interrupted()};
    if (wait_clock::now() >= limits_.whole.at)
      co_return tl::unexpected{timed_out("the answer was not complete", limits_.whole)};
    int count = -1;
    try {
      errno = 0;
      if (secure_)
        ERR_clear_error();
      count = socket_.receiveBytes(into, wanted);
    } catch (const Poco::Exception& problem) {
      if (!would_block(problem.code()))
        co_return tl::unexpected{broken(problem)};
    }
    if (count >= 0)
      co_return static_cast<std::size_t>(count);
    const bool wants_write = secure_ && count == SecureStreamSocket::ERR_SSL_WANT_WRITE;
    if (!idle)
      idle = deadline_after(limits_.idle, "http.read_timeout");
    auto ready = co_await wait(wants_write ? POLLOUT : POLLIN, *idle, "no byte came");
    if (!ready)
      co_return tl::unexpected{std::move(ready.error())};
  }
}

task<io_result<void>> connection::write_all(std::string_view bytes, std::size_t& moved) {
  answer_expected_ = true;
  while (!bytes.empty()) {
    std::optional<deadline> idle;
    const int offered = static_cast<int>(std::min(bytes.size(), largest_operation));
    for (;;) {
      int count = -1;
      try {
        errno = 0;
        if (secure_)
          ERR_clear_error();
        count = socket_.sendBytes(bytes.data(), offered, MSG_NOSIGNAL);
      } catch (const Poco::Exception& problem) {
        if (!would_block(problem.code()))
          co_return tl::unexpected{broken(problem)};
      }
      if (count > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        moved += static_cast<std::size_t>(count);
        break;
      }
      const bool wants_read = secure_ && count == SecureStreamSocket::ERR_SSL_WANT_READ;
      if (!idle)
        idle = deadline_after(limits_.idle, "http.read_timeout");
      auto ready = co_await wait(wants_read ? POLLIN : POLLOUT, *idle, "the server did not take the request");
      if (!ready)
        co_return ready;
    }
  }
  co_return io_result<void>{};
}

bool connection::is_reusable() {
  try {
    if (secure_ && socket_.available() > 0)
      return false;
  } catch (const Poco::Exception&) {
    return false;
  }
  pollfd watched{socket_.impl()->sockfd(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 0;
}

} // namespace sluice::net
