#include "app/commands.hpp"

#include "actors/core/clock.hpp"
#include "actors/core/last_words.hpp"
#include "app/console.hpp"
#include "app/run.hpp"
#include "config/manifest/compile.hpp"
#include "messages/protocol.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
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

/// Takes a run's lines and ends the run when a record or an error comes: that is all that a check wants to see.
class first_record_writer final : public line_writer {
public:
  expected<void> write(std::string_view text) override {
    bool record = text.rfind(R"({"type":"RECORD")", 0) == 0;
    bool error = text.rfind(R"({"type":"TRACE","trace":{"type":"ERROR")", 0) == 0;
    if (record)
      seen_ = true;
    if ((record || error) && !stopping_.exchange(true) && stop_)
      stop_();
    return {};
  }
  /// Before the first line.
  void on_record(std::function<void()> stop) { stop_ = std::move(stop); }
  bool seen() const { return seen_; }

private:
  std::atomic<bool> seen_{false};
  std::atomic<bool> stopping_{false};
  std::function<void()> stop_;
};

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
std::string unanswered(const std::string& stream, const run_result& x, std::chrono::microseconds time) {
  if (x.exit_code == 1)
    return "stream " + stream + " could not be read.";
  if (x.snapshot.requests.requests >= max_check_requests)
    return "stream " + stream + " gave no answer to " + std::to_string(max_check_requests) + " requests.";
  if (x.exit_code == 3 && x.snapshot.elapsed_us >= time.count())
    return "stream " + stream + " gave no answer within " + human_duration(time) + ".";
  return "stream " + stream + ": " + x.reason;
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
  if (auto compiled = compile_plan(m, input); !compiled)
    return tl::unexpected(compiled.error());
  return {};
}

/// Reads one record of a stream. Returns what is wrong, or nothing.
expected<std::optional<error>> try_stream(const std::string& stream, const manifest& m, const connector_config& config,
                                          const tuning& settings, std::chrono::microseconds time_left,
                                          const command_line& cl, console& c, signal_watch& signals) {
  compile_input input;
  input.config = config.values;
  input.streams = {{stream, "", false, ""}};
  input.now = system_wall_clock();
  auto compiled = compile_plan(m, input);
  if (!compiled)
    return tl::unexpected(compiled.error());
  auto writer = std::make_shared<first_record_writer>();
  run_options options;
  options.tuning = for_somebody_who_waits(settings);
  options.purpose = request_purpose::check;
  options.max_requests = max_check_requests;
  options.max_duration = time_left;
  options.pool_size = 1;
  options.trace = cl.trace;
  options.block = c.block();
  options.metrics_file = cl.metrics;
  options.out = writer;
  options.secrets = c.secrets();
  options.signals = &signals;
  options.on_failed_start = [&c](const error& problem) { c.fail(problem); };
  options.on_start = [&writer](std::function<void()> stop) { writer->on_record(std::move(stop)); };
  auto result = run_plan(std::make_shared<const plan>(std::move(*compiled)), options);
  if (!result)
    return tl::unexpected(result.error());
  if (writer->seen())
    return std::nullopt;
  if (result->has_error)
    return result->first_error;
  // The account is empty, or empty as far as a check looks; but it answered.
  if (result->exit_code == 0 || (result->exit_code == 3 && has_answered(result->snapshot)))
    return std::nullopt;
  return error{errc::internal, failure_type::transient_error, unanswered(stream, *result, time_left), ""};
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
    if (c.terminal() && !good)
      std::fprintf(stderr, "sluice: check failed\n");
    return c.print(connection_status_line(good, c.secrets()->apply(message))) ? 0 : 1;
  };
  auto config = load_connector_config(cl.config, (*connector)->connection_specification);
  if (!config)
    return config.error().code == errc::bad_config ? answer(false, config.error().message) : c.fail(config.error());
  c.hide(config->secrets);
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
