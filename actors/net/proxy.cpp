#include "actors/net/proxy.hpp"

#include "messages/text/base64.hpp"
#include "messages/text/header_list.hpp"

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <cstdlib>
#include <span>

namespace sluice::net {

namespace {

using Poco::Net::IPAddress;

/// The leading `bits` of two addresses of one family are the same.
bool same_network(const IPAddress& a, const IPAddress& b, unsigned bits) {
  if (a.family() != b.family() || bits > static_cast<unsigned>(a.length()) * 8)
    return false;
  const std::span x{static_cast<const unsigned char*>(a.addr()), static_cast<std::size_t>(a.length())};
  const std::span y{static_cast<const unsigned char*>(b.addr()), static_cast<std::size_t>(b.length())};
  const auto whole = bits / 8;
  if (!std::equal(x.begin(), x.begin() + whole, y.begin()))
    return false;
  return bits % 8 == 0 || (x[whole] ^ y[whole]) >> (8 - bits % 8) == 0;
}

std::optional<unsigned> number(std::string_view digits) {
  if (digits.empty() || digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  return static_cast<unsigned>(std::stoul(std::string{digits}));
}

/// One entry of `no_proxy`, without its port, against a host.
bool covers(std::string_view pattern, std::string_view host) {
  IPAddress address;
  if (IPAddress::tryParse(std::string{host}, address)) {
    const auto slash = std::min(pattern.find('/'), pattern.size());
    IPAddress network;
    if (!IPAddress::tryParse(std::string{pattern.substr(0, slash)}, network))
      return false;
    const auto bits = slash == pattern.size() ? static_cast<unsigned>(network.length()) * 8
                                              : number(pattern.substr(slash + 1)).value_or(~0U);
    return same_network(address, network, bits);
  }
  if (pattern.starts_with('.'))
    pattern.remove_prefix(1);
  if (pattern.ends_with('.'))
    pattern.remove_suffix(1);
  if (pattern.empty() || host.size() < pattern.size())
    return false;
  const auto head = host.size() - pattern.size();
  return equals_ignoring_case(host.substr(head), pattern) && (head == 0 || host[head - 1] == '.');
}

tl::unexpected<error> bad_proxy(const std::string& variable, std::string_view problem) {
  return fail(errc::bad_config, failure_type::config_error,
              "The environment variable " + variable + " does not name a usable proxy: " + std::string{problem}
                + ". No request was sent. Use http://[user:password@]host[:port], or unset the variable.");
}

} // namespace

std::optional<std::string> process_environment(const char* name) {
  if (const char* value = std::getenv(name))
    return value;
  return std::nullopt;
}

proxy_rules::proxy_rules(const environment& get)
  : http_{first_of(get, {"http_proxy", "all_proxy", "ALL_PROXY"})}, https_{first_of(get, {"https_proxy", "HTTPS_PROXY",
                                                                                          "all_proxy", "ALL_PROXY"})} {
  if (auto found = first_of(get, {"no_proxy", "NO_PROXY"}))
    no_proxy_ = std::move(found->value);
}

std::optional<proxy_rules::setting> proxy_rules::first_of(const environment& get,
                                                          std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto value = get(name); value && !value->empty())
      return setting{name, std::move(*value)};
  return std::nullopt;
}

expected<std::optional<proxy_server>> proxy_rules::choose(const url::parts& target) const {
  const auto& chosen = target.is_secure() ? https_ : http_;
  if (!chosen || is_exempt(no_proxy_, target.bare_host(), target.port))
    return std::nullopt;
  std::string_view text = chosen->value;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    if (!equals_ignoring_case(text.substr(0, scheme), "http"))
      return bad_proxy(chosen->variable, "only plain http proxies are supported");
    text.remove_prefix(scheme + 3);
  }
  text = text.substr(0, std::min(text.find_first_of("/?#"), text.size()));
  proxy_server result;
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto user_info = text.substr(0, at);
    text.remove_prefix(at + 1);
    const auto colon = std::min(user_info.find(':'), user_info.size());
    const auto password = colon < user_info.size() ? user_info.substr(colon + 1) : std::string_view{};
    const auto user = url::decode_strictly(user_info.substr(0, colon));
    const auto secret = url::decode_strictly(password);
    if (!user || !secret)
      return bad_proxy(chosen->variable, "its user name or password is not percent-encoded correctly");
    result.authorization = "Basic " + base64_encode(*user + ":" + *secret);
  }
  const bool has_port = text.rfind(':') != std::string_view::npos && !text.ends_with(']');
  const auto where = url::split("http://" + std::string{text} + (has_port ? "" : ":1080"));
  if (!where)
    return bad_proxy(chosen->variable, "its host or port is not valid");
  result.host = where->bare_host();
  result.port = where->port;
  return result;
}

bool is_exempt(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
  if (trim(no_proxy) == "*")
    return true;
  if (host.ends_with('.'))
    host.remove_suffix(1);
  bool exempt = false;
  for_each_element(no_proxy, ", \t", [&](std::string_view entry) {
    std::string_view pattern = entry;
    std::string_view entry_port;
    if (entry.starts_with('[')) {
      const auto close = std::min(entry.find(']'), entry.size());
      pattern = entry.substr(1, close - 1);
      entry_port = entry.substr(std::min(close + 1, entry.size()));
    } else if (std::count(entry.begin(), entry.end(), ':') == 1) {
      pattern = entry.substr(0, entry.find(':'));
      entry_port = entry.substr(pattern.size());
    }
    if (!entry_port.empty() && number(entry_port.substr(1)) != port)
      return;
    exempt = exempt || covers(pattern, host);
  });
  return exempt;
}

} // namespace sluice::net
