#include "app/cli.hpp"

#include "app/cli/command_docs.hpp"
#include "app/cli/help_text.hpp"
#include "app/cli/options.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/output_files.hpp"
#include "app/terminal.hpp"
#include "config/nearest.hpp"
#include "messages/text/ascii.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice {

namespace {

parsed_command_line wrong(const std::string& problem, const std::string& help) {
  std::fprintf(stderr, "sluice: %s\nFor help: %s\n", problem.c_str(), help.c_str());
  return {std::nullopt, 2};
}

parsed_command_line answered(const std::string& text) {
  return {std::nullopt, written_or_told(fd_line_writer{STDOUT_FILENO}.write(text)) ? 0 : 1};
}

bool is_flag(std::string_view word) {
  return word.starts_with("-");
}

/// Words that may follow on these first ones; of `trace` there is `show`.
std::vector<std::string_view> words_after(std::string_view first) {
  std::vector<std::string_view> result;
  for (const auto& c : commands()) {
    std::string_view name = c.name;
    if (first.empty())
      name = name.substr(0, name.find(' '));
    else if (name.starts_with(first) && name.size() > first.size() && name[first.size()] == ' ')
      name.remove_prefix(first.size() + 1);
    else
      continue;
    if (std::find(result.begin(), result.end(), name) == result.end())
      result.push_back(name);
  }
  return result;
}

std::string listed_words(const std::vector<std::string_view>& words) {
  std::string result;
  for (auto word : words)
    result += (result.empty() ? "" : ", ") + std::string{word};
  return result;
}

std::string unknown_word(std::string_view what, std::string_view word, const std::vector<std::string_view>& known) {
  const auto near = nearest(word, known);
  return "There is no " + std::string{what} + " '" + std::string{word} + "'. "
         + (near.empty() ? "There are: " + listed_words(known) + "." : "Did you mean '" + std::string{near} + "'?");
}

/// The command that the arguments name, and in how many words.
struct named_command {
  const command* found = nullptr;
  int words = 0;
  std::string problem;
};

named_command command_in(int argc, const char* const argv[]) {
  const std::string_view first = argv[1];
  const auto firsts = words_after({});
  if (is_flag(first))
    return {nullptr, 0,
            "'" + std::string{first} + "' comes before any command. There are: " + listed_words(firsts) + "."};
  if (std::find(firsts.begin(), firsts.end(), first) == firsts.end())
    return {nullptr, 0, unknown_word("command", first, firsts)};
  const auto seconds = words_after(first);
  if (seconds.empty())
    return {&command_named(first), 1, {}};
  if (argc < 3 || is_flag(argv[2]))
    return {nullptr, 1, "'" + std::string{first} + "' needs one of: " + listed_words(seconds) + "."};
  if (std::find(seconds.begin(), seconds.end(), argv[2]) == seconds.end())
    return {nullptr, 1, unknown_word(first, argv[2], seconds)};
  return {&command_named(std::string{first} + " " + argv[2]), 2, {}};
}

bool asks_for_help(std::string_view word) {
  return word == "--help" || word == "-h";
}

/// What of the arguments no option takes.
std::string unexpected_argument(const std::string& word, const std::vector<std::unique_ptr<cli::option_doc>>& docs) {
  if (!is_flag(word))
    return "Nothing was expected at '" + word + "'.";
  std::vector<std::string_view> known{"--help"};
  for (const auto& x : docs)
    if (!x->group.empty())
      known.insert(known.end(), x->names.begin(), x->names.end());
  return unknown_word("option", word.substr(0, word.find('=')), known);
}

/// What is wrong with arguments that are right one by one.
std::string conflict_in(const command_line& cl) {
  if (cl.command == verb::read && cl.catalog.empty() && !cl.selection.chosen())
    return "What is to be read? Name streams (--stream NAME[,NAME...] or --all-streams), or give a catalogue "
           "(--catalog FILE).";
  return conflict_of_outputs(cl);
}

} // namespace

parsed_command_line parse_command_line(int argc, const char* const argv[]) {
  command_line cl;
  if (const char* level = std::getenv("LOG_LEVEL"); level != nullptr && lower_case(level) == "debug")
    cl.level = log_level::debug;
  cl.simulator.latency = std::chrono::milliseconds{50};
  cl.simulator.account.tame = true;
  if (argc < 2) {
    print_patiently(STDERR_FILENO, cli::program_help(cli::all_docs(), help_width(STDERR_FILENO)));
    return {std::nullopt, 2};
  }
  if (asks_for_help(argv[1]))
    return answered(cli::program_help(cli::all_docs(), help_width(STDOUT_FILENO)));
  if (std::string_view{argv[1]} == "--version")
    return answered(version_text() + "\n");
  const auto named = command_in(argc, argv);
  if (named.found == nullptr) {
    if (named.words == 1 && argc > 2 && asks_for_help(argv[2]))
      return answered(cli::program_help(cli::docs_below(argv[1]), help_width(STDOUT_FILENO)));
    return wrong(named.problem, "sluice --help");
  }

  const auto& c = *named.found;
  cl.command = c.id;
  CLI::App app;
  std::vector<std::unique_ptr<cli::option_doc>> docs;
  cli::options options{app, docs};
  c.declare(options, cl);
  const auto how_to_help = "sluice help " + std::string{c.name};
  try {
    app.parse(argc - named.words, argv + named.words);
    if (auto conflict = conflict_in(cl); !conflict.empty())
      return wrong(conflict, how_to_help);
  } catch (const CLI::CallForHelp&) {
    return answered(cli::help_text(cli::doc_of(c), help_width(STDOUT_FILENO)));
  } catch (const CLI::ParseError& e) {
    // What is not known comes first: it may be what is missing, with a typing error.
    const auto left = app.remaining();
    const auto unknown = std::find_if(left.begin(), left.end(), [](const auto& x) { return is_flag(x); });
    return wrong(unknown != left.end() ? unexpected_argument(*unknown, docs)
                 : !left.empty()       ? unexpected_argument(left.front(), docs)
                                       : std::string{e.what()},
                 how_to_help);
  }
  return {std::move(cl), 0};
}

} // namespace sluice
