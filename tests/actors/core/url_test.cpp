#include "actors/core/url.hpp"

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
  }));
  CHECK(url::resolve(*url::split("https://h/v3/base?q=1"), r.link) == r.expected);
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
