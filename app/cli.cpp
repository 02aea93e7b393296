#include "app/cli.hpp"

#include "app/console.hpp"
#include "app/output_files.hpp"
#include "config/language/datetime.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <utility>

namespace sluice {

namespace {

const std::map<std::string, log_level> level_names{
  {"fatal", log_level::fatal}, {"error", log_level::error}, {"warn", log_level::warn},
  {"info", log_level::info},   {"debug", log_level::debug}, {"trace", log_level::trace},
};

const std::map<std::string, progress_mode> progress_names{
  {"auto", progress_mode::automatic}, {"always", progress_mode::always}, {"never", progress_mode::never}};

const std::map<std::string, plan_format> format_names{{"text", plan_format::text},
                                                      {"mermaid", plan_format::mermaid},
                                                      {"dot", plan_format::dot},
                                                      {"json", plan_format::json}};

const std::map<std::string, simulator::gzip_mode> gzip_names{
  {"off", simulator::gzip_mode::off}, {"large", simulator::gzip_mode::large}, {"all", simulator::gzip_mode::all}};

const std::map<std::string, trace_form> form_names{
  {"table", trace_form::table}, {"sequence", trace_form::sequence}, {"mermaid", trace_form::mermaid}};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// The words of an option that names one of a few things, for its help.
template <class Map>
CLI::Option* add_choice(CLI::App* to, const std::string& flag, typename Map::mapped_type& target, const Map& names,
                        const std::string& help) {
  std::string words;
  for (const auto& [word, unused] : names)
    words += (words.empty() ? "" : "|") + word;
  return to
    ->add_option_function<std::string>(
      flag,
      [&target, &names, words](const std::string& word) {
        auto found = names.find(lower(word));
        if (found == names.end())
          throw CLI::ValidationError("'" + word + "' is not one of " + words);
        target = found->second;
      },
      help)
    ->type_name(words);
}

void add_duration(CLI::App* to, const std::string& flag, std::chrono::microseconds& target, const std::string& help) {
  to->add_option_function<std::string>(
      flag,
      [&target](const std::string& text) {
        auto parsed = language::parse_setting_duration(text);
        if (!parsed)
          throw CLI::ValidationError(parsed.error().message);
        target = *parsed;
      },
      help)
    ->type_name("DURATION");
}

/// `40` or `0..80`.
void add_range(CLI::App* to, const std::string& flag, simulator::count_range& target, const std::string& help) {
  to->add_option_function<std::string>(
      flag,
      [&target](const std::string& text) {
        simulator::count_range range;
        char rest = 0;
        int n = std::sscanf(text.c_str(), "%u..%u%c", &range.least, &range.most, &rest);
        if (n == 1 && text.find_first_not_of("0123456789") == std::string::npos)
          range.most = range.least;
        else if (n != 2 || range.least > range.most)
          throw CLI::ValidationError("'" + text + "' is no count and no range: write 40 or 0..80");
        target = range;
      },
      help)
    ->type_name("N|A..B");
}

/// An option that may be repeated, each time with one rule.
template <class Rule>
void add_rules(CLI::App* to, const std::string& flag, std::vector<Rule>& target,
               expected<Rule> (*parse)(std::string_view), const std::string& help) {
  to->add_option_function<std::vector<std::string>>(
      flag,
      [&target, parse](const std::vector<std::string>& rules) {
        for (const auto& text : rules) {
          auto rule = parse(text);
          if (!rule)
            throw CLI::ValidationError(rule.error().message);
          target.push_back(std::move(*rule));
        }
      },
      help)
    ->type_name("RULE")
    ->allow_extra_args(false);
}

/// Flags that every command takes.
void add_common(CLI::App* to, command_line& cl) {
  to->add_flag_callback(
    "--debug", [&cl] { cl.level = std::max(cl.level, log_level::debug); }, "Log at level debug");
  add_choice(to, "--log-level", cl.level, level_names, "Log from this level on (default info)");
}

void add_connector(CLI::App* to, command_line& cl) {
  to->add_option("--manifest,--manifest-path", cl.manifest,
                 "Low-code manifest of the connector (default: SurveyMonkey, built in)")
    ->type_name("FILE");
}

void add_config(CLI::App* to, command_line& cl) {
  to->add_option("--config", cl.config, "Connector configuration, JSON")->type_name("FILE")->required();
}

void add_tuning(CLI::App* to, command_line& cl) {
  to->add_option("--tuning", cl.tuning, "Tuning file, YAML: sizes, time limits, retries")->type_name("FILE");
  to->add_option("--set", cl.settings, "Override one key of the tuning file; may be repeated")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false);
}

/// An option that is checked while the command line is read.
template <class T>
CLI::Option* add_parsed(CLI::App* to, const char* name, T& into, const char* help) {
  return to->add_option_function<std::string>(
    name,
    [&into](const std::string& text) {
      auto parsed = T::parse(text);
      if (!parsed)
        throw CLI::ValidationError(parsed.error().message);
      into = std::move(*parsed);
    },
    help);
}

/// Something to write. An empty name, as of a variable that is not set, must not mean in silence that nothing is
/// wanted.
CLI::Option* add_path(CLI::App* to, const char* flag, std::string& path, const char* help, const char* type = "FILE") {
  return to->add_option(flag, path, help)->type_name(type)->check([](const std::string& text) {
    return text.empty() ? std::string{"the name is empty"} : std::string{};
  });
}

/// Accepted by every verb of the protocol, so that an orchestrator can pass the same flags to all; `spec` and
/// `discover` make no run, so there is nothing to trace or to sum up.
void add_run(CLI::App* to, command_line& cl) {
  auto* trace
    = add_path(to, "--trace", cl.trace.file,
               "Write every message between actors of the run to this file, for ui.perfetto.dev and `trace show`");
  add_parsed<trace_filter>(to, "--trace-filter", cl.trace.filter,
                           "Trace only these messages, e.g. 'actor=fetcher message=permit,page slice=surveys/2023*'; "
                           "keys: actor, from, to, message, slice")
    ->type_name("TERMS")
    ->needs(trace);
  add_parsed<trace_limit>(to, "--trace-limit", cl.trace.limit,
                          "Switch the trace off after N messages, or when a second has more than N (N/s)")
    ->type_name("N|N/s")
    ->needs(trace);
  add_choice(
    to, "--progress", cl.progress, progress_names,
    "Progress on stderr: auto shows a block in place on a terminal and a line every 10 s elsewhere, always the block "
    "elsewhere, too (default auto)");
  add_path(to, "--summary", cl.summary, "Write the run's summary to this file, JSON");
  add_path(to, "--metrics", cl.metrics,
           "Write the run's numbers to this file every second, for Prometheus (text format)");
}

/// How far a run may go.
void add_bounds(CLI::App* to, command_line& cl) {
  to->add_option_function<std::string>(
      "--max-duration",
      [&cl](const std::string& text) {
        auto parsed = language::parse_setting_duration(text);
        if (!parsed || parsed->count() <= 0 || *parsed > std::chrono::hours{24 * 365})
          throw CLI::ValidationError("'" + text + "' is no duration of at most a year: write 90s, 30m or 2h");
        cl.max_duration = *parsed;
      },
      "End the run after this time with all state written and exit code 3")
    ->type_name("DURATION");
  to->add_option("--max-requests", cl.max_requests, "The same after this number of requests")
    ->type_name("N")
    ->check(CLI::PositiveNumber);
  add_path(to, "--control", cl.control, "Make a Unix socket through which `sluice top` and curl look at the run",
           "PATH");
  to->add_flag("--strict", cl.strict, "A rate policy that never governed a request is an error, not a warning");
}

void add_simulator(CLI::App* to, command_line& cl) {
  auto& o = cl.simulator;
  to->add_option("--seed", o.account.seed, "Seed of the account's data")->type_name("N")->capture_default_str();
  to->add_option("--surveys", o.account.surveys, "Surveys in the account")->type_name("N")->capture_default_str();
  add_range(to, "--responses", o.account.responses, "Responses of a survey (default 0..80)");
  add_range(to, "--pages", o.account.pages, "Pages of a survey (default 1..3)");
  add_range(to, "--questions", o.account.questions, "Questions on a page (default 0..4)");
  add_range(to, "--collectors", o.account.collectors, "Collectors of a survey (default 0..3)");
  to->add_option_function<std::string>(
      "--response-bytes",
      [&o](const std::string& text) {
        auto size = simulator::parse_size(text);
        if (!size || *size > simulator::largest_response)
          throw CLI::ValidationError("'" + text + "' is no size up to 10 MB: write 20000 or 64KiB");
        o.account.response_bytes = *size;
      },
      "Fill each response up to this size: for large accounts")
    ->type_name("SIZE");
  add_duration(to, "--latency", o.latency, "Time that the server takes for each answer (default 50ms)");
  add_duration(to, "--jitter", o.jitter, "Random time on top of it");
  to->add_option("--rate-limit", o.limits.minute.limit, "Requests that the server allows a minute, 0 for no limit")
    ->type_name("N");
  add_duration(to, "--rate-window", o.limits.minute.window, "Length of the server's minute (default 1m)");
  to->add_option("--day-limit", o.limits.day.limit, "Requests that the server allows a day, 0 for no limit")
    ->type_name("N");
  add_duration(to, "--day-window", o.limits.day.window, "Length of the server's day (default 24h)");
  add_choice(to, "--gzip", o.gzip, gzip_names,
             "Which bodies are compressed for clients that accept it (default large)");
  add_rules(to, "--fault", o.faults, simulator::parse_fault,
            "Let answers go wrong, e.g. 'status=503 path=/details every=10 times=3'; may be repeated. Faults: "
              + simulator::fault_names());
  add_rules(to, "--mutate", o.mutations, simulator::parse_mutation,
            "Change the account while it is read, e.g. 'delete-response every=7 path=/responses'; may be repeated. "
            "Changes: "
              + simulator::mutation_names());
}

void add_trace_show(CLI::App* trace, command_line& cl) {
  auto* show = trace->add_subcommand("show", "Show a trace; without options as with --actors");
  show->callback([&cl] { cl.command = verb::trace_show; });
  show->add_option("FILE", cl.trace_file, "File that --trace wrote")->required();
  auto* views = show->add_option_group("Views", "what to show");
  views->require_option(0, 1);
  views->add_flag_callback(
    "--actors", [] {}, "Who was busy, who waited for whom, and the same for each type of message");
  auto not_empty = [](const std::string& text) { return text.empty() ? "it is empty" : std::string{}; };
  auto* slice = views->add_option("--slice", cl.trace_slice, "The messages of slices whose name contains this text")
                  ->type_name("TEXT")
                  ->check(not_empty);
  views->add_option("--slowest", cl.trace_slowest, "The N slowest requests, longest handlers and waits in mailboxes")
    ->type_name("N")
    ->check(CLI::Range(1, 1'000'000));
  auto* gantt = views->add_flag("--gantt", cl.trace_gantt, "Slices over time, as wide as the terminal");
  views
    ->add_option("--why", cl.trace_record,
                 "Where a record came from, and which STATE covers it: name of its stream, primary key")
    ->type_name("STREAM/KEY")
    ->check([](const std::string& text) {
      auto slash = text.find('/');
      bool whole = slash != std::string::npos && slash > 0 && slash + 1 < text.size();
      return whole ? std::string{} : "'" + text + "' is no STREAM/KEY: write surveys/123";
    });
  views->add_option("--html", cl.trace_html, "Write all of it as one page for a browser, which needs no network")
    ->type_name("OUT")
    ->check(not_empty);
  add_choice(show, "--as", cl.trace_as, form_names, "Form of --slice: a table (default), a chart, or Mermaid text")
    ->needs(slice);
  show
    ->add_option("--limit", cl.trace_rows,
                 "Rows of --gantt: slices that failed or have no end first, then those that took longest")
    ->type_name("N")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str()
    ->needs(gantt);
}

} // namespace

parsed_command_line parse_command_line(int argc, const char* const argv[]) {
  command_line cl;
  if (const char* level = std::getenv("LOG_LEVEL"); level != nullptr && lower(level) == "debug")
    cl.level = log_level::debug;
  cl.simulator.latency = std::chrono::milliseconds{50};

  CLI::App app{"Sluice reads rate-limited HTTP APIs and prints Airbyte protocol messages.\n"
               "Try it: sluice demo"};
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.footer(
    "Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 stopped early with resumable state (a quota or a bound\n"
    "ran out), 4 stood still (see the report on stderr), 130 and 143 interrupted after a clean drain.");

  // A command's options are made when it is called for: all of them together take longer than the rest of the parsing.
  auto add = [&](const char* name, const char* help, verb v, std::function<void(CLI::App*)> options) {
    auto* sub = app.add_subcommand(name, help);
    sub->preparse_callback([sub, options = std::move(options)](std::size_t) { options(sub); });
    sub->callback([&cl, v] { cl.command = v; });
  };

  add("spec", "Print the connector's specification", verb::spec, [&cl](CLI::App* spec) {
    add_common(spec, cl);
    add_connector(spec, cl);
    add_tuning(spec, cl);
    add_run(spec, cl);
  });

  add("check", "Try the configuration: print one CONNECTION_STATUS", verb::check, [&cl](CLI::App* check) {
    add_config(check, cl);
    add_common(check, cl);
    add_connector(check, cl);
    add_tuning(check, cl);
    add_run(check, cl);
  });

  add("discover", "Print the CATALOG of streams", verb::discover, [&cl](CLI::App* discover) {
    add_config(discover, cl);
    add_common(discover, cl);
    add_connector(discover, cl);
    add_tuning(discover, cl);
    add_run(discover, cl);
  });

  add("read", "Read the configured streams: RECORD, STATE, TRACE and LOG messages on stdout", verb::read,
      [&cl](CLI::App* read) {
        add_config(read, cl);
        read->add_option("--catalog", cl.catalog, "Configured catalogue, JSON")->type_name("FILE")->required();
        read->add_option("--state", cl.state, "State to start from, JSON")->type_name("FILE");
        add_common(read, cl);
        add_connector(read, cl);
        add_tuning(read, cl);
        add_run(read, cl);
        add_bounds(read, cl);
      });

  add("plan", "Show what a read would do: requests, slices, limits, expected time", verb::plan, [&cl](CLI::App* plan) {
    add_config(plan, cl);
    plan->add_option("--catalog", cl.catalog, "Configured catalogue, JSON (default: all streams)")->type_name("FILE");
    plan->add_option("--state", cl.state, "State to start from, JSON")->type_name("FILE");
    add_choice(plan, "--as", cl.format, format_names, "What to print (default text)");
    plan->add_flag("--probe", cl.probe, "Send one request for each endpoint to find out how many there will be");
    add_common(plan, cl);
    add_connector(plan, cl);
    add_tuning(plan, cl);
  });

  add("demo", "Read all streams of a simulated account: nothing to configure", verb::demo, [&cl](CLI::App* demo) {
    demo->add_option("--num-workers", cl.num_workers, "Concurrency level: size of the fetcher pool")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
    demo->add_flag("--records", cl.show_records, "Print the protocol messages even when stdout is a terminal");
    add_simulator(demo, cl);
    add_common(demo, cl);
    add_connector(demo, cl);
    add_tuning(demo, cl);
    add_run(demo, cl);
    add_bounds(demo, cl);
  });

  add("simulate", "Run the SurveyMonkey simulator alone, until it is interrupted", verb::simulate,
      [&cl](CLI::App* simulate) {
        simulate->add_option("--port", cl.simulator.port, "Loopback port, 0 for any free one")
          ->type_name("PORT")
          ->capture_default_str();
        simulate->add_option("--token", cl.simulator.token, "The only valid access token; empty accepts any")
          ->type_name("TOKEN")
          ->capture_default_str();
        add_simulator(simulate, cl);
        add_common(simulate, cl);
      });

  add("top", "Look at a read under way, or change its pool size and limits", verb::top, [&cl](CLI::App* top) {
    top->add_option("PATH", cl.control, "The socket that --control of the read made")->required();
    auto* once = top->add_flag("--once", cl.once, "Print it once; so it is where stdout is no terminal");
    auto* json = top->add_flag("--json", cl.json, "Print the status as JSON, one object a line");
    auto* interval = top
                       ->add_option_function<std::string>(
                         "--interval",
                         [&cl](const std::string& text) {
                           auto parsed = language::parse_setting_duration(text);
                           if (!parsed || *parsed < std::chrono::milliseconds{100} || *parsed > std::chrono::hours{1})
                             throw CLI::ValidationError("'" + text + "' is no duration from 100ms to 1h");
                           cl.interval = *parsed;
                         },
                         "Time between two looks (default 1s)")
                       ->type_name("DURATION");
    top
      ->add_option("--set", cl.settings,
                   "Change the run: pool_size=20, or a rate policy's limit: minute=60; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->excludes(once)
      ->excludes(json)
      ->excludes(interval);
  });

  add("components", "Print which components of the manifest language are supported", verb::components,
      [&cl](CLI::App* components) {
        auto* json = components->add_flag("--json", cl.json, "Print them as one JSON object");
        components
          ->add_flag_callback(
            "--markdown", [] {}, "Print them as tables in Markdown (default), as in docs/manifest.md")
          ->excludes(json);
        add_common(components, cl);
      });

  auto* trace = app.add_subcommand("trace", "Answer questions about a message trace");
  trace->require_subcommand(1);
  trace->preparse_callback([trace, &cl](std::size_t) { add_trace_show(trace, cl); });

  try {
    app.parse(argc, argv);
    if (auto conflict = conflict_of_outputs(cl); !conflict.empty())
      throw CLI::ValidationError(conflict);
  } catch (const CLI::Success& e) {
    // Help or version.
    return {std::nullopt, app.exit(e, std::cout, std::cerr)};
  } catch (const CLI::ParseError& e) {
    std::ostringstream unused;
    std::ostringstream text;
    app.exit(e, unused, text);
    std::fputs(text.str().c_str(), stderr);
    return {std::nullopt, 2};
  }
  return {std::move(cl), 0};
}

} // namespace sluice
