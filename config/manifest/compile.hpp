#pragma once

#include "config/manifest/manifest.hpp"
#include "config/manifest/plan/normalization.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <string>
#include <vector>

namespace sluice {

/// A stream of the configured catalogue.
struct selected_stream {
  std::string name;
  /// Empty: no namespace.
  std::string name_space;
  /// `sync_mode` is `incremental`.
  bool incremental = false;
  /// The incoming state object as JSON text; empty: none.
  std::string initial_state;
  /// See `planned_stream`.
  bool already_complete = false;
};

/// What a run is made of, besides the manifest.
struct compile_input {
  /// The connector config, already valid against the manifest's connection specification.
  language::value config;
  /// In the order of the catalogue.
  std::vector<selected_stream> streams;
  /// The moment at which the run started: the end of the last time window, and `now_utc()`.
  language::instant now{};
  /// Records of each stream that are wanted at most; 0: all.
  std::uint64_t record_limit = 0;
};

/// Compiles a run. Pure: no files, no clock, no network. Only the endpoints that the selected streams need are
/// compiled. A stream that the manifest does not have gets a planned_stream without endpoint. Errors:
/// `errc::bad_catalog` (a stream selected twice), `errc::bad_config` (a config value that makes no URL, date or number
/// where one is needed), `errc::bad_manifest` and `errc::bad_template` (something in the components of a needed
/// stream).
expected<plan> compile_plan(const manifest& m, const compile_input& input);

/// What the manifest does with a config before anybody reads it (`spec.config_normalization_rules`). Errors are
/// `errc::bad_manifest` and `errc::bad_template`: something in it is wrong, or not supported.
expected<config_rules> compile_config_rules(const manifest& m);
/// What stands against the same, each fault by itself; none: it compiles.
std::vector<manifest_fault> plan_faults(const manifest& m, const compile_input& input);

/// CATALOG's `default_cursor_field` of a stream has this one element; empty unless it `supports_incremental`. A
/// manifest may take its name from the config.
expected<std::string> default_cursor_field(const manifest& m, const stream_definition& stream,
                                           const language::value& config);

/// The endpoint graph as text: requests, which streams share one, edges, budget. For `--debug` and documentation.
/// Shows no headers, and templates as the manifest writes them, so no secrets.
std::string describe_plan(const plan& p);

} // namespace sluice
