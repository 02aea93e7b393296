#include "actors/core/auth/token_pool_dialog.hpp"

#include "actors/core/admission/quota_headers.hpp"
#include "actors/core/auth/login_words.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

using language::value;

/// What dicts lead to by these keys, and nothing else does.
const value* member_at(const value& body, const std::vector<std::string>& path) {
  const auto* found = &body;
  for (const auto& key : path) {
    found = found->as_dict() != nullptr ? found->find(key) : nullptr;
    if (found == nullptr)
      return nullptr;
  }
  return found;
}

std::string path_text(const std::vector<std::string>& path) {
  std::string result;
  for (const auto& key : path)
    result += (result.empty() ? "" : ".") + key;
  return result;
}

/// The pool's numbers of one quota, as the answer tells them; the key of the one that it does not tell.
tl::expected<quota_left, std::string> read_quota(const value& body, const token_quota& q, language::instant server) {
  const auto count_at = [&body](const std::vector<std::string>& path) -> std::optional<std::uint64_t> {
    const auto* told = member_at(body, path);
    const auto number = told != nullptr ? told_number(*told) : std::nullopt;
    constexpr double most = 1e15;
    return number ? std::optional{static_cast<std::uint64_t>(std::clamp(*number, 0.0, most))} : std::nullopt;
  };
  quota_left result;
  const auto remaining = count_at(q.remaining_path);
  if (!remaining)
    return tl::unexpected("a number at `" + path_text(q.remaining_path) + "`");
  const auto limit = q.limit_path.empty() ? remaining : count_at(q.limit_path);
  if (!limit)
    return tl::unexpected("a number at `" + path_text(q.limit_path) + "`");
  const auto* told = member_at(body, q.reset_path);
  const auto reset = told != nullptr ? told_moment(*told) : std::nullopt;
  if (!reset)
    return tl::unexpected("a date and time at `" + path_text(q.reset_path) + "`");
  result.remaining = *remaining;
  result.limit = *limit;
  result.resets_us = reset->instant.time_since_epoch().count();
  // Rather a moment too late than too early: who asks before the reset has asked in vain.
  result.resets_in_us = std::max<std::int64_t>(0, (reset->instant - server).count());
  return result;
}

} // namespace

token_pool_dialog::token_pool_dialog(const token_pool& how, plan_ptr p, std::string name, const retry_limits& bounds)
  : how_(how), plan_(std::move(p)), name_(std::move(name)), purpose_(bounds.purpose) {}

std::string token_pool_dialog::name() const {
  return how_.tokens.size() == 1
           ? name_
           : name_ + " (token " + std::to_string(token_ + 1) + " of " + std::to_string(how_.tokens.size()) + ")";
}

login_answer token_pool_dialog::answer() const {
  login_answer result;
  const std::string text{trim(how_.place.prefix + how_.tokens[token_])};
  result.fields.push_back({how_.place.where, how_.place.name, text});
  return result;
}

login_step token_pool_dialog::begin(std::uint32_t token) {
  token_ = token;
  const auto field = answer().fields.front();
  auto headers = how_.status.headers;
  std::erase_if(headers, [&field](const auto& h) { return equals_ignoring_case(h.first, field.name); });
  headers.emplace_back(field.name, field.value);
  return built_request{how_.status.method, how_.status.url, std::move(headers), {}};
}

login_step token_pool_dialog::hear(const login_reply& reply, const login_tries& tries, language::instant wall) const {
  const auto& untracked = how_.untracked_statuses;
  auto result = answer();
  if (std::find(untracked.begin(), untracked.end(), reply.status) != untracked.end()) {
    quota_left none;
    none.tracked = false;
    result.quotas.assign(how_.quotas.size(), none);
    return result;
  }
  constexpr int first_refusal = 300;
  if (reply.status >= first_refusal)
    return refused(reply, tries);
  const auto body = language::parse_json(reply.body);
  for (const auto& q : how_.quotas) {
    auto left = read_quota(body.value_or(value{}), q, server_time(reply.headers, wall));
    if (!left)
      return failed_login(failure_type::system_error,
                          "What " + name() + " has left of the quota `" + q.name
                            + "` cannot be told: the answer (HTTP status " + std::to_string(reply.status) + ") has not "
                            + left.error() + ". Correct the paths in the manifest's quotas.",
                          errc::bad_page);
    result.quotas.push_back(*left);
  }
  return result;
}

login_step token_pool_dialog::hear(const error& failure, const login_tries& tries) const {
  return unanswered_login(name(), failure, tries, purpose_);
}

login_step token_pool_dialog::refused(const login_reply& reply, const login_tries& tries) const {
  auto message = "The request for what " + name() + " has left was answered with HTTP status "
                 + std::to_string(reply.status) + "." + told_by_server(reply.body);
  if (reply.status == 429 || reply.status == 408 || reply.status >= 500)
    return try_login_again({errc::http_status, failure_type::transient_error, std::move(message), ""}, tries, purpose_);
  const bool of_token = reply.status == 401 || reply.status == 403;
  return failed_login(of_token ? failure_type::config_error : failure_type::system_error, std::move(message));
}

} // namespace sluice
