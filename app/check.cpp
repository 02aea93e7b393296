#include "app/commands.hpp"

#include "actors/core/clock.hpp"
#include "actors/core/last_words.hpp"
#include "app/collect.hpp"
#include "app/config.hpp"
#include "app/console.hpp"
#include "app/report.hpp"
#include "app/run.hpp"
#include "config/manifest/compile.hpp"
#include "messages/protocol.hpp"
#include "messages/text/durations.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <utility>

namespace sluice {

namespace {

/// A check must answer while somebody waits for it: so many requests for each stream, and so long for all of them.
constexpr std::uint64_t max_check_requests = 20;
constexpr std::chrono::seconds max_check_time{120};

std::string advice(const error& problem) {
  switch (problem.failure) {
    case failure_type::config_error:
      return "The credentials or settings were refused: ";
    case failure_type::transient_error:
      return "The API could not be reached or is busy, so the credentials could not be checked: ";
    case failure_type::system_error:
      break;
  }
  return "The API did not answer as it should: ";
}

/// At least one page came.
bool has_answered(const run_snapshot& x) {
  return std::any_of(x.records.endpoints.begin(), x.records.endpoints.end(),
                     [](const endpoint_progress& e) { return e.pages > 0; });
}

/// What is said if the check's own bounds ended it.
std::string unanswered(const std::string& stream, const collection& x, std::chrono::microseconds time) {
  switch (x.end) {
    case collect_end::failed:
      return "stream " + stream + " could not be read.";
    case collect_end::requests:
      return "stream " + stream + " gave no answer to " + std::to_string(max_check_requests) + " requests.";
    case collect_end::time:
      return "stream " + stream + " gave no answer within " + human_duration(time) + ".";
    default:
      return "stream " + stream + ": " + x.run.reason;
  }
}

/// Nothing in the manifest stands against a check. All that does is said at once.
expected<void> can_check(const manifest& m, const connector_config& config) {
  if (!m.check_faults.empty())
    return tl::unexpected(error_of(m.origin, m.check_faults));
  compile_input input;
  input.config = config.values;
  for (const auto& stream : std::set<std::string>{m.check_streams.begin(), m.check_streams.end()})
    input.streams.push_back({stream, "", false, ""});
  input.now = system_wall_clock();
  auto compiled = compile_plan(m, input);
  if (!compiled)
    return tl::unexpected(compiled.error());
  for (auto& stream : compiled->streams)
    if (stream.refusal)
      return tl::unexpected(std::move(*stream.refusal));
  return {};
}

/// Reads one record of a stream. Returns what is wrong, or nothing. Takes over what the run changed in the config.
expected<std::optional<error>> try_stream(const std::string& stream, const manifest& m, connector_config& config,
                                          const tuning& settings, std::chrono::microseconds time_left,
                                          const command_line& cl, console& c, signal_watch& signals) {
  compile_input input;
  input.config = config.values;
  input.streams = {{stream, "", false, ""}};
  input.now = system_wall_clock();
  auto compiled = compile_plan(m, input);
  if (!compiled)
    return tl::unexpected(compiled.error());
  run_options options;
  options.tuning = for_somebody_who_waits(settings);
  options.purpose = request_purpose::check;
  options.pool_size = 1;
  options.out = c.out();
  options.trace = cl.trace;
  options.block = c.block();
  options.metrics = metrics_of(cl);
  options.secrets = c.secrets();
  options.signals = &signals;
  options.on_failed_start = [&c](const error& problem) { c.fail(problem); };
  collect_limits limits;
  limits.records = 1;
  limits.requests = max_check_requests;
  limits.time = time_left;
  auto found = collect(std::make_shared<const plan>(std::move(*compiled)), limits, std::move(options));
  if (!found)
    return tl::unexpected(found.error());
  if (auto changed = language::parse_json(found->config); !found->config.empty() && changed)
    config.values = std::move(*changed);
  if (found->end == collect_end::enough)
    return std::nullopt;
  if (found->error)
    return found->error;
  // The account is empty, or empty as far as a check looks; but it answered.
  if (found->end == collect_end::complete || (found->run.exit_code == 3 && has_answered(found->run.snapshot)))
    return std::nullopt;
  return error{errc::internal, failure_type::transient_error, unanswered(stream, *found, time_left), ""};
}

} // namespace

int run_check(const command_line& cl) {
  console c{cl};
  auto signals = signal_watch::start();
  if (!signals)
    return c.fail(signals.error());
  // The run behind a check is a means; its progress is nobody's interest unless it is asked for.
  if (cl.level == log_level::info)
    spdlog::set_level(spdlog::level::warn);
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  auto settings = load_settings(cl);
  if (!settings)
    return c.fail(settings.error());
  auto answer = [&](bool good, const std::string& message) {
    const auto masked = c.secrets()->apply(message);
    // Whoever sits before it wants to be told, not to read JSON.
    if (c.terminal())
      std::fprintf(stderr, "%s\n",
                   good ? "The check succeeded: the API answered, and takes these credentials."
                        : ("The check failed. " + masked).c_str());
    return c.print(connection_status_line(good, masked)) ? 0 : 1;
  };
  auto config = load_config(cl, **connector, c, migrated_config::kept);
  if (!config)
    return config.error().code == errc::bad_config ? answer(false, config.error().message) : c.fail(config.error());
  if (auto possible = can_check(**connector, *config); !possible)
    return possible.error().code == errc::bad_config ? answer(false, possible.error().message)
                                                     : c.fail(possible.error());
  const auto ends = std::chrono::steady_clock::now() + max_check_time;
  for (const auto& stream : (*connector)->check_streams) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(ends - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return answer(false, "The API is too slow: its streams could not be tried within "
                             + human_duration(max_check_time) + ", stream " + stream
                             + " and those behind it were not.");
    auto problem = try_stream(stream, **connector, *config, *settings, left, cl, c, **signals);
    if (!problem)
      return problem.error().code == errc::bad_config ? answer(false, problem.error().message)
                                                      : c.fail(problem.error());
    if (*problem)
      return answer(false, advice(**problem) + (*problem)->message);
  }
  return answer(true, "");
}

} // namespace sluice
