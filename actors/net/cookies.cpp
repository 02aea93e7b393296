#include "actors/net/cookies.hpp"

#include "messages/text/ascii.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPCookie.h>
#include <Poco/Net/HTTPResponse.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::net {

namespace {

std::string_view path_of(const url::parts& x) {
  return std::string_view{x.target}.substr(0, x.target.find('?'));
}

/// Where a cookie holds that does not say: the folder of the request (RFC 6265 section 5.1.4).
std::string default_path(const url::parts& from) {
  const auto path = path_of(from);
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? "/" : std::string{path.substr(0, slash)};
}

bool holds_in(std::string_view cookie_path, std::string_view path) {
  if (path.empty())
    path = "/";
  return path.starts_with(cookie_path)
         && (path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/');
}

std::optional<Poco::Net::HTTPCookie> parse(const std::string& text) {
  try {
    Poco::Net::HTTPResponse answer;
    answer.add("Set-Cookie", text);
    std::vector<Poco::Net::HTTPCookie> found;
    answer.getCookies(found);
    if (found.size() == 1)
      return std::move(found.front());
  } catch (const Poco::Exception&) {
  }
  return std::nullopt;
}

} // namespace

void cookie_jar::take(const header_list& headers, const url::parts& from, clock::time_point now) {
  for (const auto& [name, text] : headers) {
    if (!equals_ignoring_case(name, "set-cookie") || text.size() > most_bytes)
      continue;
    auto found = parse(text);
    // A date that cannot be read makes no cookie invalid.
    if (!found)
      found = parse(text.substr(0, text.find(';')));
    if (!found || !is_token(found->getName()) || !is_field_text(found->getValue()))
      continue;
    cookie x{from.origin(), found->getName(), found->getValue(), found->getPath(), found->getSecure()};
    if (!x.path.starts_with('/'))
      x.path = default_path(from);
    // -1: until the session ends; other negative ones: a date in the past.
    if (const auto age = found->getMaxAge(); age != -1)
      x.ends = now + std::chrono::seconds{std::max(age, 0)};
    keep(std::move(x), now);
  }
}

void cookie_jar::keep(cookie x, clock::time_point now) {
  std::erase_if(cookies_, [&](const cookie& known) {
    return known.ends <= now || (known.origin == x.origin && known.name == x.name && known.path == x.path);
  });
  if (x.ends <= now)
    return;
  if (cookies_.size() == most_cookies)
    cookies_.erase(cookies_.begin());
  cookies_.push_back(std::move(x));
}

std::string cookie_jar::header_for(const url::parts& to, clock::time_point now) const {
  std::string result;
  if (cookies_.empty())
    return result;
  const auto origin = to.origin();
  for (const auto& x : cookies_)
    if (x.origin == origin && x.ends > now && (!x.secure || to.is_secure()) && holds_in(x.path, path_of(to)))
      result += (result.empty() ? "" : "; ") + x.name + "=" + x.value;
  return result.size() > most_bytes ? std::string{} : result;
}

} // namespace sluice::net
