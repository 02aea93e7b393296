#include "actors/net/connection.hpp"

#include <Poco/Exception.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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

} // namespace

connection::connection(StreamSocket socket, std::shared_ptr<const abort_signal> abort)
  : socket_{std::move(socket)}, abort_{std::move(abort)} {}

connection::~connection() {
  try {
    socket_.close();
  } catch (const Poco::Exception&) {
    // nop: there is nobody left to tell, and the descriptor is free either way
  }
}

io_result<std::unique_ptr<connection>> connection::open(const SocketAddress& address, const deadline& limit,
                                                        std::shared_ptr<const abort_signal> abort) {
  try {
    auto result = std::make_unique<connection>(StreamSocket{address.family()}, std::move(abort));
    auto& socket = result->socket_;
    socket.connectNB(address);
    switch (wait_for(socket.impl()->sockfd(), POLLOUT, limit.at, *result->abort_)) {
      case wait_outcome::ready:
        break;
      case wait_outcome::expired:
        return tl::unexpected{timed_out("no connection", limit)};
      case wait_outcome::aborted:
        return tl::unexpected{interrupted()};
    }
    if (const int code = socket.impl()->socketError(); code != 0)
      return tl::unexpected{refused(code)};
    // A request leaves at once: without this its last segment would wait for the answer to the one before.
    socket.setNoDelay(true);
    return result;
  } catch (const Poco::Exception& problem) {
    return tl::unexpected{problem.code() != 0 ? refused(problem.code()) : broken(problem)};
  }
}

io_result<void> connection::secure(tls_client& tls, const std::string& host, const deadline& limit) {
  auto socket = tls.secure(socket_, host, limit, *abort_);
  if (!socket)
    return tl::unexpected{std::move(socket.error())};
  socket_ = *socket;
  secure_ = true;
  return {};
}

io_result<void> connection::wait(short event, const deadline& idle, std::string_view waiting_for) {
  const auto& limit = earlier(limits_.whole, idle);
  switch (wait_for(socket_.impl()->sockfd(), event, limit.at, *abort_)) {
    case wait_outcome::ready:
      return {};
    case wait_outcome::expired:
      return tl::unexpected{timed_out(&limit == &idle ? waiting_for : "the answer was not complete", limit)};
    case wait_outcome::aborted:
      break;
  }
  return tl::unexpected{interrupted()};
}

io_result<std::size_t> connection::read_some(char* into, std::size_t size) {
  const auto idle = deadline_after(limits_.idle, "http.read_timeout");
  const int wanted = static_cast<int>(std::min(size, largest_operation));
  // The answer to what was just sent is hardly ever there yet: asking for it would be a system call for nothing. (TLS
  // may hold decrypted bytes, of which the socket knows nothing.)
  if (std::exchange(answer_expected_, false) && !secure_)
    if (auto ready = wait(POLLIN, idle, "no byte came"); !ready)
      return tl::unexpected{std::move(ready.error())};
  for (;;) {
    // A server that always has a byte ready never makes us wait, so the whole is checked here.
    if (abort_->raised())
      return tl::unexpected{interrupted()};
    if (wait_clock::now() >= limits_.whole.at)
      return tl::unexpected{timed_out("the answer was not complete", limits_.whole)};
    int count = -1;
    try {
      errno = 0;
      if (secure_)
        ERR_clear_error();
      count = socket_.receiveBytes(into, wanted);
    } catch (const Poco::Exception& problem) {
      if (!would_block(problem.code()))
        return tl::unexpected{broken(problem)};
    }
    if (count >= 0)
      return static_cast<std::size_t>(count);
    const bool wants_write = secure_ && count == SecureStreamSocket::ERR_SSL_WANT_WRITE;
    if (auto ready = wait(wants_write ? POLLOUT : POLLIN, idle, "no byte came"); !ready)
      return tl::unexpected{std::move(ready.error())};
  }
}

io_result<void> connection::write_all(std::string_view bytes, std::size_t& moved) {
  answer_expected_ = true;
  while (!bytes.empty()) {
    const auto idle = deadline_after(limits_.idle, "http.read_timeout");
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
          return tl::unexpected{broken(problem)};
      }
      if (count > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        moved += static_cast<std::size_t>(count);
        break;
      }
      const bool wants_read = secure_ && count == SecureStreamSocket::ERR_SSL_WANT_READ;
      if (auto ready = wait(wants_read ? POLLIN : POLLOUT, idle, "the server did not take the request"); !ready)
        return ready;
    }
  }
  return {};
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
