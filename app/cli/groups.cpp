#include "app/cli/groups.hpp"

#include "config/language/datetime.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

namespace sluice::cli {

namespace {

const std::map<std::string, log_level> level_names{
  {"fatal", log_level::fatal}, {"error", log_level::error}, {"warn", log_level::warn},
  {"info", log_level::info},   {"debug", log_level::debug}, {"trace", log_level::trace},
};

const std::map<std::string, progress_mode> progress_names{
  {"auto", progress_mode::automatic}, {"always", progress_mode::always}, {"never", progress_mode::never}};

const std::map<std::string, simulator::gzip_mode> gzip_names{
  {"off", simulator::gzip_mode::off}, {"large", simulator::gzip_mode::large}, {"all", simulator::gzip_mode::all}};

/// `40` or `0..80`.
void add_range(options& to, const std::string& flag, simulator::count_range& target, const std::string& help) {
  auto read = [&target](const std::string& text) {
    simulator::count_range range;
    char rest = 0;
    int n = std::sscanf(text.c_str(), "%u..%u%c", &range.least, &range.most, &rest);
    if (n == 1 && text.find_first_not_of("0123456789") == std::string::npos)
      range.most = range.least;
    else if (n != 2 || range.least > range.most)
      return "'" + text + "' is no count and no range: write 40 or 0..80";
    target = range;
    return std::string{};
  };
  to.parsed(flag, "N|A..B", read, help);
}

/// An option that may be repeated, each time with one rule.
template <class Rule>
void add_rules(options& to, const std::string& flag, std::vector<Rule>& target,
               expected<Rule> (*parse)(std::string_view), const std::string& help) {
  auto read = [&target, parse](const std::string& text) {
    auto rule = parse(text);
    if (!rule)
      return rule.error().message;
    target.push_back(std::move(*rule));
    return std::string{};
  };
  to.repeated(flag, "RULE", read, help);
}

} // namespace

void add_common(options& to, command_line& cl) {
  to.flag(
    "--debug", [&cl] { cl.level = std::max(cl.level, log_level::debug); }, "Log at level debug");
  to.choice("--log-level", cl.level, level_names, "Log from this level on (default info)");
}

void add_connector(options& to, command_line& cl) {
  to.text("--manifest,--manifest-path", cl.manifest,
          "Low-code manifest of the connector (default: SurveyMonkey, built in)");
}

void add_config(options& to, command_line& cl) {
  auto sources = to.at_least_one_of("Configuration", "Where the connector's settings come from: one of these, or both");
  sources.path("--config", cl.config, "Connector configuration, JSON; - is standard input");
  sources.path(
    "--config-env", cl.config_prefix,
    "Settings from variables of the environment whose names begin so: with SHOP_, SHOP_ACCESS_TOKEN is "
    "access_token, and SHOP_CREDENTIALS__CLIENT_ID is credentials.client_id. They go before those of --config",
    "PREFIX");
}

void add_state(options& to, command_line& cl) {
  to.text("--state", cl.state, "State to start from, JSON");
}

void add_tuning(options& to, command_line& cl) {
  to.text("--tuning", cl.tuning, "Tuning file, YAML: sizes, time limits, retries");
  to.repeated("--set", cl.settings, "Override one key of the tuning file; may be repeated", "KEY=VALUE");
}

void add_run(options& to, command_line& cl) {
  const auto trace
    = to.path("--trace", cl.trace.file,
              "Write every message between actors of the run to this file, for ui.perfetto.dev and `trace show`");
  to.parsed("--trace-filter", "TERMS", parsed_into(cl.trace.filter, trace_filter::parse),
            "Trace only these messages, e.g. 'actor=fetcher message=permit,page slice=surveys/2023*'; "
            "keys: actor, from, to, message, slice")
    .needs(trace);
  to.parsed("--trace-limit", "N|N/s", parsed_into(cl.trace.limit, trace_limit::parse),
            "Switch the trace off after N messages, or when a second has more than N (N/s)")
    .needs(trace);
  to.choice(
    "--progress", cl.progress, progress_names,
    "Progress on stderr: auto shows a block in place on a terminal and a line every 10 s elsewhere, always the block "
    "elsewhere, too (default auto)");
  to.path("--summary", cl.summary, "Write the run's summary to this file, JSON");
  to.path("--metrics", cl.metrics, "Write the run's numbers to this file every second, for Prometheus (text format)");
}

void add_bounds(options& to, command_line& cl) {
  auto max_duration = [&cl](const std::string& text) {
    auto parsed = language::parse_setting_duration(text);
    if (!parsed || parsed->count() <= 0 || *parsed > std::chrono::hours{24 * 365})
      return "'" + text + "' is no duration of at most a year: write 90s, 30m or 2h";
    cl.max_duration = *parsed;
    return std::string{};
  };
  to.parsed("--max-duration", "DURATION", max_duration,
            "End the run after this time with all state written and exit code 3");
  to.number("--max-requests", cl.max_requests, "The same after this number of requests").positive();
  to.path("--control", cl.control, "Make a Unix socket through which `sluice top` and curl look at the run", "PATH");
  to.flag("--strict", cl.strict, "A rate policy that never governed a request is an error, not a warning");
}

void add_simulator(options& to, command_line& cl) {
  auto& o = cl.simulator;
  to.number("--seed", o.account.seed, "Seed of the account's data").show_default();
  to.number("--surveys", o.account.surveys, "Surveys in the account").show_default();
  add_range(to, "--responses", o.account.responses, "Responses of a survey (default 0..80)");
  add_range(to, "--pages", o.account.pages, "Pages of a survey (default 1..3)");
  add_range(to, "--questions", o.account.questions, "Questions on a page (default 0..4)");
  add_range(to, "--collectors", o.account.collectors, "Collectors of a survey (default 0..3)");
  auto response_bytes = [&o](const std::string& text) {
    auto size = simulator::parse_size(text);
    if (!size || *size > simulator::largest_response)
      return "'" + text + "' is no size up to 10 MB: write 20000 or 64KiB";
    o.account.response_bytes = *size;
    return std::string{};
  };
  to.parsed("--response-bytes", "SIZE", response_bytes, "Fill each response up to this size: for large accounts");
  to.duration("--latency", o.latency, "Time that the server takes for each answer (default 50ms)");
  to.duration("--jitter", o.jitter, "Random time on top of it");
  to.number("--rate-limit", o.limits.minute.limit, "Requests that the server allows a minute, 0 for no limit");
  to.duration("--rate-window", o.limits.minute.window, "Length of the server's minute (default 1m)");
  to.number("--day-limit", o.limits.day.limit, "Requests that the server allows a day, 0 for no limit");
  to.duration("--day-window", o.limits.day.window, "Length of the server's day (default 24h)");
  to.choice("--gzip", o.gzip, gzip_names, "Which bodies are compressed for clients that accept it (default large)");
  add_rules(to, "--fault", o.faults, simulator::parse_fault,
            "Let answers go wrong, e.g. 'status=503 path=/details every=10 times=3'; may be repeated. Faults: "
              + simulator::fault_names());
  to.duration("--token-lifetime", o.credentials.lifetime,
              "How long the access tokens of /oauth and the sessions of /session hold (default 1h)");
  to.flag("--single-use-tokens", o.credentials.single_use, "A refresh token of /oauth is good for one refresh");
  to.number("--revoke-every", o.credentials.revoke_every,
            "End all tokens and sessions after so many lists, 0 for never");
  add_rules(to, "--mutate", o.mutations, simulator::parse_mutation,
            "Change the account while it is read, e.g. 'delete-response every=7 path=/responses'; may be repeated. "
            "Changes: "
              + simulator::mutation_names());
}

} // namespace sluice::cli
