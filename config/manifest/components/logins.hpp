#pragma once

// Credentials that expire: what the components of auth.hpp say of how they are obtained.

#include "config/manifest/components/auth.hpp"
#include "config/manifest/plan/requests.hpp"

#include <string>
#include <string_view>

namespace sluice::compiling {

/// A line break in a header would let a config value add headers.
bool has_control_characters(std::string_view text);

credential_field::place secret_place(inject_into into);

/// Refuses an OAuthAuthenticator that lacks what the reference asks of each.
void check_oauth_fields(context& x, const view<OAuthAuthenticator>& c);

planned_credential compile_oauth(context& x, const view<OAuthAuthenticator>& c);
planned_credential compile_session(context& x, const view<SessionTokenAuthenticator>& c);
/// @param url_base of the requester: the URLs of the component are put behind it.
planned_credential compile_legacy_session(context& x, const std::string& url_base,
                                          const view<LegacySessionTokenAuthenticator>& c);

} // namespace sluice::compiling
