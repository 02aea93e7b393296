#include "app/commands.hpp"

#include "app/atomic_file.hpp"
#include "app/cli/command_docs.hpp"
#include "app/cli/help_text.hpp"
#include "app/cli/man_page.hpp"
#include "app/console.hpp"
#include "app/terminal.hpp"

#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

namespace sluice {

namespace {

constexpr mode_t readable_by_all = 0644;

expected<void> write_pages(const std::string& folder) {
  const auto docs = cli::all_docs();
  auto write = [&folder](const std::string& name, const std::string& page) {
    return replace_file((std::filesystem::path{folder} / name).string(), page, readable_by_all, "manual page");
  };
  auto written = write("sluice.1", cli::man_page(docs, SLUICE_VERSION));
  for (const auto& c : docs)
    if (written)
      written = write(cli::man_name(c), cli::man_page(c, SLUICE_VERSION));
  return written;
}

} // namespace

int run_help(const command_line& cl) {
  console c{cl, console::audience::people};
  if (!cl.output.empty()) {
    auto written = write_pages(cl.output);
    return written ? 0 : c.fail(written.error());
  }
  std::string name;
  for (const auto& word : cl.words)
    name += (name.empty() ? "" : " ") + word;
  std::vector<cli::command_doc> docs;
  for (auto& x : cli::all_docs())
    if (name.empty() || x.name == name || x.name.starts_with(name + " "))
      docs.push_back(std::move(x));
  if (docs.empty())
    return c.fail({errc::bad_arguments,
                   failure_type::config_error,
                   "There is no command '" + name + "'; sluice help lists them.",
                   {}});
  const auto columns = help_width(STDOUT_FILENO);
  const bool one = docs.size() == 1 && docs.front().name == name;
  if (cl.man)
    return c.print(one ? cli::man_page(docs.front(), SLUICE_VERSION) : cli::man_page(docs, SLUICE_VERSION)) ? 0 : 1;
  return c.print(one ? cli::help_text(docs.front(), columns) : cli::program_help(docs, columns)) ? 0 : 1;
}

} // namespace sluice
