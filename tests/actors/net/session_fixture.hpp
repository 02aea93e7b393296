#pragma once

#include "actors/net/poco_transport.hpp"
#include "tests/support/scripted_server.hpp"

#include <chrono>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::test {

/// Limits that no working test comes near.
inline net::transport_options patient_options() {
  net::transport_options options;
  options.connect_timeout = std::chrono::seconds{30};
  options.read_timeout = std::chrono::seconds{30};
  options.total_timeout = std::chrono::seconds{60};
  options.user_agent = "sluice-test";
  return options;
}

/// Surroundings with these environment variables only, and the system's lookup.
inline net::surroundings with_variables(std::map<std::string, std::string> variables = {}) {
  net::surroundings around;
  around.get_variable = [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  return around;
}

/// All tests of sessions are run twice (tests/CMakeLists.txt): with those that block, and with those on a readiness
/// loop.
inline bool on_a_loop() {
  const char* value = std::getenv("SLUICE_TEST_ON_LOOP");
  return value != nullptr && std::string_view{value} == "1";
}

/// A session on a readiness loop, for callers that wait all the same.
class awaited_session final : public net::http_session {
public:
  explicit awaited_session(std::unique_ptr<net::async_session> inner) : inner_{std::move(inner)} {}

  tl::expected<net::response, net::transport_failure> send(const net::request& r) override {
    std::promise<void> done;
    inner_->start(r, [&done] { done.set_value(); });
    done.get_future().wait();
    return inner_->take();
  }

private:
  std::unique_ptr<net::async_session> inner_;
};

inline std::unique_ptr<net::http_session> open_session(net::transport& from) {
  if (on_a_loop())
    return std::make_unique<awaited_session>(from.open_async_session());
  return from.open_session();
}

/// A transport with one session.
struct client {
  explicit client(const net::transport_options& options = patient_options(),
                  const net::surroundings& around = with_variables())
    : transport{net::make_poco_transport(options, around)}, session{open_session(*transport)} {}

  tl::expected<net::response, net::transport_failure> get(const std::string& url, header_list headers = {}) {
    return send("GET", url, std::move(headers));
  }

  tl::expected<net::response, net::transport_failure> send(const std::string& method, const std::string& url,
                                                           header_list headers = {}, std::string body = {}) {
    return session->send({method, url, std::move(headers), std::move(body)});
  }

  std::unique_ptr<net::transport> transport;
  std::unique_ptr<net::http_session> session;
};

/// A 200 with this body and further header lines (each with its line end).
inline std::string ok(const std::string& body, const std::string& fields = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

/// The error that a server gets us into that answers the first request in this way.
inline error failure_of(script steps, const net::transport_options& options = patient_options()) {
  steps.insert(steps.begin(), receive());
  const scripted_server server{{std::move(steps)}};
  const auto answer = client{options}.get(server.url("/path?secret"));
  if (answer)
    return {errc::none, failure_type::system_error, "there was an answer: " + answer->body, {}};
  return answer.error().error;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace sluice::test
