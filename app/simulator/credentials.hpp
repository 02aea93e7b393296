#pragma once

#include "app/simulator/api.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// How the simulator's two small APIs give out access.
struct credential_options {
  /// How long access tokens and sessions hold.
  std::chrono::microseconds lifetime = std::chrono::hours{1};
  /// Each refresh brings another refresh token. The one before ends when the new one, or its access token, is used: a
  /// client that lost the answer may ask again.
  bool single_use = false;
  /// After so many requests of lists all access tokens and sessions end at once; 0: never.
  std::uint64_t revoke_every = 0;
  /// Lists that each of the tokens that have a quota may ask for in each window.
  std::uint64_t token_calls = 60;
  std::chrono::microseconds token_window = std::chrono::minutes{1};
  /// Pages of each shop's list, 20 rows each.
  std::uint64_t pages = 3;
};

/// What is asked for, as far as access matters.
struct credential_request {
  std::string method;
  /// Path and query as sent.
  std::string target;
  /// The Authorization header and the session header, as sent.
  std::string authorization;
  std::string session;
  std::string body;
  /// The date: since the epoch.
  std::chrono::microseconds wall{0};
};

/// What the desk saw, for tests. Times are since the server's start.
struct credential_statistics {
  /// When access tokens and sessions were given out, in order.
  std::vector<std::chrono::microseconds> issued;
  /// How often all of them were ended before their time.
  std::uint64_t revocations = 0;
  /// Lists that were asked for with a token whose time was over, and by how much the latest.
  std::uint64_t expired_uses = 0;
  std::chrono::microseconds latest_use{0};
  /// Logins and refreshes that were refused.
  std::uint64_t refused_logins = 0;
  /// Lists that were given.
  std::uint64_t lists = 0;
  /// Of the tokens that have a quota: how many were used, lists that were refused because nothing was left, and how
  /// often it was asked what is left.
  std::uint64_t tokens_used = 0;
  std::uint64_t refused_calls = 0;
  std::uint64_t quota_questions = 0;
};

/// Small APIs with credentials that expire, or that have a quota:
/// - `POST /oauth/token` (form: `grant_type` refresh_token or client_credentials, client_id, client_secret), then
///   `GET /oauth/orders?shop=S&page=N` with `Authorization: Bearer TOKEN`;
/// - `POST /session/login` (JSON: username, password), then `GET /session/tickets?shop=S&page=N` with
///   `X-Session: SESSION`;
/// - `GET /tokens/limit` and `GET /tokens/parcels?shop=S&page=N` with `Authorization: Bearer simulator-pool-K`, where K
///   goes from 1 to `most_tokens`: what the token has left,
///   `{"calls":{"left":...,"limit":...,"reset":EPOCH_SECONDS}}`, and lists, whose headers `X-Calls-Left`,
///   `X-Calls-Limit` and `X-Calls-Reset` tell the same.
/// Lists are `{"rows":[{"id":...,"shop":...}],"next":N}`, without `next` at their end. Not thread-safe; time comes in.
class credential_desk {
public:
  static constexpr std::string_view client_id = "simulator-client";
  static constexpr std::string_view client_secret = "simulator-secret";
  static constexpr std::string_view refresh_token = "simulator-refresh-0";
  static constexpr std::string_view username = "simulator-user";
  static constexpr std::string_view password = "simulator-password";
  static constexpr std::string_view pool_token = "simulator-pool-";
  static constexpr std::uint64_t most_tokens = 99;
  static constexpr std::uint64_t rows_per_page = 20;

  explicit credential_desk(const credential_options& o) : chosen_(o) {}

  /// The target is one of these APIs'.
  static bool serves(std::string_view target) noexcept;
  api_answer answer(const credential_request& x, std::chrono::microseconds now);

  const credential_statistics& statistics() const noexcept { return seen_; }

private:
  struct issued_token {
    std::chrono::microseconds ends{0};
    bool revoked = false;
    /// Of the refresh token that came with it.
    std::uint64_t generation = 0;
  };

  /// What a token with a quota has used in the present window.
  struct counted_token {
    std::int64_t window = -1;
    std::uint64_t used = 0;
  };

  api_answer count_call(const credential_request& x, std::string_view token, std::chrono::microseconds now);
  api_answer give_token(const credential_request& x, std::chrono::microseconds now);
  api_answer refresh(const std::string& token, std::chrono::microseconds now);
  api_answer log_in(const credential_request& x, std::chrono::microseconds now);
  api_answer list(const credential_request& x, std::string_view token, std::chrono::microseconds now);
  api_answer rows(const credential_request& x);
  std::string issue(std::string_view kind, std::chrono::microseconds now);
  void revoke_all();

  credential_options chosen_;
  std::map<std::string, issued_token, std::less<>> tokens_;
  std::map<std::uint64_t, counted_token> counted_;
  /// The newest refresh token, and the oldest one that may still be used.
  std::uint64_t generation_ = 0;
  std::uint64_t oldest_generation_ = 0;
  credential_statistics seen_;
};

} // namespace sluice::simulator
