#include "app/console.hpp"

#include "actors/core/clock.hpp"
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
  // Whoever wrote the arguments reads stderr; an orchestrator is told by the exit code.
  const bool wrong_arguments = problem.code == errc::bad_arguments;
  if (terminal_ || wrong_arguments || reader_ == audience::people)
    std::fprintf(stderr, "sluice: %s\n", masked.message.c_str());
  if (wrong_arguments)
    return 2;
  if (reader_ == audience::protocol)
    print(trace_error_line(masked, std::nullopt, epoch_ms(system_wall_clock())));
  return 1;
}

void console::hide(const std::vector<std::string>& secrets) {
  secrets_->add(secrets);
}

expected<manifest_ptr> load_connector(const command_line& cl) {
  auto result = cl.manifest.empty() ? load_built_in_manifest() : load_manifest_file(cl.manifest);
  if (result)
    for (const auto& warning : (*result)->warnings)
      spdlog::warn("{}: {}", (*result)->origin, warning);
  return result;
}

expected<tuning> load_settings(const command_line& cl, std::vector<tuning_value>* values) {
  return load_tuning(cl.tuning, cl.settings, values);
}

std::string version_text() {
  return "sluice " SLUICE_VERSION;
}

} // namespace sluice
