#include "app/state_edit.hpp"

#include "app/name_lists.hpp"
#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "config/raw_json.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

/// Partitions that a state of a substream has, or 0.
std::size_t partitions_of(const std::string& json) {
  for (const auto& [key, text] : raw_members(json))
    if (key == "states")
      return raw_elements(text).size();
  return 0;
}

} // namespace

std::vector<stream_state> merged(std::vector<stream_state> older, std::vector<stream_state> newer) {
  for (auto& s : newer) {
    auto same = std::find_if(older.begin(), older.end(),
                             [&s](const auto& x) { return x.name == s.name && x.name_space == s.name_space; });
    if (same == older.end())
      older.push_back(std::move(s));
    else
      same->json = std::move(s.json);
  }
  return older;
}

expected<std::vector<stream_state>> without_streams(std::vector<stream_state> states,
                                                    const std::vector<std::string>& names) {
  std::vector<std::string> known;
  known.reserve(states.size());
  for (const auto& s : states)
    known.push_back(s.name);
  auto chosen = chosen_names(known, names, {"STREAM", "There is no state of a stream", "There are states of"});
  if (!chosen)
    return tl::unexpected(std::move(chosen.error()));
  std::vector<stream_state> result;
  for (std::size_t i = 0; i < states.size(); ++i)
    if (!(*chosen)[i])
      result.push_back(std::move(states[i]));
  return result;
}

std::string state_table(const std::vector<stream_state>& states, const screen& on) {
  constexpr std::size_t least_state = 20;
  text_table table;
  table.columns
    = {{"stream", false}, {"bytes"}, {"partitions", true, 1}, {"state", false, 0, least_state, 2, least_state}};
  table.utf8 = on.utf8;
  for (const auto& s : states) {
    const auto name = s.name_space.empty() ? s.name : s.name_space + "." + s.name;
    const auto partitions = partitions_of(s.json);
    table.rows.push_back({{printable(name, on.utf8)},
                          {bytes_text(s.json.size())},
                          {partitions > 0 ? count_text(partitions) : ""},
                          {clip(printable(s.json, on.utf8), on.columns, on.utf8)}});
  }
  std::string result;
  for (const auto& line : table.lines(on.columns))
    result += rendered(line, on.colour) + "\n";
  return result;
}

} // namespace sluice
