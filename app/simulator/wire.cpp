#include "app/simulator/wire.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>

#include <poll.h>
#include <sys/socket.h>
#include <zlib.h>

namespace sluice::simulator {

namespace {

using namespace std::string_view_literals;

/// Of an answer, what is sent after the request counts as finished. Small enough for the socket's buffer.
constexpr std::size_t tail_bytes = 4096;

constexpr std::size_t chunk_bytes = 16 * 1024;

/// How often a dripping answer sends something.
constexpr std::uint64_t drips_per_second = 20;

std::string chunk(std::string_view data) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string{data} + "\r\n";
}

std::string in_chunks(std::string_view body) {
  std::string result;
  for (std::size_t i = 0; i < body.size(); i += chunk_bytes)
    result += chunk(body.substr(i, chunk_bytes));
  return result + "0\r\n\r\n";
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

bool send_dripping(const peer& client, std::string_view bytes, std::uint64_t rate,
                   const std::function<void()>& about_to_finish) {
  auto drop = static_cast<std::size_t>(std::max<std::uint64_t>(1, rate / drips_per_second));
  std::chrono::microseconds pause{1'000'000 * drop / std::max<std::uint64_t>(1, rate)};
  while (bytes.size() > drop) {
    if (!client.send(bytes.substr(0, drop)) || !client.wait(pause))
      return false;
    bytes.remove_prefix(drop);
  }
  about_to_finish();
  return client.send(bytes);
}

bool send_to_the_end(const peer& client, std::string_view bytes, const std::function<void()>& about_to_finish) {
  auto tail = std::min(bytes.size(), tail_bytes);
  if (bytes.size() > tail && !client.send(bytes.substr(0, bytes.size() - tail)))
    return false;
  about_to_finish();
  return client.send(bytes.substr(bytes.size() - tail));
}

} // namespace

// -- peer -----------------------------------------------------------------------

bool peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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

void distort(api_answer& a, const fault_rule& fault) {
  switch (fault.kind) {
    case fault_kind::status: {
      auto wrong = error_answer(error_id_for(fault.code), fault.code);
      a.status = wrong.status;
      a.body = fault.text.empty() ? wrong.body : fault.text;
      if (!fault.retry_after.empty())
        a.headers.emplace_back("Retry-After", fault.retry_after);
      break;
    }
    case fault_kind::garbage:
      a.status = 200;
      a.body = "{\"data\":[{\"id\":\"1\xFF\0\",,}] this is not JSON"sv;
      break;
    case fault_kind::html:
      a.status = 200;
      a.content_type = "text/html; charset=utf-8";
      a.body = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Please wait.</body></html>\n";
      break;
    case fault_kind::empty:
      a.status = 200;
      a.body.clear();
      break;
    case fault_kind::error_body:
      a.body = error_answer(fault.code).body;
      a.status = 200;
      break;
    case fault_kind::redirect:
      a.status = 302;
      a.headers.emplace_back("Location", fault.text);
      a.body.clear();
      break;
    default: // These concern how an answer is sent, or a list's fields.
      break;
  }
}

bool send_answer(const peer& client, const api_answer& a, const sending& how,
                 const std::function<void()>& about_to_finish) {
  auto kind = how.fault ? std::optional{how.fault->kind} : std::nullopt;
  bool bodiless = a.status == 204 || a.status == 304;
  bool gzip = !bodiless && (how.gzip || kind == fault_kind::bad_gzip);
  auto body = bodiless ? std::string{} : gzip ? compress(a.body) : a.body;
  if (kind == fault_kind::bad_gzip)
    body[body.size() - 8] = static_cast<char>(~body[body.size() - 8]); // the first byte of the checksum
  auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string chunks = "Transfer-Encoding: chunked\r\n";

  if (kind == fault_kind::truncate || kind == fault_kind::reset_body || kind == fault_kind::cut_chunked) {
    if (body.size() < 2) { // something must be missing
      body.resize(2, ' ');
      length = "Content-Length: 2\r\n";
    }
    bool cut_chunk = kind == fault_kind::cut_chunked;
    auto whole = cut_chunk ? chunk(body) : body;
    auto half = whole.substr(0, whole.size() / 2);
    auto head = make_head(a, cut_chunk ? chunks : length, gzip, how.keep_alive);
    about_to_finish();
    client.send(head + half);
    if (kind == fault_kind::reset_body)
      client.reset_on_close();
    return false;
  }

  auto head = make_head(a, bodiless ? "" : how.chunked ? chunks : length, gzip, how.keep_alive);
  auto wire = head + (how.chunked && !bodiless ? in_chunks(body) : body);
  if (kind == fault_kind::drip)
    return send_dripping(client, wire, how.fault->rate, about_to_finish) && how.keep_alive;
  if (kind == fault_kind::stall_body) {
    auto half = head.size() + body.size() / 2;
    if (!client.send(std::string_view{wire}.substr(0, half)) || !client.wait(how.fault->duration))
      return false;
    wire.erase(0, half);
  }
  return send_to_the_end(client, wire, about_to_finish) && how.keep_alive;
}

} // namespace sluice::simulator
