#include "actors/net/url.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::net;

TEST_CASE("a URL is taken apart without changing a byte of its path and query") {
  struct example {
    std::string text, host, authority, target, display;
    std::uint16_t port;
    bool secure;
  };
  const std::vector<example> examples = {
    {"http://example.com", "example.com", "example.com", "/", "http://example.com:80/", 80, false},
    {"https://example.com", "example.com", "example.com", "/", "https://example.com:443/", 443, true},
    {"HTTPS://Example.COM:443/A", "example.com", "example.com", "/A", "https://example.com:443/A", 443, true},
    {"https://h:80/", "h", "h:80", "/", "https://h:80/", 80, true},
    {"http://h:/x", "h", "h", "/x", "http://h:80/x", 80, false},
    {"http://h:8080?a=b", "h", "h:8080", "/?a=b", "http://h:8080/", 8080, false},
    {"http://h/a%2Fb%20c/../d?x=%7B%2B+&y=a%26b#frag", "h", "h", "/a%2Fb%20c/../d?x=%7B%2B+&y=a%26b",
     "http://h:80/a%2Fb%20c/../d", 80, false},
    {"http://h/?token=secret", "h", "h", "/?token=secret", "http://h:80/", 80, false},
    {"http://h/p?next=http://other/?a#b", "h", "h", "/p?next=http://other/?a", "http://h:80/p", 80, false},
    {"http://h/\xc3\xa4?\xc3\xb6", "h", "h", "/\xc3\xa4?\xc3\xb6", "http://h:80/\xc3\xa4", 80, false},
    {"http://[::1]:8080/x", "::1", "[::1]:8080", "/x", "http://[::1]:8080/x", 8080, false},
    {"https://[2001:DB8::1]/", "2001:db8::1", "[2001:db8::1]", "/", "https://[2001:db8::1]:443/", 443, true},
    {"http://127.0.0.1:65535/", "127.0.0.1", "127.0.0.1:65535", "/", "http://127.0.0.1:65535/", 65535, false},
  };
  for (const auto& [text, host, authority, target, display, port, secure] : examples) {
    CAPTURE(text);
    const auto parsed = parse_url(text);
    REQUIRE(parsed);
    CHECK(parsed->host == host);
    CHECK(parsed->authority == authority);
    CHECK(parsed->target == target);
    CHECK(parsed->display == display);
    CHECK(parsed->port == port);
    CHECK(parsed->secure == secure);
  }
}

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
    const auto parsed = parse_url(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == errc::bad_config);
    CHECK(parsed.error().failure == failure_type::config_error);
    CHECK(parsed.error().message.find("secret") == std::string::npos);
    CHECK(parsed.error().message.find("No request was sent") != std::string::npos);
  }
}

TEST_CASE("no bytes make the URL parser fail in another way, and what it accepts goes out unchanged") {
  CHECK(rc::check("parse_url on arbitrary text", [](const std::string& tail) {
    const std::string text = "http://h/" + tail;
    const auto parsed = parse_url(text);
    if (!parsed)
      return;
    RC_ASSERT(parsed->target == text.substr(8, std::min(text.find('#'), text.size()) - 8));
    RC_ASSERT(parsed->target.find_first_of("\r\n ") == std::string::npos);
  }));
}
