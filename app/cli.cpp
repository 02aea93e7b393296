#include "app/cli.hpp"

#include "app/cli/options.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/output_files.hpp"
#include "messages/text/ascii.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

namespace sluice {

namespace {

/// A command's options are made when it is called for: all of them together take longer than the rest of the parsing.
CLI::App* add_command(CLI::App& to, const std::string& name, const command& c, command_line& cl) {
  auto* sub = to.add_subcommand(name, c.help);
  sub->preparse_callback([sub, &c, &cl](std::size_t) {
    cli::options options{*sub};
    c.declare(options, cl);
  });
  sub->callback([&cl, id = c.id] { cl.command = id; });
  return sub;
}

/// `trace show`: a command below another word.
void add_below(CLI::App& to, const std::string& word, const std::string& name, const char* help, const command& c,
               command_line& cl) {
  auto* above = to.add_subcommand(word, help);
  above->require_subcommand(1);
  above->preparse_callback([above, name, &c, &cl](std::size_t) { add_command(*above, name, c, cl); });
}

} // namespace

parsed_command_line parse_command_line(int argc, const char* const argv[]) {
  command_line cl;
  if (const char* level = std::getenv("LOG_LEVEL"); level != nullptr && lower_case(level) == "debug")
    cl.level = log_level::debug;
  cl.simulator.latency = std::chrono::milliseconds{50};

  CLI::App app{"Sluice reads rate-limited HTTP APIs and prints Airbyte protocol messages.\n"
               "Try it: sluice demo"};
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.footer(
    "Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 stopped early with resumable state (a quota or a bound\n"
    "ran out), 4 stood still (see the report on stderr), 130 and 143 interrupted after a clean drain.");
  for (const auto& c : commands()) {
    const std::string name = c.name;
    if (const auto blank = name.find(' '); blank != std::string::npos)
      add_below(app, name.substr(0, blank), name.substr(blank + 1), "Answer questions about a message trace", c, cl);
    else
      add_command(app, name, c, cl);
  }

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
