#include "actors/net/url.hpp"

#include "actors/net/ascii.hpp"

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace sluice::net {

namespace {

constexpr char_set host_characters = ascii_letters | ascii_digits | char_set{"-._"};
constexpr char_set not_in_urls = ascii_controls | char_set{" "};
constexpr char_set authority_ends{"/?#"};

/// Longest path that a message repeats.
constexpr std::size_t displayed_path = 200;

tl::unexpected<error> bad_url(std::string_view problem) {
  return fail(errc::bad_config, failure_type::config_error,
              "A request URL cannot be used: " + std::string{problem}
                + ". No request was sent. Correct the URL in the connector configuration or the manifest.");
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  if (digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  std::uint32_t value = 0;
  for (char c : digits)
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  if (value < 1 || value > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 255 && host.front() != '.' && host_characters.covers(host);
}

bool is_ipv6(std::string_view host) {
  Poco::Net::IPAddress address;
  // No zone (%eth0): it means nothing to the server that reads the Host header.
  return host.find('%') == std::string_view::npos && Poco::Net::IPAddress::tryParse(std::string{host}, address)
         && address.family() == Poco::Net::IPAddress::IPv6;
}

} // namespace

std::string host_and_port(std::string_view host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  std::string text = ipv6 ? "[" + std::string{host} + "]" : std::string{host};
  return text + ":" + std::to_string(port);
}

expected<url> parse_url(std::string_view text) {
  if (not_in_urls.find_in(text) < text.size())
    return bad_url("it holds a space or a control character (percent-encode it)");
  url result;
  const auto scheme_end = text.find("://");
  const auto scheme = lower_case(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https"))
    return bad_url("it does not begin with http:// or https://");
  result.secure = scheme == "https";
  result.port = result.secure ? 443 : 80;
  text.remove_prefix(scheme_end + 3);

  auto authority = text.substr(0, authority_ends.find_in(text));
  text.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos)
    return bad_url("a user name or password in it is not supported (send an Authorization header instead)");

  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos || !is_ipv6(authority.substr(1, close - 1)))
      return bad_url("the IPv6 address in brackets is not valid");
    result.host = lower_case(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    if (!is_host_name(authority.substr(0, colon)))
      return bad_url("it has no valid host name (write international names in their xn-- form)");
    result.host = lower_case(authority.substr(0, colon));
    port = authority.substr(colon);
  }
  const auto default_port = result.port;
  if (port.size() > 1 || (!port.empty() && port.front() != ':')) {
    const auto number = port.starts_with(':') ? parse_port(port.substr(1)) : std::nullopt;
    if (!number)
      return bad_url("its port is not a number from 1 to 65535");
    result.port = *number;
  }
  const auto place = host_and_port(result.host, result.port);
  result.authority = result.port == default_port ? place.substr(0, place.rfind(':')) : place;

  text = text.substr(0, std::min(text.find('#'), text.size()));
  result.target.reserve(text.size() + 1);
  if (!text.starts_with('/'))
    result.target = "/";
  result.target += text;
  const auto path = std::string_view{result.target}.substr(0, std::min(result.target.find('?'), displayed_path));
  result.display.reserve(scheme.size() + place.size() + path.size() + 3);
  result.display.append(scheme).append("://").append(place).append(path);
  return result;
}

} // namespace sluice::net
