#pragma once

#include "app/simulator/server.hpp"
#include "tests/support/json.hpp"

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/String.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

namespace sluice::simulator::testing {

/// How an answer ended.
enum class ending { complete, closed, reset };

/// An answer as the bytes on the wire say it: nothing is corrected.
struct reply {
  int status = 0;
  /// Names in lower case.
  std::map<std::string, std::string> headers;
  /// Without chunk heads, still compressed.
  std::string body;
  ending end = ending::complete;
  /// Number of chunks, if it came in chunks.
  int chunks = 0;
};

/// A connection that reads strictly. A server that stays silent for 20 s ends the test.
class client {
public:
  explicit client(std::uint16_t port) : socket_(Poco::Net::SocketAddress{"127.0.0.1", port}), port_(port) {
    socket_.setReceiveTimeout(Poco::Timespan{20, 0});
    socket_.setNoDelay(true);
  }

  /// Sends a GET with the valid token.
  void send_get(const std::string& target, const std::string& more_headers = {}) {
    send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
         + "\r\nAuthorization: Bearer simulator-token\r\n" + more_headers + "\r\n");
  }
  void send(const std::string& text) { socket_.sendBytes(text.data(), static_cast<int>(text.size())); }
  reply get(const std::string& target, const std::string& more_headers = {}) {
    send_get(target, more_headers);
    return read();
  }
  void close() { socket_.close(); }

  /// Reads an answer, or only its head and the first bytes of its body.
  reply read(std::size_t most = std::string::npos) {
    reply result;
    try {
      read_head(result);
      read_body(result, most);
    } catch (const end_of_stream&) {
      result.end = ending::closed;
    } catch (const Poco::Net::ConnectionResetException&) {
      result.end = ending::reset;
    }
    return result;
  }

  /// What comes until the connection ends.
  std::string rest() {
    try {
      for (;;)
        fill();
    } catch (const end_of_stream&) {
    } catch (const Poco::Net::ConnectionResetException&) {
    }
    return pending_;
  }

private:
  struct end_of_stream {};

  void fill() {
    char block[65536];
    int n = socket_.receiveBytes(block, sizeof block);
    if (n <= 0)
      throw end_of_stream{};
    pending_.append(block, static_cast<std::size_t>(n));
  }
  std::string line() {
    std::size_t end = 0;
    while ((end = pending_.find("\r\n")) == std::string::npos)
      fill();
    auto result = pending_.substr(0, end);
    pending_.erase(0, end + 2);
    return result;
  }
  void take(std::string& out, std::size_t bytes) {
    while (bytes > 0) {
      if (pending_.empty())
        fill();
      auto part = std::min(bytes, pending_.size());
      out.append(pending_, 0, part);
      pending_.erase(0, part);
      bytes -= part;
    }
  }
  void read_head(reply& r) {
    auto first = line();
    if (first.rfind("HTTP/1.1 ", 0) != 0)
      throw std::runtime_error("no status line: " + first);
    r.status = std::stoi(first.substr(9, 3));
    for (auto text = line(); !text.empty(); text = line()) {
      auto colon = text.find(": ");
      r.headers[Poco::toLower(text.substr(0, colon))] = text.substr(colon + 2);
    }
  }
  void read_body(reply& r, std::size_t most) {
    if (r.headers.count("transfer-encoding") > 0) {
      for (;;) {
        auto size = std::stoul(line(), nullptr, 16);
        ++r.chunks;
        take(r.body, size);
        if (!line().empty())
          throw std::runtime_error("a chunk does not end where it should");
        if (size == 0)
          return;
      }
    }
    take(r.body, r.headers.count("content-length") > 0 ? std::min(most, std::stoul(r.headers["content-length"])) : 0);
  }

  Poco::Net::StreamSocket socket_;
  std::uint16_t port_;
  std::string pending_;
};

inline std::unique_ptr<server> start(const options& o = {}) {
  auto result = server::start(o);
  if (!result)
    throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// Path of the details of the first survey of the default account.
inline std::string first_details() {
  return "/v3/surveys/" + account{options{}.account}.survey_id(0) + "/details";
}

/// One GET on a connection of its own.
inline reply get(const server& s, const std::string& target, const std::string& more_headers = {}) {
  return client{s.port()}.get(target, more_headers + "Connection: close\r\n");
}

/// Throws if the text is not valid JSON.
inline Poco::JSON::Object::Ptr object(const std::string& json) {
  return test::json_object(json);
}

/// Text of the error id in an error body.
inline std::string error_id(const std::string& body) {
  return object(body)->getObject("error")->getValue<std::string>("id");
}

/// Throws if the data is not one whole gzip stream with a right checksum.
inline std::string decompress(const std::string& data) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    char block[65536];
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(block, sizeof block - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || stream.avail_in != 0)
    throw std::runtime_error("bad gzip");
  return out;
}

/// The elements of the top-level `data` of a compact body, as texts.
inline std::vector<std::string> items(const std::string& body) {
  std::vector<std::string> result;
  auto i = body.find("\"data\":[") + 8;
  int depth = 0;
  bool in_string = false;
  for (std::size_t from = i; i < body.size(); ++i) {
    char c = body[i];
    if (in_string) {
      i += c == '\\';
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == ']')) {
      if (i > from)
        result.push_back(body.substr(from, i - from));
      from = i + 1;
      if (c == ']')
        break;
    }
  }
  return result;
}

/// The text of a string field, e.g. `"id":"12"`; the first in the text.
inline std::string text_field(const std::string& json, const std::string& name) {
  auto from = json.find("\"" + name + "\":\"") + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

} // namespace sluice::simulator::testing
