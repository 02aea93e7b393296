#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "app/trace/story.hpp"
#include "app/trace/tables.hpp"
#include "app/trace/views.hpp"
#include "messages/text/durations.hpp"

#include <map>
#include <vector>

namespace sluice::trace {

answer table_view(const model& m, std::string_view text, const view_options& o) {
  auto all = collect_slices(m);
  auto slices = slices_named(m, all, text);
  if (slices.empty())
    return {no_such_slice(m, all, text), false};
  // Where there is little room, the detail and long names are cut first, then columns go that tell least.
  text_table table;
  table.indent = 0;
  table.columns = {{"at"},
                   {"from", false, 1, 0, 2, 11},
                   {"", false, 5},
                   {"to", false, 0, 8, 2, 11},
                   {"message", false},
                   {"page", true, 2},
                   {"waited", true, 4},
                   {"handled", true, 3},
                   {"", false, 0, 12, 2, 24}};
  const bool several = slices.size() > 1;
  if (several)
    table.columns.push_back({"slice", false, 0, 20, 2, 32});
  std::map<name_id, name_id> endpoints;
  for (const auto* s : slices)
    endpoints[s->name] = s->endpoint;
  std::vector<std::string> brief;
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
    if (several) {
      row.push_back(m.text(slice));
      brief.push_back(brief_name(m, slice, endpoints[slice]));
    }
    table.rows.push_back(plain_row(std::move(row)));
  }
  auto head = several ? count_text(slices.size()) + " slices have '" + std::string{text} + "' in their names.\n"
                      : headline(m, *slices.front());
  return {head + shown(std::move(table), o, brief) + shortcomings(m)};
}

} // namespace sluice::trace
