#include "app/simulator/wire.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <poll.h>
#include <sys/socket.h>
#include <zlib.h>

namespace sluice::simulator {

namespace {

/// Of an answer, what is sent after the request counts as finished. Small enough for the socket's buffer.
constexpr std::size_t tail_bytes = 4096;

constexpr std::size_t chunk_bytes = 16 * 1024;

bool send_to_the_end(const peer& client, std::string_view head, std::string_view body,
                     const std::function<void()>& about_to_finish) {
  auto tail = std::min(body.size(), tail_bytes);
  if (body.size() > tail) {
    if (!client.send(head, true) || !client.send(body.substr(0, body.size() - tail)))
      return false;
    about_to_finish();
    return client.send(body.substr(body.size() - tail));
  }
  about_to_finish();
  return client.send(std::string{head}.append(body));
}

} // namespace

// -- peer -----------------------------------------------------------------------

bool peer::send(std::string_view bytes, bool more) const {
  while (!bytes.empty()) {
    auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool peer::wait(std::chrono::microseconds duration) const {
  using clock = std::chrono::steady_clock;
  auto end = clock::now() + duration;
  for (;;) {
    auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - clock::now()).count();
    if (left <= 0)
      return true;
    // POLLRDHUP comes when the client closes, and when the server shuts the socket down to stop.
    pollfd watched{descriptor_, POLLRDHUP, 0};
    timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    if (auto ready = ::ppoll(&watched, 1, &timeout, nullptr); ready > 0 || (ready < 0 && errno != EINTR))
      return false;
  }
}

void peer::reset_on_close() const {
  linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

// -- answers --------------------------------------------------------------------

std::string compress(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string chunk(std::string_view data) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string{data} + "\r\n";
}

std::string in_chunks(std::string_view body) {
  std::string result;
  for (std::size_t i = 0; i < body.size(); i += chunk_bytes)
    result += chunk(body.substr(i, chunk_bytes));
  return result.append(last_chunk);
}

std::string length_line(std::size_t length) {
  return "Content-Length: " + std::to_string(length) + "\r\n";
}

std::string make_head(const api_answer& a, const std::string& framing, bool gzip, bool keep_alive) {
  std::string head
    = "HTTP/1.1 " + std::to_string(a.status) + " "
      + Poco::Net::HTTPResponse::getReasonForStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(a.status))
      + "\r\nServer: sluice-simulator\r\nDate: "
      + Poco::DateTimeFormatter::format(Poco::Timestamp{}, Poco::DateTimeFormat::HTTP_FORMAT) + "\r\n";
  for (const auto& [name, value] : a.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (!a.content_type.empty())
    head += "Content-Type: " + a.content_type + "\r\n";
  if (gzip)
    head += "Content-Encoding: gzip\r\n";
  head += framing;
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

bool send_answer(const peer& client, const api_answer& a, const sending& how,
                 const std::function<void()>& about_to_finish) {
  if (how.fault && changes_sending(how.fault->kind))
    return send_wrongly(client, a, how, about_to_finish);
  bool bodiless = a.status == 204 || a.status == 304;
  bool gzip = !bodiless && how.gzip;
  std::string changed;
  if (gzip)
    changed = compress(a.body);
  std::string_view body = bodiless ? std::string_view{} : gzip ? changed : a.body;
  auto framing = bodiless ? std::string{} : how.chunked ? chunked_line : length_line(body.size());
  if (how.chunked && !bodiless) {
    changed = in_chunks(body);
    body = changed;
  }
  return send_to_the_end(client, make_head(a, framing, gzip, how.keep_alive), body, about_to_finish) && how.keep_alive;
}

} // namespace sluice::simulator
