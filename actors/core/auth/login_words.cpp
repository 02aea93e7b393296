#include "actors/core/auth/login_words.hpp"

#include "actors/core/pages/error_text.hpp"
#include "actors/core/pages/failure_words.hpp"
#include "config/language/number_text.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sluice {

namespace {

constexpr std::size_t shown_login_text = 300;
/// Waits double up to here.
constexpr std::uint32_t most_doublings = 20;

constexpr std::string_view correct_it
  = " Correct the credentials in the connector configuration, then run again; the state keeps what is complete.";

/// OAuth's own words for what is wrong (RFC 6749 section 5.2).
std::string oauth_words(const language::value& body) {
  const auto* code = body.find("error");
  const auto* words = body.find("error_description");
  if (code == nullptr || code->as_string() == nullptr || words == nullptr || words->as_string() == nullptr)
    return {};
  return *code->as_string() + " (" + *words->as_string() + ")";
}

} // namespace

std::string told_by_server(std::string_view body) {
  auto told = std::string{};
  if (auto parsed = language::parse_json(body); parsed && parsed->is_dict())
    told = oauth_words(*parsed);
  if (told.empty())
    told = error_text(body);
  told = excerpt(told, shown_login_text);
  return told.empty() ? told : " The server says: " + told + (told.back() == '.' ? "" : ".");
}

std::string answered(const std::string& name, int status, std::string_view body) {
  return "The login for " + name + " was answered with HTTP status " + std::to_string(status) + "."
         + told_by_server(body);
}

login_failure try_login_again(error why, const login_tries& tries, request_purpose purpose) {
  const auto patience = purpose == request_purpose::read    ? longest_login
                        : purpose == request_purpose::check ? check_patience
                                                            : std::chrono::microseconds{0};
  const auto left = patience - tries.spent;
  if (left <= std::chrono::microseconds{0}) {
    if (tries.count > 0)
      why.message += " It was tried " + std::to_string(tries.count + 1) + " times.";
    why.message
      += purpose == request_purpose::read ? " Run again later; the state keeps what is complete." : " Try again later.";
    return {std::move(why), -1};
  }
  const std::chrono::seconds wait{1LL << std::min(tries.count, most_doublings)};
  return {std::move(why), std::min<std::chrono::microseconds>(wait, left).count()};
}

login_failure unanswered_login(const std::string& name, const error& why, const login_tries& tries,
                               request_purpose purpose) {
  auto told = why;
  if (why.code == errc::interrupted)
    return {std::move(told), -1};
  told.message = "The login for " + name + " got no answer. " + why.message;
  if (why.failure != failure_type::transient_error)
    return {std::move(told), -1};
  return try_login_again(std::move(told), tries, purpose);
}

login_failure failed_login(failure_type failure, std::string message, errc code) {
  if (failure == failure_type::config_error)
    message += correct_it;
  return {{code, failure, std::move(message), ""}, -1};
}

login_failure no_token_in(const std::string& name, int status, const std::string& path) {
  return failed_login(failure_type::system_error,
                      "The answer to the login for " + name + " (HTTP status " + std::to_string(status)
                        + ") holds no token at `" + path + "`, so nothing can be requested with it.",
                      errc::bad_page);
}

std::optional<double> told_number(const language::value& x) {
  const auto* text = x.as_string();
  const auto number = text != nullptr ? language::detail::python_parse_float(*text) : x.number();
  if (!number || !std::isfinite(*number))
    return std::nullopt;
  return std::trunc(*number);
}

std::optional<language::datetime> told_moment(const language::value& x) {
  constexpr std::size_t most_digits = 10;
  const auto text = language::to_text(x);
  if (!text.empty() && text.size() <= most_digits && ascii_digits.covers(text))
    return language::datetime{language::instant{std::chrono::seconds{std::stoll(text)}}};
  auto read = language::parse_iso8601(text);
  return read ? std::optional{*read} : std::nullopt;
}

std::string token_text(const language::value& x) {
  return x.is_none() || x.is_list() || x.is_dict() ? std::string{} : language::to_text(x);
}

} // namespace sluice
