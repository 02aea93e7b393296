#include "app/simulator/server.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/request_log.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

using namespace sluice::simulator;
using namespace sluice::simulator::testing;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a connection is kept alive and serves one request after the other") {
  auto s = start();
  client c{s->port()};
  for (int i = 0; i < 20; ++i) {
    auto r = c.get("/v3/surveys?per_page=1000");
    CHECK(r.status == 200);
    CHECK(r.end == ending::complete);
    CHECK(r.headers["connection"] == "keep-alive");
    CHECK(items(r.body).size() == 60);
  }
  CHECK(s->statistics().connections == 1);
  CHECK(s->statistics().requests == 20);
}

TEST_CASE("the connection ends after an answer when the client asks for it") {
  auto s = start();
  client c{s->port()};
  CHECK(c.get("/v3/surveys", "Connection: close\r\n").headers["connection"] == "close");
  CHECK(c.read().end == ending::closed);
}

TEST_CASE("links lead to the host that the client named") {
  auto s = start();
  client c{s->port()};
  c.send(
    "GET /v3/surveys?per_page=5 HTTP/1.1\r\nHost: localhost:4711\r\nAuthorization: bearer simulator-token\r\n\r\n");
  auto r = c.read();
  CHECK(object(r.body)->getObject("links")->getValue<std::string>("next")
        == "http://localhost:4711/v3/surveys?per_page=5&page=2");
}

TEST_CASE("a missing token and a wrong token are told apart") {
  auto s = start();
  client c{s->port()};
  const std::string request = "GET /v3/surveys HTTP/1.1\r\nHost: x\r\n";
  for (auto [header, id] :
       std::vector<std::pair<std::string, std::string>>{{"", "1010"},
                                                        {"Authorization: Basic abc\r\n", "1010"},
                                                        {"Authorization: Bearer \r\n", "1010"},
                                                        {"Authorization: Bearer wrong\r\n", "1011"},
                                                        {"Authorization: bearer simulator-tokens\r\n", "1011"}}) {
    c.send(request + header + "\r\n");
    auto r = c.read();
    INFO(header);
    CHECK(r.status == 401);
    CHECK(error_id(r.body) == id);
  }
  s->set_token("new");
  CHECK(c.get("/v3/surveys").status == 401);
  s->set_token("");
  CHECK(c.get("/v3/surveys").status == 200);
}

TEST_CASE("requests beyond the limit get 429 with the API's error and headers") {
  options o;
  o.limits.minute.limit = 3;
  o.limits.minute.window = 1h;
  auto s = start(o);
  client c{s->port()};
  for (int remaining : {2, 1, 0}) {
    auto r = c.get("/v3/surveys");
    CHECK(r.status == 200);
    CHECK(r.headers["x-ratelimit-app-global-minute-limit"] == "3");
    CHECK(r.headers["x-ratelimit-app-global-minute-remaining"] == std::to_string(remaining));
    CHECK(std::stoi(r.headers["x-ratelimit-app-global-minute-reset"]) > 3500);
    CHECK(r.headers.count("x-ratelimit-app-global-day-limit") == 0);
  }
  auto r = c.get("/v3/surveys");
  CHECK(r.status == 429);
  CHECK(error_id(r.body) == "1040");
  CHECK(r.headers["x-ratelimit-app-global-minute-remaining"] == "0");
  auto sums = s->statistics();
  CHECK(sums.refused == 1);
  CHECK(sums.by_status.at(429) == 1);
  REQUIRE(sums.minutes.size() == 1);
  CHECK(sums.minutes[0].admitted == 3);
  CHECK(sums.minutes[0].refused == 1);
}

TEST_CASE("a request with a wrong token uses up nothing") {
  options o;
  o.limits.minute.limit = 1;
  o.limits.minute.window = 1h;
  auto s = start(o);
  client c{s->port()};
  c.send("GET /v3/surveys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n");
  CHECK(c.read().status == 401);
  CHECK(c.get("/v3/surveys").status == 200);
}

TEST_CASE("bodies are compressed for clients that accept it") {
  options o;
  SECTION("large ones by default") {
    auto s = start(o);
    client c{s->port()};
    auto plain = c.get("/v3/surveys");
    auto packed = c.get("/v3/surveys", "Accept-Encoding: gzip\r\n");
    auto small = c.get("/v3/surveys?per_page=1", "Accept-Encoding: gzip\r\n");
    CHECK(plain.headers.count("content-encoding") == 0);
    CHECK(packed.headers["content-encoding"] == "gzip");
    CHECK(small.headers.count("content-encoding") == 0);
    CHECK(packed.body.size() < plain.body.size() / 2);
    CHECK(decompress(packed.body) == plain.body);
  }
  SECTION("all") {
    o.gzip = gzip_mode::all;
    auto s = start(o);
    CHECK(get(*s, "/v3/nonsense", "Accept-Encoding: gzip\r\n").headers["content-encoding"] == "gzip");
  }
  SECTION("none") {
    o.gzip = gzip_mode::off;
    auto s = start(o);
    CHECK(get(*s, "/v3/surveys", "Accept-Encoding: gzip\r\n").headers.count("content-encoding") == 0);
  }
}

TEST_CASE("layout and framing of bodies can be chosen and change no value") {
  auto expected = get(*start(), first_details()).body;
  options o;
  o.chunked = true;
  for (auto style : {body_style::compact, body_style::spaced, body_style::pretty}) {
    o.style = style;
    auto s = start(o);
    auto r = get(*s, first_details());
    CHECK(r.headers["transfer-encoding"] == "chunked");
    CHECK(r.headers.count("content-length") == 0);
    CHECK(r.chunks >= 2);
    CHECK(restyle(r.body, body_style::compact) == expected);
    CHECK((r.body.find('\n') != std::string::npos) == (style == body_style::pretty));
  }
}

TEST_CASE("held requests wait until they are released, others pass") {
  auto s = start();
  s->hold("/details");
  client held{s->port()};
  held.send_get(first_details());
  REQUIRE(s->wait_until_held(1, 20s));
  CHECK(get(*s, "/v3/surveys").status == 200);
  CHECK(s->statistics().in_flight == 1);
  CHECK(s->statistics().peak_in_flight == 2);
  s->release();
  CHECK(held.read().status == 200);
  CHECK(s->statistics().in_flight == 0);
  CHECK(get(*s, first_details()).status == 200);
}

TEST_CASE("a client that leaves while it is held is no longer in flight") {
  auto s = start();
  s->hold("");
  {
    client gone{s->port()};
    gone.send_get("/v3/surveys");
    REQUIRE(s->wait_until_held(1, 20s));
  }
  s->release(); // wakes it in any case; then it finds the client gone or answers into the void
  client next{s->port()};
  CHECK(next.get("/v3/surveys").status == 200);
  s->stop();
  CHECK(s->statistics().in_flight == 0);
}

TEST_CASE("the number of requests in flight is never more than the clients' number") {
  options o;
  o.latency = 2ms;
  o.jitter = 3ms;
  auto s = start(o);
  s->hold(""); // until all are there
  constexpr int clients = 8;
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      client c{s->port()};
      for (int n = 0; n < 25; ++n)
        good += c.get("/v3/surveys?per_page=100").status == 200;
    });
  bool all_there = s->wait_until_held(clients, 20s);
  s->release();
  for (auto& t : threads)
    t.join();
  CHECK(all_there);
  CHECK(good == clients * 25);
  auto sums = s->statistics();
  CHECK(sums.peak_in_flight == clients);
  CHECK(sums.average_in_flight > 1);
  CHECK(sums.average_in_flight <= clients);
  CHECK(sums.in_flight == 0);
  CHECK(sums.connections == clients);
  auto log = s->log();
  REQUIRE(log.size() == clients * 25);
  CHECK(std::is_sorted(log.begin(), log.end(), [](auto& a, auto& b) { return a.arrived < b.arrived; }));
  for (const auto& r : log)
    CHECK(r.finished - r.arrived >= 2ms);
  CHECK(std::abs(average_in_flight(log, sums.first_arrival, sums.last_arrival) - sums.average_in_flight) < 0.001);
}

TEST_CASE("the log tells who was asked when") {
  auto s = start();
  client c{s->port()};
  c.get("/v3/surveys?page=1");
  c.get(first_details());
  c.get("/v3/surveys?page=2");
  c.get(first_details());
  c.get("/v3/nonsense");
  auto log = s->log();
  REQUIRE(log.size() == 5);
  CHECK(log[1].target == first_details());
  CHECK(log[1].endpoint == "survey_details");
  CHECK(log[1].status == 200);
  CHECK(log[0].path() == "/v3/surveys");
  CHECK(log[4].status == 404);
  CHECK_FALSE(log[4].in_flight);
  CHECK(requests_for(log, first_details()) == 2);
  CHECK(requests_to(log, "surveys") == 2);
  CHECK(first_request_to(log, "survey_details") == 1);
  CHECK(last_request_to(log, "surveys") == 2);
  CHECK(first_request_to(log, "collector") == log.size());
  CHECK(last_request_to(log, "collector") == log.size());
  auto sums = s->statistics();
  CHECK(sums.by_endpoint.at("survey_details") == 2);
  CHECK(sums.by_endpoint.at("other") == 1);
  CHECK(sums.by_status.at(200) == 4);
}

TEST_CASE("the log is bounded, the sums are not") {
  options o;
  o.log_capacity = 3;
  auto s = start(o);
  client c{s->port()};
  for (int i = 0; i < 5; ++i)
    c.get("/v3/users/me");
  CHECK(s->log().size() == 3);
  CHECK(s->statistics().by_endpoint.at("users_me") == 5);
}

TEST_CASE("every endpoint has its name in the log") {
  auto s = start();
  auto& a = s->account();
  client c{s->port()};
  auto base = "/v3/surveys/" + a.survey_id(1);
  for (auto [target, endpoint] :
       std::vector<std::pair<std::string, std::string>>{{"/v3/surveys", "surveys"},
                                                        {base, "survey"},
                                                        {base + "/details", "survey_details"},
                                                        {base + "/responses/", "survey_responses"},
                                                        {base + "/responses/bulk", "survey_responses_bulk"},
                                                        {base + "/collectors", "survey_collectors"},
                                                        {"/v3/collectors/" + a.collector_id(1, 0), "collector"},
                                                        {"/v3/users/me", "users_me"},
                                                        {base + "/nonsense", "other"}}) {
    c.get(target);
    CHECK(s->log().back().endpoint == endpoint);
    CHECK(s->log().back().status == (endpoint == "other" ? 404 : 200));
  }
}

TEST_CASE("stopping ends requests that wait, connections that idle, and can be repeated") {
  options o;
  o.faults = {*parse_fault("stall=600s path=users")};
  auto s = start(o);
  s->hold("/details");
  client stalled{s->port()};
  client held{s->port()};
  client idle{s->port()};
  client half{s->port()};
  idle.get("/v3/surveys");
  half.send("GET /v3/sur");
  stalled.send_get("/v3/users/me");
  held.send_get(first_details());
  REQUIRE(s->wait_until_held(1, 20s));
  REQUIRE(s->wait_until_requests(3, 20s));
  s->stop();
  s->stop();
  CHECK(stalled.read().end != ending::complete);
  CHECK(held.read().end != ending::complete);
  CHECK(idle.read().end != ending::complete);
  CHECK(s->statistics().in_flight == 0);
  CHECK(s->statistics().by_status.at(0) == 2);
}

TEST_CASE("a port that is taken is an error with advice") {
  auto first = start();
  options o;
  o.port = first->port();
  auto second = server::start(o);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == sluice::errc::connection_failed);
  CHECK(second.error().message.find(std::to_string(o.port)) != std::string::npos);
  CHECK(second.error().message.find("another port") != std::string::npos);
}

TEST_CASE("connections beyond the maximum are closed") {
  options o;
  o.max_connections = 2;
  auto s = start(o);
  client a{s->port()};
  client b{s->port()};
  CHECK(a.get("/v3/users/me").status == 200);
  CHECK(b.get("/v3/users/me").status == 200);
  client c{s->port()};
  CHECK(c.read().end != ending::complete);
  CHECK(a.get("/v3/users/me").status == 200);
}

TEST_CASE("what is no request gets 400 or nothing, and the server goes on") {
  auto s = start();
  for (std::string text : {std::string(100'000, 'x') + "\r\n\r\n", std::string{"GET\r\n\r\n"},
                           std::string{"\0\0\0\0\r\n\r\n", 8}, std::string{"GET / HTTP/1.1\r\nbroken\r\n\r\n"}}) {
    try {
      client c{s->port()};
      c.send(text);
      auto r = c.read();
      CHECK((r.end != ending::complete || r.status >= 400));
    } catch (const Poco::Exception&) { // the server may close before all has been sent
    }
  }
  CHECK(get(*s, "/v3/users/me").status == 200);
}

TEST_CASE("a request with a body or another method is answered and the connection closed") {
  auto s = start();
  client c{s->port()};
  c.send(
    "POST /v3/surveys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer simulator-token\r\nContent-Length: 5\r\n\r\nhello");
  auto r = c.read();
  CHECK(r.status == 405);
  CHECK(r.headers["connection"] == "close");
  client d{s->port()};
  CHECK(d.get("/v3/surveys", "Content-Length: 3\r\n").headers["connection"] == "close");
}

TEST_CASE("a page of a thousand surveys is made in little time") {
  options o;
  o.account.surveys = 100'000;
  auto s = start(o);
  client c{s->port()};
  auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= 5; ++i)
    CHECK(
      items(
        c.get("/v3/surveys?per_page=1000&include=response_count,date_modified,preview&page=" + std::to_string(i)).body)
        .size()
      == 1000);
  // A hundredfold of what it takes: only something quadratic or stored would fail.
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
}
