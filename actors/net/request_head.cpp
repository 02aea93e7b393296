#include "actors/net/request_head.hpp"

#include <algorithm>
#include <array>

namespace sluice::net {

namespace {

/// Room for a head besides its target: it is built without growing, unless its headers are long.
constexpr std::size_t usual_head_bytes = 512;

constexpr char_set not_in_urls = ascii_controls | char_set{" "};

tl::unexpected<error> bad_url(std::string_view problem) {
  return fail(errc::bad_config, failure_type::config_error,
              "A request URL cannot be used: " + std::string{problem}
                + ". No request was sent. Correct the URL in the connector configuration or the manifest.");
}

tl::unexpected<error> bad_request(const url::parts& target, std::string_view problem) {
  return fail(errc::bad_config, failure_type::config_error,
              "A request to " + target.display() + " cannot be sent: " + std::string{problem}
                + ". Correct the requester in the manifest or the value in the connector configuration.");
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

expected<url::parts> read_target(std::string_view text) {
  if (not_in_urls.find_in(text) < text.size())
    return bad_url("it holds a space or a control character (percent-encode it)");
  auto target = url::split(text);
  if (!target)
    return bad_url(target.error());
  return std::move(*target);
}

expected<std::string> write_request_head(const request& r, const url::parts& target,
                                         const std::optional<proxy_server>& proxy, std::string_view user_agent) {
  if (!is_token(r.method))
    return bad_request(target, "its method is not a word");
  for (const auto& [name, value] : r.headers) {
    if (!is_token(name))
      return bad_request(target, "a header has no valid name");
    // Values are not repeated in messages: they may be secrets.
    if (!is_field_text(value))
      return bad_request(target, "the value of the header " + name + " holds a line break or a control character");
    if (equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "transfer-encoding"))
      return bad_request(target, "the header " + name + " cannot be set, it follows from the body");
  }
  const auto authority = target.authority();
  std::string head;
  head.reserve(usual_head_bytes + target.target.size());
  head.append(r.method).append(" ");
  // A proxy needs to know where the request shall go.
  if (proxy)
    head.append("http://").append(authority);
  if (!target.target.starts_with('/'))
    head += '/';
  head.append(target.target).append(" HTTP/1.1\r\n");
  const std::array<std::pair<std::string_view, std::string_view>, 5> defaults = {{{"Host", authority},
                                                                                  {"User-Agent", user_agent},
                                                                                  {"Accept", "*/*"},
                                                                                  {"Accept-Encoding", "gzip"},
                                                                                  {"Connection", "keep-alive"}}};
  for (const auto& [name, value] : defaults)
    if (!has_header(r.headers, name))
      add_field(head, name, value);
  if (proxy && !proxy->authorization.empty() && !has_header(r.headers, "proxy-authorization"))
    add_field(head, "Proxy-Authorization", proxy->authorization);
  for (const auto& [name, value] : r.headers)
    add_field(head, name, value);
  if (!r.body.empty() || r.method == "POST" || r.method == "PUT" || r.method == "PATCH")
    add_field(head, "Content-Length", std::to_string(r.body.size()));
  head += "\r\n";
  return head;
}

std::string write_connect_head(const url::parts& target, const proxy_server& proxy, std::string_view user_agent) {
  const auto where = target.place();
  std::string head = "CONNECT " + where + " HTTP/1.1\r\n";
  add_field(head, "Host", where);
  add_field(head, "User-Agent", user_agent);
  if (!proxy.authorization.empty())
    add_field(head, "Proxy-Authorization", proxy.authorization);
  return head + "\r\n";
}

bool is_idempotent(std::string_view method) noexcept {
  constexpr std::array<std::string_view, 6> methods = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool asks_for_close(const request& r) noexcept {
  const auto value = find_header(r.headers, "connection");
  return value && equals_ignoring_case(*value, "close");
}

} // namespace sluice::net
