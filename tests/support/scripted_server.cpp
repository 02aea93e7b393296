#include "tests/support/scripted_server.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::test {

namespace {

/// How long a test waits for what must come; only a broken test waits that long.
constexpr std::chrono::seconds patience{30};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket bound to a free port of 127.0.0.1.
std::pair<int, std::uint16_t> bound_socket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (descriptor < 0 || ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0
      || ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error{"scripted server: no socket"};
  return {descriptor, ntohs(address.sin_port)};
}

/// Bytes of the body that a request announces.
std::size_t announced_body(std::string head) {
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto field = head.find("\r\ncontent-length:");
  return field == std::string::npos ? 0 : std::stoul(head.substr(field + 17));
}

} // namespace

/// The server's side of a connection.
class scripted_server::link {
public:
  explicit link(int descriptor) : descriptor_{descriptor} {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  bool start_tls(const tls_identity& identity) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), descriptor_);
    return SSL_accept(tls_.get()) == 1;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// Appends what comes; false at the end.
  bool read(std::string& into) {
    char buffer[4096];
    const auto count
      = tls_ ? SSL_read(tls_.get(), buffer, sizeof buffer) : ::recv(descriptor_, buffer, sizeof buffer, 0);
    if (count <= 0)
      return false;
    into.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  void make_close_a_reset() {
    const linger abrupt{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    broken_ = true;
  }

  /// Cuts the connection without the TLS farewell.
  void abandon() { broken_ = true; }

  void finish() {
    if (tls_ && !broken_)
      SSL_shutdown(tls_.get());
  }

  /// Received but not yet used.
  std::string pending;

private:
  struct free_tls {
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  };
  int descriptor_;
  bool broken_ = false;
  std::unique_ptr<SSL_CTX, free_tls> context_;
  std::unique_ptr<SSL, free_tls> tls_;
};

scripted_server::scripted_server(std::vector<script> scripts, std::optional<tls_identity> identity)
  : scripts_{std::move(scripts)}, identity_{std::move(identity)} {
  std::tie(listener_, port_) = bound_socket();
  ::listen(listener_, 64);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

scripted_server::~scripted_server() {
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
    // Ends every blocking call in the other threads; they close the descriptors.
    for (int descriptor : open_)
      ::shutdown(descriptor, SHUT_RDWR);
    changed_.notify_all();
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& player : players_)
    player.join();
  ::close(listener_);
}

std::string scripted_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> scripted_server::requests() const {
  const std::lock_guard guard{mutex_};
  return requests_;
}

std::size_t scripted_server::connections() const {
  const std::lock_guard guard{mutex_};
  return accepted_;
}

bool scripted_server::wait_for_requests(std::size_t count) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
}

bool scripted_server::wait_for_closed(std::size_t count) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [&] { return closed_ >= count; });
}

void scripted_server::record(std::string request) {
  const std::lock_guard guard{mutex_};
  requests_.push_back(std::move(request));
  changed_.notify_all();
}

void scripted_server::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0)
      return;
    const std::lock_guard guard{mutex_};
    if (stopping_ || accepted_ >= scripts_.size()) {
      ++accepted_;
      ::close(descriptor);
      continue;
    }
    open_.insert(descriptor);
    const auto& steps = scripts_[accepted_++];
    players_.emplace_back([this, descriptor, &steps] { play(descriptor, steps); });
  }
}

void scripted_server::play(int descriptor, const script& steps) {
  link peer{descriptor};
  if (std::all_of(steps.begin(), steps.end(), [&](const step& s) { return perform(peer, s); }))
    peer.finish();
  const std::lock_guard guard{mutex_};
  open_.erase(descriptor);
  ::close(descriptor);
  ++closed_;
  changed_.notify_all();
}

bool scripted_server::perform(link& peer, const step& what) {
  switch (what.kind) {
    case step::kind_type::receive: {
      auto& text = peer.pending;
      std::size_t end = 0;
      while ((end = text.find("\r\n\r\n")) == std::string::npos)
        if (!peer.read(text))
          return false;
      const auto size = end + 4 + announced_body(text.substr(0, end + 2));
      while (text.size() < size)
        if (!peer.read(text))
          return false;
      record(text.substr(0, size));
      text.erase(0, size);
      return true;
    }
    case step::kind_type::read_some:
      return peer.read(peer.pending);
    case step::kind_type::send:
      return peer.write(what.bytes);
    case step::kind_type::drip:
      for (char c : what.bytes) {
        if (!peer.write({&c, 1}))
          return false;
        std::unique_lock lock{mutex_};
        if (changed_.wait_for(lock, what.pause, [this] { return stopping_; }))
          return false;
      }
      return true;
    case step::kind_type::flood:
      while (peer.write(what.bytes)) {
        // nop: until the client has enough
      }
      return false;
    case step::kind_type::stall:
      while (peer.read(peer.pending)) {
        // nop: what comes is of no interest
      }
      peer.abandon();
      return true;
    case step::kind_type::hold: {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return stopping_; });
      return false;
    }
    case step::kind_type::reset:
      peer.make_close_a_reset();
      return true;
    case step::kind_type::cut:
      peer.abandon();
      return true;
    case step::kind_type::start_tls:
      return peer.start_tls(identity_.value());
  }
  return false;
}

std::uint16_t unused_port() {
  const auto [descriptor, port] = bound_socket();
  ::close(descriptor);
  return port;
}

} // namespace sluice::test
