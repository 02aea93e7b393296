#pragma once

// Credentials that expire: what the components of auth.hpp say of how they are obtained.

#include "config/manifest/components/auth.hpp"
#include "config/manifest/plan/requests.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::compiling {

/// Host and port of a URL, for people.
std::string host_of(std::string_view url);

/// A line break in a header would let a config value add headers.
bool has_control_characters(std::string_view text);

credential_field::place secret_place(inject_into into);

/// Refuses an OAuthAuthenticator that lacks what the reference asks of each.
void check_oauth_fields(context& x, const view<OAuthAuthenticator>& c);

planned_credential compile_oauth(context& x, const view<OAuthAuthenticator>& c);
/// @param all of the plan: the login's own credential is added, if it is one that expires.
planned_credential compile_session(context& x, std::vector<planned_credential>& all,
                                   const view<SessionTokenAuthenticator>& c);
planned_credential compile_token_pool(context& x, const view<RateLimitedMultipleTokenAuthenticator>& c);
/// Nothing if it is refused.
std::optional<signed_token> compile_signed_token(context& x, const view<JwtAuthenticator>& c);
planned_credential compile_jwt(context& x, const view<JwtAuthenticator>& c);
/// @param url_base of the requester: the URLs of the component are put behind it.
planned_credential compile_legacy_session(context& x, const std::string& url_base,
                                          const view<LegacySessionTokenAuthenticator>& c);

} // namespace sluice::compiling
