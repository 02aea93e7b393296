#include "app/simulator/server.hpp"
#include "app/simulator/wire.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"

using namespace sluice::simulator;
using namespace sluice::simulator::testing;
using namespace std::chrono_literals;

namespace {

const std::string details = first_details();

std::unique_ptr<server> faulty(const std::string& rule) {
  options o;
  auto parsed = parse_fault(rule);
  INFO(rule);
  REQUIRE(parsed);
  o.faults = {*parsed};
  return start(o);
}

reply ask(const std::string& rule, const std::string& target = details, const std::string& headers = {}) {
  auto s = faulty(rule);
  client c{s->port()};
  auto r = c.get(target, headers);
  CHECK(s->statistics().faults == 1);
  return r;
}

std::string good_body() {
  return account{options{}.account}.survey_details(0);
}

} // namespace

TEST_CASE("a status comes with the API's error body, or another, and with Retry-After") {
  auto r = ask("status=503 retry_after=7");
  CHECK(r.status == 503);
  CHECK(r.headers["retry-after"] == "7");
  CHECK(error_id(r.body) == "1051");
  CHECK(object(r.body)->getObject("error")->getValue<int>("http_status_code") == 503);
  r = ask("status=418 body=\"I am a teapot\"");
  CHECK(r.status == 418);
  CHECK(r.body == "I am a teapot");
  CHECK(r.headers.count("retry-after") == 0);
  r = ask("status=500 body=<html></html>");
  CHECK(r.headers["content-type"].rfind("text/html", 0) == 0);
  r = ask("status=429 retry_after=date+100");
  CHECK(r.headers["retry-after"].rfind(" GMT") == r.headers["date"].rfind(" GMT"));
  CHECK(r.headers["retry-after"] != r.headers["date"]);
  r = ask("status=204");
  CHECK(r.status == 204);
  CHECK(r.end == ending::complete);
}

TEST_CASE("a dropped connection gives no byte") {
  auto r = ask("drop");
  CHECK(r.status == 0);
  CHECK(r.end == ending::closed);
  r = ask("reset");
  CHECK(r.status == 0);
  CHECK(r.end == ending::reset);
}

TEST_CASE("a truncated body ends before its length") {
  for (std::string headers : {"", "Accept-Encoding: gzip\r\n"}) {
    auto r = ask("truncate", details, headers);
    CHECK(r.status == 200);
    CHECK(r.end == ending::closed);
    CHECK(r.body.size() == std::stoul(r.headers["content-length"]) / 2);
  }
  auto r = ask("truncate path=users", "/v3/users/me");
  CHECK(r.end == ending::closed);
}

TEST_CASE("a chunked body can end within a chunk") {
  auto r = ask("cut_chunked");
  CHECK(r.headers["transfer-encoding"] == "chunked");
  CHECK(r.end == ending::closed);
}

TEST_CASE("a chunked body can end without its last chunk") {
  auto r = ask("no_last_chunk");
  CHECK(r.body == good_body());
  CHECK(r.end == ending::closed);
}

TEST_CASE("a body without a length can be cut") {
  auto r = ask("cut_close");
  CHECK(r.headers.count("content-length") == 0);
  CHECK(r.headers.count("transfer-encoding") == 0);
  CHECK(r.headers["connection"] == "close");
}

TEST_CASE("a connection can be reset at every phase of an answer") {
  auto r = ask("reset_head");
  CHECK(r.end == ending::reset);
  CHECK(r.headers.count("content-length") == 0);
  r = ask("reset_body");
  CHECK(r.status == 200);
  CHECK(r.end == ending::reset);
  r = ask("reset_chunk");
  CHECK(r.headers["transfer-encoding"] == "chunked");
  CHECK(r.end == ending::reset);
}

TEST_CASE("lengths can be wrong in many ways") {
  auto length = [](reply& r) { return r.headers["content-length"]; };
  auto size = std::to_string(good_body().size());
  auto half = std::to_string(good_body().size() / 2);
  auto r = ask("short_length");
  CHECK(length(r) == half);
  {
    auto s = faulty("long_length");
    client c{s->port()};
    c.send_get(details);
    r = c.read(good_body().size());
    CHECK(r.body == good_body());
    CHECK(length(r) == std::to_string(good_body().size() + 1));
    c.close();
  }
  auto raw = [](const std::string& rule) {
    auto s = faulty(rule);
    client c{s->port()};
    c.send_get(details, "Connection: close\r\n");
    return c.rest();
  };
  CHECK(raw("bad_length").find("Content-Length: many\r\n") != std::string::npos);
  CHECK(raw("two_lengths").find("Content-Length: " + size + "\r\nContent-Length: " + half) != std::string::npos);
  CHECK(raw("length_and_chunked").find("Content-Length: " + size + "\r\nTransfer-Encoding: chunked")
        != std::string::npos);
  CHECK(raw("bad_chunk").find("\r\nmany\r\n") != std::string::npos);
  CHECK(raw("bad_head").rfind("This is not HTTP", 0) == 0);
  auto twice = raw("extra_answer");
  CHECK(twice.find("HTTP/1.1 200", 1) != std::string::npos);
  CHECK(twice.find(good_body()) != std::string::npos);
}

TEST_CASE("heads and bodies can be huge") {
  auto r = ask("huge_header=200000");
  CHECK(r.headers["x-filling"].size() == 200'000);
  CHECK(r.body == good_body());
  r = ask("huge=3MiB");
  CHECK(r.body.size() == 3 * 1024 * 1024);
  CHECK(object(r.body)->has("padding"));
  r = ask("gzip_bomb=3MiB");
  CHECK(r.headers["content-encoding"] == "gzip");
  CHECK(r.body.size() < 30'000);
  CHECK(decompress(r.body).size() == 3 * 1024 * 1024);
}

TEST_CASE("pages can be repeated or too short, and say nothing of it") {
  auto good = [](const std::string& target) {
    auto s = start(options{});
    return get(*s, target).body;
  };
  const std::string second = "/v3/surveys?per_page=10&page=2";
  auto rows = [](const std::string& body) { return body.substr(0, body.find("],\"per_page\"")); };
  // Without the links, which hold the server's port.
  auto rest = [](const std::string& body) {
    auto from = body.find("],\"per_page\"");
    return body.substr(from, body.find("\"links\"") - from);
  };
  auto r = ask("duplicate_page", second);
  CHECK(rows(r.body) == rows(good("/v3/surveys?per_page=10&page=1")));
  CHECK(rest(r.body) == rest(good(second)));
  r = ask("short_page", second);
  CHECK(object(r.body)->getArray("data")->size() == 5);
  CHECK(rest(r.body) == rest(good(second)));
}

TEST_CASE("bodies can be what no client wants") {
  auto r = ask("garbage");
  CHECK(r.status == 200);
  CHECK_THROWS(object(r.body));
  r = ask("html");
  CHECK(r.status == 200);
  CHECK(r.headers["content-type"].rfind("text/html", 0) == 0);
  r = ask("empty");
  CHECK(r.status == 200);
  CHECK(r.headers["content-length"] == "0");
  r = ask("error_body=1011");
  CHECK(r.status == 200);
  CHECK(error_id(r.body) == "1011");
  r = ask("no_data", "/v3/surveys");
  CHECK(r.status == 200);
  CHECK_FALSE(object(r.body)->has("data"));
}

TEST_CASE("a stalled answer is late but whole") {
  for (std::string rule : {"stall=60ms", "stall_head=60ms", "stall_body=60ms"}) {
    auto begin = std::chrono::steady_clock::now();
    auto r = ask(rule);
    CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
    CHECK(r.end == ending::complete);
    CHECK(r.body == good_body());
  }
}

TEST_CASE("a stall in the body comes after its first half") {
  auto s = faulty("stall_body=600s");
  client c{s->port()};
  c.send_get("/v3/users/me");
  auto size = s->account().user_body().size();
  auto half = c.read(size / 2);
  CHECK(half.status == 200);
  CHECK(half.body.size() == size / 2);
  s->stop();
  CHECK(c.rest().empty());
}

TEST_CASE("a dripping answer takes its time and is whole") {
  auto begin = std::chrono::steady_clock::now();
  auto r = ask("drip=5000", "/v3/users/me");
  CHECK(std::chrono::steady_clock::now() - begin >= 80ms);
  CHECK(r.end == ending::complete);
  CHECK(object(r.body)->has("username"));
}

TEST_CASE("gzip can have a wrong checksum") {
  auto r = ask("bad_gzip");
  CHECK(r.headers["content-encoding"] == "gzip");
  CHECK(r.end == ending::complete);
  CHECK_THROWS(decompress(r.body));
  r = ask("cut_gzip");
  CHECK(r.end == ending::complete);
  CHECK_THROWS(decompress(r.body));
  CHECK(decompress(compress("text")) == "text");
}

TEST_CASE("answers can lead astray") {
  auto r = ask("redirect=http://other.example/x");
  CHECK(r.status == 302);
  CHECK(r.headers["location"] == "http://other.example/x");
  auto next = [](const reply& list) { return object(list.body)->getObject("links")->getValue<std::string>("next"); };
  CHECK(next(ask("foreign_link=http://other.example", "/v3/surveys")).rfind("http://other.example/v3/surveys?", 0)
        == 0);
  r = ask("self_link", "/v3/surveys");
  CHECK(next(r) == object(r.body)->getObject("links")->getValue<std::string>("self"));
}

TEST_CASE("after a fault the server goes on, and the connection where it can") {
  for (std::string rule :
       {"status=500", "garbage", "html", "empty", "error_body", "bad_gzip", "redirect=http://x", "drip=100000",
        "stall=1ms", "stall_body=1ms", "stall_head=1ms", "cut_gzip", "huge=100", "gzip_bomb=100", "huge_header=10"}) {
    auto s = faulty(rule + " nth=1");
    client c{s->port()};
    c.get(details);
    INFO(rule);
    CHECK(c.get(details).body == good_body());
    CHECK(s->statistics().connections == 1);
  }
  for (std::string rule : {"drop", "reset", "truncate", "reset_head", "reset_body", "reset_chunk", "cut_chunked",
                           "no_last_chunk", "cut_close", "two_lengths", "short_length", "extra_answer"}) {
    auto s = faulty(rule + " nth=1");
    client c{s->port()};
    c.get(details);
    INFO(rule);
    CHECK(get(*s, details).body == good_body());
  }
}

TEST_CASE("a faulty request uses up the limit, a refused one gets no fault") {
  options o;
  o.limits.minute.limit = 1;
  o.limits.minute.window = 1h;
  o.faults = {*parse_fault("status=500")};
  auto s = start(o);
  client c{s->port()};
  CHECK(c.get(details).status == 500);
  CHECK(c.get(details).status == 429);
  CHECK(s->statistics().faults == 1);
}

TEST_CASE("fault rules can be replaced while the server runs") {
  auto s = faulty("status=500");
  client c{s->port()};
  CHECK(c.get(details).status == 500);
  REQUIRE(s->set_faults({}));
  CHECK(c.get(details).status == 200);
  fault_rule bad;
  bad.pattern = "(";
  CHECK_FALSE(s->set_faults({bad}));
  options o;
  o.faults = {bad};
  CHECK_FALSE(server::start(o));
}
