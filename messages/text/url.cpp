#include "messages/text/url.hpp"

#include "messages/text/ascii.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace sluice::url {

namespace {

constexpr char_set alphanumeric = ascii_letters | ascii_digits;
constexpr char_set host_characters = alphanumeric | char_set{"-._"};
constexpr char_set scheme_characters = alphanumeric | char_set{"+-."};
constexpr char_set authority_ends{"/?#"};
constexpr char_set unreserved = alphanumeric | char_set{"-._~"};
/// The complements of what stays as it is in a query, in a segment and in a URL.
constexpr char_set not_in_query = ~(unreserved | char_set{",:@/"});
constexpr char_set not_in_segment = ~(unreserved | char_set{"!$&'()*+,;=:@"});
constexpr char_set illegal = char_set::range(0, ' ') | char_set::range(0x7f, 0xff) | char_set{"\"<>\\^`{|}"};
/// Where encoding what may not be in a URL, or in a path, has to look: there, and at `%`, which may begin a `%XX`.
constexpr char_set stops_in_url = illegal | char_set{"%"};
constexpr char_set stops_in_path = stops_in_url | char_set{"[]"};
constexpr char_set scheme_ends{":/?#"};
constexpr char_set path_ends{"?#"};
constexpr char_set name_ends{"=&"};
constexpr char_set encodings{"%+"};
constexpr char_set not_in_base = char_set::range(0, ' ') | char_set{"\x7f?#\\"};

/// @param plus a blank becomes one
void append_encoded(std::string& out, char c, bool plus = false) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (plus && c == ' ') {
    out.push_back('+');
    return;
  }
  auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

/// Appends the characters before the first of `others`, takes them off `text`, and tells if any is left.
bool append_until(std::string& out, std::string_view& text, const char_set& others) {
  auto size = others.find_in(text);
  out += text.substr(0, size);
  text.remove_prefix(size);
  return !text.empty();
}

std::string encode(std::string_view text, const char_set& unwanted) {
  std::string result;
  result.reserve(text.size());
  while (append_until(result, text, unwanted)) {
    append_encoded(result, text.front());
    text.remove_prefix(1);
  }
  return result;
}

void append_query(std::string& out, std::string_view text) {
  while (append_until(out, text, not_in_query)) {
    append_encoded(out, text.front(), true);
    text.remove_prefix(1);
  }
}

/// `text` starts with `%XX`.
bool is_encoded(std::string_view text) noexcept {
  return text.size() > 2 && text[0] == '%' && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
}

/// @param plus `+` is a blank
std::string decoded(std::string_view text, bool plus) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_encoded(text.substr(i))) {
      result.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      result.push_back(plus && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
}

/// Encodes `stops`, but for a `%` that begins a `%XX`.
std::string encode_unless_encoded(std::string_view text, const char_set& stops) {
  std::string result;
  result.reserve(text.size());
  while (append_until(result, text, stops)) {
    if (is_encoded(text)) {
      result += '%';
    } else {
      append_encoded(result, text.front());
    }
    text.remove_prefix(1);
  }
  return result;
}

std::uint16_t default_port(std::string_view scheme) noexcept {
  return scheme == "https" ? 443 : 80;
}

bool is_host_name(std::string_view host) noexcept {
  constexpr std::size_t longest = 255;
  return !host.empty() && host.size() <= longest && host.front() != '.' && host_characters.covers(host);
}

/// No zone (`%eth0`): it means nothing to the server that reads the Host header.
bool is_ipv6(std::string_view address) noexcept {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in6_addr parsed{};
  if (address.size() >= text.size() || address.find('\0') != std::string_view::npos)
    return false;
  std::copy(address.begin(), address.end(), text.begin());
  return ::inet_pton(AF_INET6, text.data(), &parsed) == 1;
}

/// 0 for what is no port.
std::uint16_t read_port(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  if (digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return 0;
  for (char c : digits)
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  return value <= 65535 ? static_cast<std::uint16_t>(value) : 0;
}

/// The text between a scheme and the path.
std::string_view authority_in(std::string_view text) noexcept {
  return text.substr(0, authority_ends.find_in(text));
}

/// Takes `.` and `..` out of a path (RFC 3986 section 5.2.4).
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool directory = false;
  while (!path.empty()) {
    path.remove_prefix(1); // each segment starts with its slash
    auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    directory = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) {
      kept.pop_back();
    } else if (!directory) {
      kept.push_back(segment);
    }
  }
  std::string result;
  for (auto segment : kept) {
    result += '/';
    result += segment;
  }
  return directory || result.empty() ? result + "/" : result;
}

} // namespace

std::string parts::bare_host() const {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::string parts::authority() const {
  return port == default_port(scheme) ? host : place();
}

std::string parts::origin() const {
  return scheme + "://" + authority();
}

std::string parts::place() const {
  return host + ":" + std::to_string(port);
}

std::string parts::display() const {
  constexpr std::size_t longest_path = 200;
  auto path = std::string_view{target}.substr(0, target.find('?'));
  return scheme + "://" + place() + (path.empty() ? "/" : std::string{path.substr(0, longest_path)});
}

tl::expected<parts, std::string_view> split(std::string_view text) {
  constexpr tl::unexpected no_scheme{std::string_view{"it does not begin with http:// or https://"}};
  parts result;
  auto colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(colon, 3) != "://") {
    return no_scheme;
  }
  result.scheme = lower_case(text.substr(0, colon));
  if (result.scheme != "http" && result.scheme != "https") {
    return no_scheme;
  }
  text.remove_prefix(colon + 3);
  auto authority = authority_in(text);
  text.remove_prefix(authority.size());
  result.target = text.substr(0, text.find('#'));
  if (authority.find('@') != std::string_view::npos) {
    return tl::unexpected{
      std::string_view{"a user name or password in it is not supported (send an Authorization header "
                       "instead)"}};
  }
  bool in_brackets = authority.starts_with('[');
  auto host_end = in_brackets ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (in_brackets) {
    if (host_end == std::string_view::npos || !is_ipv6(authority.substr(1, host_end - 1))) {
      return tl::unexpected{std::string_view{"the IPv6 address in brackets is not valid"}};
    }
    ++host_end;
  } else if (!is_host_name(authority.substr(0, host_end))) {
    return tl::unexpected{std::string_view{"it has no valid host name (write international names in their xn-- form)"}};
  }
  result.host = lower_case(authority.substr(0, host_end));
  result.port = default_port(result.scheme);
  // A colon alone means the scheme's own port.
  if (auto port = authority.substr(host_end); !port.empty() && port != ":") {
    result.port = port.front() == ':' ? read_port(port.substr(1)) : 0;
    if (result.port == 0) {
      return tl::unexpected{std::string_view{"its port is not a number from 1 to 65535"}};
    }
  }
  return result;
}

bool is_base(std::string_view text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) {
    return false;
  }
  return not_in_base.find_in(text) == text.size() && split(text)
         && !authority_in(text.substr(text.find("//") + 2)).ends_with(':');
}

std::string host_and_port(std::string_view bare_host, std::uint16_t port) {
  bool ipv6 = bare_host.find(':') != std::string_view::npos;
  return (ipv6 ? "[" + std::string{bare_host} + "]" : std::string{bare_host}) + ":" + std::to_string(port);
}

bool has_scheme(std::string_view text) noexcept {
  auto name = text.substr(0, scheme_ends.find_in(text));
  return !name.empty() && name.size() < text.size() && text[name.size()] == ':' && ascii_letters.contains(name.front())
         && scheme_characters.covers(name);
}

std::string resolve(const parts& base, std::string_view link) {
  link = link.substr(0, link.find('#'));
  if (link.starts_with("//")) {
    return base.scheme + ":" + std::string{link};
  }
  auto base_path = std::string_view{base.target}.substr(0, base.target.find('?'));
  auto base_query = std::string_view{base.target}.substr(base_path.size());
  if (base_path.empty()) {
    base_path = "/";
  }
  auto link_path = link.substr(0, link.find('?'));
  auto query = link.substr(link_path.size());
  std::string path;
  if (link_path.empty()) {
    path = base_path;
    query = link.empty() ? base_query : query;
  } else if (link_path.front() == '/') {
    path = remove_dot_segments(link_path);
  } else {
    path = remove_dot_segments(std::string{base_path.substr(0, base_path.rfind('/') + 1)} + std::string{link_path});
  }
  return base.origin() + path + std::string{query};
}

std::string join(std::string_view base, std::string_view path) {
  std::string result{base};
  if (result.empty() || result.back() != '/') {
    result += '/';
  }
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  result += path;
  auto authority = result.find("://");
  auto start = authority == std::string::npos ? authority : result.find('/', authority + 3);
  auto whole = std::string_view{result}.substr(std::min(start, result.size()));
  whole = whole.substr(0, path_ends.find_in(whole));
  if (whole.find("//") == std::string_view::npos && whole.find("/.") == std::string_view::npos) {
    return result;
  }
  std::string slashes_once;
  for (char c : whole) {
    if (c != '/' || slashes_once.empty() || slashes_once.back() != '/') {
      slashes_once += c;
    }
  }
  return result.replace(start, whole.size(), remove_dot_segments(slashes_once));
}

std::string encode_path_value(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return std::string{text};
  }
  std::string result;
  while (true) {
    auto segment = text.substr(0, text.find('/'));
    result += encode(segment, segment == "." || segment == ".." ? char_set{"."} : not_in_segment);
    if (segment.size() == text.size()) {
      return result;
    }
    result += '/';
    text.remove_prefix(segment.size() + 1);
  }
}

std::string encode_illegal(std::string_view text) {
  return encode_unless_encoded(text, stops_in_url);
}

std::string encode_path(std::string_view text) {
  return encode_unless_encoded(text, stops_in_path);
}

std::string quote(std::string_view text, std::string_view kept, bool plus) {
  auto unwanted = ~(unreserved | char_set{kept});
  std::string result;
  result.reserve(text.size());
  while (append_until(result, text, unwanted)) {
    append_encoded(result, text.front(), plus);
    text.remove_prefix(1);
  }
  return result;
}

std::string decode(std::string_view text) {
  return decoded(text, false);
}

std::string decode_query(std::string_view text) {
  return decoded(text, true);
}

std::optional<std::string> decode_strictly(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (!is_encoded(text.substr(at))) {
      return std::nullopt;
    }
  }
  return decoded(text, false);
}

std::vector<std::pair<std::string, std::string>> query_of(std::string_view url) {
  std::vector<std::pair<std::string, std::string>> result;
  url = url.substr(0, url.find('#'));
  auto question = url.find('?');
  if (question == std::string_view::npos) {
    return result;
  }
  url.remove_prefix(question + 1);
  while (!url.empty()) {
    auto pair = url.substr(0, url.find('&'));
    url.remove_prefix(std::min(url.size(), pair.size() + 1));
    auto equals = pair.find('=');
    if (!pair.empty()) {
      result.emplace_back(decode_query(pair.substr(0, equals)),
                          equals == std::string_view::npos ? std::string{} : decode_query(pair.substr(equals + 1)));
    }
  }
  return result;
}

bool has_parameter(std::string_view url, std::string_view name) {
  url = url.substr(0, url.find('#'));
  for (auto at = url.find('?'); at != std::string_view::npos; at = url.find('&', at)) {
    auto rest = url.substr(++at);
    if (rest.starts_with(name)
        && (rest.size() == name.size() || rest[name.size()] == '=' || rest[name.size()] == '&')) {
      return true;
    }
    auto written = rest.substr(0, name_ends.find_in(rest));
    if (written.size() >= name.size() && encodings.find_in(written) < written.size() && decode_query(written) == name) {
      return true;
    }
  }
  return false;
}

void add_parameter(std::string& url, std::string_view name, std::string_view value) {
  if (url.find('?') == std::string::npos) {
    url += '?';
  } else if (url.back() != '?' && url.back() != '&') {
    url += '&';
  }
  append_query(url, name);
  url += '=';
  append_query(url, value);
}

std::string without_query(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string result{text.substr(0, path_ends.find_in(text))};
  auto host = result.find("//");
  host = host == std::string::npos ? 0 : host + 2;
  auto at = result.find_last_of('@');
  if (at != std::string::npos && at >= host)
    result.replace(host, at - host + 1, "...@");
  return result.size() > longest ? std::string{utf8_prefix(result, longest)} + "..." : result;
}

} // namespace sluice::url

namespace sluice {

std::string display_url(std::string_view text) {
  constexpr std::size_t shown = 60;
  auto scheme = text.find("://");
  auto start = scheme == std::string_view::npos ? 0 : scheme + 3;
  auto authority = text.substr(start, text.substr(start).find_first_of("/?#\\"));
  std::string result{text.substr(0, start)};
  auto at = authority.rfind('@');
  result += at == std::string_view::npos ? authority : authority.substr(at + 1);
  text.remove_prefix(start + authority.size());
  auto question = text.find('?');
  result += text.substr(0, question);
  text.remove_prefix(std::min(question, text.size()));
  while (!text.empty()) {
    auto pair = text.substr(0, text.find('&', 1));
    text.remove_prefix(pair.size());
    auto value_at = std::min(pair.find('='), pair.size() - 1) + 1;
    result += pair.substr(0, value_at);
    auto value = pair.substr(value_at);
    result += utf8_prefix(value, shown);
    result += value.size() > shown ? "..." : "";
  }
  return result;
}

} // namespace sluice
