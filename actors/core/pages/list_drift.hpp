#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// Times that a slice's pages are read again because its list shrank; a list that never rests fails its slice.
inline constexpr std::uint32_t max_rereads = 50;

/// A page of a list, as far as its place in the list goes.
struct list_page {
  /// Rows of the whole list, as the page tells; -1: it does not.
  std::int64_t total = -1;
  /// Rows that it brought.
  std::uint64_t rows = 0;
  /// See `cut_page`.
  std::uint64_t fingerprint = 0;
};

/// The request that begins the slice anew, as if nothing of it had been read.
page_request from_first_page(page_request request);

/// Remembers a page for the next one's sake; `token` is the one that it was asked for with.
void remember_page(list_progress& list, std::string token, const list_page& page);

/// Rows that vanish from a list read by page numbers move all later rows up, so that a page read next begins too late:
/// rows that nobody touched would be missing. If the list is shorter than when the page before was read, returns the
/// request to go back to: as many pages as rows vanished, at least one. Rows may come twice then, but none is left out.
/// `request` is that of the page just read. Errors: `errc::bad_page` (transient) after `max_rereads`.
expected<std::optional<page_request>> go_back_if_shrunk(const page_request& request, std::int64_t total);

/// The list has more rows than its pages so far, and yet this page brought those of the page before: the server, or the
/// link in the page before, loses rows. Returns the request for the page before, twice in a slice at most. Then it is
/// `errc::bad_page` (transient).
expected<std::optional<page_request>> go_back_if_repeated(const page_request& request, const list_page& page);

/// After the last page: if the pages held fewer rows than the list has, returns the request that begins the slice anew,
/// once. Then it is `errc::bad_page` (transient).
expected<std::optional<page_request>> begin_anew_if_short(const page_request& request, const list_page& page);

/// The second in which the slice's window ends is over at `now`, so that rows that are modified from then on leave it
/// and its total shrinks. Only the last window of a run, which ends with the run's start, is ever not settled.
bool is_settled(const slice& s, const datetime_cursor& cursor, language::instant now);

/// For pages of a pass that began before its window was settled: a row of the window's last second may have moved
/// within the window, so that the total did not tell. If the list shrank, or its last page has such a row, returns the
/// request that begins the slice anew; it should wait until the second is over.
std::optional<page_request> begin_anew_if_unsettled(const page_request& request, const datetime_cursor& cursor,
                                                    bool shrank, std::int64_t newest_us);

} // namespace sluice
