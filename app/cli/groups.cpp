#include "app/cli/groups.hpp"

#include "app/metrics.hpp"
#include "config/language/datetime.hpp"

#include <algorithm>
#include <cstdio>

namespace sluice::cli {

namespace {

const choices<log_level> level_names{
  {"fatal", log_level::fatal}, {"error", log_level::error}, {"warn", log_level::warn},
  {"info", log_level::info},   {"debug", log_level::debug}, {"trace", log_level::trace},
};

const choices<progress_mode> progress_names{
  {"auto", progress_mode::automatic}, {"always", progress_mode::always}, {"never", progress_mode::never}};

const choices<std::string> quota_words{{"stop", "stop"}, {"wait", "wait"}, {"finish", "finish"}};

const choices<simulator::gzip_mode> gzip_names{
  {"off", simulator::gzip_mode::off}, {"large", simulator::gzip_mode::large}, {"all", simulator::gzip_mode::all}};

/// Beyond these a number is a mistake.
constexpr std::uint64_t most_records = 1'000'000'000'000;
constexpr std::uint64_t most_requests = 1'000'000'000;
constexpr std::uint64_t most_surveys = 1'000'000;

/// `40` or `0..80`.
option add_range(options& to, const std::string& flag, simulator::count_range& target, const std::string& help) {
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
  return to.parsed(flag, "N|A..B", read, help);
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
  to.group("Log");
  to.flag(
    "--debug", [&cl] { cl.level = std::max(cl.level, log_level::debug); }, "The same as --log-level debug");
  to.choice("--log-level", cl.level, level_names, "Log from this level on").fallback("info");
}

void add_connector(options& to, command_line& cl) {
  to.group("Connector");
  to.text("--manifest,--manifest-path", cl.manifest, "Low-code manifest of the connector")
    .fallback("SurveyMonkey, built in");
}

void add_config(options& to, command_line& cl) {
  auto sources = to.at_least_one_of("Connector");
  sources.path("--config", cl.config, "Connector configuration, JSON; - is standard input");
  sources.path("--config-env", cl.config_prefix,
               "Settings from variables of the environment whose names begin so: with SHOP_, SHOP_ACCESS_TOKEN is "
               "access_token, SHOP_CREDENTIALS__CLIENT_ID credentials.client_id. They go before those of --config",
               "PREFIX");
}

void add_selection(options& to, command_line& cl) {
  to.group("What to read");
  auto& s = cl.selection;
  const auto catalogue = to.text("--catalog", cl.catalog, "Configured catalogue, JSON");
  to.repeated("--stream", s.include, "Without a catalogue: streams to read, names or patterns such as 'survey_*'",
              "NAME[,NAME...]")
    .excludes(catalogue);
  to.flag("--all-streams", s.all, "Without a catalogue: every stream").excludes(catalogue);
  to.repeated("--exclude", s.exclude,
              "Without a catalogue: all streams but these, or all that --stream names but these", "NAME[,NAME...]")
    .excludes(catalogue);
  to.flag("--full-refresh", s.full_refresh,
          "Without a catalogue: read every stream from its start; otherwise those that can be are read incrementally")
    .excludes(catalogue);
  to.number("--limit", cl.record_limit,
            "Read so many records of each stream at most, with no more requests than these need")
    .between(1, most_records);
}

void add_state(options& to, command_line& cl, bool writes) {
  to.group("State");
  const auto state = to.text("--state", cl.state, "Go on from these states: a list, or the messages of an earlier run");
  const auto file = writes ? to.path("--state-file", cl.state_file,
                                     "Go on from the states in this file, if it is there, and keep it up to date")
                           : to.text("--state-file", cl.state_file, "The same, if the file is there");
  option{file}.excludes(state);
}

void add_tuning(options& to, command_line& cl, bool used) {
  used ? to.group("Tuning") : to.unused();
  to.text("--tuning", cl.tuning, "Tuning file, YAML: sizes, time limits, retries (default: that of SLUICE_TUNING)");
  to.repeated("--set", cl.settings, "Override one key of the tuning file; above SLUICE_SET", "KEY=VALUE");
}

void add_trace(options& to, command_line& cl, bool used) {
  used ? to.group("Looking inside") : to.unused();
  const auto trace = to.path("--trace", cl.trace.file,
                             "Write every message between actors, for `sluice trace show` and ui.perfetto.dev");
  to.parsed("--trace-filter", "TERMS", parsed_into(cl.trace.filter, trace_filter::parse),
            "Trace only these messages, e.g. 'actor=fetcher message=permit,page slice=surveys/2023*'; "
            "keys: actor, from, to, message, slice")
    .needs(trace);
  to.parsed("--trace-limit", "N|N/s", parsed_into(cl.trace.limit, trace_limit::parse),
            "Switch the trace off after N messages, or when a second has more than N")
    .needs(trace);
  const auto metrics = to.path("--metrics", cl.metrics, "Write the run's numbers every second, for Prometheus");
  auto read_label = [&cl](const std::string& text) {
    auto label = parse_metrics_label(text);
    if (!label)
      return label.error().message;
    cl.metrics_labels.push_back(std::move(*label));
    return std::string{};
  };
  to.repeated("--metrics-label", "NAME=VALUE", read_label, "A label of every metric (default run=NAME of the file)")
    .needs(metrics);
}

void add_report(options& to, command_line& cl, bool used) {
  used ? to.group("Progress and summary") : to.unused();
  to.choice("--progress", cl.progress.mode, progress_names,
            "Progress on stderr: auto paints a block on a terminal and prints lines elsewhere; always the "
            "block")
    .fallback("auto");
  auto read_interval = [&cl](const std::string& text) {
    auto parsed = language::parse_setting_duration(text);
    if (!parsed || *parsed < std::chrono::seconds{1} || *parsed > std::chrono::hours{24})
      return "'" + text + "' is no duration from 1s to 24h";
    cl.progress.interval = *parsed;
    return std::string{};
  };
  to.parsed("--progress-interval", "DURATION", read_interval, "Time between two lines of progress").fallback("10s");
  to.flag("--progress-detail", cl.progress.detail,
          "Lines of progress tell each stream and quota, however long they get");
  to.path("--summary", cl.summary, "Write the run's summary, JSON");
}

void add_bounds(options& to, command_line& cl) {
  auto max_duration = [&cl](const std::string& text) {
    auto parsed = language::parse_setting_duration(text);
    if (!parsed || parsed->count() <= 0 || *parsed > std::chrono::hours{24 * 365})
      return "'" + text + "' is no duration of at most a year: write 90s, 30m or 2h";
    cl.max_duration = *parsed;
    return std::string{};
  };
  to.group("Bounds");
  to.parsed("--max-duration", "DURATION", max_duration,
            "End the run after this time (90s, 2h), with all state written and exit code 3");
  to.number("--max-requests", cl.max_requests, "The same after so many requests").between(1, most_requests);
  to.flag("--strict", cl.strict, "A rate policy that governed no request is an error, not a warning");
  to.choice(
      "--on-quota", cl.on_quota, quota_words,
      "When the day's quota is used up: stop (exit code 3), wait until it comes back, or finish (exit code 0 and a "
      "warning); above on_quota of the config")
    .fallback("stop");
  to.group("Looking inside");
  to.path("--control", cl.control, "Make a Unix socket through which `sluice top` and curl look at the run", "PATH");
}

void add_simulator(options& to, command_line& cl) {
  auto& o = cl.simulator;
  to.group("Simulated account");
  to.number("--seed", o.account.seed, "Seed of its data").fallback("1");
  to.number("--surveys", o.account.surveys, "Surveys").between(0, most_surveys).fallback("60");
  add_range(to, "--responses", o.account.responses, "Responses of a survey").fallback("0..80");
  add_range(to, "--pages", o.account.pages, "Pages of a survey").fallback("1..3");
  add_range(to, "--questions", o.account.questions, "Questions on a page").fallback("0..4");
  add_range(to, "--collectors", o.account.collectors, "Collectors of a survey").fallback("0..3");
  auto response_bytes = [&o](const std::string& text) {
    auto size = simulator::parse_size(text);
    if (!size || *size > simulator::largest_response)
      return "'" + text + "' is no size up to 10 MB: write 20000 or 64KiB";
    o.account.response_bytes = *size;
    return std::string{};
  };
  to.parsed("--response-bytes", "SIZE", response_bytes, "Fill each response up to this size: for large accounts");
  to.flag(
    "--tame", [&o] { o.account.tame = true; }, "Usual words and numbers, which fit the streams' schemas: the default");
  to.flag(
    "--unpleasant", [&o] { o.account.tame = false; },
    "What a careless reader trips over: odd characters and numbers, keys in any order");
  add_rules(to, "--mutate", o.mutations, simulator::parse_mutation,
            "Change the account while it is read, e.g. 'delete-response every=7 path=/responses'. Changes: "
              + simulator::mutation_names());
  to.group("Simulated server");
  to.duration("--latency", o.latency, "Time that it takes for each answer").fallback("50ms");
  to.duration("--jitter", o.jitter, "Random time on top of it").fallback("none");
  to.number("--rate-limit", o.limits.minute.limit, "Requests that it allows a minute, 0 for no limit")
    .between(0, most_requests)
    .fallback("0");
  to.duration("--rate-window", o.limits.minute.window, "Length of its minute").fallback("1m");
  to.number("--day-limit", o.limits.day.limit, "Requests that it allows a day, 0 for no limit")
    .between(0, most_requests)
    .fallback("0");
  to.duration("--day-window", o.limits.day.window, "Length of its day").fallback("24h");
  to.duration("--token-lifetime", o.credentials.lifetime, "How long tokens of /oauth and sessions of /session hold")
    .fallback("1h");
  to.flag("--single-use-tokens", o.credentials.single_use, "A refresh token of /oauth is good for one refresh");
  to.number("--revoke-every", o.credentials.revoke_every,
            "End all tokens and sessions after so many lists, 0 for never")
    .between(0, most_requests)
    .fallback("0");
  to.number("--token-calls", o.credentials.token_calls, "Lists that each token of /tokens may ask for in its window")
    .between(1, most_requests)
    .fallback("60");
  to.duration("--token-window", o.credentials.token_window, "Length of that window").fallback("1m");
  to.choice("--gzip", o.gzip, gzip_names, "Which bodies it compresses for clients that accept it").fallback("large");
  add_rules(to, "--fault", o.faults, simulator::parse_fault,
            "Let answers go wrong, e.g. 'status=503 path=/details every=10 times=3'. Faults: "
              + simulator::fault_names());
}

} // namespace sluice::cli
