#include "messages/text/url.hpp"

#include "tests/support/catch2.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;

TEST_CASE("plain http URLs are split") {
  struct row {
    const char* text;
    const char* origin;
    const char* target;
  };
  auto r = GENERATE(values<row>({
    {"https://api.example.com/v3/", "https://api.example.com", "/v3/"},
    {"HTTPS://API.Example.COM:443/V3?Q=1#f", "https://api.example.com", "/V3?Q=1"},
    {"http://localhost:8080", "http://localhost:8080", ""},
    {"http://localhost:80?x", "http://localhost", "?x"},
    {"https://[::1]:444/a", "https://[::1]:444", "/a"},
    {"https://[::1]", "https://[::1]", ""},
    {"http://host:/a", "http://host", "/a"},
  }));
  auto parts = url::split(r.text);
  REQUIRE(parts);
  CHECK(parts->origin() == r.origin);
  CHECK(parts->target == r.target);
}

TEST_CASE("a URL is taken apart without changing a byte of its path and query") {
  struct example {
    std::string text, host, authority, target, display;
    std::uint16_t port;
    bool secure;
  };
  const std::vector<example> examples = {
    {"http://example.com", "example.com", "example.com", "", "http://example.com:80/", 80, false},
    {"https://example.com", "example.com", "example.com", "", "https://example.com:443/", 443, true},
    {"HTTPS://Example.COM:443/A", "example.com", "example.com", "/A", "https://example.com:443/A", 443, true},
    {"https://h:80/", "h", "h:80", "/", "https://h:80/", 80, true},
    {"http://h:/x", "h", "h", "/x", "http://h:80/x", 80, false},
    {"http://h:8080?a=b", "h", "h:8080", "?a=b", "http://h:8080/", 8080, false},
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
    const auto parsed = url::split(text);
    REQUIRE(parsed);
    CHECK(parsed->bare_host() == host);
    CHECK(parsed->authority() == authority);
    CHECK(parsed->target == target);
    CHECK(parsed->display() == display);
    CHECK(parsed->port == port);
    CHECK(parsed->is_secure() == secure);
  }
}

TEST_CASE("anything else is no URL to send credentials to") {
  for (auto text : {"",
                    "api.example.com",
                    "/v3",
                    "ftp://host/",
                    "https:/host",
                    "https:host",
                    "https://",
                    "https:///x",
                    "javascript:alert(1)",
                    "https://user@host/",
                    "https://user:pw@host/",
                    "https://host@evil/",
                    "https://host:99999/",
                    "https://host:0/",
                    "https://host:x/",
                    "https://ho st/",
                    "https://host\\@evil/",
                    "https://host%2eevil/",
                    "https://h\xC3\xA4st/",
                    "https://[::1/",
                    "https://[x]/",
                    "https://[]/",
                    "https://host:80:80/",
                    "https://host:-1/",
                    "https://host:000080/",
                    "https://host:80x/",
                    "https://.host/",
                    "https://[::1]x/",
                    "https://[:::]/",
                    "https://[127.0.0.1]/",
                    "https://[fe80::1%25eth0]/"}) {
    INFO(text);
    CHECK_FALSE(url::split(text));
  }
  CHECK_FALSE(url::split("https://" + std::string(256, 'a') + "/"));
  CHECK_FALSE(url::split(std::string{"https://[::1\0]/", 16}));
}

TEST_CASE("relative references are resolved as RFC 3986 says") {
  struct row {
    const char* link;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {"surveys?page=2", "https://h/v3/surveys?page=2"},
    {"/v3/surveys?page=2", "https://h/v3/surveys?page=2"},
    {"?page=2", "https://h/v3/base?page=2"},
    {"../x/./y", "https://h/x/y"},
    {"../../../x", "https://h/x"},
    {"/a/b/../c/", "https://h/a/c/"},
    {"..", "https://h/"},
    {"/a//b", "https://h/a//b"},
    {"x#frag", "https://h/v3/x"},
    {"x?y=a/../b", "https://h/v3/x?y=a/../b"},
    {"", "https://h/v3/base?q=1"},
    {"#f", "https://h/v3/base?q=1"},
    {"?", "https://h/v3/base?"},
    {"//host/x", "https://host/x"},
    {"//host", "https://host"},
    {"/", "https://h/"},
  }));
  CHECK(url::resolve(*url::split("https://h/v3/base?q=1"), r.link) == r.expected);
}

TEST_CASE("the examples of RFC 3986 section 5.4 are resolved as it says, but for fragments, which are never sent") {
  struct row {
    const char* link;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    // 5.4.1, normal examples; an absolute URL is not resolved
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    // 5.4.2, abnormal ones
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g"},
    {"g#s/../x", "http://a/b/c/g"},
  }));
  INFO(r.link);
  CHECK(url::resolve(*url::split("http://a/b/c/d;p?q"), r.link) == r.expected);
}

TEST_CASE("a base and a path are joined as Python's urljoin does") {
  struct row {
    const char* base;
    const char* path;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {"https://h/v3", "a", "https://h/v3/a"},
    {"https://h/v3/", "/a", "https://h/v3/a"},
    {"https://h", "a", "https://h/a"},
    {"https://h/root//x/", "a//b", "https://h/root/x/a/b"},
    {"https://h//root/", "a", "https://h/root/a"},
    {"https://h//", "a", "https://h/a"},
    {"https://h/root/", "a//", "https://h/root/a/"},
    {"https://h/root/", "a/../b", "https://h/root/b"},
    {"https://h/root/", "a/b/", "https://h/root/a/b/"},
    {"https://h/root/", "a?x=//y/..", "https://h/root/a?x=//y/.."},
    {"https://h/root/", ".hidden/a..b", "https://h/root/.hidden/a..b"},
    {"https://h/root/", "%2E%2E/a", "https://h/root/%2E%2E/a"},
    {"", "a", "/a"},
  }));
  INFO(r.base << " " << r.path);
  CHECK(url::join(r.base, r.path) == r.expected);
}

TEST_CASE("paths can be put behind a base, and a base holds nothing that a path could change the meaning of") {
  for (auto text :
       {"http://h", "https://h/", "https://H.x-y_z:8443/v3/", "https://[::1]:443/a", "https://h/\xC3\xA4"}) {
    INFO(text);
    CHECK(url::is_base(text));
  }
  for (auto text : {"", "h", "HTTPS://h", "ftp://h", "https://h?a", "https://h/#a", "https://h/a b", "https://h/a\tb",
                    "https://h\\a", "https://h:", "https://h:/", "https://h:0/", "https://u@h/", "https://h:65536"}) {
    INFO(text);
    CHECK_FALSE(url::is_base(text));
  }
}

TEST_CASE("what is shown of a URL has no user info, and no query that could hold secrets") {
  CHECK(url::without_query("https://u:p@h/a?b=c#d") == "https://...@h/a");
  CHECK(url::without_query("u:p@h/a") == "...@h/a");
  CHECK(url::without_query("https://h/" + std::string(300, 'a')) == "https://h/" + std::string(190, 'a') + "...");
  CHECK(url::host_and_port("h", 80) == "h:80");
  CHECK(url::host_and_port("::1", 80) == "[::1]:80");
}

TEST_CASE("a URL for people shows neither users nor long values") {
  CHECK(display_url("https://u:p@h/a?b=c") == "https://h/a?b=c");
  CHECK(display_url("https://h/a?b=" + std::string(61, 'x') + "&c=1")
        == "https://h/a?b=" + std::string(60, 'x') + "...&c=1");
  CHECK(display_url("/a@b?c@d") == "/a@b?c@d");
  CHECK(display_url("") == "");
  CHECK(display_url("https://h?x") == "https://h?x");
}

TEST_CASE("names in a query are found however they are written") {
  const std::string written = "https://h/p?a=1&b&c%5Bd%5D=2&e+f=3&=4#x=5";
  for (const auto* name : {"a", "b", "c[d]", "e f", ""}) {
    INFO(name);
    CHECK(url::has_parameter(written, name));
  }
  for (const auto* name : {"p", "1", "c", "e", "x", "aa", "d"}) {
    INFO(name);
    CHECK_FALSE(url::has_parameter(written, name));
  }
  CHECK_FALSE(url::has_parameter("https://h/a=1", "a"));
  CHECK(rc::check("found after it was added", [] {
    auto name = *rc::gen::nonEmpty<std::string>();
    std::string text = "https://h/p?first=1";
    RC_PRE(name != "first");
    RC_ASSERT(!url::has_parameter(text, name));
    url::add_parameter(text, name, *rc::gen::arbitrary<std::string>());
    RC_ASSERT(url::has_parameter(text, name));
  }));
}

TEST_CASE("encodings keep what may stay and decode to what they came from") {
  std::string built = "https://h/p";
  url::add_parameter(built, "include", "response_count,date_created");
  url::add_parameter(built, "since", "2021-06-01T00:00:00Z");
  url::add_parameter(built, "a b", "b&c=d+e%\xC3\xA9#");
  CHECK(built
        == "https://h/p?include=response_count,date_created&since=2021-06-01T00:00:00Z&a+b=b%26c%3Dd%2Be%25%C3%A9%23");
  CHECK(url::encode_path_value("a/b?c#d%e f") == "a/b%3Fc%23d%25e%20f");
  CHECK(url::encode_path_value("..") == "%2E%2E");
  CHECK(url::encode_path_value("./a/../") == "%2E/a/%2E%2E/");
  CHECK(url::encode_path_value("...") == "...");
  CHECK(url::encode_path_value("") == "");
  CHECK(url::encode_path_value("a.b-c_d~e:f@g") == "a.b-c_d~e:f@g");
  CHECK(url::encode_path_value("https://h/a?b#c") == "https://h/a?b#c");
  CHECK(url::encode_illegal("/[a]%/%4/%zz/%41") == "/[a]%25/%254/%25zz/%41");
  CHECK(url::encode_path("/[a]%/%41?b[]=c") == "/%5Ba%5D%25/%41?b%5B%5D=c");
  CHECK(url::encode_illegal("/a b/%2F?x=\"\xC3\xA9") == "/a%20b/%2F?x=%22%C3%A9");
  CHECK(url::quote("a b/c~&\xC3\xA9", "/", false) == "a%20b/c~%26%C3%A9");
  CHECK(url::quote("a b/c", "", true) == "a+b%2Fc");
  CHECK(url::decode("a+b%2fc%4") == "a+b/c%4");
  CHECK(url::decode_query("a+b%2fc%4") == "a b/c%4");
  CHECK(url::decode_strictly("a+b%2Fc") == "a+b/c");
  for (auto text : {"%", "a%4", "%zz", "%41%"}) {
    CHECK_FALSE(url::decode_strictly(text));
  }
  CHECK(rc::check("query round trip", [] {
    auto name = *rc::gen::nonEmpty<std::string>();
    auto value = *rc::gen::arbitrary<std::string>();
    std::string text = "https://h/p?first=1";
    url::add_parameter(text, name, value);
    auto query = url::query_of(text);
    RC_ASSERT(query.size() == 2U);
    RC_ASSERT(query[1].first == name);
    RC_ASSERT(query[1].second == value);
  }));
}
