#include "app/console.hpp"

#include "actors/core/clock.hpp"
#include "app/process.hpp"
#include "messages/protocol.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

const char* colour_of(log_level level) {
  switch (level) {
    case log_level::fatal:
    case log_level::error:
      return "\033[31m";
    case log_level::warn:
      return "\033[33m";
    case log_level::info:
      return "\033[32m";
    default:
      return "\033[2m";
  }
}

std::string coloured_log_line(log_level level, const std::string& text) {
  bool colour = screen_of(STDERR_FILENO).colour;
  std::string line = colour ? colour_of(level) : "";
  line += to_string(level);
  line += colour ? "\033[0m " : " ";
  return line + text + "\n";
}

} // namespace

console::console(const command_line& cl, audience reader)
  : reader_(reader), terminal_(::isatty(STDOUT_FILENO) == 1), block_(std::make_shared<live_block>(STDERR_FILENO)) {
  out_ = std::make_shared<fd_line_writer>(STDOUT_FILENO);
  if (terminal_)
    out_ = std::make_shared<writer_beside_block>(out_, block_);
  sink_ = std::make_shared<log_sink>([this](log_level level, const std::string& text) {
    auto masked = secrets_->apply(text);
    if (terminal_ || reader_ == audience::people)
      block_->print_above(coloured_log_line(level, masked));
    else
      print(log_line(level, masked));
  });
  install_logger(sink_, cl.level);
}

console::~console() {
  // The logger is global and refers to us.
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("off"));
}

bool console::print(const std::string& lines) {
  return written_or_told(out_->write(lines));
}

int console::fail(const error& problem) {
  auto masked = problem;
  masked.message = secrets_->apply(problem.message);
  masked.internal_message = secrets_->apply(problem.internal_message);
  print_patiently(STDERR_FILENO, "sluice: " + masked.message + "\n");
  // Whoever wrote the arguments reads stderr; an orchestrator is told by the exit code.
  if (problem.code == errc::bad_arguments)
    return 2;
  if (reader_ == audience::protocol)
    print(trace_error_line(masked, std::nullopt, epoch_ms(system_wall_clock())));
  return 1;
}

void console::hide(const std::vector<std::string>& secrets) {
  secrets_->add(secrets);
}

std::string connector_of(const command_line& cl) {
  if (!cl.manifest.empty() || cl.command == verb::demo || cl.command == verb::simulate)
    return cl.manifest;
  return ::access(manifest_of_images, F_OK) == 0 ? manifest_of_images : std::string{};
}

expected<manifest_ptr> load_connector(const command_line& cl) {
  auto result = cl.manifest.empty() ? load_built_in_manifest() : load_manifest_file(cl.manifest);
  if (result)
    for (const auto& warning : (*result)->warnings)
      spdlog::warn("{}: {}", (*result)->origin, warning);
  return result;
}

expected<tuning> load_settings(const command_line& cl, const std::string& on_quota, std::vector<tuning_value>* values) {
  const std::string quota_key = "quota.on_exhausted=";
  const auto file = cl.tuning.empty() ? std::string{variable("SLUICE_TUNING")} : cl.tuning;
  std::vector<tuning_override> overrides;
  if (!on_quota.empty())
    overrides.emplace_back(quota_key + on_quota, "the config's on_quota, as");
  for (auto& x : overrides_of_variable("SLUICE_SET", variable("SLUICE_SET")))
    overrides.push_back(std::move(x));
  overrides.insert(overrides.end(), cl.settings.begin(), cl.settings.end());
  if (!cl.on_quota.empty())
    overrides.emplace_back(quota_key + cl.on_quota, "the option --on-quota, as");
  return load_tuning(file, overrides, values);
}

std::string version_text() {
  return "sluice " SLUICE_VERSION;
}

} // namespace sluice
