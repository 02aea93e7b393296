#include "actors/net/poco_session.hpp"

#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/gzip.hpp"

#include <rapidcheck.h>

#include <cstdio>
#include <string>

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;

TEST_CASE("a request goes out byte for byte as it was asked for") {
  const scripted_server server{{{receive(), send(ok("hello"))}}};
  client me;
  const auto answer = me.get(server.url("/a%2Fb/%7e?x=%7B+%20&y=\xc3\xa4#fragment"), {{"Authorization", "Bearer t"}});
  REQUIRE(answer);
  CHECK(server.requests().front()
        == "GET /a%2Fb/%7e?x=%7B+%20&y=\xc3\xa4 HTTP/1.1\r\n"
           "Host: 127.0.0.1:"
             + std::to_string(server.port())
             + "\r\nUser-Agent: sluice-test\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n"
               "Authorization: Bearer t\r\n\r\n");
}

TEST_CASE("an answer arrives whole") {
  const scripted_server server{{{receive(), send("HTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-a: 2\r\n"
                                                 "Content-Length: 5\r\n\r\nhello")}}};
  client me;
  const auto answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->reason == "Not Found");
  CHECK(answer->body == "hello");
  CHECK(answer->wire_bytes == 5);
  CHECK(answer->header("X-a") == "1");
  CHECK(!answer->header("X-B"));
}

TEST_CASE("headers of the caller replace the defaults, whatever their case") {
  const scripted_server server{{{receive(), send(ok(""))}}};
  client me;
  REQUIRE(me.get(server.url(),
                 {{"host", "other"}, {"user-agent", "me"}, {"ACCEPT", "a/b"}, {"accept-encoding", "identity"}}));
  const auto request = server.requests().front();
  CHECK(contains(request, "host: other\r\n"));
  CHECK(contains(request, "user-agent: me\r\n"));
  CHECK(!contains(request, "Host:"));
  CHECK(!contains(request, "sluice-test"));
  CHECK(!contains(request, "*/*"));
  CHECK(!contains(request, "gzip"));
}

TEST_CASE("a body is sent with its length, small or large") {
  const std::string large(3'000'000, 'x');
  const scripted_server server{{{receive(), send(ok("")), receive(), send(ok("")), receive(), send(ok(""))}}};
  client me;
  REQUIRE(me.send("POST", server.url("/1"), {}, "{}"));
  REQUIRE(me.send("PUT", server.url("/2"), {}, large));
  REQUIRE(me.send("POST", server.url("/3")));
  CHECK(contains(server.requests()[0], "Content-Length: 2\r\n\r\n{}"));
  CHECK(server.requests()[1].ends_with("Content-Length: 3000000\r\n\r\n" + large));
  CHECK(server.requests()[2].ends_with("Content-Length: 0\r\n\r\n"));
  CHECK(server.connections() == 1);
}

TEST_CASE("what would break out of a header is refused before anything is sent") {
  const scripted_server server{{{receive(), send(ok(""))}}};
  client me;
  for (const auto& [name, value] : header_list{{"A", "secret\r\nB: c"},
                                               {"A", "secret\nB: c"},
                                               {"A", std::string{"secret\0", 7}},
                                               {"A: b\r\nC", "secret"},
                                               {"", "secret"},
                                               {"Content-Length", "7"},
                                               {"transfer-encoding", "chunked"}}) {
    const auto answer = me.get(server.url(), {{name, value}});
    REQUIRE(!answer);
    CHECK(answer.error().error.failure == failure_type::config_error);
    CHECK(!answer.error().sent);
    CHECK(!contains(answer.error().error.message, "secret"));
  }
  CHECK(!me.send("GET / HTTP/1.1\r\nX:", server.url()));
  CHECK(!me.get("nonsense"));
  CHECK(!me.get("nonsense").error().sent);
  CHECK(server.connections() == 0);
}

TEST_CASE("one connection serves many requests") {
  script steps;
  for (int i = 0; i < 20; ++i) {
    steps.push_back(receive());
    steps.push_back(send(ok("page " + std::to_string(i))));
  }
  const scripted_server server{{steps}};
  client me;
  for (int i = 0; i < 20; ++i)
    CHECK(me.get(server.url()).value().body == "page " + std::to_string(i));
  CHECK(server.connections() == 1);
}

TEST_CASE("a connection is used for its own host and port only") {
  const scripted_server one{{{receive(), send(ok("one"))}, {receive(), send(ok("one again"))}}};
  const scripted_server two{{{receive(), send(ok("two"))}}};
  client me;
  CHECK(me.get(one.url()).value().body == "one");
  CHECK(me.get(two.url()).value().body == "two");
  CHECK(me.get(one.url()).value().body == "one again");
}

TEST_CASE("redirects within the origin are followed, with the cookies that came with them") {
  const scripted_server server{
    {{receive(), send("HTTP/1.1 302 Found\r\nLocation: /other\r\nSet-Cookie: s=1\r\nContent-Length: 3\r\n\r\nold"),
      receive(), send(ok("new"))}}};
  client me;
  const auto answer = me.send("POST", server.url(), {}, "body");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "new");
  CHECK(answer->url == server.url("/other"));
  REQUIRE(server.requests().size() == 2);
  CHECK(contains(server.requests()[1], "GET /other HTTP/1.1\r\n"));
  CHECK(contains(server.requests()[1], "Cookie: s=1\r\n"));
  CHECK_FALSE(contains(server.requests()[1], "body"));
}

TEST_CASE("redirects to another origin are not followed") {
  const scripted_server server{
    {{receive(), send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/other\r\nContent-Length: 0\r\n\r\n")}}};
  client me;
  const auto answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(answer->header("location") == "http://127.0.0.2/other");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("informational answers are skipped and the connection stays in step") {
  const scripted_server server{{{receive(),
                                 send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
                                      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                      + ok("first")),
                                 receive(), send("HTTP/1.1 103 Early Hints\r\n\r\n"), send(ok("second"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "first");
  CHECK(me.get(server.url()).value().body == "second");
  CHECK(server.connections() == 1);
}

TEST_CASE("informational answers without end, and a switch of protocols, are errors") {
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "HTTP/1.1 103 Early Hints\r\n\r\n";
  CHECK(failure_of({send(many), stall()}).code == errc::bad_response);
  CHECK(failure_of({send("HTTP/1.1 101 Switching Protocols\r\n\r\n"), stall()}).code == errc::bad_response);
}

TEST_CASE("answers without a body leave the connection in step") {
  const scripted_server server{{{receive(), send("HTTP/1.1 204 No Content\r\n\r\n"), receive(),
                                 send("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"), receive(),
                                 send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n"),
                                 receive(), send(ok("", "Content-Encoding: gzip\r\n")), receive(), send(ok("last"))}}};
  client me;
  CHECK(me.get(server.url()).value().status == 204);
  CHECK(me.get(server.url()).value().status == 304);
  CHECK(me.send("HEAD", server.url()).value().header("content-length") == "100");
  CHECK(me.get(server.url()).value().body.empty());
  CHECK(me.get(server.url()).value().body == "last");
  CHECK(server.connections() == 1);
}

TEST_CASE("chunked answers with trailers leave the connection in step") {
  const scripted_server server{
    {{receive(),
      send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n"),
      receive(), send(ok("next"))}}};
  client me;
  const auto answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->body == "hello world");
  CHECK(answer->wire_bytes == 11);
  CHECK(me.get(server.url()).value().body == "next");
  CHECK(server.connections() == 1);
}

TEST_CASE("with both lengths the chunks count, and the connection is not used again") {
  const scripted_server server{{{receive(),
                                 send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "5\r\nhello\r\n0\r\n\r\n"),
                                 stall()},
                                {receive(), send(ok("fresh"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "hello");
  CHECK(me.get(server.url()).value().body == "fresh");
  CHECK(server.connections() == 2);
}

TEST_CASE("compressed answers are decoded") {
  const std::string text(100'000, 'x');
  const auto gzip = pack(text, wrapper::gzip);
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", gzip.size());
  const scripted_server server{
    {{receive(), send(ok(gzip, "Content-Encoding: gzip\r\n")), receive(),
      send("HTTP/1.1 200 OK\r\nContent-Encoding: x-gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + (size + gzip)
           + "\r\n0\r\n\r\n"),
      receive(), send(ok(pack(text, wrapper::zlib), "Content-Encoding: deflate\r\n")), receive(),
      send(ok(text, "Content-Encoding: identity\r\n"))}}};
  client me;
  for (int i = 0; i < 4; ++i) {
    const auto answer = me.get(server.url());
    REQUIRE(answer);
    CHECK(answer->body == text);
    CHECK((answer->wire_bytes < text.size()) == (i < 3));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a body whose coding is none is taken as it is, and one that is not supported is an error") {
  const scripted_server server{{{receive(), send(ok("plain", "Content-Encoding: utf-8\r\n")), receive(),
                                 send(ok(pack("packed", wrapper::gzip), "Content-Encoding: aws-chunked, gzip\r\n")),
                                 receive(), send("HTTP/1.1 204 No Content\r\nContent-Encoding: br\r\n\r\n"), receive(),
                                 send(ok("brotli", "Content-Encoding: br\r\n"))}}};
  client me;
  auto answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->body == "plain");
  CHECK(answer->unknown_coding == "utf-8");
  answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->body == "packed");
  CHECK(answer->unknown_coding == "aws-chunked");
  answer = me.get(server.url());
  REQUIRE(answer);
  CHECK(answer->status == 204);
  CHECK(answer->unknown_coding.empty());
  answer = me.get(server.url());
  REQUIRE(!answer);
  CHECK(answer.error().error.message.find("Content-Encoding br") != std::string::npos);
}

TEST_CASE("an answer that ends with its connection is taken only if the server says so") {
  const scripted_server server{{{receive(), send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")},
                                {receive(), send("HTTP/1.0 200 OK\r\n\r\nold")},
                                {receive(), send("HTTP/1.1 200 OK\r\n\r\nwhole?")}}};
  client me;
  CHECK(me.get(server.url()).value().body == "hello");
  CHECK(me.get(server.url()).value().body == "old");
  const auto answer = me.get(server.url());
  REQUIRE(!answer);
  CHECK(answer.error().error.code == errc::bad_response);
  CHECK(contains(answer.error().error.message, "unknown length"));
}

TEST_CASE("a connection that either side wants closed is not used again") {
  const scripted_server server{{{receive(), send(ok("1", "Connection: close\r\n")), stall()},
                                {receive(), send(ok("2")), stall()},
                                {receive(), send(ok("3"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "1");
  CHECK(me.get(server.url(), {{"Connection", "close"}}).value().body == "2");
  CHECK(me.get(server.url()).value().body == "3");
}

TEST_CASE("a connection on which more came than was asked for is not used again") {
  const scripted_server server{
    {{receive(), send(ok("1") + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"), stall()},
     {receive(), send(ok("2"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "1");
  CHECK(me.get(server.url()).value().body == "2");
}

TEST_CASE("a connection that the server closed while it was idle is replaced unseen") {
  const scripted_server server{{{receive(), send(ok("1"))}, {receive(), send(ok("2"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "1");
  REQUIRE(server.wait_for_closed(1));
  // Not even a POST, which may not be repeated, is lost.
  CHECK(me.send("POST", server.url(), {}, "x").value().body == "2");
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a request on a reused connection that dies before it answers is sent once more") {
  const bool with_reset = GENERATE(false, true);
  script first = {receive(), send(ok("1")), receive()};
  if (with_reset)
    first.push_back(reset());
  const scripted_server server{{first, {receive(), send(ok("2"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == "1");
  CHECK(me.get(server.url()).value().body == "2");
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a request is never sent twice if the first may have had an effect or an answer") {
  const auto failure = [](const script& first, const std::string& method) {
    const scripted_server server{{first, {receive(), send(ok("again"))}}};
    client me;
    REQUIRE(me.get(server.url()));
    const auto answer = me.send(method, server.url());
    REQUIRE(!answer);
    CHECK(answer.error().sent);
    CHECK(server.connections() == 1);
    return answer.error().error;
  };
  CHECK(failure({receive(), send(ok("1")), receive()}, "POST").code == errc::connection_failed);
  CHECK(failure({receive(), send(ok("1")), receive(), send("HTT")}, "GET").code == errc::truncated_body);
  CHECK(failure({receive(), send(ok("1")), receive(), send("HTTP/1.1 103 x\r\n\r\n")}, "GET").code
        == errc::truncated_body);
}

TEST_CASE("a fresh connection that dies is not tried again") {
  const scripted_server server{{{receive()}, {receive(), send(ok("again"))}}};
  client me;
  const auto answer = me.get(server.url());
  REQUIRE(!answer);
  CHECK(answer.error().sent);
  CHECK(answer.error().error.code == errc::connection_failed);
  CHECK(answer.error().error.failure == failure_type::transient_error);
  CHECK(server.connections() == 1);
}

TEST_CASE("the second try of a dead connection fails as one that was sent") {
  const scripted_server server{{{receive(), send(ok("1")), receive()}, {receive()}}};
  client me;
  REQUIRE(me.get(server.url()));
  const auto answer = me.get(server.url());
  REQUIRE(!answer);
  CHECK(answer.error().sent);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("an early refusal of a large request is read although the server takes no more of it") {
  const scripted_server server{
    {{send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"), receive()},
     {receive(), send(ok("next"))}}};
  client me;
  CHECK(me.send("POST", server.url(), {}, "x").value().status == 413);
  CHECK(me.get(server.url()).value().body == "next");
}

TEST_CASE("broken answers are errors, and the next request starts afresh") {
  struct example {
    std::string answer;
    errc code;
    failure_type failure;
    std::string says;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto gzip = pack(std::string(1000, 'x'), wrapper::gzip);
  auto corrupt = gzip;
  corrupt[corrupt.size() - 6] = static_cast<char>(corrupt[corrupt.size() - 6] ^ 1);
  const std::vector<example> examples = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(400, 'x'), errc::truncated_body,
     failure_type::transient_error, "after 400 of 1000 bytes"},
    {chunked + "5\r\nhel", errc::truncated_body, failure_type::transient_error, "after 3 bytes"},
    {chunked + "5\r\nhello\r\n", errc::truncated_body, failure_type::transient_error, "after 5 bytes"},
    {chunked + "5\r\nhello\r\n0\r\nX: y\r\n", errc::truncated_body, failure_type::transient_error, "closed"},
    {chunked + "zz\r\nhello\r\n", errc::bad_response, failure_type::system_error, "chunk"},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Ty", errc::truncated_body, failure_type::transient_error,
     "header"},
    {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", errc::bad_response, failure_type::system_error,
     "Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1e20\r\n\r\nhello", errc::bad_response, failure_type::system_error,
     "Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 100000000000000000000\r\n\r\nhello", errc::body_too_large,
     failure_type::config_error, "http.max_body_bytes"},
    {"garbage\r\n\r\n", errc::bad_response, failure_type::system_error, "status line"},
    {"HTTP/1.1 20x OK\r\n\r\n", errc::bad_response, failure_type::system_error, "status line"},
    {"HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n", errc::bad_response, failure_type::system_error,
     "header"},
    {ok("x", "Content-Encoding: br\r\n"), errc::bad_response, failure_type::system_error, "Content-Encoding"},
    {ok(corrupt, "Content-Encoding: gzip\r\n"), errc::bad_response, failure_type::transient_error, "corrupt"},
    {ok(gzip.substr(0, 20), "Content-Encoding: gzip\r\n"), errc::truncated_body, failure_type::transient_error,
     "compressed"},
    {ok(gzip + "garbage", "Content-Encoding: gzip\r\n"), errc::bad_response, failure_type::transient_error, "follows"},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n", errc::truncated_body,
     failure_type::transient_error, "compressed"},
  };
  for (const auto& [answer, code, failure, says] : examples) {
    CAPTURE(answer.substr(0, 200));
    const scripted_server server{{{receive(), send(answer)}, {receive(), send(ok("fine"))}}};
    client me;
    const auto broken = me.get(server.url("/path?token=secret"));
    REQUIRE(!broken);
    const auto& problem = broken.error().error;
    CHECK(broken.error().sent);
    CHECK(problem.code == code);
    CHECK(problem.failure == failure);
    CHECK(contains(problem.message, says));
    CHECK(contains(problem.message, "GET " + server.url("/path")));
    CHECK(!contains(problem.message + problem.internal_message, "secret"));
    CHECK(me.get(server.url()).value().body == "fine");
  }
}

TEST_CASE("a reset in the middle of a body is a truncated body") {
  const auto problem
    = failure_of({send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(400, 'x')), reset()});
  CHECK((problem.code == errc::truncated_body || problem.code == errc::connection_failed));
  CHECK(problem.failure == failure_type::transient_error);
}

TEST_CASE("bodies without end are stopped at the bound, packed and unpacked") {
  auto options = patient_options();
  options.max_body_bytes = 100'000;
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  CHECK(failure_of({send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), flood(chunk)}, options).code
        == errc::body_too_large);
  CHECK(failure_of({send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), flood(chunk)}, options).code
        == errc::body_too_large);
  CHECK(failure_of({send("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n"), stall()}, options).code
        == errc::body_too_large);
  CHECK(
    failure_of({send(ok(pack(std::string(100'001, 'x'), wrapper::gzip), "Content-Encoding: gzip\r\n"))}, options).code
    == errc::body_too_large);
  CHECK(failure_of({send("HTTP/1.1 200 OK\r\nA: "), flood("x")}, options).code == errc::bad_response);
}

TEST_CASE("a body of several megabytes arrives unchanged") {
  std::string text(5'000'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>(i * 2654435761U >> 24);
  const scripted_server server{{{receive(), send(ok(text)), receive(), send(ok("next"))}}};
  client me;
  CHECK(me.get(server.url()).value().body == text);
  CHECK(me.get(server.url()).value().body == "next");
}

TEST_CASE("however the packets are cut, the answer is the same") {
  CHECK(rc::check("random packets", [] {
    const auto body = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    const bool chunked = !body.empty() && *rc::gen::arbitrary<bool>();
    const std::string wire
      = chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (size + body) + "\r\n0\r\nT: x\r\n\r\n"
                : ok(body);
    script steps = {receive()};
    for (std::size_t at = 0; at < wire.size();) {
      const auto count = *rc::gen::inRange<std::size_t>(1, wire.size() - at + 1);
      steps.push_back(send(wire.substr(at, count)));
      at += count;
    }
    steps.push_back(receive());
    steps.push_back(send(ok("next")));
    const scripted_server server{{steps}};
    client me;
    const auto answer = me.get(server.url());
    RC_ASSERT(answer.has_value());
    RC_ASSERT(answer->body == body);
    RC_ASSERT(me.get(server.url()).value().body == "next");
    RC_ASSERT(server.connections() == 1U);
  }));
}

TEST_CASE("sessions may outlive their transport") {
  const scripted_server server{{{receive(), send(ok("hello"))}}};
  client me;
  me.transport.reset();
  CHECK(me.get(server.url()).value().body == "hello");
}
