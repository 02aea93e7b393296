#include "actors/net/redirects.hpp"

#include "tests/support/catch2.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::net;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

response answer_of(int status, header_list headers = {}) {
  response result;
  result.status = status;
  result.headers = std::move(headers);
  return result;
}

response to(int status, const std::string& location) {
  return answer_of(status, {{"Location", location}});
}

/// Gives these answers, one after the other, and keeps what it was asked.
struct fake_client final : http_client {
  std::deque<response> answers;
  std::vector<request>* asked;

  task<http_result> send(const request& r) override {
    asked->push_back(r);
    REQUIRE_FALSE(answers.empty());
    auto result = std::move(answers.front());
    answers.pop_front();
    co_return result;
  }
  void reuse(std::string /*body*/) override {}
};

struct session_fixture {
  std::vector<request> asked;
  std::unique_ptr<following_session> session;

  explicit session_fixture(std::deque<response> answers) {
    auto inner = std::make_unique<fake_client>();
    inner->answers = std::move(answers);
    inner->asked = &asked;
    session = std::make_unique<following_session>(std::move(inner));
  }

  response get(const std::string& url, header_list headers = {}) {
    auto answer = session->send({"GET", url, std::move(headers), {}}).take();
    REQUIRE(answer);
    return std::move(*answer);
  }

  std::string cookies_of(std::size_t index) {
    return std::string{find_header(asked.at(index).headers, "cookie").value_or("")};
  }
};

} // namespace

TEST_CASE("a redirect changes method and body as the reference's library does") {
  struct row {
    int status;
    const char* method;
    const char* then;
    bool keeps_body;
  };
  const auto r = GENERATE(values<row>({
    {301, "GET", "GET", false},
    {301, "POST", "GET", false},
    {301, "PUT", "PUT", false},
    {302, "POST", "GET", false},
    {302, "PUT", "GET", false},
    {302, "HEAD", "HEAD", false},
    {303, "PUT", "GET", false},
    {303, "HEAD", "HEAD", false},
    {307, "POST", "POST", true},
    {307, "GET", "GET", true},
    {308, "PATCH", "PATCH", true},
  }));
  CAPTURE(r.status, r.method);
  const request first{
    r.method, "https://h/a/b?x=1", {{"Authorization", "t"}, {"Content-Type", "application/json"}}, "{}"};
  const auto next = redirected(first, to(r.status, "/c?y=2#z"));
  REQUIRE(next);
  CHECK(next->method == r.then);
  CHECK(next->url == "https://h/c?y=2");
  CHECK(next->body == (r.keeps_body ? "{}" : ""));
  CHECK(has_header(next->headers, "content-type") == r.keeps_body);
  CHECK(has_header(next->headers, "authorization"));
}

TEST_CASE("redirects stay within their origin") {
  const request r{"GET", "https://h.example/a/b?x=1", {}, {}};
  const auto followed = [&](const std::string& location) {
    const auto next = redirected(r, to(302, location));
    return next ? next->url : "";
  };
  CHECK(followed("c") == "https://h.example/a/c");
  CHECK(followed("?y") == "https://h.example/a/b?y");
  CHECK(followed("//h.example/x y") == "https://h.example/x%20y");
  CHECK(followed("https://H.example:443/x") == "https://H.example:443/x");
  for (const auto* foreign :
       {"http://h.example/x", "https://h.example:444/x", "https://evil.example/x", "//evil.example/",
        "https://h.example@evil.example/", "https://h.example\\@evil.example/", "\\\\evil.example/", "javascript:x",
        "https://h.example/a\r\nX: y", "", "ftp://h.example/"}) {
    CAPTURE(foreign);
    CHECK(followed(foreign).empty());
  }
}

TEST_CASE("what is no redirect is not followed") {
  const request r{"GET", "https://h/a", {}, {}};
  for (int status : {200, 300, 304, 305, 306, 400, 401})
    CHECK_FALSE(redirected(r, to(status, "/b")));
  CHECK_FALSE(redirected(r, answer_of(302)));
}

TEST_CASE("a session follows redirects and says where it ended") {
  session_fixture f{{to(302, "/b"), to(301, "c"), answer_of(200)}};
  const auto answer = f.get("https://h/a");
  CHECK(answer.status == 200);
  CHECK(answer.url == "https://h/c");
  REQUIRE(f.asked.size() == 3);
  CHECK(f.asked[1].url == "https://h/b");
  session_fixture plain{{answer_of(200)}};
  CHECK(plain.get("https://h/a").url.empty());
}

TEST_CASE("a session follows no redirect to elsewhere, and not for ever") {
  session_fixture away{{to(302, "/b"), to(302, "https://evil.example/")}};
  CHECK(away.get("https://h/a", {{"Authorization", "t"}}).status == 302);
  CHECK(away.asked.size() == 2);
  session_fixture loop{std::deque<response>(20, to(302, "/a"))};
  CHECK(loop.get("https://h/a").status == 302);
  CHECK(loop.asked.size() == 1 + most_redirects);
}

TEST_CASE("a cookie goes back to the origin and the path that gave it") {
  session_fixture f{{answer_of(200, {{"Set-Cookie", "sid=1; Path=/v1; HttpOnly"},
                                     {"set-cookie", "all=\"a b\"; Path=/; Domain=example"},
                                     {"Set-Cookie", "here=2"},
                                     {"Set-Cookie", "safe=3; Secure; Path=/"}}),
                     answer_of(200), answer_of(200), answer_of(200), answer_of(200), answer_of(200)}};
  f.get("http://a.example/v1/x/y");
  f.get("http://a.example/v1/x/z?q=1");
  f.get("http://a.example/v1");
  f.get("http://a.example/v10");
  f.get("http://b.example/v1/x/y");
  f.get("http://a.example:81/v1/x/y");
  CHECK(f.cookies_of(0).empty());
  CHECK(contains(f.cookies_of(1), "sid=1; all="));
  CHECK(contains(f.cookies_of(1), "here=2"));
  CHECK_FALSE(contains(f.cookies_of(1), "safe"));
  CHECK(contains(f.cookies_of(2), "sid=1"));
  CHECK_FALSE(contains(f.cookies_of(2), "here"));
  CHECK_FALSE(contains(f.cookies_of(3), "sid"));
  CHECK(f.cookies_of(4).empty());
  CHECK(f.cookies_of(5).empty());
}

TEST_CASE("cookies of a redirect are sent to where it leads, and a manifest's header stays alone") {
  session_fixture f{{answer_of(302, {{"Location", "/b"}, {"Set-Cookie", "s=1"}}), answer_of(200), answer_of(200)}};
  f.get("https://h/a");
  CHECK(f.cookies_of(1) == "s=1");
  f.get("https://h/a", {{"cookie", "mine=1"}});
  CHECK(f.cookies_of(2) == "mine=1");
}

TEST_CASE("cookies end, are replaced, and are bounded") {
  using std::chrono::seconds;
  const cookie_jar::clock::time_point now{seconds{1'800'000'000}};
  const auto here = *url::split("https://h/");
  cookie_jar jar;
  jar.take({{"Set-Cookie", "a=1; Max-Age=10"}, {"Set-Cookie", "b=1"}}, here, now);
  CHECK(jar.header_for(here, now) == "a=1; b=1");
  CHECK(jar.header_for(here, now + seconds{11}) == "b=1");
  jar.take({{"Set-Cookie", "b=2"}, {"Set-Cookie", "a=; Max-Age=0"}}, here, now);
  CHECK(jar.header_for(here, now) == "b=2");
  jar.take({{"Set-Cookie", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}}, here, now);
  CHECK(jar.empty());
  for (int i = 0; i < 1000; ++i)
    jar.take({{"Set-Cookie", "n" + std::to_string(i) + "=1"}}, here, now);
  CHECK(jar.header_for(here, now).size() < cookie_jar::most_bytes);
  CHECK(contains(jar.header_for(here, now), "n999=1"));
  CHECK_FALSE(contains(jar.header_for(here, now), "n1="));
  cookie_jar odd;
  for (const auto* text : {"", ";", "=", "=x", "a b=c", "x=\x01", "no", "d=1; Expires=whenever"})
    odd.take({{"Set-Cookie", text}, {"Set-Cookie", std::string(9000, 'x')}}, here, now);
  CHECK(contains(odd.header_for(here, now) + ";", "d=1;"));
  CHECK_FALSE(contains(odd.header_for(here, now), "\x01"));
}
