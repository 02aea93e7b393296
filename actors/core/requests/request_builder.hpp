#pragma once

#include "actors/core/requests/headers.hpp"
#include "actors/core/requests/slice_scope.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"
#include "messages/text/header_list.hpp"
#include "messages/text/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// A rendered request.
struct built_request {
  std::string method;
  /// Absolute and percent-encoded.
  std::string url;
  header_list headers;
  /// Empty: none.
  std::string body;
};

/// Renders the request for a page. For pages after the first, a token that is a URL is used as the server gave it, with
/// the parameters of the request whose names it lacks; what a URL may not hold is encoded. A URL with another scheme,
/// host or port is refused (`errc::foreign_url`): the credentials must not leave for a foreign host.
/// @param current the credential of an endpoint whose credential expires; null: it is sent without.
expected<built_request> build_request(const plan& p, const endpoint& e, const page_request& request,
                                      const issued_credential* current = nullptr);

/// The same without the endpoint's credential: what of a request may be looked at before it is sent.
expected<built_request> build_shape(const plan& p, const endpoint& e, const page_request& request);

} // namespace sluice
