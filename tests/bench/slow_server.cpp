// A server on 127.0.0.1 that answers every request with the same file, a fixed time after it came, on thousands of
// connections and one thread: what it costs hardly shows beside its client. For pools that are bound by latency alone.
//
// slow_server LATENCY_MS FILE: prints its port, and serves until it is ended.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;

struct due_answer {
  clock_type::time_point at;
  int fd;
};

struct peer {
  std::string asked;
  /// What the system did not take yet.
  std::string_view left;
};

class slow_server {
public:
  slow_server(std::chrono::milliseconds latency, std::string answer) : latency_(latency), answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 4096) != 0
        || ::getsockname(listener_, raw, &size) != 0)
      std::exit(1);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    for (epoll_event events[256];;) {
      const int count = ::epoll_wait(epoll_, events, 256, patience());
      for (int i = 0; i < count; ++i)
        events[i].data.fd == listener_ ? accept_all() : read(events[i].data.fd, events[i].events);
      for (const auto now = clock_type::now(); !due_.empty() && due_.front().at <= now; due_.pop_front())
        if (auto found = peers_.find(due_.front().fd); found != peers_.end()) {
          found->second.left = answer_;
          write(found->first, found->second);
        }
    }
  }

private:
  void watch(int fd, std::uint32_t what) const {
    epoll_event told{};
    told.events = what;
    told.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &told);
  }

  int patience() const {
    if (due_.empty())
      return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.front().at - clock_type::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

  void accept_all() {
    for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      peers_[fd];
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
    }
  }

  void read(int fd, std::uint32_t what) {
    auto& from = peers_[fd];
    if ((what & EPOLLOUT) != 0)
      write(fd, from);
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::read(fd, buffer, sizeof buffer)) > 0)
      from.asked.append(buffer, static_cast<std::size_t>(count));
    if (from.asked.ends_with("\r\n\r\n")) {
      from.asked.clear();
      due_.push_back({clock_type::now() + latency_, fd});
    }
    if (count == 0) {
      peers_.erase(fd);
      ::close(fd);
    }
  }

  static void write(int fd, peer& to) {
    while (!to.left.empty()) {
      const auto count = ::send(fd, to.left.data(), to.left.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return;
      to.left.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::chrono::milliseconds latency_;
  std::string answer_;
  int epoll_ = ::epoll_create1(0);
  int listener_ = -1;
  std::unordered_map<int, peer> peers_;
  std::deque<due_answer> due_;
};

} // namespace

int main(int argc, char* argv[]) {
  if (argc != 3) {
    std::fputs("usage: slow_server LATENCY_MS FILE\n", stderr);
    return 2;
  }
  std::ifstream file{argv[2], std::ios::binary};
  const std::string body{std::istreambuf_iterator<char>{file}, {}};
  slow_server{std::chrono::milliseconds{std::atoi(argv[1])},
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
                + "\r\n\r\n" + body}
    .run();
}
