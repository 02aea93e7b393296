#include "app/cli/command_docs.hpp"
#include "app/cli/help_text.hpp"
#include "app/cli/man_page.hpp"
#include "app/cli/shell_completions.hpp"
#include "app/commands.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <sstream>
#include <string>

using namespace sluice;
using namespace sluice::cli;

namespace {

option_doc option_of(std::vector<std::string> names, std::string value, std::string help,
                     std::string group = "Options") {
  option_doc x;
  x.names = std::move(names);
  x.value = std::move(value);
  x.help = std::move(help);
  x.group = std::move(group);
  return x;
}

bool fits(const std::string& text, std::size_t columns) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (line.size() > columns)
      return false;
  return true;
}

} // namespace

TEST_CASE("help shows groups in their order, what options may be, and nothing that is of no use") {
  command_doc c{"read", "Read streams", {}};
  c.options.push_back(option_of({"--config"}, "FILE", "Configuration"));
  c.options.back().required = true;
  c.options.push_back(option_of({"--limit"}, "N", "So many", "Bounds"));
  c.options.back().range = "1 to 1,000";
  c.options.back().fallback = "10";
  c.options.push_back(option_of({"--hidden"}, "", "Nothing", ""));
  c.options.push_back(option_of({"--level"}, "fatal|error|warn|info|debug|trace", "Log level"));
  c.options.back().words = {"fatal", "error", "warn", "info", "debug", "trace"};
  c.options.push_back(option_of({}, "THING", "An argument"));
  const auto text = help_text(c, 80);
  INFO(text);
  CHECK(text.starts_with("Usage: sluice read --config FILE [OPTIONS] [THING]\n\nRead streams.\n\nOptions:\n"));
  CHECK(text.find("So many (1 to 1,000; default: 10)") != std::string::npos);
  CHECK(text.find("--hidden") == std::string::npos);
  CHECK(text.find("fatal, error, warn, info, debug, trace") != std::string::npos);
  CHECK(text.find("\nBounds:\n") > text.find("\nOptions:\n"));
}

TEST_CASE("every command's help fits, and its manual page and completions name every option that is shown") {
  const auto docs = all_docs();
  const auto bash = bash_completion(docs);
  const auto zsh = zsh_completion(docs);
  const auto fish = fish_completion(docs);
  for (const auto& c : docs) {
    const auto page = man_page(c, "1.0");
    for (std::size_t columns : {60, 80, 100}) {
      const auto text = help_text(c, columns);
      INFO(text);
      CHECK(fits(text, columns));
    }
    for (const auto& x : c.options) {
      INFO(c.name << " " << usage_of(x));
      CHECK(!x.help.empty());
      // A sentence that goes on in brackets has no full stop.
      CHECK(x.help.back() != '.');
      if (x.group.empty() || x.names.empty())
        continue;
      const auto& name = x.names.front();
      std::string escaped;
      for (const char ch : name)
        escaped += ch == '-' ? "\\-" : std::string{ch};
      CHECK(page.find(escaped) != std::string::npos);
      CHECK(bash.find(name) != std::string::npos);
      CHECK(zsh.find(name + "[") != std::string::npos);
      CHECK(fish.find("-l " + name.substr(2)) != std::string::npos);
    }
  }
  CHECK(fits(program_help(docs, 80), 80));
}

TEST_CASE("a manual page has no line that roff would take for a command") {
  command_doc c{"x", "Help", {}};
  c.options.push_back(option_of({"--a"}, "", ".dangerous \\text"));
  const auto page = man_page(c, "1.0");
  INFO(page);
  CHECK(page.find("\n\\&.dangerous \\\\etext") == std::string::npos);
  CHECK(page.find("\n\\&.dangerous \\etext") != std::string::npos);
}
