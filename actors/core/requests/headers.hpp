#pragma once

#include "config/language/value.hpp"
#include "messages/text/header_list.hpp"

#include <string_view>

namespace sluice {

/// Response headers as templates see them: found in any case, several of one name joined by `, `. `link` is a `Link`
/// header taken apart, as in the reference: `headers.link.next.url`.
language::value headers_value(const header_list& headers);

/// Takes a `Link` header (RFC 8288) apart: `<url>; rel="next", <url>; rel="last"` becomes
/// `{"next": {"url": ..., "rel": "next"}, "last": ...}`. One with several relations is found under each of them, and
/// under all.
language::value parse_link_header(std::string_view text);

} // namespace sluice
