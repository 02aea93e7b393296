// What a straight-line program reaches on the same pages: GET, validate, cut, write; no actors, no templates, no
// limits, no retries, no state. The bar that Sluice is measured against. It validates each page with Sluice's own code,
// so it is as strict, and what makes validation faster raises the bar as well.
//
// speed_of_light PORT PATH DAYS PAGES THREADS CONNECTIONS: reads the pages of the days of January 2023 from 127.0.0.1
// and prints RECORD lines. Each connection asks for one day after the other; the connections of a thread are waited for
// together (epoll).

#include "actors/core/decode/page_index.hpp"
#include "messages/protocol.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace sluice;

void require(bool condition, const char* what) {
  if (!condition)
    throw std::runtime_error(what);
}

int connect_to(int port) {
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  require(fd >= 0, "no socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "no connection");
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  require(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "no socket without waiting");
  return fd;
}

/// The days that nobody has begun.
struct work_left {
  std::atomic<int> next_day{1};
  int days = 0;
  int pages = 0;
  std::string path;
};

/// One connection, and the answer that it waits for; `head` and `body` keep their memory.
class connection {
public:
  connection(int fd, work_left& work) : fd_(fd), work_(work) { head_.resize(16 * 1024); }

  int fd() const { return fd_; }
  std::string& body() { return body_; }

  /// Asks for the next page; false if there is none left.
  bool ask() {
    if (++page_ > work_.pages || day_ == 0) {
      day_ = work_.next_day++;
      page_ = 1;
    }
    if (day_ > work_.days)
      return false;
    char request[256];
    const int size = std::snprintf(
      request, sizeof request, "GET /%s?from=2023-01-%02d&to=2023-01-%02d&page=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      work_.path.c_str(), day_, day_, page_);
    require(::send(fd_, request, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size, "a request does not leave");
    filled_ = 0;
    in_body_ = false;
    return true;
  }

  /// Receives what is there; true if the answer is complete.
  bool receive() {
    for (;;) {
      char* into = in_body_ ? body_.data() + got_ : head_.data() + filled_;
      const auto room = in_body_ ? body_.size() - got_ : head_.size() - filled_;
      const auto count = ::recv(fd_, into, room, 0);
      if (count < 0 && errno == EAGAIN)
        return false;
      require(count > 0, "the answer ends early");
      if (in_body_) {
        got_ += static_cast<std::size_t>(count);
      } else {
        filled_ += static_cast<std::size_t>(count);
        read_head();
      }
      if (in_body_ && got_ == body_.size())
        return true;
    }
  }

private:
  void read_head() {
    constexpr std::string_view header = "Content-Length: ";
    const std::string_view text{head_.data(), filled_};
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    require(text.starts_with("HTTP/1.1 200"), "the answer is not 200");
    const auto at = text.substr(0, end).find(header);
    require(at != std::string_view::npos, "the answer has no length");
    const auto length = std::strtoul(head_.data() + at + header.size(), nullptr, 10);
    got_ = std::min(filled_ - end - 4, length);
    // The next body is about as large: what is already there is not cleared again.
    body_.resize(length);
    std::copy_n(head_.data() + end + 4, got_, body_.data());
    in_body_ = true;
  }

  int fd_;
  work_left& work_;
  int day_ = 0;
  int page_ = 0;
  std::string head_;
  std::size_t filled_ = 0;
  bool in_body_ = false;
  std::string body_;
  std::size_t got_ = 0;
};

/// Cuts a page into lines and keeps the greatest cursor value.
void cut(const page_index& page, std::string_view prefix, std::string_view suffix, std::string& lines,
         std::string& newest) {
  lines.clear();
  page.each_field(0, [&](std::string_view name, page_index::token list) {
    if (name == "data")
      page.each_element(list, [&](page_index::token record) {
        page.each_field(record, [&](std::string_view key, page_index::token value) {
          if (key == "date_modified")
            newest = std::max<std::string_view>(newest, page.value_text(value));
          return true;
        });
        lines += prefix;
        lines += page.value_text(record);
        lines += suffix;
        return true;
      });
    return true;
  });
}

void write_all_to(int fd, std::string_view text) {
  while (!text.empty()) {
    auto count = ::write(fd, text.data(), text.size());
    require(count > 0, "cannot write");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

} // namespace

int main(int argc, char* argv[]) {
  if (argc != 7) {
    std::fputs("usage: speed_of_light PORT PATH DAYS PAGES THREADS CONNECTIONS\n", stderr);
    return 2;
  }
  const int port = std::atoi(argv[1]);
  work_left left;
  left.path = argv[2];
  left.days = std::atoi(argv[3]);
  left.pages = std::atoi(argv[4]);
  const int threads = std::atoi(argv[5]);
  const int connections = std::atoi(argv[6]);
  std::atomic<bool> failed{false};
  std::mutex output;
  auto work = [&](int number) {
    try {
      const auto prefix = record_prefix({left.path, ""});
      const int readiness = ::epoll_create1(0);
      require(readiness >= 0, "no epoll");
      std::vector<std::unique_ptr<connection>> mine;
      page_index page;
      std::string lines, newest;
      int open = 0;
      for (int i = number; i < connections; i += threads) {
        mine.push_back(std::make_unique<connection>(connect_to(port), left));
        epoll_event told{};
        told.events = EPOLLIN;
        told.data.ptr = mine.back().get();
        require(::epoll_ctl(readiness, EPOLL_CTL_ADD, mine.back()->fd(), &told) == 0, "epoll takes no connection");
        open += mine.back()->ask() ? 1 : 0;
      }
      while (open > 0) {
        epoll_event events[64];
        const int count = ::epoll_wait(readiness, events, 64, -1);
        for (int i = 0; i < count; ++i) {
          auto& x = *static_cast<connection*>(events[i].data.ptr);
          if (!x.receive())
            continue;
          require(!page.read(x.body()), "a page is not valid JSON");
          auto now = std::chrono::system_clock::now().time_since_epoch();
          cut(page, prefix, record_suffix(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()), lines,
              newest);
          open -= x.ask() ? 0 : 1;
          std::lock_guard lock{output};
          write_all_to(STDOUT_FILENO, lines);
        }
      }
      for (const auto& x : mine)
        ::close(x->fd());
      ::close(readiness);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "speed_of_light: %s\n", e.what());
      failed = true;
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i)
    workers.emplace_back(work, i);
  for (auto& w : workers)
    w.join();
  return failed ? 1 : 0;
}
