#include "messages/text/redaction.hpp"

#include "messages/text/json_text.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"

#include <rapidcheck.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;

namespace {

redactor with(std::initializer_list<std::string> secrets) {
  redactor result;
  for (const auto& secret : secrets)
    result.add(secret);
  return result;
}

} // namespace

TEST_CASE("a redactor without secrets changes nothing") {
  CHECK(redactor{}.apply("any text") == "any text");
  CHECK(with({"", "  \n"}).apply("any text ") == "any text ");
}

TEST_CASE("every occurrence of every secret is masked") {
  auto r = with({"hunter2", "s3cr3t"});
  CHECK(r.apply("Bearer hunter2, s3cr3t and hunter2") == "Bearer ****, **** and ****");
  CHECK(r.apply("nothing to hide") == "nothing to hide");
  CHECK(r.apply("hunter2hunter2") == "********");
}

TEST_CASE("the longest secret wins and overlaps leave nothing behind") {
  CHECK(with({"token", "token-extended"}).apply("x token-extended y") == "x **** y");
  CHECK(with({"abc", "bcdefgh"}).apply("abcdefgh") == "****");
  CHECK(with({"aba"}).apply("ababa") == "****");
}

TEST_CASE("encoded forms of a secret are masked too") {
  auto r = with({"p@ss w/rd\"+\u20ac"});
  CHECK(r.apply("?a=p%40ss%20w%2Frd%22%2B%E2%82%AC&b") == "?a=****&b");
  CHECK(r.apply("?a=p%40ss%20w%2frd%22%2b%e2%82%ac&b") == "?a=****&b");
  CHECK(r.apply("?a=p%40ss+w%2Frd%22%2B%E2%82%AC&b") == "?a=****&b");
  CHECK(r.apply("/p@ss%20w/rd%22+%E2%82%AC/") == "/****/");
  CHECK(r.apply(R"({"x":"p@ss w/rd\"+)"
                "\u20ac\"}")
        == R"({"x":"****"})");
  CHECK(r.apply(R"({"x":"p@ss w/rd\"+\u20ac"})") == R"({"x":"****"})");
}

TEST_CASE("a secret is masked however often it was escaped, and in which order") {
  const std::string secret = "p\"a\\b/c+\u20ac\U0001f511 x'<";
  auto r = with({secret});
  auto inside = [](const std::string& json) { return json.substr(1, json.size() - 2); };
  auto once = inside(json_string(secret));
  auto twice = inside(json_string(once));
  auto thrice = inside(json_string(twice));
  for (const auto& form : {once, twice, thrice}) {
    CAPTURE(form);
    CHECK(r.apply(R"({"error":")" + form + R"("})") == R"({"error":"****"})");
  }
  // As encoders write it that escape slashes, everything beyond ASCII, or what means something in HTML.
  for (const std::string form : {
         R"(p\"a\\b\/c+\u20ac\ud83d\udd11 x'<)",
         R"(p\\\"a\\\\b\\\/c+\\u20AC\\uD83D\\uDD11 x'<)",
         R"(p\u0022a\u005cb\u002fc\u002B\u20ac\ud83d\udd11\u0020x\u0027\u003C)",
         R"(p%22a%5Cb%2Fc%2B%E2%82%AC%F0%9F%94%91+x%27%3C)",
         R"(p%2522a%255Cb%252fc%252B%25E2%2582%25AC%25F0%259F%2594%2591%2520x%2527%253C)",
         R"(p\u002522a%5cb%2Fc%2B%E2%82%AC%F0%9F%94%91%20x'%3c)",
       }) {
    CAPTURE(form);
    CHECK(r.apply("<" + form + ">") == "<****>");
  }
  CHECK(r.apply("(p&quot;a\\b/c+\u20ac\U0001f511 x&#39;&lt;)") == "(****)");
}

TEST_CASE("a secret that is part of a host name is masked as URLs show it") {
  CHECK(with({"MyTenant-4711"}).apply("https://mytenant-4711.api.example/v3") == "https://****.api.example/v3");
  CHECK(with({"Name"}).apply("name") == "name");
}

TEST_CASE("the piece of a secret that a cut text ends in is masked, too") {
  const std::string secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789";
  auto r = with({secret});
  CHECK(r.apply("?key=" + secret.substr(0, 60) + "...&page=2") == "?key=****...&page=2");
  CHECK(r.apply("near: " + secret.substr(50) + "\"}") == "near: ****\"}");
  CHECK(r.apply("?key=" + secret.substr(0, 11) + "...") == "?key=" + secret.substr(0, 11) + "...");
}

TEST_CASE("what only looks like an escape is left alone") {
  auto r = with({"hunter2"});
  for (const std::string text : {"100% \\ & \\u12 %zz &amp; \\ud800 a+b %", "\\"})
    CHECK(r.apply(text) == text);
  CHECK(r.apply("C:\\hunter2 50%hunter2") == "C:\\**** 50%****");
}

TEST_CASE("base64 forms are masked in both alphabets, with and without padding") {
  auto r = with({"~~~"
                 "\x3f\x3f\x3f"
                 ">>>x"}); // fn5+Pz8/Pj4+eA==
  CHECK(r.apply("<fn5+Pz8/Pj4+eA==>") == "<****>");
  CHECK(r.apply("<fn5+Pz8/Pj4+eA>") == "<****>");
  CHECK(r.apply("<fn5-Pz8_Pj4-eA==>") == "<****>");
  CHECK(r.apply("<fn5-Pz8_Pj4-eA>") == "<****>");
}

TEST_CASE("a secret inside Basic credentials is masked") {
  auto r = with({"opensesame"});
  // user:opensesame, me:opensesame, u:opensesame!
  for (std::string encoded : {"dXNlcjpvcGVuc2VzYW1l", "bWU6b3BlbnNlc2FtZQ==", "dTpvcGVuc2VzYW1lIQ=="}) {
    auto text = r.apply("Basic " + encoded);
    CHECK(text.find("****") != std::string::npos);
    // What is left of the secret's characters is less than one of them at each end.
    CHECK(text.size() <= std::string{"Basic dXNlcjp****IQ=="}.size());
  }
}

TEST_CASE("secrets below three characters are masked only as the whole text") {
  auto r = with({"1", "on"});
  CHECK(r.apply("connection 1 of 10") == "connection 1 of 10");
  CHECK(r.apply("on") == "****");
  CHECK(r.apply("1") == "****");
  CHECK(with({"abc"}).apply("xabcx") == "x****x");
}

TEST_CASE("white space around a secret does not hide it") {
  CHECK(with({" token\n"}).apply("Bearer token.") == "Bearer ****.");
}

TEST_CASE("no secret survives redaction, whatever surrounds it") {
  CHECK(rc::check("secrets of letters and digits are gone", [](const std::string& before, const std::string& after) {
    auto secrets = *rc::gen::container<std::vector<std::string>>(
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abAB01"}))));
    redactor r;
    std::string text = before;
    for (const auto& secret : secrets) {
      r.add(secret);
      text += secret + after;
    }
    auto result = r.apply(text);
    for (const auto& secret : secrets)
      if (secret.size() >= 3)
        RC_ASSERT(result.find(secret) == std::string::npos);
    RC_ASSERT(r.apply(result) == result);
  }));
}

TEST_CASE("a redacted JSON line of any secret no longer holds it") {
  CHECK(rc::check("the JSON form of a random secret is masked", [] {
    auto secret = "x" + *test::random_text() + "yz";
    redactor r;
    r.add(secret);
    RC_ASSERT(r.apply("a" + json_string(secret)) == "a\"****\"");
  }));
}

TEST_CASE("what an owner learns takes the place of what it had learnt before") {
  auto r = with({"configured-secret"});
  r.learn("login", {"first-token-1", "first-refresh"});
  r.learn("other", {"other-token-9"});
  CHECK(r.apply("configured-secret first-token-1 first-refresh other-token-9") == "**** **** **** ****");
  r.learn("login", {"second-token-2"});
  CHECK(r.apply("configured-secret first-token-1 second-token-2 other-token-9") == "**** first-token-1 **** ****");
  CHECK(r.apply("c2Vjb25kLXRva2VuLTI=") == "****"); // encoded, as every secret
  r.learn("login", {});
  CHECK(r.apply("second-token-2 other-token-9") == "second-token-2 ****");
  r.learn("pin", {"42"});
  CHECK(r.apply("42") == "****");
}

TEST_CASE("a copy of a redactor knows what the original knew") {
  auto r = with({"configured-secret"});
  r.learn("login", {"first-token-1"});
  auto copy = r;
  r.learn("login", {"second-token-2"});
  CHECK(copy.apply("configured-secret first-token-1 second-token-2") == "**** **** second-token-2");
}

TEST_CASE("texts are masked while secrets are learnt on other threads") {
  constexpr int owners = 3;
  constexpr int rounds = 200;
  auto r = with({"configured-secret"});
  std::atomic<bool> over{false};
  std::atomic<int> leaks{0};
  std::atomic<std::uint64_t> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!over || reads == 0) {
        leaks += r.apply("x configured-secret y") == "x **** y" ? 0 : 1;
        ++reads;
      }
    });
  std::vector<std::thread> writers;
  for (int owner = 0; owner < owners; ++owner)
    writers.emplace_back([&, owner] {
      for (int i = 0; i < rounds; ++i) {
        const auto token = "token-" + std::to_string(owner) + "-" + std::to_string(i) + "-end";
        r.learn("owner " + std::to_string(owner), {token});
        // Whoever added a secret never sees it again, and nor does anybody who hears of it from him.
        leaks += r.apply(token) == "****" ? 0 : 1;
        r.add("added-" + std::to_string(owner) + "-" + std::to_string(i % 5) + "-end");
      }
    });
  for (auto& w : writers)
    w.join();
  over = true;
  for (auto& reader : readers)
    reader.join();
  CHECK(leaks == 0);
  CHECK(reads > 0);
  for (int owner = 0; owner < owners; ++owner)
    for (int i = 0; i < 5; ++i)
      CHECK(r.apply("added-" + std::to_string(owner) + "-" + std::to_string(i) + "-end") == "****");
}
