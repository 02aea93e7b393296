#include "app/commands.hpp"

#include "actors/core/clock.hpp"
#include "actors/core/full_refresh.hpp"
#include "actors/core/slice_ledger.hpp"
#include "app/console.hpp"
#include "app/report.hpp"
#include "app/run.hpp"
#include "config/catalogue.hpp"
#include "config/manifest/compile.hpp"
#include "config/state_file.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice {

namespace {

/// The streams to read, each with the state that belongs to it. A state of a stream that is not selected stays where it
/// is.
std::vector<selected_stream> select(const std::vector<configured_stream>& catalogue, std::vector<stream_state> states) {
  std::vector<selected_stream> result;
  for (const auto& c : catalogue) {
    selected_stream s{c.name, c.name_space, c.incremental, {}};
    for (auto& state : states)
      if (state.name == c.name && state.name_space == c.name_space)
        s.initial_state = std::move(state.json);
    result.push_back(std::move(s));
  }
  return result;
}

void warn_of_unknown_streams(const plan& p, const manifest& m) {
  std::string known;
  for (const auto& s : m.streams)
    known += (known.empty() ? "" : ", ") + s.name;
  for (const auto& s : p.streams)
    if (!s.endpoint && !s.already_complete)
      spdlog::warn("The source has no stream \"{}\", so it is not synced. Known streams: {}.", s.name, known);
}

} // namespace

int run_read(const command_line& cl) {
  console c{cl};
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  auto config = load_connector_config(cl.config, (*connector)->connection_specification);
  if (!config)
    return c.fail(config.error());
  c.hide(config->secrets);
  auto catalogue = load_catalogue(cl.catalog);
  if (!catalogue)
    return c.fail(catalogue.error());
  std::vector<stream_state> states;
  if (!cl.state.empty()) {
    auto loaded = load_state(cl.state);
    if (!loaded)
      return c.fail(loaded.error());
    states = std::move(*loaded);
  }
  auto settings = load_settings(cl);
  if (!settings)
    return c.fail(settings.error());

  auto streams = select(*catalogue, std::move(states));
  skip_complete_streams(streams);
  compile_input input;
  input.config = config->values;
  input.streams = std::move(streams);
  input.now = system_wall_clock();
  auto compiled = compile_plan(**connector, input);
  if (!compiled)
    return c.fail(compiled.error());
  auto p = std::make_shared<const plan>(std::move(*compiled));
  if (auto ledger = slice_ledger::open(p); !ledger)
    return c.fail(ledger.error());
  warn_of_unknown_streams(*p, **connector);
  spdlog::debug("plan:\n{}", describe_plan(*p));

  run_options options;
  options.tuning = *settings;
  options.pool_size = choose_pool_size(*p, *settings);
  options.out = c.out();
  options.secrets = c.secrets();
  options.log = c.log_for_emitter();
  options.trace = cl.trace;
  options.max_duration = cl.max_duration;
  options.max_requests = cl.max_requests;
  options.strict = cl.strict;
  options.progress = cl.progress;
  options.block = c.block();
  options.metrics_file = cl.metrics;
  auto result = run_plan(p, options);
  if (!result)
    return c.fail(result.error());
  return report_result(*result, facts_of(*p, *settings, cl.manifest.empty()), cl, c);
}

} // namespace sluice
