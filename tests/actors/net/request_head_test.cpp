#include "actors/net/request_head.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::net;

TEST_CASE("a URL that cannot be requested is refused without repeating it") {
  const std::vector<std::string> wrong = {
    "",
    "example.com/secret",
    "/secret",
    "ftp://h/secret",
    "http:/h/secret",
    "http://",
    "http:///secret",
    "http://?secret",
    "http://user:secret@h/",
    "http://secret@h/",
    "http://h:0/secret",
    "http://h:65536/secret",
    "http://h:80x/secret",
    "http://h:-1/secret",
    "http://h:99999999999999999999/secret",
    "http://h:80:80/secret",
    "http://h h/secret",
    "http://h/a b?secret",
    "http://h/a\r\nX-Injected: secret",
    "http://h/a\nb",
    std::string{"http://h/a\0secret", 17},
    "http://h/\x7fsecret",
    "http://h\xc3\xa4/secret",
    "http://.secret/",
    "http://h%41/secret",
    "http://[::1/secret",
    "http://[::1]x/secret",
    "http://[127.0.0.1]/secret",
    "http://[fe80::1%25eth0]/secret",
    "http://[]/secret",
    "http://" + std::string(256, 'a') + "/secret",
  };
  for (const auto& text : wrong) {
    CAPTURE(text);
    const auto parsed = read_target(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == errc::bad_config);
    CHECK(parsed.error().failure == failure_type::config_error);
    CHECK(parsed.error().message.find("secret") == std::string::npos);
    CHECK(parsed.error().message.find("No request was sent") != std::string::npos);
  }
}

TEST_CASE("no bytes make the URL parser fail in another way, and what it accepts goes out unchanged") {
  CHECK(rc::check("read_target on arbitrary text", [](const std::string& tail) {
    const std::string text = "http://h/" + tail;
    const auto parsed = read_target(text);
    if (!parsed)
      return;
    RC_ASSERT(parsed->target == text.substr(8, std::min(text.find('#'), text.size()) - 8));
    RC_ASSERT(parsed->target.find_first_of("\r\n ") == std::string::npos);
  }));
}
