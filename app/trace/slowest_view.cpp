#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "app/trace/slices.hpp"
#include "app/trace/story.hpp"
#include "app/trace/tables.hpp"
#include "app/trace/views.hpp"
#include "messages/text/durations.hpp"

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

std::string slowest_view(const model& m, std::size_t count, const view_options& o) {
  text_table table;
  table.columns = {{"took"},        {"queued", true, 2},       {"quota", true, 3},
                   {"status"},      {"try", true, 4},          {"page", true, 5},
                   {"at", true, 1}, {"endpoint", false, 0, 8}, {"slice", false, 0, 9, 2, 14}};
  std::vector<std::string> brief;
  for (const auto* x : largest(m.requests, count, [&m](const request& r) { return m.end_of(r) - r.begin_ns; })) {
    const auto& endpoint = m.text(x->endpoint);
    auto without = [&endpoint](const std::string& slice) {
      return slice.starts_with(endpoint + " ") ? slice.substr(endpoint.size() + 1) : slice;
    };
    auto status = !x->end_ns ? "open" : x->status == 0 ? "none" : std::to_string(x->status);
    table.rows.push_back(plain_row({fine_duration_text(m.end_of(*x) - x->begin_ns),
                                    fine_duration_text(x->story.queued_ns), fine_duration_text(x->story.quota_ns),
                                    status, x->story.again ? "again" : std::to_string(std::uint64_t{x->attempt} + 1),
                                    page_text(x->page), at_text(m, x->begin_ns), endpoint, without(m.text(x->slice))}));
    brief.push_back(without(brief_name(m, x->slice, x->endpoint)));
  }
  auto result = "The slowest requests, of " + count_text(m.requests.size()) + ":\n"
                + (brief.empty() ? "  none\n" : shown(std::move(table), o, brief));
  if (m.lacks_requests())
    result = "The slowest requests:\n  " + no_requests(m);

  auto messages = [&](const char* title, const char* measure_name, auto measure) {
    text_table rows;
    rows.columns = {{measure_name},
                    {"actor", false, 0, 8, 2, 11},
                    {"message", false},
                    {"from", false, 1, 0, 2, 11},
                    {"page", true, 3},
                    {"at", true, 2},
                    {"slice", false, 0, 9, 2, 32}};
    std::vector<std::string> names;
    for (const auto* x : largest(m.messages, count, measure)) {
      rows.rows.push_back(
        plain_row({fine_duration_text(measure(*x)), m.actor_name(x->to), m.text(x->name), m.actor_name(x->from),
                   page_text(x->page), at_text(m, x->begin_ns), m.text(x->slice)}));
      const auto& slice = m.text(x->slice);
      names.push_back(brief_name(m, x->slice, m.names.find(slice.substr(0, slice.find(' ')))));
    }
    result += "\n" + std::string{title} + ":\n" + (names.empty() ? "  none\n" : shown(std::move(rows), o, names));
  };
  auto permit = m.names.find("permit");
  messages("The longest handlers, requests left out", "handled",
           [permit](const message& x) { return x.name == permit && permit != 0 ? 0 : x.took_ns; });
  messages("The longest waits in mailboxes", "waited", [](const message& x) { return x.waited_ns(); });
  return result + shortcomings(m);
}

} // namespace sluice::trace
