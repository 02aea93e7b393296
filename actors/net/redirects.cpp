#include "actors/net/redirects.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice::net {

namespace {

bool is_redirect(int status) {
  return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

/// Other readers of URLs take these for slashes, or leave them out.
constexpr char_set unsafe = ascii_controls | char_set{"\\"};

bool changes_to_get(int status, std::string_view method) {
  return method != "HEAD" && (status == 303 || status == 302 || (status == 301 && method == "POST"));
}

} // namespace

std::optional<request> redirected(const request& r, const response& answer) {
  const auto location = is_redirect(answer.status) ? answer.header("Location").value_or("") : std::string_view{};
  if (location.empty() || unsafe.find_in(location) < location.size())
    return std::nullopt;
  const auto from = url::split(r.url);
  if (!from)
    return std::nullopt;
  auto link = url::has_scheme(location) ? std::string{location} : url::resolve(*from, location);
  link = url::encode_illegal(std::string_view{link}.substr(0, link.find('#')));
  const auto to = url::split(link);
  if (!to || !to->same_origin(*from))
    return std::nullopt;
  request result{r.method, std::move(link), r.headers, r.body};
  if (changes_to_get(answer.status, r.method))
    result.method = "GET";
  if (answer.status != 307 && answer.status != 308) {
    result.body.clear();
    std::erase_if(result.headers, [](const auto& x) { return equals_ignoring_case(x.first, "content-type"); });
  }
  return result;
}

task<http_result> following_session::send(const request& r) {
  auto answer = co_await send_with_cookies(r);
  std::optional<request> next;
  for (int count = 0; count < most_redirects && answer; ++count) {
    auto further = redirected(next ? *next : r, *answer);
    if (!further)
      break;
    next = std::move(further);
    inner_->reuse(std::move(answer->body));
    answer = co_await send_with_cookies(*next);
    if (answer)
      answer->url = next->url;
  }
  co_return answer;
}

request following_session::with_cookies(request r) const {
  const auto to = url::split(r.url);
  if (auto cookies = to ? cookies_.header_for(*to, cookie_jar::clock::now()) : std::string{}; !cookies.empty())
    r.headers.emplace_back("Cookie", std::move(cookies));
  return r;
}

task<http_result> following_session::send_with_cookies(const request& r) {
  std::optional<request> changed;
  if (!cookies_.empty() && !has_header(r.headers, "cookie"))
    changed = with_cookies(r);
  auto answer = co_await inner_->send(changed ? *changed : r);
  if (answer && answer->header("set-cookie"))
    if (const auto from = url::split(r.url))
      cookies_.take(answer->headers, *from, cookie_jar::clock::now());
  co_return answer;
}

} // namespace sluice::net
