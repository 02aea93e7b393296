#include "app/commands.hpp"

#include "actors/core/clock.hpp"
#include "app/console.hpp"
#include "app/report.hpp"
#include "app/run.hpp"
#include "app/signals.hpp"
#include "app/simulator/server.hpp"
#include "app/text/numbers.hpp"
#include "config/manifest/compile.hpp"
#include "messages/text/durations.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// Where the demo's messages go when nobody wants to see them.
class silent_writer final : public line_writer {
public:
  expected<void> write(std::string_view) override { return {}; }
};

/// What a user would write into a config file.
language::value demo_config(const command_line& cl, const std::string& url) {
  language::value_dict config;
  config.emplace_back("access_token", cl.simulator.token);
  config.emplace_back("api_url", url);
  // The tuning file's pool size counts where nobody has said another.
  if (cl.num_workers > 0)
    config.emplace_back("num_workers", static_cast<std::int64_t>(cl.num_workers));
  // Without a limit on the server's side none is wanted on ours.
  constexpr std::int64_t no_limit = 1'000'000;
  auto limit = cl.simulator.limits.minute.limit;
  config.emplace_back("rate_limit_per_minute", limit > 0 ? static_cast<std::int64_t>(limit) : no_limit);
  return config;
}

} // namespace

int run_demo(const command_line& cl) {
  console c{cl};
  auto signals = signal_watch::start();
  if (!signals)
    return c.fail(signals.error());
  auto settings = load_settings(cl);
  if (!settings)
    return c.fail(settings.error());
  // A shortened minute of the simulator's is the account's minute.
  if (cl.simulator.limits.minute.limit > 0)
    settings->budget.window = cl.simulator.limits.minute.window;
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  auto server = simulator::server::start(cl.simulator);
  if (!server)
    return c.fail(server.error());
  c.hide({cl.simulator.token});

  compile_input input;
  input.config = demo_config(cl, (*server)->url());
  for (const auto& s : (*connector)->streams)
    input.streams.push_back({s.name, "", s.supports_incremental, ""});
  input.now = system_wall_clock();
  auto compiled = compile_plan(**connector, input);
  if (!compiled)
    return c.fail(compiled.error());
  auto p = std::make_shared<const plan>(std::move(*compiled));
  spdlog::debug("plan:\n{}", describe_plan(*p));

  auto ledger = slice_ledger::open(p);
  if (!ledger)
    return c.fail(ledger.error());

  const auto pool_size = choose_pool_size(*p, *settings);
  const bool hidden = c.terminal() && !cl.show_records;
  print_patiently(STDERR_FILENO, "Reading " + std::to_string(p->streams.size())
                                   + " streams of a simulated SurveyMonkey account ("
                                   + count_text(cl.simulator.account.surveys) + " surveys, "
                                   + duration_text(cl.simulator.latency.count()) + " per answer) at " + (*server)->url()
                                   + " with " + std::to_string(pool_size) + " fetchers.\n");
  // Who watches the progress line has no use for a log in between.
  if (hidden && cl.level == log_level::info)
    spdlog::set_level(spdlog::level::warn);
  if (hidden)
    print_patiently(STDERR_FILENO,
                    "The messages are not shown; to see them: sluice demo --records, or sluice demo | head\n");
  auto facts = facts_of(*p, *settings, cl.manifest.empty());
  facts.pool_key = "--num-workers";
  facts.limit_key.clear(); // it is the simulator's own
  auto out = hidden ? std::make_shared<silent_writer>() : c.out();
  return run_and_report(std::move(*ledger), *settings, pool_size, std::move(out), facts, cl, c, **signals);
}

} // namespace sluice
