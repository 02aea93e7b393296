#include "actors/net/tls.hpp"

#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

std::string secure_url(const scripted_server& server, const std::string& host = "127.0.0.1",
                       const std::string& path = "/path?secret") {
  return "https://" + host + ":" + std::to_string(server.port()) + path;
}

transport_options trusting(const test_authority& authority) {
  auto options = patient_options();
  options.ca_file = authority.ca_file();
  return options;
}

/// What is wrong with a server that shows this certificate.
transport_failure rejection(const tls_identity& identity, const transport_options& options,
                            const std::string& host = "localhost") {
  const scripted_server server{{{start_tls(), receive(), send(ok("leak"))}}, identity};
  auto around = with_variables();
  around.lookup = [](const std::string&, std::uint16_t port) -> lookup_answer {
    return {{Poco::Net::SocketAddress{"127.0.0.1", port}}, {}};
  };
  const auto answer = client{options, around}.get(secure_url(server, host));
  REQUIRE(!answer);
  CHECK(server.requests().empty());
  CHECK(!contains(answer.error().error.message, "secret"));
  return answer.error();
}

} // namespace

TEST_CASE("a server with a certificate of a trusted authority is talked to, by name and by address") {
  const test_authority authority;
  const std::string large(3'000'000, 'x');
  const scripted_server server{{{start_tls(), receive(), send(ok("hello")), receive(), send(ok(large))},
                                {start_tls(), receive(), send(ok("by name"))}},
                               authority.issue()};
  client me{trusting(authority)};
  CHECK(me.get(secure_url(server)).value().body == "hello");
  CHECK(me.send("POST", secure_url(server), {}, large).value().body == large);
  CHECK(server.connections() == 1);
  CHECK(server.requests()[1].ends_with(large));
  CHECK(me.get(secure_url(server, "localhost")).value().body == "by name");
}

TEST_CASE("a certificate of an unknown authority is refused, with advice") {
  const test_authority authority;
  const test_authority stranger;
  const auto failure = rejection(stranger.issue(), trusting(authority));
  CHECK(failure.error.code == errc::tls_failed);
  CHECK(failure.error.failure == failure_type::config_error);
  CHECK(!failure.sent);
  CHECK(contains(failure.error.message, "authority that is not trusted"));
  CHECK(contains(failure.error.message, "http.ca_file"));
}

TEST_CASE("the system's authorities do not vouch for a test's") {
  const test_authority authority;
  const auto failure = rejection(authority.issue(), patient_options());
  CHECK(failure.error.code == errc::tls_failed);
  CHECK(failure.error.failure == failure_type::config_error);
}

TEST_CASE("a certificate for another host is refused, also on loopback") {
  const test_authority authority;
  for (const auto& [names, host] : std::vector<std::pair<std::string, std::string>>{
         {"DNS:other.example", "localhost"},
         {"DNS:other.example", "127.0.0.1"},
         {"DNS:127.0.0.1", "127.0.0.1"},
         {"IP:127.0.0.2", "127.0.0.1"},
         {"DNS:*.example", "a.b.example"},
         {"DNS:*.example", "example"},
         {"DNS:a*.example", "ab.example"},
       }) {
    CAPTURE(names, host);
    const auto failure = rejection(authority.issue({names}), trusting(authority), host);
    CHECK(failure.error.code == errc::tls_failed);
    CHECK(failure.error.failure == failure_type::config_error);
    CHECK(!failure.sent);
    CHECK(contains(failure.error.message, "is not for " + host));
  }
  CHECK(
    contains(rejection(authority.issue({"DNS:other.example"}), trusting(authority)).error.message, "other.example"));
}

TEST_CASE("a common name does not say whom a certificate is for") {
  const test_authority authority;
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    CAPTURE(host);
    const auto bare = rejection(authority.issue({.names = "", .common_name = host}), trusting(authority), host);
    CHECK(bare.error.code == errc::tls_failed);
    CHECK(bare.error.failure == failure_type::config_error);
    CHECK(contains(bare.error.message, "does not say in subjectAltName whom it is for"));
    // Nor beside names of another kind.
    const auto other
      = rejection(authority.issue({.names = "email:a@localhost", .common_name = host}), trusting(authority), host);
    CHECK(other.error.code == errc::tls_failed);
  }
}

TEST_CASE("a wildcard stands for one label") {
  const test_authority authority;
  const scripted_server server{{{start_tls(), receive(), send(ok("hello"))}}, authority.issue({"DNS:*.api.example"})};
  auto around = with_variables();
  around.lookup = [](const std::string&, std::uint16_t port) -> lookup_answer {
    return {{Poco::Net::SocketAddress{"127.0.0.1", port}}, {}};
  };
  client me{trusting(authority), around};
  CHECK(me.get(secure_url(server, "eu.api.example")).value().body == "hello");
}

TEST_CASE("an expired certificate is refused") {
  const test_authority authority;
  const auto failure = rejection(authority.issue({.expired = true}), trusting(authority));
  CHECK(failure.error.code == errc::tls_failed);
  CHECK(failure.error.failure == failure_type::config_error);
  CHECK(contains(failure.error.message, "has expired"));
}

TEST_CASE("a CA file that cannot be read is an error that names it") {
  auto options = patient_options();
  options.ca_file = "/no/such/file.pem";
  const scripted_server server{{{}, {}}};
  client me{options};
  for (int i = 0; i < 2; ++i) {
    const auto answer = me.get(secure_url(server));
    REQUIRE(!answer);
    CHECK(answer.error().error.code == errc::tls_failed);
    CHECK(answer.error().error.failure == failure_type::config_error);
    CHECK(contains(answer.error().error.message, "/no/such/file.pem"));
    CHECK(!answer.error().sent);
  }
}

TEST_CASE("a server that does not speak TLS, and one that hangs up, fail as something that may pass") {
  const scripted_server server{
    {{send("HTTP/1.1 400 Bad Request\r\n\r\n"), stall()}, {read_some()}, {read_some(), reset()}}};
  client me;
  for (int i = 0; i < 3; ++i) {
    const auto answer = me.get(secure_url(server));
    REQUIRE(!answer);
    CHECK(!answer.error().sent);
    CHECK(answer.error().error.code == errc::tls_failed);
    CHECK(answer.error().error.failure == failure_type::transient_error);
    CHECK(contains(answer.error().error.message, "TLS handshake"));
  }
}

TEST_CASE("a TLS handshake that hangs is bounded by the connect timeout") {
  const scripted_server server{{{stall()}}};
  auto options = patient_options();
  options.connect_timeout = 200ms;
  const auto answer = client{options}.get(secure_url(server));
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  CHECK(answer.error().error.code == errc::timed_out);
  CHECK(contains(answer.error().error.message, "200ms (http.connect_timeout)"));
}

TEST_CASE("silence over TLS is bounded by the read timeout, a trickle by the total timeout") {
  const test_authority authority;
  const scripted_server server{{{start_tls(), receive(), stall()},
                                {start_tls(), receive(), send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
                                 drip(std::string(100'000, 'x'), 5ms)}},
                               authority.issue()};
  auto options = trusting(authority);
  options.read_timeout = 200ms;
  const auto silent = client{options}.get(secure_url(server));
  REQUIRE(!silent);
  CHECK(silent.error().sent);
  CHECK(contains(silent.error().error.message, "200ms (http.read_timeout)"));
  options = trusting(authority);
  options.total_timeout = 300ms;
  const auto slow = client{options}.get(secure_url(server));
  REQUIRE(!slow);
  CHECK(contains(slow.error().error.message, "300ms (http.total_timeout)"));
}

TEST_CASE("an abort ends a request over TLS") {
  const test_authority authority;
  const scripted_server server{{{start_tls(), receive(), stall()}}, authority.issue()};
  client me{trusting(authority)};
  auto pending = std::async(std::launch::async, [&] { return me.get(secure_url(server)); });
  REQUIRE(server.wait_for_requests(1));
  me.transport->abort_all();
  CHECK(pending.get().error().error.code == errc::interrupted);
}

TEST_CASE("over TLS an end without a farewell is a cut, whatever delimits the body") {
  const test_authority authority;
  const std::string until_close = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";
  const scripted_server server{
    {{start_tls(), receive(), send(until_close)},
     {start_tls(), receive(), send(until_close), cut()},
     {start_tls(), receive(), send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), cut()},
     {start_tls(), receive(), send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")}},
    authority.issue()};
  client me{trusting(authority)};
  CHECK(me.get(secure_url(server)).value().body == "hello");
  for (int i = 0; i < 3; ++i) {
    const auto answer = me.get(secure_url(server));
    REQUIRE(!answer);
    CHECK(answer.error().error.code == errc::truncated_body);
  }
}

TEST_CASE("a TLS connection that the server closed while it was idle, or dies when it is reused, is replaced") {
  const test_authority authority;
  const scripted_server server{{{start_tls(), receive(), send(ok("1"))},
                                {start_tls(), receive(), send(ok("2")), receive()},
                                {start_tls(), receive(), send(ok("3"))}},
                               authority.issue()};
  client me{trusting(authority)};
  CHECK(me.get(secure_url(server)).value().body == "1");
  REQUIRE(server.wait_for_closed(1));
  CHECK(me.send("POST", secure_url(server)).value().body == "2");
  CHECK(me.get(secure_url(server)).value().body == "3");
}

TEST_CASE("an https request goes through a proxy's tunnel, and the server behind it is verified") {
  const test_authority authority;
  const script tunnel
    = {receive(), send("HTTP/1.1 200 Connection established\r\n\r\n"), start_tls(), receive(), send(ok("by tunnel"))};
  const scripted_server proxy{{tunnel, tunnel}, authority.issue({"DNS:api.example"})};
  const auto around = with_variables({{"https_proxy", "http://me:pw@127.0.0.1:" + std::to_string(proxy.port())}});
  client me{trusting(authority), around};
  CHECK(me.get("https://api.example/a?b", {{"Authorization", "Bearer t"}}).value().body == "by tunnel");
  const auto requests = proxy.requests();
  CHECK(requests[0]
        == "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\nUser-Agent: sluice-test\r\n"
           "Proxy-Authorization: Basic bWU6cHc=\r\n\r\n");
  CHECK(requests[1].starts_with("GET /a?b HTTP/1.1\r\nHost: api.example\r\n"));
  CHECK(!contains(requests[1], "Proxy-Authorization"));
  const auto other = me.get("https://other.example/");
  REQUIRE(!other);
  CHECK(contains(other.error().error.message, "is not for other.example"));
}

TEST_CASE("a proxy that opens no tunnel is an error, and nothing of the request was sent") {
  struct example {
    script steps;
    errc code;
    failure_type failure;
    std::string says;
  };
  const std::vector<example> examples = {
    {{receive(), send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"), stall()},
     errc::connection_failed,
     failure_type::config_error,
     "user name and password"},
    {{receive(), send("HTTP/1.1 502 Bad Gateway\r\n\r\n"), stall()},
     errc::connection_failed,
     failure_type::transient_error,
     "HTTP 502"},
    {{receive()}, errc::connection_failed, failure_type::transient_error, "closed the connection"},
    {{receive(), send("HTTP/1.1 abc\r\n\r\n"), stall()}, errc::connection_failed, failure_type::system_error, "HTTP"},
    {{receive(), send("HTTP/1.1 200 OK\r\n\r\nextra"), stall()},
     errc::connection_failed,
     failure_type::system_error,
     "into the tunnel"},
    {{receive(), stall()}, errc::timed_out, failure_type::transient_error, "http.connect_timeout"},
  };
  for (const auto& [steps, code, failure, says] : examples) {
    CAPTURE(says);
    const scripted_server proxy{{steps}};
    auto options = patient_options();
    options.connect_timeout = 1s;
    client me{options, with_variables({{"https_proxy", "http://u:pw@127.0.0.1:" + std::to_string(proxy.port())}})};
    const auto answer = me.get("https://api.example/?secret");
    REQUIRE(!answer);
    CHECK(!answer.error().sent);
    CHECK(answer.error().error.code == code);
    CHECK(answer.error().error.failure == failure);
    CHECK(contains(answer.error().error.message, says));
    CHECK(!contains(answer.error().error.message, "secret"));
    CHECK(!contains(answer.error().error.message, "pw"));
  }
}
