#include "app/text.hpp"
#include "app/trace/story.hpp"
#include "app/trace/views.hpp"

#include <algorithm>
#include <vector>

namespace sluice::trace {

namespace {

/// Pointers to the `count` elements with the largest measure, the largest first.
template <class T, class Measure>
std::vector<const T*> largest(const std::vector<T>& from, std::size_t count, Measure measure) {
  std::vector<const T*> result;
  for (const auto& x : from)
    if (measure(x) > 0)
      result.push_back(&x);
  auto middle = result.begin() + static_cast<std::ptrdiff_t>(std::min(count, result.size()));
  // Of equals the earlier one, for repeatable output.
  std::partial_sort(result.begin(), middle, result.end(), [&measure](const T* a, const T* b) {
    return measure(*a) != measure(*b) ? measure(*a) > measure(*b) : a < b;
  });
  result.erase(middle, result.end());
  return result;
}

std::string page_text(std::uint32_t page) {
  return page == 0 ? std::string{} : std::to_string(page);
}

} // namespace

std::string slowest_view(const model& m, std::size_t count) {
  std::vector<std::vector<std::string>> rows{
    {"took", "queued", "quota", "status", "try", "page", "at", "endpoint", "slice"}};
  for (const auto* x : largest(m.requests, count, [&m](const request& r) { return m.end_of(r) - r.begin_ns; })) {
    const auto& endpoint = m.text(x->endpoint);
    auto slice = m.text(x->slice);
    if (slice.starts_with(endpoint + " "))
      slice.erase(0, endpoint.size() + 1);
    auto status = !x->end_ns ? "open" : x->status == 0 ? "none" : std::to_string(x->status);
    rows.push_back({fine_duration_text(m.end_of(*x) - x->begin_ns), fine_duration_text(x->story.queued_ns),
                    fine_duration_text(x->story.quota_ns), status, std::to_string(std::uint64_t{x->attempt} + 1),
                    page_text(x->page), at_text(m, x->begin_ns), endpoint, slice});
  }
  auto result = "The slowest requests, of " + count_text(m.requests.size()) + ":\n"
                + (rows.size() > 1 ? table_text(rows, "rrrrrrrl") : "  none\n");

  auto messages = [&](const char* title, const char* measure_name, auto measure) {
    rows = {{measure_name, "actor", "message", "from", "page", "at", "slice"}};
    for (const auto* x : largest(m.messages, count, measure))
      rows.push_back({fine_duration_text(measure(*x)), m.actor_name(x->to), m.text(x->name), m.actor_name(x->from),
                      page_text(x->page), at_text(m, x->begin_ns), m.text(x->slice)});
    result += "\n" + std::string{title} + ":\n" + (rows.size() > 1 ? table_text(rows, "rlllrrl") : "  none\n");
  };
  auto permit = m.names.find("permit");
  messages("The longest handlers, requests left out", "handled",
           [permit](const message& x) { return x.name == permit && permit != 0 ? 0 : x.took_ns; });
  messages("The longest waits in mailboxes", "waited", [](const message& x) { return x.waited_ns(); });
  return result + shortcomings(m);
}

} // namespace sluice::trace
