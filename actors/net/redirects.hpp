#pragma once

#include "actors/net/cookies.hpp"
#include "actors/net/http_client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sluice::net {

/// A request is redirected no more often than this.
inline constexpr int most_redirects = 10;

/// The request that follows `r` when it was answered with `answer`: method and body change as the reference's HTTP
/// library changes them (303, 302, and a POST's 301 become GET without a body). Nothing if the answer is no redirect,
/// or one to another scheme, host or port: credentials do not leave for another origin.
std::optional<request> redirected(const request& r, const response& answer);

/// Follows redirects within an origin, `most_redirects` at most, and keeps cookies as long as it lives. What it does
/// not follow is an answer like any other.
class following_session final : public http_client {
public:
  explicit following_session(std::unique_ptr<http_client> inner) : inner_{std::move(inner)} {}

  task<http_result> send(const request& r) override;
  void reuse(std::string body) override { inner_->reuse(std::move(body)); }

private:
  request with_cookies(request r) const;
  task<http_result> send_with_cookies(const request& r);

  std::unique_ptr<http_client> inner_;
  cookie_jar cookies_;
};

} // namespace sluice::net
