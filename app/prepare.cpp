#include "app/prepare.hpp"

#include "actors/core/clock.hpp"
#include "actors/core/last_words.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "app/config.hpp"
#include "config/catalogue.hpp"
#include "config/manifest/compile.hpp"
#include "config/published_state.hpp"
#include "config/state_file.hpp"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

/// The streams to read, each with the state that belongs to it. A state of a stream that is not selected stays where it
/// is.
std::vector<selected_stream> select(const std::vector<configured_stream>& catalogue, std::vector<stream_state> states) {
  std::map<std::pair<std::string_view, std::string_view>, std::string*> known;
  for (auto& state : states)
    known[{state.name, state.name_space}] = &state.json;
  std::vector<selected_stream> result;
  for (const auto& c : catalogue) {
    selected_stream s{c.name, c.name_space, c.incremental, {}};
    if (auto found = known.find({c.name, c.name_space}); found != known.end())
      s.initial_state = std::move(*found->second);
    result.push_back(std::move(s));
  }
  return result;
}

expected<std::vector<configured_stream>> streams_of(const command_line& cl, const manifest& m) {
  if (!cl.catalog.empty())
    return load_catalogue(cl.catalog);
  auto selected = select_streams(m, cl.selection);
  if (selected && !m.unlisted_streams.empty())
    spdlog::warn("Streams that the source makes when it runs are not known here, and not read: {}.",
                 text_of(m.unlisted_streams));
  return selected;
}

void warn_of_unknown_streams(const plan& p, const manifest& m) {
  std::string known;
  for (const auto& s : m.streams)
    known += (known.empty() ? "" : ", ") + s.name;
  std::size_t unknown = 0;
  for (const auto& s : p.streams)
    if (!s.endpoint && !s.already_complete && ++unknown <= most_named_streams)
      spdlog::warn("The source has no stream \"{}\", so it is not synced. Known streams: {}.", s.name, known);
  if (unknown > most_named_streams)
    spdlog::warn("{} more streams of the catalogue are not in the source and are not synced.",
                 unknown - most_named_streams);
  if (unknown > 0 && !m.unlisted_streams.empty())
    spdlog::warn("Streams that the source makes when it runs are not known here: {}.", text_of(m.unlisted_streams));
}

} // namespace

expected<prepared_run> prepare_run(const command_line& cl, console& c) {
  auto connector = load_connector(cl);
  if (!connector)
    return tl::unexpected(connector.error());
  auto config
    = load_config(cl, **connector, c, cl.command == verb::plan ? migrated_config::used : migrated_config::kept);
  if (!config)
    return tl::unexpected(config.error());
  auto catalogue = streams_of(cl, **connector);
  if (!catalogue)
    return tl::unexpected(catalogue.error());
  std::vector<stream_state> states;
  if (!cl.state.empty() || !cl.state_file.empty()) {
    auto loaded = cl.state_file.empty() ? load_state(cl.state) : load_own_state(cl.state_file);
    if (!loaded)
      return tl::unexpected(loaded.error());
    states = std::move(*loaded);
    if (cl.manifest.empty())
      for (const auto& sentence : adopt_published_states(states))
        spdlog::warn(sentence);
  }
  auto settings = load_settings(cl, config->on_quota);
  if (!settings)
    return tl::unexpected(settings.error());

  auto known = cl.state_file.empty() ? std::vector<stream_state>{} : states;
  compile_input input;
  input.config = config->values;
  input.streams = select(*catalogue, std::move(states));
  skip_complete_streams(input.streams);
  input.now = system_wall_clock();
  input.record_limit = cl.record_limit;
  auto compiled = compile_plan(**connector, input);
  if (!compiled)
    return tl::unexpected(compiled.error());
  auto p = std::make_shared<const plan>(std::move(*compiled));
  auto ledger = slice_ledger::open(p);
  if (!ledger)
    return tl::unexpected(ledger.error());
  warn_of_unknown_streams(*p, **connector);
  return prepared_run{std::move(*connector), std::move(p), std::move(*ledger), std::move(*settings), std::move(known)};
}

} // namespace sluice
