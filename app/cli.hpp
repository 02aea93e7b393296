#pragma once

#include "actors/support/trace_log.hpp"
#include "app/scaffold.hpp"
#include "app/selection.hpp"
#include "app/simulator/options.hpp"
#include "messages/protocol.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

enum class verb : std::uint8_t {
  spec,
  check,
  discover,
  read,
  demo,
  simulate,
  plan,
  top,
  validate,
  make_new,
  components,
  config_show,
  trace_show,
  state_show,
  state_merge,
  state_reset,
  completions,
  help
};

/// Of which files a JSON Schema is wanted.
enum class schema_of : std::uint8_t { nothing, manifest, tuning };

enum class progress_mode : std::uint8_t { automatic, always, never };

/// What stderr shows of a run while it is on.
struct progress_options {
  progress_mode mode = progress_mode::automatic;
  /// Between two lines, where there is no block.
  std::chrono::microseconds interval = std::chrono::seconds{10};
  /// The lines tell each stream and quota.
  bool detail = false;
};

enum class plan_format : std::uint8_t { text, mermaid, dot, json };

enum class trace_form : std::uint8_t { table, sequence, mermaid };

/// What `sluice new` writes, and where.
struct new_options {
  scaffold_answers answers;
  /// `answers.records` was said, be it nothing.
  bool records_given = false;
  std::string folder = ".";
  bool force = false;
};
/// The simulator's plain list, for which files are written if no other API is named.
inline constexpr const char* simulator_url = "http://127.0.0.1:8080";
inline constexpr const char* simulator_path = "/lists/items";
inline constexpr const char* simulator_records = "items";
const std::vector<std::pair<std::string, new_auth>>& new_auth_words();
const std::vector<std::pair<std::string, new_paging>>& new_paging_words();

/// What the command line asks for.
struct command_line {
  verb command = verb::spec;
  /// `-`: standard input; empty: none.
  std::string config;
  /// Variables of the environment whose names begin so are settings; empty: none are.
  std::string config_prefix;
  std::string catalog;
  std::string state;
  /// A state that is read if it is there, and replaced as states come; empty: none.
  std::string state_file;
  /// What is read, if there is no catalogue.
  stream_selection selection;
  /// Records of each stream at most; 0: all.
  std::uint64_t record_limit = 0;
  /// Empty: the built-in connector.
  std::string manifest;
  std::string tuning;
  /// `key=value`, in order.
  std::vector<std::string> settings;
  /// What to do when the day's quota is used up, a word of `quota.on_exhausted`; empty: config and tuning say it.
  std::string on_quota;
  /// File, filter and limit of `--trace`.
  trace_options trace;
  std::string summary;
  /// Empty: no metrics.
  std::string metrics;
  /// Labels of every sample.
  std::vector<std::pair<std::string, std::string>> metrics_labels;
  /// Ends the run in time, resumable; none: no bound.
  std::optional<std::chrono::microseconds> max_duration;
  /// Requests to send at most; 0: no bound.
  std::uint64_t max_requests = 0;
  /// A rate policy that never governed a request is an error.
  bool strict = false;
  log_level level = log_level::info;
  progress_options progress;
  // demo and simulate
  simulator::options simulator;
  /// 0: the tuning says it.
  std::uint32_t num_workers = 0;
  bool show_records = false;
  // plan
  plan_format format = plan_format::text;
  /// Send one request for each endpoint.
  bool probe = false;
  /// read, demo, top: the run's control socket; empty: none.
  std::string control;
  // discover
  bool configured = false;
  // state
  std::vector<std::string> state_files;
  /// `NAME[,NAME...]`
  std::string reset_streams;
  bool in_place = false;
  std::string output;
  // components
  schema_of schema = schema_of::nothing;
  new_options fresh;
  // validate
  bool deny_warnings = false;
  // help, completions
  std::vector<std::string> words;
  bool man = false;
  // top, components, state show, validate
  bool json = false;
  // top
  bool once = false;
  std::chrono::microseconds interval = std::chrono::seconds{1};
  // trace show
  std::string trace_file;
  /// At most one of these views is asked for; none: numbers per actor.
  std::string trace_slice;
  trace_form trace_as = trace_form::table;
  std::size_t trace_slowest = 0;
  bool trace_gantt = false;
  std::size_t trace_rows = 40;
  /// `STREAM/KEY`
  std::string trace_record;
  std::string trace_html;
};

/// Either a command, or an exit code because everything has been said already (help, version, wrong arguments).
struct parsed_command_line {
  std::optional<command_line> command;
  int exit_code = 0;
};

/// Reads the arguments. Help and version go to stdout with exit code 0; anything wrong to stderr with exit code 2.
parsed_command_line parse_command_line(int argc, const char* const argv[]);

} // namespace sluice
