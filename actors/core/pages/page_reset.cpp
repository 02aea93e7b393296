#include "actors/core/pages/page_reset.hpp"

#include "actors/core/pages/list_drift.hpp"
#include "actors/core/state/cursor.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace sluice {

namespace {

/// Where the slice's window would begin next time; empty: where it began this time.
std::string next_lower_text(const endpoint& e, const page_request& request) {
  const auto& list = request.list;
  if (!list.has_newest)
    return {};
  auto text = format_cursor(*e.cursor, language::instant{std::chrono::microseconds{list.newest_us}});
  const auto& now = list.lower_text.empty() ? request.slice.lower_text : list.lower_text;
  return text && *text != now ? std::move(*text) : std::string{};
}

bool is_cut_by_cursor(const endpoint& e, const page_request& request) {
  return e.pages.reset && e.pages.reset->by_cursor && e.cursor && request.slice.has_window;
}

} // namespace

bool can_reset(const endpoint& e, const page_request& request) {
  return is_cut_by_cursor(e, request) ? !next_lower_text(e, request).empty() : request.list.resets == 0;
}

page_request reset_pages(const endpoint& e, page_request request) {
  auto lower = is_cut_by_cursor(e, request) ? next_lower_text(e, request) : std::string{};
  request = from_first_page(std::move(request));
  auto& list = request.list;
  if (!lower.empty())
    list.lower_text = std::move(lower);
  ++list.resets;
  list.records = 0;
  list.idle_pages = 0;
  return request;
}

void remember_records(list_progress& list, const cut_page& page) {
  list.records += page.records;
  if (page.has_cursor) {
    list.newest_us = list.has_newest ? std::max(list.newest_us, page.newest_us) : page.newest_us;
    list.has_newest = true;
  }
}

expected<std::optional<page_request>> reset_if_due(const endpoint& e, const page_request& request,
                                                   const cut_page& page) {
  std::optional<page_request> none;
  const auto& reset = e.pages.reset;
  if (!reset->max_records || request.list.records + page.records < *reset->max_records)
    return none;
  auto read = request;
  remember_records(read.list, page);
  if (!can_reset(e, read))
    return fail(errc::bad_page, failure_type::system_error, std::string{why_no_reset});
  return std::optional{reset_pages(e, std::move(read))};
}

} // namespace sluice
