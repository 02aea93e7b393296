#include "app/text.hpp"
#include "app/trace/story.hpp"
#include "app/trace/views.hpp"

#include <vector>

namespace sluice::trace {

std::string table_view(const model& m, std::string_view text) {
  auto all = collect_slices(m);
  auto slices = slices_named(m, all, text);
  if (slices.empty())
    return no_such_slice(m, all, text);
  std::vector<std::vector<std::string>> rows{{"at", "from", "", "to", "message", "page", "waited", "handled", ""}};
  auto page_text = [](std::uint32_t page) { return page == 0 ? std::string{} : std::to_string(page); };
  for (const auto& e : story_of(m, slices)) {
    std::vector<std::string> row{at_text(m, e.at_ns)};
    name_id slice = 0;
    if (e.handled != nullptr) {
      const auto& x = *e.handled;
      slice = x.slice;
      row.insert(row.end(), {m.actor_name(x.from), "->", m.actor_name(x.to), m.text(x.name), page_text(x.page),
                             fine_duration_text(x.waited_ns()), fine_duration_text(x.took_ns), note_of(m, x)});
    } else if (e.answered != nullptr) {
      slice = e.answered->slice;
      row.insert(row.end(), {"", "", m.actor_name(e.answered->actor), "(http)", page_text(e.answered->page), "", "",
                             note_of(m, *e.answered)});
    } else {
      slice = e.waited->slice;
      row.insert(row.end(), {"", "", m.actor_name(e.waited->actor), "(quota)", page_text(e.waited->page), "", "",
                             note_of(m, *e.waited)});
    }
    if (slices.size() > 1)
      row.push_back(m.text(slice));
    rows.push_back(std::move(row));
  }
  std::string head;
  if (slices.size() == 1)
    head = headline(m, *slices.front());
  else
    head = count_text(slices.size()) + " slices have '" + std::string{text} + "' in their names.\n";
  return head + table_text(rows, "rllllrrrl", 0) + shortcomings(m);
}

} // namespace sluice::trace
