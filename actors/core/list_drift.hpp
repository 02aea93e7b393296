#pragma once

#include "messages/error.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Times that a slice's pages are read again because its list shrank; a list that never rests fails its slice.
inline constexpr std::uint32_t max_rereads = 50;

/// What is remembered of a page for the next one's sake: its token, how many rows the list had (-1: unknown), how many
/// it brought. `next` is the request for the page that follows and still has the token of the page just read.
void remember_page(page_request& next, std::int64_t total, std::uint64_t rows);

/// Rows that vanish from a list read by page numbers move all later rows up, so that a page read next begins too late:
/// rows that nobody touched would be missing. If the list is shorter than when the page before was read, returns the
/// request to go back to: as many pages as rows vanished, at least one. Rows may come twice then, but none is left out.
/// `request` is that of the page just read. Errors: `errc::bad_page` (transient) after `max_rereads`.
expected<std::optional<page_request>> go_back_if_shrunk(const page_request& request, std::int64_t total);

/// Pages that lead back to one of the pages just before them, longer circles than a page that names itself.
bool leads_in_a_circle(const page_request& request, std::string_view next_token);

} // namespace sluice
