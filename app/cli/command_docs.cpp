#include "app/cli/command_docs.hpp"

#include "app/cli/options.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace sluice::cli {

command_doc doc_of(const command& c) {
  command_line unused;
  CLI::App app;
  std::vector<std::unique_ptr<option_doc>> docs;
  options declared{app, docs};
  c.declare(declared, unused);
  command_doc result{c.name, c.help, {}};
  for (auto& x : docs)
    result.options.push_back(std::move(*x));
  return result;
}

std::vector<command_doc> all_docs() {
  std::vector<command_doc> result;
  for (const auto& c : commands())
    result.push_back(doc_of(c));
  return result;
}

std::vector<command_doc> docs_below(std::string_view word) {
  std::vector<command_doc> result;
  for (const auto& c : commands())
    if (std::string_view{c.name}.starts_with(word))
      result.push_back(doc_of(c));
  return result;
}

} // namespace sluice::cli
