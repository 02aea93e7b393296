#include "actors/net/response_head.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

namespace sluice::net {

namespace {

/// Room for the fields of most answers.
constexpr std::size_t usual_header_fields = 16;

/// The registered content codings (IANA) that are not decoded here.
constexpr std::string_view unsupported_codings[]
  = {"br", "zstd", "compress", "x-compress", "aes128gcm", "dcb", "dcz", "pack200-gzip", "exi"};

/// Cuts the first line off `text`, without its line end.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// `HTTP/1.1 200 OK`, `HTTP/1.0 404`.
bool parse_status_line(std::string_view line, response_head& head) {
  constexpr std::string_view version = "HTTP/1.";
  if (!line.starts_with(version) || line.size() < 12 || !is_digit(line[7]) || line[8] != ' '
      || !std::all_of(line.begin() + 9, line.begin() + 12, is_digit) || (line.size() > 12 && line[12] != ' ')
      || !is_field_text(line))
    return false;
  head.minor_version = line[7] - '0';
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  head.reason = line.substr(std::min<std::size_t>(13, line.size()));
  return head.status >= 100;
}

/// Calls `visit` for each element of all fields with this name.
template <class Visitor>
void for_each_value(const response_head& head, std::string_view name, Visitor visit) {
  for (const auto& [key, value] : head.headers)
    if (equals_ignoring_case(key, name))
      for_each_element(value, ",", visit);
}

bool has_token(const response_head& head, std::string_view name, std::string_view token) {
  bool found = false;
  for_each_value(head, name, [&](std::string_view value) { found = found || equals_ignoring_case(value, token); });
  return found;
}

std::optional<std::uint64_t> parse_length(std::string_view digits) {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  for (char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (!is_digit(c))
      return std::nullopt;
    // What does not fit is larger than every bound.
    value = value > (largest - digit) / 10 ? largest : value * 10 + digit;
  }
  return digits.empty() ? std::nullopt : std::optional{value};
}

/// All lengths that are given, in one field or several; they must agree.
tl::expected<std::uint64_t, std::string> content_length(const response_head& head) {
  std::optional<std::uint64_t> length;
  bool valid = true;
  for_each_value(head, "content-length", [&](std::string_view text) {
    const auto value = parse_length(text);
    valid = valid && value && (!length || *length == *value);
    length = value;
  });
  if (!valid || !length)
    return tl::unexpected<std::string>{"the Content-Length of the answer is not a single number"};
  return *length;
}

} // namespace

tl::expected<response_head, std::string> parse_response_head(std::string_view text) {
  response_head head;
  head.headers.reserve(usual_header_fields);
  if (!parse_status_line(take_line(text), head))
    return tl::unexpected<std::string>{"the answer does not begin with an HTTP/1.x status line"};
  for (;;) {
    const auto line = take_line(text);
    if (line.empty())
      return head;
    if (!is_field_text(line))
      return tl::unexpected<std::string>{"a header field of the answer holds a control character"};
    if (line.front() == ' ' || line.front() == '\t') {
      // An old way to continue a value on the next line.
      if (head.headers.empty())
        return tl::unexpected<std::string>{"the header of the answer begins with a continuation line"};
      head.headers.back().second.append(" ").append(trim(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return tl::unexpected<std::string>{"a header field of the answer has no valid name"};
    if (head.headers.size() == max_header_fields)
      return tl::unexpected<std::string>{"the answer has more than " + std::to_string(max_header_fields)
                                         + " header fields"};
    head.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
}

tl::expected<body_framing, std::string> framing_of(const response_head& head, std::string_view method) {
  body_framing framing;
  const bool closes = has_token(head, "connection", "close")
                      || (head.minor_version == 0 && !has_token(head, "connection", "keep-alive"));
  framing.keep_alive = !closes;
  if (method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304)
    return framing;
  if (has_header(head.headers, "transfer-encoding")) {
    int codings = 0;
    bool known = true;
    for_each_value(head, "transfer-encoding", [&](std::string_view coding) {
      ++codings;
      known = known && equals_ignoring_case(coding, "chunked");
    });
    if (codings != 1 || !known)
      return tl::unexpected<std::string>{"the answer uses a Transfer-Encoding other than chunked"};
    framing.kind = body_framing::kind_type::chunked;
    // Both: the chunks count, but whoever sent this may count differently from here on.
    framing.keep_alive = framing.keep_alive && !has_header(head.headers, "content-length");
    return framing;
  }
  if (has_header(head.headers, "content-length")) {
    auto length = content_length(head);
    if (!length)
      return tl::unexpected{std::move(length.error())};
    framing.kind = body_framing::kind_type::length;
    framing.length = *length;
    return framing;
  }
  constexpr int reset_content = 205; // has no content, but must say so
  if (head.status == reset_content) {
    framing.keep_alive = false;
    return framing;
  }
  if (!closes)
    return tl::unexpected<std::string>{"the answer has a body of unknown length (neither Content-Length nor chunked nor"
                                       " Connection: close)"};
  framing.kind = body_framing::kind_type::until_close;
  return framing;
}

tl::expected<content_coding, std::string> coding_of(const response_head& head, std::string* unknown) {
  auto result = content_coding::identity;
  std::string problem;
  for_each_value(head, "content-encoding", [&](std::string_view name) {
    auto is = [name](std::string_view other) { return equals_ignoring_case(name, other); };
    if (is("identity"))
      return;
    const bool gzip = is("gzip") || is("x-gzip");
    if (gzip || is("deflate")) {
      if (result != content_coding::identity)
        problem = "the body has more than one Content-Encoding";
      result = gzip ? content_coding::gzip : content_coding::deflate;
    } else if (std::any_of(std::begin(unsupported_codings), std::end(unsupported_codings), is)) {
      problem = "the body has the Content-Encoding " + lower_case(name) + ", and only gzip and deflate are supported";
    } else if (unknown != nullptr) {
      unknown->append(unknown->empty() ? "" : ", ").append(name);
    }
  });
  if (!problem.empty())
    return tl::unexpected{std::move(problem)};
  return result;
}

} // namespace sluice::net
