#pragma once

#include "config/language/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// Headers by name, in the order in which they are sent or came.
using header_pairs = std::vector<std::pair<std::string, std::string>>;

/// Response headers as templates see them: found in any case, several of one name joined by `, `. `link` is a `Link`
/// header taken apart, as in the reference: `headers.link.next.url`.
language::value headers_value(const header_pairs& headers);

/// Takes a `Link` header (RFC 8288) apart: `<url>; rel="next", <url>; rel="last"` becomes
/// `{"next": {"url": ..., "rel": "next"}, "last": ...}`.
language::value parse_link_header(std::string_view text);

/// The first header with this name, whatever its case; empty if there is none.
std::string_view find_header(const header_pairs& headers, std::string_view name) noexcept;

/// Compares header names.
bool same_header(std::string_view a, std::string_view b) noexcept;

} // namespace sluice
