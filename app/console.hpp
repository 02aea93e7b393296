#pragma once

#include "actors/support/line_writer.hpp"
#include "actors/support/log_sink.hpp"
#include "app/cli.hpp"
#include "app/terminal.hpp"
#include "config/connector_config.hpp"
#include "config/manifest/manifest.hpp"
#include "config/tuning.hpp"
#include "messages/error.hpp"
#include "messages/text/redaction.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice {

/// The edge between values and the outside: stdout, stderr, logging, exit codes. One a process.
class console {
public:
  /// Who reads the command's stdout: a program that understands the protocol, or people. For them logs and errors go to
  /// stderr.
  enum class audience : std::uint8_t { protocol, people };
  explicit console(const command_line& cl, audience reader = audience::protocol);
  ~console();
  console(const console&) = delete;
  console& operator=(const console&) = delete;

  /// Writes protocol lines to stdout. Only for commands that run without an emitter, or when it has ended.
  bool print(const std::string& lines);
  /// Prints an error on stderr, and as TRACE ERROR unless people are the only audience; returns exit code 1. Wrong
  /// arguments are told on stderr alone, exit code 2.
  int fail(const error& problem);
  /// From now on these are masked in everything that people read.
  void hide(const std::vector<std::string>& secrets);

  bool terminal() const noexcept { return terminal_; }
  /// What is masked; more may be learnt.
  std::shared_ptr<redactor> secrets() const { return secrets_; }
  /// The log's way into the emitter; null if logs go to stderr, because stdout is a terminal.
  std::shared_ptr<log_sink> log_for_emitter() const { return terminal_ ? nullptr : sink_; }
  std::shared_ptr<line_writer> out() const { return out_; }
  /// What is painted on stderr while a run is on; the log is printed above it.
  std::shared_ptr<live_block> block() const { return block_; }

private:
  audience reader_;
  bool terminal_;
  std::shared_ptr<redactor> secrets_ = std::make_shared<redactor>();
  std::shared_ptr<live_block> block_;
  std::shared_ptr<line_writer> out_;
  std::shared_ptr<log_sink> sink_;
};

/// Where images of connectors that are manifests have theirs.
inline constexpr const char* manifest_of_images = "/airbyte/integration_code/source_declarative_manifest/manifest.yaml";

/// The manifest file of a command: the one that the command line names, else that of the image that the program runs
/// in. Empty: the built-in connector, to which the simulator and the demo belong.
std::string connector_of(const command_line& cl);

/// The manifest that the command line names, or the built-in one. Its warnings are logged.
expected<manifest_ptr> load_connector(const command_line& cl);

/// The tuning, each above what is named before it: its file (`--tuning`, else `SLUICE_TUNING`), the connector config,
/// `SLUICE_SET`, `--set`, `--on-quota`.
/// @param on_quota the config's word (`connector_config::on_quota`); empty: it says none.
/// @param values takes every key as it applies then; null: nobody asks.
expected<tuning> load_settings(const command_line& cl, const std::string& on_quota = {},
                               std::vector<tuning_value>* values = nullptr);

/// `sluice 0.1.0`
std::string version_text();

} // namespace sluice
