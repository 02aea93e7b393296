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

} // namespace

expected<void> check_list_ends(const page_request& request, const list_page& page, std::string_view next_token,
                               const list_bounds& bounds) {
  if (std::find(request.trail.begin(), request.trail.end(), next_token) != request.trail.end()
      || (!request.landmark.empty() && request.landmark == next_token))
    return endless("The server names a page that was read before as the next one", next_token);
  if (page.rows == 0 && request.empty_pages >= bounds.max_empty_pages)
    return endless(std::to_string(std::uint64_t{request.empty_pages} + 1)
                     + " pages in a row had no rows, and each names another one (errors.max_empty_pages)",
                   next_token);
  const auto rows = request.rows_read + page.rows;
  const auto slack = std::max(request.rows_a_page, page.rows);
  if (bounds.total_counts && page.total >= 0 && rows > static_cast<std::uint64_t>(page.total) + slack)
    return endless("The server says that the list has " + std::to_string(page.total) + " rows, but its pages held "
                     + std::to_string(rows) + " by now and the last one names another",
                   next_token);
  return {};
}

void remember_step(page_request& next, std::uint64_t rows) {
  next.empty_pages = rows == 0 ? next.empty_pages + 1 : 0;
  if (++next.landmark_age < next.landmark_span)
    return;
  next.landmark = next.token;
  next.landmark_age = 0;
  if (next.landmark_span < std::numeric_limits<std::uint32_t>::max() / 2)
    next.landmark_span *= 2;
}

void forget_landmark(page_request& request) {
  request.landmark.clear();
  request.landmark_age = 0;
  request.landmark_span = 1;
}

} // namespace sluice
