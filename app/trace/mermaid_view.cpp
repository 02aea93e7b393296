#include "app/trace/story.hpp"
#include "app/trace/views.hpp"

#include <algorithm>
#include <vector>

namespace sluice::trace {

namespace {

/// A semicolon would end the statement, a number sign begin an entity.
std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text)
    if (c == ';')
      result += ",";
    else if (c == '#')
      result += "#35;";
    else
      result += c;
  return result;
}

std::string id_of(std::uint32_t actor) {
  return "a" + std::to_string(actor);
}

} // namespace

answer mermaid_view(const model& m, std::string_view text) {
  auto all = collect_slices(m);
  auto slices = slices_named(m, all, text);
  if (slices.empty())
    return {no_such_slice(m, all, text), false};
  auto comment = [](const std::string& lines) {
    std::string result;
    for (std::size_t at = 0; at < lines.size();) {
      auto end = lines.find('\n', at);
      result += "%% " + lines.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return result;
  };
  auto story = story_of(m, {slices.front()});
  std::vector<std::uint32_t> seen;
  std::string lines;
  auto use = [&](std::uint32_t actor) {
    if (std::find(seen.begin(), seen.end(), actor) == seen.end())
      seen.push_back(actor);
    return id_of(actor);
  };
  for (const auto& e : story) {
    if (e.handled != nullptr) {
      const auto& x = *e.handled;
      auto label = m.text(x.name);
      if (x.page != 0)
        label += " p" + std::to_string(x.page);
      if (auto note = note_of(m, x); !note.empty())
        label += ": " + note;
      lines += "  " + use(x.from) + "->>" + use(x.to) + ": " + escaped(label) + "\n";
    } else if (e.answered != nullptr) {
      lines += "  Note over " + use(e.answered->actor) + ": " + escaped(note_of(m, *e.answered)) + "\n";
    } else {
      lines += "  Note over " + use(e.waited->actor) + ": " + escaped(note_of(m, *e.waited)) + "\n";
    }
  }
  std::string result = "sequenceDiagram\n" + comment(other_slices(m, slices, text) + headline(m, *slices.front()));
  std::stable_sort(seen.begin(), seen.end(),
                   [&m](std::uint32_t a, std::uint32_t b) { return place_of(m, a) < place_of(m, b); });
  for (auto actor : seen)
    result += "  participant " + id_of(actor) + " as " + escaped(m.actor_name(actor)) + "\n";
  return {result + lines + comment(shortcomings(m))};
}

} // namespace sluice::trace
