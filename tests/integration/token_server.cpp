#include "tests/integration/token_server.hpp"

#include "messages/text/url.hpp"
#include "tests/support/http_server.hpp"

#include <Poco/Net/HTTPRequest.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <set>

namespace sluice::test {

namespace {

namespace net = Poco::Net;

constexpr int most_connections = 100;

std::string value_of(const std::string& query, const std::string& name) {
  for (const auto& [key, x] : url::query_of("?" + query))
    if (key == name)
      return x;
  return {};
}

} // namespace

struct token_server::impl {
  explicit impl(const token_account& w)
    : what(w),
      server(most_connections, [this](const auto& head, const std::string& body) { return answer(head, body); }) {}

  http_answer answer(const net::HTTPRequest& request, const std::string& body) {
    const std::lock_guard guard{mutex};
    const auto& target = request.getURI();
    if (target == "/token")
      return issue_token(body);
    if (target == "/key")
      return {200, R"({"access_token":")" + next_key() + R"(","expires_in":86400})"};
    if (target == "/login")
      return open_session(body, request.get("Authorization", ""));
    if (target == "/me")
      return {401, R"({"message":"no session"})"};
    return rows(request, target.substr(std::min(target.find('?'), target.size() - 1) + 1));
  }

  http_answer issue_token(const std::string& form) {
    const auto given = value_of(form, "refresh_token");
    const bool newest = given == refresh_token(issued);
    const bool still_good = given == refresh_token(known) || (what.lasting && given == refresh_token(0));
    if (!newest && !still_good) {
      ++refused_logins;
      auto text = what.refusal.empty() ? std::string{R"({"error":"invalid_grant"})"} : what.refusal;
      if (const auto at = text.find("{}"); at != std::string::npos)
        text.replace(at, 2, form);
      return {400, std::move(text)};
    }
    if (newest)
      known = issued;
    ++issued;
    used = 0;
    return {200, R"({"access_token":")" + access_token(issued) + R"(","refresh_token":")" + refresh_token(issued)
                   + R"(","expires_in":86400})"};
  }

  std::string next_key() {
    key_used = 0;
    return key(++keys);
  }

  static std::string key(int number) { return "key-" + std::to_string(number) + "-s3cret"; }

  http_answer open_session(const std::string& body, const std::string& authorization) {
    if (what.key_uses > 0 && (authorization != "Bearer " + key(keys) || ++key_used > what.key_uses)) {
      ++refused_keys;
      return {401, R"({"message":"no such key: )" + authorization + "\"}"};
    }
    if (body.find("pass-s3cret") == std::string::npos) {
      ++refused_logins;
      return {401, R"({"message":"unknown: )" + url::quote(body, " ", false) + "\"}"};
    }
    ++issued;
    used = 0;
    return {200, R"({"id":")" + access_token(issued) + R"(","data":{"token":")" + access_token(issued) + R"("}})"};
  }

  http_answer rows(const net::HTTPRequest& request, const std::string& query) {
    const auto given = request.get("Authorization", "Bearer " + request.get("X-Session", ""));
    const bool is_signed = std::count(given.begin(), given.end(), '.') == 2;
    if (is_signed && signed_tokens.insert(given).second) {
      ++issued;
      used = 0;
      newest_signed = given;
    }
    const bool newest = is_signed ? given == newest_signed : issued > 0 && given == "Bearer " + access_token(issued);
    const bool again = newest && refused_pages.erase(query) > 0;
    if (!newest || (!again && what.uses > 0 && used >= what.uses)) {
      ++refused;
      refused_pages.insert(query);
      return {401, R"({"message":"who are you?"})"};
    }
    known = issued;
    used += again ? 0 : 1;
    all_uses += again ? 0 : 1;
    const auto list = value_of(query, "list");
    const auto page = std::max(0, std::atoi(value_of(query, "page").c_str()));
    std::string body = R"({"rows":[)";
    for (int i = 0; page < what.pages && i < what.rows; ++i)
      body += std::string{i == 0 ? "" : ","} + R"({"id":")" + list + "." + std::to_string(page * what.rows + i) + "\"}";
    return {200, body + "]}"};
  }

  token_account what;
  std::mutex mutex;
  int issued = 0;
  int refused_logins = 0;
  int all_uses = 0;
  int refused = 0;
  int used = 0;
  std::set<std::string> refused_pages;
  /// The newest one that somebody has used.
  int known = 0;
  int keys = 0;
  int key_used = 0;
  int refused_keys = 0;
  std::set<std::string> signed_tokens;
  std::string newest_signed;
  http_server server;
};

token_server::token_server(const token_account& what) : impl_(std::make_unique<impl>(what)) {}
token_server::~token_server() = default;

std::string token_server::url() const {
  return "http://" + impl_->server.address();
}
int token_server::issued() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->issued;
}
int token_server::refused_logins() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->refused_logins;
}
int token_server::uses() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->all_uses;
}
int token_server::refused() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->refused;
}

int token_server::keys() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->keys;
}
int token_server::refused_keys() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->refused_keys;
}

std::string token_server::access_token(int number) {
  return "acc-" + std::to_string(number) + "-s3cret";
}
std::string token_server::refresh_token(int number) {
  return "ref-" + std::to_string(number) + "-s3cret";
}

} // namespace sluice::test
