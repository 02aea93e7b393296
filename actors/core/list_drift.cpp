#include "actors/core/list_drift.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

void remember_page(page_request& next, std::int64_t total, std::uint64_t rows) {
  next.trail.push_back(next.token);
  if (next.trail.size() > trail_length)
    next.trail.erase(next.trail.begin());
  next.total = total;
  next.rows_a_page = std::max(next.rows_a_page, rows);
}

expected<std::optional<page_request>> go_back_if_shrunk(const page_request& request, std::int64_t total) {
  std::optional<page_request> none;
  if (request.page <= 1 || request.total < 0 || total < 0 || total >= request.total)
    return none;
  if (request.rereads >= max_rereads)
    return fail(errc::bad_page, failure_type::transient_error,
                "The list became shorter while it was read, " + std::to_string(max_rereads)
                  + " times in a row of readings: it changes faster than it can be read.");
  const auto vanished = static_cast<std::uint64_t>(request.total - total);
  const auto rows = std::max<std::uint64_t>(request.rows_a_page, 1);
  const auto pages = (vanished + rows - 1) / rows;
  auto result = request;
  if (pages > request.trail.size() || pages + 1 > request.page) {
    result.page = 1;
    result.token.clear();
    result.trail.clear();
  } else {
    const auto at = request.trail.size() - pages;
    result.page = request.page - static_cast<std::uint32_t>(pages);
    result.token = request.trail[at];
    result.trail.resize(at);
  }
  result.total = total;
  result.attempt = 0;
  result.retrying_us = 0;
  ++result.rereads;
  return std::optional{std::move(result)};
}

bool leads_in_a_circle(const page_request& request, std::string_view next_token) {
  return std::find(request.trail.begin(), request.trail.end(), next_token) != request.trail.end();
}

} // namespace sluice
