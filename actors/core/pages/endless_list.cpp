#include "actors/core/pages/endless_list.hpp"

#include "actors/core/requests/request_builder.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace sluice {

namespace {

tl::unexpected<error> endless(std::string what, std::string_view next_token) {
  return fail(errc::bad_page, failure_type::system_error, std::move(what) + ": reading would never end.",
              "next-page token: " + display_url(next_token));
}

bool is_idle(const list_progress& list, const list_page& page) noexcept {
  return page.rows == 0 || (page.fingerprint != 0 && page.fingerprint == list.fingerprint);
}

} // namespace

expected<void> check_list_ends(const list_progress& list, const list_page& page, std::string_view next_token,
                               const list_bounds& bounds) {
  if (std::find(list.trail.begin(), list.trail.end(), next_token) != list.trail.end()
      || (!list.landmark.empty() && list.landmark == next_token))
    return endless("The server names a page that was read before as the next one", next_token);
  if (is_idle(list, page) && list.idle_pages >= bounds.max_empty_pages)
    return endless(std::to_string(std::uint64_t{list.idle_pages} + 1) + " pages in a row had "
                     + (page.rows == 0 ? "no rows" : "the rows of the page before")
                     + ", and each has another one behind it (errors.max_empty_pages)",
                   next_token);
  const auto rows = list.rows_read + page.rows;
  const auto slack = std::max(list.rows_a_page, page.rows);
  if (bounds.total_counts && page.total >= 0 && rows > static_cast<std::uint64_t>(page.total) + slack)
    return endless("The server says that the list has " + std::to_string(page.total) + " rows, but its pages held "
                     + std::to_string(rows) + " by now and the last one names another",
                   next_token);
  return {};
}

void remember_step(list_progress& list, const std::string& next_token, const list_page& page) {
  list.idle_pages = is_idle(list, page) ? list.idle_pages + 1 : 0;
  if (++list.landmark_age < list.landmark_span)
    return;
  list.landmark = next_token;
  list.landmark_age = 0;
  if (list.landmark_span < std::numeric_limits<std::uint32_t>::max() / 2)
    list.landmark_span *= 2;
}

void forget_landmark(list_progress& list) {
  list.landmark.clear();
  list.landmark_age = 0;
  list.landmark_span = 1;
}

} // namespace sluice
