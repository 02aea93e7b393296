#include "messages/text/url.hpp"

#include "messages/text/ascii.hpp"

#include <algorithm>
#include <charconv>

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

void append_encoded(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
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
    if (text.front() == ' ') {
      out += '+';
    } else {
      append_encoded(out, text.front());
    }
    text.remove_prefix(1);
  }
}

/// `text` starts with `%XX`.
bool is_encoded(std::string_view text) noexcept {
  return text.size() > 2 && text[0] == '%' && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
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

bool valid_host(std::string_view host) noexcept {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(), [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
  }
  return !host.empty() && host_characters.covers(host);
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

std::string parts::origin() const {
  auto text = scheme + "://" + host;
  return port == default_port(scheme) ? text : text + ":" + std::to_string(port);
}

std::optional<parts> split(std::string_view text) {
  parts result;
  auto colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(colon, 3) != "://") {
    return std::nullopt;
  }
  result.scheme = lower_case(text.substr(0, colon));
  if (result.scheme != "http" && result.scheme != "https") {
    return std::nullopt;
  }
  text.remove_prefix(colon + 3);
  auto authority = text.substr(0, authority_ends.find_in(text));
  text.remove_prefix(authority.size());
  result.target = text.substr(0, text.find('#'));
  result.port = default_port(result.scheme);
  auto port_at = authority.rfind(':');
  if (port_at != std::string_view::npos && authority.find(']', port_at) == std::string_view::npos) {
    auto digits = authority.substr(port_at + 1);
    authority = authority.substr(0, port_at);
    auto last = digits.data() + digits.size();
    auto [stop, problem] = std::from_chars(digits.data(), last, result.port);
    if (!digits.empty() && (problem != std::errc{} || stop != last || result.port == 0)) {
      return std::nullopt;
    }
  }
  if (!valid_host(authority)) {
    return std::nullopt;
  }
  result.host = lower_case(authority);
  return result;
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

std::string encode_query(std::string_view text) {
  std::string result;
  append_query(result, text);
  return result;
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

std::string decode_query(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_encoded(text.substr(i))) {
      result.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      result.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
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

} // namespace sluice::url
