#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace Poco::Net {
class HTTPRequest;
}

namespace sluice::test {

/// What an `http_server` answers. With status 204 or 304, and to HEAD, the body is not sent.
struct http_answer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  /// These stand in the place of what the server would say under the same name, but for the length; a name can come
  /// several times.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A server on 127.0.0.1 that answers well-formed requests by a function, on persistent connections. For answers that
/// break rules there is `scripted_server`.
class http_server {
public:
  /// Answers a request and its body. Called by a thread for each connection, several at once.
  using answer_function = std::function<http_answer(const Poco::Net::HTTPRequest& head, const std::string& body)>;

  /// @param connections so many are served at once; further ones wait.
  http_server(int connections, answer_function answer);
  /// Ends the connections, and waits for the answers that are being given.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// `127.0.0.1:PORT`.
  std::string address() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::test
