#include "actors/net/proxy.hpp"

#include "tests/support/catch2.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::net;

namespace {

using variables = std::map<std::string, std::string>;

expected<std::optional<proxy_server>> choose(const variables& values, const std::string& target) {
  const proxy_rules rules{[&](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
  }};
  return rules.choose(url::split(target).value());
}

/// `host:port` of the proxy, or `none`.
std::string chosen(const variables& values, const std::string& target) {
  const auto proxy = choose(values, target).value();
  return proxy ? url::host_and_port(proxy->host, proxy->port) : "none";
}

} // namespace

TEST_CASE("the proxy variable of the scheme counts, then the one for all") {
  CHECK(chosen({}, "http://h/") == "none");
  CHECK(chosen({{"http_proxy", "http://p:1"}}, "http://h/") == "p:1");
  CHECK(chosen({{"http_proxy", "http://p:1"}}, "https://h/") == "none");
  CHECK(chosen({{"https_proxy", "http://p:1"}}, "https://h/") == "p:1");
  CHECK(chosen({{"HTTPS_PROXY", "http://p:1"}}, "https://h/") == "p:1");
  CHECK(chosen({{"https_proxy", "a:1"}, {"HTTPS_PROXY", "b:1"}}, "https://h/") == "a:1");
  CHECK(chosen({{"all_proxy", "http://p:1"}}, "http://h/") == "p:1");
  CHECK(chosen({{"ALL_PROXY", "http://p:1"}}, "https://h/") == "p:1");
  CHECK(chosen({{"all_proxy", "a:1"}, {"http_proxy", "b:1"}}, "http://h/") == "b:1");
}

TEST_CASE("HTTP_PROXY in upper case is ignored because a CGI client can set it") {
  CHECK(chosen({{"HTTP_PROXY", "http://p:1"}}, "http://h/") == "none");
}

TEST_CASE("an empty variable is none") {
  CHECK(chosen({{"http_proxy", ""}}, "http://h/") == "none");
  CHECK(chosen({{"http_proxy", ""}, {"all_proxy", "p:1"}}, "http://h/") == "p:1");
}

TEST_CASE("a proxy may be written in short, and its default port is curl's 1080") {
  CHECK(chosen({{"http_proxy", "p"}}, "http://h/") == "p:1080");
  CHECK(chosen({{"http_proxy", "http://p/"}}, "http://h/") == "p:1080");
  CHECK(chosen({{"http_proxy", "HTTP://p:3128/ignored"}}, "http://h/") == "p:3128");
  CHECK(chosen({{"http_proxy", "http://[::1]"}}, "http://h/") == "[::1]:1080");
  CHECK(chosen({{"http_proxy", "http://[::1]:3128"}}, "http://h/") == "[::1]:3128");
}

TEST_CASE("user and password of a proxy are decoded and become Basic credentials") {
  const auto authorization = [](const std::string& proxy) {
    return choose({{"http_proxy", proxy}}, "http://h/").value().value().authorization;
  };
  CHECK(authorization("http://p:1") == "");
  CHECK(authorization("http://Aladdin:open%20sesame@p:1") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(authorization("http://user@p:1") == "Basic dXNlcjo=");
  CHECK(authorization("http://a:b%40c@p:1") == "Basic YTpiQGM=");
  CHECK(authorization("http://a:b@c@p:1") == "Basic YTpiQGM=");
  // Long credentials stay on one line.
  CHECK(authorization("http://u:" + std::string(300, 'x') + "@p:1").find('\n') == std::string::npos);
}

TEST_CASE("a proxy that cannot be used is an error that names the variable and keeps the password") {
  for (const std::string value : {"https://u:secret@p:1", "socks5://secret:1", "http://u:secret@", "http://p:secret",
                                  "u:secret%zz@p:1", "http://u:secret@a b:1"}) {
    CAPTURE(value);
    const auto proxy = choose({{"https_proxy", value}}, "https://h/");
    REQUIRE(!proxy);
    CHECK(proxy.error().failure == failure_type::config_error);
    CHECK(proxy.error().message.find("https_proxy") != std::string::npos);
    CHECK(proxy.error().message.find("secret") == std::string::npos);
    // It does no harm to requests that do not need it.
    CHECK(choose({{"https_proxy", value}}, "http://h/"));
    CHECK(choose({{"https_proxy", value}, {"no_proxy", "h"}}, "https://h/"));
  }
}

TEST_CASE("no_proxy exempts hosts, what lies below them, addresses and networks") {
  struct example {
    const char* list;
    const char* host;
    bool exempt;
  };
  const std::vector<example> examples = {
    {"", "h", false},
    {"*", "h", true},
    {" * ", "h", true},
    {"h", "h", true},
    {"H", "h", true},
    {"h.", "h", true},
    {"h", "h.", true},
    {".example.com", "example.com", true},
    {"example.com", "api.example.com", true},
    {".example.com", "api.example.com", true},
    {"example.com", "notexample.com", false},
    {"api.example.com", "example.com", false},
    {"a,b c", "b", true},
    {"a, b,c", "c", true},
    {"a,b", "d", false},
    {"a,*", "d", false},
    {"127.0.0.1", "127.0.0.1", true},
    {"127.0.0.1", "127.0.0.2", false},
    {"0.0.1", "127.0.0.1", false},
    {"10.0.0.0/8", "10.1.2.3", true},
    {"10.0.0.0/8", "11.1.2.3", false},
    {"192.168.16.0/20", "192.168.31.255", true},
    {"192.168.16.0/20", "192.168.32.0", false},
    {"10.0.0.0/33", "10.0.0.0", false},
    {"10.0.0.0/x", "10.0.0.0", false},
    {"10.0.0.0/", "10.0.0.0", false},
    {"0.0.0.0/0", "8.8.8.8", true},
    {"0.0.0.0/0", "::1", false},
    {"::1", "::1", true},
    {"[::1]", "::1", true},
    {"fd00::/8", "fd12::1", true},
    {"fd00::/8", "fe80::1", false},
    {"localhost", "127.0.0.1", false},
  };
  for (const auto& [list, host, exempt] : examples) {
    CAPTURE(list, host);
    CHECK(is_exempt(list, host, 443) == exempt);
  }
}

TEST_CASE("an entry of no_proxy with a port is for that port alone") {
  CHECK(is_exempt("h:8080", "h", 8080));
  CHECK(!is_exempt("h:8080", "h", 80));
  CHECK(is_exempt("[::1]:8080", "::1", 8080));
  CHECK(!is_exempt("[::1]:8080", "::1", 80));
  CHECK(is_exempt("10.0.0.0/8:81", "10.1.1.1", 81));
  CHECK(!is_exempt("h:", "h", 80));
}

TEST_CASE("loopback goes through the proxy unless it is exempt, as with curl") {
  CHECK(chosen({{"http_proxy", "p:1"}}, "http://127.0.0.1/") == "p:1");
  CHECK(chosen({{"http_proxy", "p:1"}, {"no_proxy", "127.0.0.1,localhost"}}, "http://127.0.0.1/") == "none");
  CHECK(chosen({{"http_proxy", "p:1"}, {"NO_PROXY", "localhost"}}, "http://localhost/") == "none");
}
