#pragma once

#include "actors/core/auth/login_step.hpp"
#include "actors/core/requests/purpose.hpp"
#include "config/language/datetime.hpp"
#include "config/language/value.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the kinds of logins have in common.
namespace sluice {

/// How long the token endpoint of an OAuth provider, and other logins without an error handler, are tried in all: as
/// the reference does it.
inline constexpr std::chrono::microseconds longest_login = std::chrono::minutes{5};

/// ` The server says: invalid_grant (the token is too old).`: what an error body tells people; nothing if it tells
/// nothing.
std::string told_by_server(std::string_view body);

/// `The login for NAME was answered with HTTP status 401.`, and what the server says.
std::string answered(const std::string& name, int status, std::string_view body);

/// A server that is busy or has a bad moment (429, 5xx), or that could not be reached: tried again after 1, 2, 4...
/// seconds, `longest_login` in all (less where somebody waits for the answer).
login_failure try_login_again(error why, const login_tries& tries, request_purpose purpose);

/// A login whose request got no answer at all.
login_failure unanswered_login(const std::string& name, const error& why, const login_tries& tries,
                               request_purpose purpose);

/// It is no use to ask again.
login_failure failed_login(failure_type failure, std::string message, errc code = errc::http_status);

/// `{"a": {"b": "x"}}` is not what was expected.
login_failure no_token_in(const std::string& name, int status, const std::string& path);

/// A number that an answer tells, be it as a text, without its fraction: Python's `int(float(str(x)))`.
std::optional<double> told_number(const language::value& x);

/// A moment that an answer tells, as the reference reads it: seconds since the epoch, or ISO 8601.
std::optional<language::datetime> told_moment(const language::value& x);

/// What a token is as text, in headers and bodies; empty: it is none.
std::string token_text(const language::value& x);

} // namespace sluice
