#include "messages/text/url.hpp"

#include "tests/support/catch2.hpp"

#include <string>

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
                    "https://host:80:80/"}) {
    INFO(text);
    CHECK_FALSE(url::split(text));
  }
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
  CHECK(url::encode_query("response_count,date_created") == "response_count,date_created");
  CHECK(url::encode_query("2021-06-01T00:00:00Z") == "2021-06-01T00:00:00Z");
  CHECK(url::encode_query("a b&c=d+e%\xC3\xA9#") == "a+b%26c%3Dd%2Be%25%C3%A9%23");
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
