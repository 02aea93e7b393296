#include "actors/net/connector.hpp"

#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A listener on 127.0.0.1 whose queue is full: connections to it hang.
class full_listener {
public:
  full_listener() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* raw = reinterpret_cast<sockaddr*>(&address_);
    REQUIRE(::bind(listener_, raw, size) == 0);
    REQUIRE(::getsockname(listener_, raw, &size) == 0);
    REQUIRE(::listen(listener_, 0) == 0);
    for (int i = 0; i < 4; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)::connect(fillers_.back(), raw, size);
    }
  }
  ~full_listener() {
    for (int filler : fillers_)
      ::close(filler);
    ::close(listener_);
  }
  full_listener(const full_listener&) = delete;
  full_listener& operator=(const full_listener&) = delete;

  std::uint16_t port() const { return ntohs(address_.sin_port); }

private:
  int listener_ = -1;
  sockaddr_in address_{};
  std::vector<int> fillers_;
};

surroundings with_lookup(lookup_function lookup) {
  auto around = with_variables();
  around.lookup = std::move(lookup);
  return around;
}

transport_options hasty(std::chrono::microseconds transport_options::*limit, std::chrono::milliseconds length = 200ms) {
  auto options = patient_options();
  options.*limit = length;
  return options;
}

const auto hello = ok("hello");

} // namespace

TEST_CASE("where only public addresses may be asked, neither http nor a private address is") {
  auto options = patient_options();
  options.public_only = true;
  std::vector<std::string> asked;
  auto around = with_lookup([&asked](const std::string& host, std::uint16_t port) {
    asked.push_back(host);
    // Of several addresses one that is private is enough.
    return lookup_answer{{Poco::Net::SocketAddress{"93.184.216.34", port}, Poco::Net::SocketAddress{"10.0.0.7", port}},
                         {}};
  });
  client me{options, around};
  for (const std::string url : {"http://example.test/", "https://inside.test/", "https://127.0.0.1/"}) {
    INFO(url);
    const auto answer = me.get(url);
    REQUIRE(!answer);
    CHECK(!answer.error().sent);
    CHECK(answer.error().error.failure == sluice::failure_type::config_error);
    CHECK(answer.error().error.message.find("DEPLOYMENT_MODE") != std::string::npos);
  }
  CHECK(asked == std::vector<std::string>{"inside.test"}); // plain http asks nobody, literals are known
}

TEST_CASE("behind a proxy the host that is asked for must be public, too") {
  auto options = patient_options();
  options.public_only = true;
  auto around = with_variables({{"https_proxy", "http://127.0.0.1:9"}});
  around.lookup = [](const std::string&, std::uint16_t port) {
    return lookup_answer{{Poco::Net::SocketAddress{"192.168.0.9", port}}, {}};
  };
  client me{options, around};
  const auto answer = me.get("https://inside.test/");
  REQUIRE(!answer);
  CHECK(answer.error().error.message.find("inside.test belongs to a private network") != std::string::npos);
}

TEST_CASE("a refused connection says who refused, and that nothing was sent") {
  const auto port = std::to_string(unused_port());
  const auto answer = client{}.get("http://127.0.0.1:" + port + "/path?secret");
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  const auto& problem = answer.error().error;
  CHECK(problem.code == errc::connection_failed);
  CHECK(problem.failure == failure_type::transient_error);
  CHECK(contains(problem.message, "127.0.0.1:" + port + ": Connection refused"));
  CHECK(!contains(problem.message, "secret"));
}

TEST_CASE("all addresses of a name are tried in turn") {
  const scripted_server server{{{receive(), send(hello)}}};
  client me{patient_options(), with_lookup([](const std::string&, std::uint16_t port) -> lookup_answer {
              // Nobody listens on the first, and the second has a route to nowhere.
              return {{Poco::Net::SocketAddress{"127.0.0.2", port}, Poco::Net::SocketAddress{"127.0.0.1", port}}, {}};
            })};
  const auto url = "http://two.example:" + std::to_string(server.port()) + "/";
  CHECK(me.get(url).value().body == "hello");
  CHECK(contains(server.requests().front(), "Host: two.example:" + std::to_string(server.port())));
}

TEST_CASE("a silent first address leaves time for the second") {
  const full_listener silent;
  const scripted_server server{{{receive(), send(hello)}}};
  client me{
    hasty(&transport_options::connect_timeout, 1000ms),
    with_lookup([&, good = server.port(), bad = silent.port()](const std::string&, std::uint16_t) -> lookup_answer {
      return {{Poco::Net::SocketAddress{"127.0.0.1", bad}, Poco::Net::SocketAddress{"127.0.0.1", good}}, {}};
    })};
  CHECK(me.get("http://two.example/").value().body == "hello");
}

TEST_CASE("when no address answers the message tells of each, and the name is looked up again") {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  client me{patient_options(),
            with_lookup([=, port = unused_port()](const std::string&, std::uint16_t) -> lookup_answer {
              ++*calls;
              return {{Poco::Net::SocketAddress{"127.0.0.1", port}, Poco::Net::SocketAddress{"127.0.0.2", port}}, {}};
            })};
  for (int i = 1; i <= 2; ++i) {
    const auto answer = me.get("http://two.example/");
    REQUIRE(!answer);
    CHECK(!answer.error().sent);
    CHECK(contains(answer.error().error.message, "127.0.0.1:"));
    CHECK(contains(answer.error().error.message, "127.0.0.2:"));
    CHECK(*calls == i);
  }
}

TEST_CASE("an unknown host is an error that was not sent") {
  client me{patient_options(), with_lookup([](const std::string&, std::uint16_t) -> lookup_answer {
              return {{}, "Name or service not known"};
            })};
  const auto answer = me.get("http://nowhere.example/");
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  CHECK(answer.error().error.failure == failure_type::transient_error);
  CHECK(contains(answer.error().error.message, "nowhere.example"));
  CHECK(contains(answer.error().error.message, "Name or service not known"));
}

TEST_CASE("a lookup that hangs is bounded by the connect timeout") {
  const auto release = std::make_shared<std::promise<void>>();
  client me{hasty(&transport_options::connect_timeout),
            with_lookup([released = release->get_future().share()](const std::string&, std::uint16_t) -> lookup_answer {
              released.wait();
              return {};
            })};
  const auto answer = me.get("http://slow.example/");
  release->set_value();
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  CHECK(answer.error().error.code == errc::timed_out);
  CHECK(contains(answer.error().error.message, "200ms (http.connect_timeout)"));
}

TEST_CASE("a connection that hangs is bounded by the connect timeout") {
  const full_listener silent;
  client me{hasty(&transport_options::connect_timeout)};
  const auto answer = me.get("http://127.0.0.1:" + std::to_string(silent.port()) + "/");
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  CHECK(answer.error().error.code == errc::timed_out);
  CHECK(contains(answer.error().error.message, "200ms (http.connect_timeout)"));
}

TEST_CASE("silence is bounded by the read timeout, wherever it falls") {
  const auto options = hasty(&transport_options::read_timeout);
  for (const script& steps : {
         script{stall()},
         script{send("HTTP/1.1 200 OK\r\nConte"), stall()},
         script{send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), stall()},
         script{send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), stall()},
         script{send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"), stall()},
       }) {
    const auto problem = failure_of(steps, options);
    CHECK(problem.code == errc::timed_out);
    CHECK(problem.failure == failure_type::transient_error);
    CHECK(contains(problem.message, "no byte came within 200ms (http.read_timeout)"));
  }
}

TEST_CASE("a trickle is bounded by the total timeout, in the header and in the body") {
  const auto options = hasty(&transport_options::total_timeout, 300ms);
  const std::string endless(100'000, 'x');
  for (const script& steps : {
         script{drip("HTTP/1.1 200 OK\r\nA: " + endless, 5ms)},
         script{send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), drip(endless, 5ms)},
         script{send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), drip("fffff\r\n" + endless, 5ms)},
       }) {
    const auto problem = failure_of(steps, options);
    CHECK(problem.code == errc::timed_out);
    CHECK(contains(problem.message, "300ms (http.total_timeout)"));
  }
}

TEST_CASE("a stream that never pauses is bounded by the total timeout") {
  auto options = hasty(&transport_options::total_timeout, 300ms);
  options.max_body_bytes = UINT64_MAX / 2;
  const auto problem = failure_of({send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                                   flood("1;" + std::string(60'000, 'x') + "\r\ny\r\n")},
                                  options);
  CHECK(problem.code == errc::timed_out);
  CHECK(contains(problem.message, "300ms (http.total_timeout)"));
}

TEST_CASE("a server that takes no more of a request is bounded by the read timeout") {
  const scripted_server server{{{hold()}}};
  client me{hasty(&transport_options::read_timeout)};
  const auto answer = me.send("POST", server.url(), {}, std::string(50'000'000, 'x'));
  REQUIRE(!answer);
  CHECK(answer.error().sent);
  CHECK(answer.error().error.code == errc::timed_out);
  CHECK(contains(answer.error().error.message, "did not take the request within 200ms (http.read_timeout)"));
}

TEST_CASE("an abort ends requests in flight and later ones, and says so") {
  const scripted_server server{
    {{receive(), stall()},
     {receive(), send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), stall()},
     {receive(), send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), drip(std::string(100'000, 'x'), 5ms)}}};
  const auto shared = make_poco_transport(patient_options(), with_variables());
  std::vector<std::future<tl::expected<response, transport_failure>>> answers;
  for (int i = 0; i < 3; ++i)
    answers.push_back(std::async(std::launch::async, [&] {
      return open_session(*shared)->send({"GET", server.url(), {}, {}});
    }));
  REQUIRE(server.wait_for_requests(3));
  shared->abort_all();
  for (auto& pending : answers) {
    const auto answer = pending.get();
    REQUIRE(!answer);
    CHECK(answer.error().error.code == errc::interrupted);
    CHECK(answer.error().sent);
  }
  const auto later = open_session(*shared)->send({"GET", server.url(), {}, {}});
  REQUIRE(!later);
  CHECK(later.error().error.code == errc::interrupted);
  CHECK(!later.error().sent);
  CHECK(server.connections() == 3);
}

TEST_CASE("an abort ends a wait for a connection and for a name") {
  const full_listener silent;
  const auto release = std::make_shared<std::promise<void>>();
  const auto entered = std::make_shared<std::promise<void>>();
  const auto shared = make_poco_transport(
    patient_options(),
    with_lookup([=, released = release->get_future().share()](const std::string&, std::uint16_t) -> lookup_answer {
      entered->set_value();
      released.wait();
      return {};
    }));
  auto connecting = std::async(std::launch::async, [&] {
    return open_session(*shared)->send({"GET", "http://127.0.0.1:" + std::to_string(silent.port()) + "/", {}, {}});
  });
  auto looking_up = std::async(std::launch::async, [&] {
    return open_session(*shared)->send({"GET", "http://slow.example/", {}, {}});
  });
  entered->get_future().wait();
  shared->abort_all();
  for (auto* pending : {&connecting, &looking_up}) {
    const auto answer = pending->get();
    REQUIRE(!answer);
    CHECK(answer.error().error.code == errc::interrupted);
    CHECK(!answer.error().sent);
  }
  release->set_value();
}

TEST_CASE("many sessions of one transport work at once") {
  constexpr int sessions = 16;
  constexpr int requests = 20;
  script steps;
  for (int i = 0; i < requests; ++i) {
    steps.push_back(receive());
    steps.push_back(send(hello));
  }
  const scripted_server server{std::vector<script>(sessions, steps)};
  const auto shared = make_poco_transport(patient_options(), with_variables());
  std::vector<std::future<int>> done;
  for (int i = 0; i < sessions; ++i)
    done.push_back(std::async(std::launch::async, [&] {
      const auto session = open_session(*shared);
      int good = 0;
      for (int j = 0; j < requests; ++j)
        if (const auto answer = session->send({"GET", server.url(), {}, {}}); answer && answer->body == "hello")
          ++good;
      return good;
    }));
  for (auto& count : done)
    CHECK(count.get() == requests);
  CHECK(server.connections() == sessions);
}

TEST_CASE("a plain request through a proxy names the whole URL and carries the credentials") {
  const scripted_server proxy{{{receive(), send(ok("by proxy")), receive(), send(ok("again"))}}};
  client me{patient_options(),
            with_variables({{"http_proxy", "http://me:pw@127.0.0.1:" + std::to_string(proxy.port())}})};
  CHECK(me.get("http://api.example:8080/a%20b?c=d").value().body == "by proxy");
  CHECK(me.get("http://api.example:8080/").value().body == "again");
  const auto request = proxy.requests().front();
  CHECK(request.starts_with("GET http://api.example:8080/a%20b?c=d HTTP/1.1\r\nHost: api.example:8080\r\n"));
  CHECK(contains(request, "Proxy-Authorization: Basic bWU6cHc=\r\n"));
  CHECK(proxy.connections() == 1);
}

TEST_CASE("a proxy that cannot be reached is named") {
  const auto port = std::to_string(unused_port());
  client me{patient_options(), with_variables({{"http_proxy", "http://me:pw@127.0.0.1:" + port}})};
  const auto answer = me.get("http://api.example/");
  REQUIRE(!answer);
  CHECK(!answer.error().sent);
  CHECK(contains(answer.error().error.message, "127.0.0.1:" + port));
  CHECK(contains(answer.error().error.message, "proxy"));
  CHECK(!contains(answer.error().error.message, "pw"));
}

TEST_CASE("the environment is read when the transport is made") {
  const scripted_server server{{{receive(), send(hello)}}};
  std::map<std::string, std::string> variables;
  surroundings around = with_variables();
  around.get_variable = [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  client me{patient_options(), around};
  variables["http_proxy"] = "http://127.0.0.1:" + std::to_string(unused_port());
  CHECK(me.get(server.url()).value().body == "hello");
}
