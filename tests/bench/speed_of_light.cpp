// What a straight-line program reaches on the same pages: GET, validate, cut, write; no actors, no templates, no
// limits, no retries, no state. The bar that Sluice is measured against. It validates each page with Sluice's own code,
// so it is as strict, and what makes validation faster raises the bar as well.
//
// speed_of_light PORT PATH DAYS PAGES THREADS: reads the pages of the days of January 2023 from 127.0.0.1, each thread
// one day after the other on a connection of its own, and prints RECORD lines.

#include "actors/core/decode/page_index.hpp"
#include "messages/protocol.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
  return fd;
}

/// Receives one answer with a Content-Length; `head` and `body` keep their memory.
void receive(int fd, std::string& head, std::string& body) {
  constexpr std::string_view header = "Content-Length: ";
  head.resize(16 * 1024);
  std::size_t filled = 0;
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    auto count = ::recv(fd, head.data() + filled, head.size() - filled, 0);
    require(count > 0, "the answer ends early");
    filled += static_cast<std::size_t>(count);
    end = std::string_view{head.data(), filled}.find("\r\n\r\n");
  }
  require(head.starts_with("HTTP/1.1 200"), "the answer is not 200");
  auto at = std::string_view{head.data(), end}.find(header);
  require(at != std::string_view::npos, "the answer has no length");
  auto length = std::strtoul(head.data() + at + header.size(), nullptr, 10);
  auto early = std::min(filled - end - 4, length);
  // The next body is about as large: what is already there is not cleared again.
  body.resize(length);
  std::copy_n(head.data() + end + 4, early, body.data());
  for (auto got = early; got < length;) {
    auto count = ::recv(fd, body.data() + got, length - got, 0);
    require(count > 0, "the answer ends early");
    got += static_cast<std::size_t>(count);
  }
}

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
  if (argc != 6) {
    std::fputs("usage: speed_of_light PORT PATH DAYS PAGES THREADS\n", stderr);
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const std::string path = argv[2];
  const int days = std::atoi(argv[3]);
  const int pages = std::atoi(argv[4]);
  const int threads = std::atoi(argv[5]);
  std::atomic<int> next_day{1};
  std::atomic<bool> failed{false};
  std::mutex output;
  auto work = [&] {
    try {
      const auto prefix = record_prefix({path, ""});
      const int fd = connect_to(port);
      page_index page;
      std::string head, body, lines, newest;
      for (int day = next_day++; day <= days; day = next_day++) {
        char date[16];
        std::snprintf(date, sizeof date, "2023-01-%02d", day);
        for (int number = 1; number <= pages; ++number) {
          write_all_to(fd, "GET /" + path + "?from=" + date + "&to=" + date + "&page=" + std::to_string(number)
                             + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
          receive(fd, head, body);
          require(!page.read(body), "a page is not valid JSON");
          auto now = std::chrono::system_clock::now().time_since_epoch();
          cut(page, prefix, record_suffix(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()), lines,
              newest);
          std::lock_guard lock{output};
          write_all_to(STDOUT_FILENO, lines);
        }
      }
      ::close(fd);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "speed_of_light: %s\n", e.what());
      failed = true;
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i)
    workers.emplace_back(work);
  for (auto& w : workers)
    w.join();
  return failed ? 1 : 0;
}
