// Answers that go wrong.

#include "app/simulator/wire.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <optional>

#include <zlib.h>

namespace sluice::simulator {

namespace {

using namespace std::string_view_literals;

/// How often a dripping answer sends something.
constexpr std::uint64_t drips_per_second = 20;

/// How long a connection stays open on which something is missing: longer than any client waits.
constexpr std::chrono::hours patience{1};

constexpr std::size_t huge_piece = 256 * 1024;

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

/// Sends a part, waits, sends the rest.
bool send_with_pause(const peer& client, std::string_view bytes, std::size_t at, std::chrono::microseconds pause,
                     const std::function<void()>& about_to_finish) {
  if (!client.send(bytes.substr(0, at)) || !client.wait(pause))
    return false;
  about_to_finish();
  return client.send(bytes.substr(at));
}

/// Calls `sink` with the pieces of `{"padding":"xxx..."}`, `size` bytes in all, until it returns false.
bool huge_body(std::uint64_t size, const std::function<bool(std::string_view)>& sink) {
  constexpr auto head = R"({"padding":")"sv;
  constexpr auto tail = R"("})"sv;
  static const std::string filling(huge_piece, 'x');
  if (!sink(head))
    return false;
  for (auto left = size - std::min<std::uint64_t>(size, head.size() + tail.size()); left > 0;) {
    auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, filling.size()));
    if (!sink(std::string_view{filling}.substr(0, piece)))
      return false;
    left -= piece;
  }
  return sink(tail);
}

/// Packs what is pushed and sends it in chunks: needs no memory for the whole.
class gzip_chunks {
public:
  explicit gzip_chunks(const peer& client) : client_(client) {
    constexpr int gzip_window = 15 + 16;
    good_ = deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~gzip_chunks() { deflateEnd(&stream_); }
  gzip_chunks(const gzip_chunks&) = delete;
  gzip_chunks& operator=(const gzip_chunks&) = delete;

  bool push(std::string_view text, bool last) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      std::string out(huge_piece, '\0');
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      good_ = good_ && deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) != Z_STREAM_ERROR;
      out.erase(out.size() - stream_.avail_out);
      good_ = good_ && (out.empty() || client_.send(chunk(out)));
    } while (good_ && stream_.avail_out == 0);
    return good_;
  }

private:
  const peer& client_;
  z_stream stream_{};
  bool good_ = false;
};

bool send_huge(const peer& client, const api_answer& a, const sending& how,
               const std::function<void()>& about_to_finish) {
  bool gzip = how.fault->kind == fault_kind::gzip_bomb;
  if (!client.send(make_head(a, chunked_line, gzip, how.keep_alive)))
    return false;
  gzip_chunks packed{client};
  bool sent = huge_body(how.fault->bytes, [&](std::string_view piece) {
    return gzip ? packed.push(piece, false) : client.send(chunk(piece));
  });
  if (!sent || (gzip && !packed.push({}, true)))
    return false;
  about_to_finish();
  return client.send(last_chunk) && how.keep_alive;
}

bool send_huge_header(const peer& client, const api_answer& a, const sending& how,
                      const std::function<void()>& about_to_finish) {
  auto head = make_head(a, length_line(a.body.size()), false, how.keep_alive);
  auto first_line = head.find('\n') + 1;
  static const std::string filling(huge_piece, 'x');
  if (!client.send(head.substr(0, first_line) + "X-Filling: "))
    return false;
  for (auto left = how.fault->bytes; left > 0;) {
    auto piece = std::min<std::uint64_t>(left, filling.size());
    if (!client.send(std::string_view{filling}.substr(0, static_cast<std::size_t>(piece))))
      return false;
    left -= piece;
  }
  about_to_finish();
  return client.send("\r\n" + head.substr(first_line) + a.body) && how.keep_alive;
}

std::string retry_after_text(const std::string& text) {
  constexpr auto date = "date+"sv;
  auto seconds
    = text.rfind(date, 0) == 0 ? parse_number<std::int64_t>(std::string_view{text}.substr(date.size())) : std::nullopt;
  if (!seconds)
    return text;
  Poco::Timestamp then = Poco::Timestamp::fromEpochTime(Poco::Timestamp{}.epochTime() + *seconds);
  return Poco::DateTimeFormatter::format(then, Poco::DateTimeFormat::HTTP_FORMAT);
}

} // namespace

void distort(api_answer& a, const fault_rule& fault) {
  constexpr auto html_type = "text/html; charset=utf-8";
  switch (fault.kind) {
    case fault_kind::status: {
      auto wrong = error_answer(error_id_for(fault.code), fault.code);
      a.status = wrong.status;
      a.body = fault.text.empty() ? wrong.body : fault.text;
      if (a.body.front() == '<')
        a.content_type = html_type;
      if (!fault.retry_after.empty())
        a.headers.emplace_back("Retry-After", retry_after_text(fault.retry_after));
      break;
    }
    case fault_kind::garbage:
      a.status = 200;
      a.body = "{\"data\":[{\"id\":\"1\xFF\0\",,}] this is not JSON"sv;
      break;
    case fault_kind::html:
      a.status = 200;
      a.content_type = html_type;
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
    case fault_kind::huge:
    case fault_kind::gzip_bomb:
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

bool changes_sending(fault_kind kind) noexcept {
  return (kind >= fault_kind::reset_head && kind <= fault_kind::huge_header) || kind == fault_kind::huge
         || kind == fault_kind::gzip_bomb || kind >= fault_kind::stall_head;
}

bool send_wrongly(const peer& client, const api_answer& a, const sending& how,
                  const std::function<void()>& about_to_finish) {
  using kind = fault_kind;
  const auto& fault = *how.fault;
  if (fault.kind == kind::huge || fault.kind == kind::gzip_bomb)
    return send_huge(client, a, how, about_to_finish);
  if (fault.kind == kind::huge_header)
    return send_huge_header(client, a, how, about_to_finish);

  bool gzip = how.gzip || fault.kind == kind::bad_gzip || fault.kind == kind::cut_gzip;
  auto body = gzip ? compress(a.body) : a.body;
  if (body.size() < 4) // something must be there that can be missing
    body.resize(4, ' ');
  if (fault.kind == kind::bad_gzip)
    body[body.size() - 8] = static_cast<char>(~body[body.size() - 8]); // the first byte of the checksum
  if (fault.kind == kind::cut_gzip)
    body.resize(body.size() / 2);
  auto half = body.substr(0, body.size() / 2);
  auto rest = body.substr(half.size());
  auto length = length_line(body.size());
  // For faults that leave the framing alone.
  auto framing = how.chunked ? chunked_line : length;
  auto framed = how.chunked ? in_chunks(body) : body;
  auto head = [&](const std::string& lines, bool keep_alive) { return make_head(a, lines, gzip, keep_alive); };
  // Sends what there is and ends the connection.
  auto send_last = [&](const std::string& bytes, bool reset = false) {
    about_to_finish();
    client.send(bytes);
    if (reset)
      client.reset_on_close();
    return false;
  };

  switch (fault.kind) {
    case kind::reset_head: {
      auto whole = head(length, how.keep_alive);
      return send_last(whole.substr(0, whole.size() / 2), true);
    }
    case kind::reset_body:
      return send_last(head(length, how.keep_alive) + half, true);
    case kind::reset_chunk:
      return send_last(head(chunked_line, how.keep_alive) + chunk(half), true);
    case kind::truncate:
      return send_last(head(length, how.keep_alive) + half);
    case kind::cut_chunked: {
      auto whole = chunk(body);
      return send_last(head(chunked_line, how.keep_alive) + whole.substr(0, whole.size() / 2));
    }
    case kind::no_last_chunk:
      return send_last(head(chunked_line, how.keep_alive) + chunk(half) + chunk(rest));
    case kind::cut_close:
      return send_last(head({}, false) + half);
    case kind::short_length:
      about_to_finish();
      return client.send(head(length_line(half.size()), how.keep_alive) + body) && how.keep_alive;
    case kind::extra_answer: {
      api_answer extra;
      extra.body = R"({"data":[],"per_page":50,"page":1,"total":0,"links":{}})";
      about_to_finish();
      return client.send(head(length, how.keep_alive) + body
                         + make_head(extra, length_line(extra.body.size()), false, how.keep_alive) + extra.body)
             && how.keep_alive;
    }
    case kind::bad_length:
      return send_last(head("Content-Length: many\r\n", how.keep_alive) + body);
    case kind::two_lengths:
      return send_last(head(length + length_line(half.size()), how.keep_alive) + body);
    case kind::length_and_chunked:
      return send_last(head(length + chunked_line, how.keep_alive) + chunk(body) + std::string{last_chunk});
    case kind::bad_chunk:
      return send_last(head(chunked_line, how.keep_alive) + chunk(half) + "many\r\n" + rest + "\r\n");
    case kind::bad_head:
      return send_last("This is not HTTP\r\n\r\n" + body);
    case kind::long_length:
      about_to_finish();
      if (client.send(head(length_line(body.size() + 1), how.keep_alive) + body))
        client.wait(patience);
      return false;
    case kind::stall_head: {
      auto start = head(framing, how.keep_alive);
      return send_with_pause(client, start + framed, start.size() / 2, fault.duration, about_to_finish)
             && how.keep_alive;
    }
    case kind::stall_body: {
      auto start = head(framing, how.keep_alive);
      return send_with_pause(client, start + framed, start.size() + framed.size() / 2, fault.duration, about_to_finish)
             && how.keep_alive;
    }
    case kind::drip:
      return send_dripping(client, head(framing, how.keep_alive) + framed, fault.rate, about_to_finish)
             && how.keep_alive;
    default: // bad_gzip, cut_gzip: only the body is wrong
      about_to_finish();
      return client.send(head(framing, how.keep_alive) + framed) && how.keep_alive;
  }
}

} // namespace sluice::simulator
