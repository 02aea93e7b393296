#include "app/selection.hpp"

#include "actors/core/last_words.hpp"
#include "app/name_lists.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

expected<std::vector<configured_stream>> select_streams(const manifest& m, const stream_selection& wanted) {
  std::vector<std::string> names;
  for (const auto& s : m.streams)
    names.push_back(s.name);
  auto included = chosen_names(names, wanted.include, {"--stream", "the source has no stream", "It has"});
  if (!included)
    return tl::unexpected(std::move(included.error()));
  auto excluded = chosen_names(names, wanted.exclude, {"--exclude", "the source has no stream", "It has"});
  if (!excluded)
    return tl::unexpected(std::move(excluded.error()));
  std::vector<configured_stream> result;
  std::vector<std::string> unreadable;
  for (std::size_t i = 0; i < m.streams.size(); ++i) {
    const auto& s = m.streams[i];
    if ((!wanted.include.empty() && !(*included)[i]) || (*excluded)[i])
      continue;
    // Who names a stream wants to hear what is wrong with it: the compiler says it.
    const bool named = std::find(wanted.include.begin(), wanted.include.end(), s.name) != wanted.include.end();
    if (!s.faults.empty() && !named)
      unreadable.push_back(s.name);
    result.push_back({s.name, "", s.supports_incremental && !wanted.full_refresh});
  }
  if (result.empty() && !names.empty())
    return fail(errc::bad_arguments, failure_type::config_error,
                "--exclude takes away every stream that is selected: nothing is left to read.");
  if (!unreadable.empty() && unreadable.size() < result.size()) {
    std::string flags;
    for (const auto& name : unreadable)
      flags += (flags.empty() ? "" : ",") + name;
    return fail(errc::bad_manifest, failure_type::config_error,
                "These streams of " + m.origin + " cannot be read here: " + listed(unreadable)
                  + ". Nothing was read. To read the others: --exclude " + flags
                  + "; what is wrong with them: sluice validate.");
  }
  return result;
}

} // namespace sluice
