#include "actors/core/pages/list_drift.hpp"

#include "actors/core/pages/endless_list.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

constexpr std::uint32_t max_repetitions = 2;

/// From here on the list is read as if for the first time.
void forget_pages(page_request& request) {
  request.page = 1;
  request.token.clear();
  request.list.trail.clear();
  request.list.rows_read = 0;
  forget_landmark(request.list);
}

/// A page that is asked for again is asked for as if for the first time.
void forget_tries(page_request& request) {
  request.attempt = 0;
  request.retrying_us = 0;
}

constexpr std::int64_t second_us = 1'000'000;

/// The beginning of the second in which the run began.
std::int64_t last_second(const datetime_cursor& cursor) {
  const auto end = static_cast<std::int64_t>(cursor.end.time_since_epoch().count());
  return end - end % second_us;
}

page_request anew(const page_request& request) {
  auto result = from_first_page(request);
  ++result.list.recounts;
  return result;
}

} // namespace

page_request from_first_page(page_request request) {
  forget_pages(request);
  forget_tries(request);
  request.list.total = -1;
  request.list.fingerprint = 0;
  return request;
}

void remember_page(list_progress& list, std::string token, const list_page& page) {
  list.trail.push_back(std::move(token));
  if (list.trail.size() > trail_length)
    list.trail.erase(list.trail.begin());
  list.total = page.total;
  list.rows_a_page = std::max(list.rows_a_page, page.rows);
  list.rows_read += page.rows;
  list.fingerprint = page.fingerprint;
}

expected<std::optional<page_request>> go_back_if_repeated(const page_request& request, const list_page& page) {
  const auto& list = request.list;
  bool more_to_come = page.total > 0 && static_cast<std::uint64_t>(page.total) > list.rows_read;
  if (!more_to_come || request.page <= 1 || page.fingerprint == 0 || page.fingerprint != list.fingerprint)
    return std::optional<page_request>{};
  if (list.repetitions >= max_repetitions || list.trail.empty())
    return fail(errc::bad_page, failure_type::transient_error,
                "The server sent the rows of page " + std::to_string(request.page - 1) + " once more as page "
                  + std::to_string(request.page) + ": the rows of this page are missing.");
  auto result = request;
  auto& known = result.list;
  --result.page;
  forget_tries(result);
  forget_landmark(known);
  result.token = std::move(known.trail.back());
  known.trail.pop_back();
  known.rows_read -= std::min(known.rows_read, page.rows);
  known.fingerprint = 0;
  ++known.repetitions;
  return std::optional{std::move(result)};
}

expected<std::optional<page_request>> begin_anew_if_short(const page_request& request, const list_page& page) {
  const auto rows = request.list.rows_read + page.rows;
  if (page.total < 0 || static_cast<std::uint64_t>(page.total) <= rows)
    return std::optional<page_request>{};
  if (request.list.recounts > 0)
    return fail(errc::bad_page, failure_type::transient_error,
                "The server says that the list has " + std::to_string(page.total) + " rows, but its pages hold "
                  + std::to_string(rows) + ", also when they are read again: rows are missing.");
  return std::optional{anew(request)};
}

expected<std::optional<page_request>> go_back_if_shrunk(const page_request& request, std::int64_t total) {
  std::optional<page_request> none;
  const auto& list = request.list;
  if (request.page <= 1 || list.total < 0 || total < 0 || total >= list.total)
    return none;
  if (list.rereads >= max_rereads)
    return fail(errc::bad_page, failure_type::transient_error,
                "The list became shorter while it was read, " + std::to_string(max_rereads)
                  + " times in a row of readings: it changes faster than it can be read.");
  const auto vanished = static_cast<std::uint64_t>(list.total - total);
  const auto rows = std::max<std::uint64_t>(list.rows_a_page, 1);
  const auto pages = (vanished + rows - 1) / rows;
  auto result = request;
  auto& known = result.list;
  if (pages > list.trail.size() || pages + 1 > request.page) {
    forget_pages(result);
  } else {
    const auto at = list.trail.size() - pages;
    result.page = request.page - static_cast<std::uint32_t>(pages);
    result.token = list.trail[at];
    known.trail.resize(at);
    forget_landmark(known);
    known.rows_read = (result.page - 1) * rows; // all pages but the last are full
  }
  forget_tries(result);
  known.fingerprint = 0;
  known.total = total;
  ++known.rereads;
  return std::optional{std::move(result)};
}

bool is_settled(const slice& s, const datetime_cursor& cursor, language::instant now) {
  return !s.has_window || cursor.counts || s.upper_us < cursor.end.time_since_epoch().count()
         || now.time_since_epoch().count() >= last_second(cursor) + second_us;
}

std::optional<page_request> begin_anew_if_unsettled(const page_request& request, const datetime_cursor& cursor,
                                                    bool shrank, std::int64_t newest_us) {
  if (request.list.settled || request.page <= 1 || (!shrank && newest_us < last_second(cursor)))
    return std::nullopt;
  return anew(request);
}

} // namespace sluice
