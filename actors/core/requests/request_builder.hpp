#pragma once

#include "actors/core/requests/headers.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// A rendered request.
struct built_request {
  std::string method;
  /// Absolute and percent-encoded.
  std::string url;
  header_pairs headers;
};

/// Renders the request for a page. For pages after the first, a token that is a URL is used as the server gave it, with
/// the parameters of the request whose names it lacks; what a URL may not hold is encoded. A URL with another scheme,
/// host or port is refused (`errc::foreign_url`): the credentials must not leave for a foreign host.
expected<built_request> build_request(const plan& p, const endpoint& e, const page_request& request);

/// The same without the endpoint's credential: what of a request may be looked at before it is sent.
expected<built_request> build_shape(const plan& p, const endpoint& e, const page_request& request);

/// Rows of the whole list, as the page tells (`pagination::total`); -1 if it does not, or not as a whole number.
std::int64_t reported_total(const plan& p, const endpoint& e, const slice& s, const language::value& response);

/// The next page's token, or nullopt after the last page. `response` is what `page_cutter::read_response` gave;
/// `previous_token` is the token that the page at hand was asked for with: a page that names itself as the next one is
/// `errc::bad_page`, because the slice would never end. `request_url` is what the page was asked for with: a token that
/// is a URL is resolved against it (RFC 3986).
expected<std::optional<std::string>> next_page_token(const plan& p, const endpoint& e, const slice& s,
                                                     const language::value& response, const header_pairs& headers,
                                                     std::string_view last_record_json, std::uint64_t record_count,
                                                     std::string_view previous_token,
                                                     std::string_view request_url = {});

/// The variables that templates of a request see for this slice, which must outlive them.
language::scope slice_scope(const plan& p, const slice& s);

/// A URL for people: without user info, and with query values longer than 60 characters shortened.
std::string display_url(std::string_view url);

} // namespace sluice
