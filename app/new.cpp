#include "app/commands.hpp"

#include "app/atomic_file.hpp"
#include "app/console.hpp"
#include "app/scaffold.hpp"
#include "config/manifest/components/json_schema.hpp"
#include "config/manifest/manifest.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr mode_t readable_by_all = 0644;
constexpr mode_t private_file = 0600;

/// Asks on the terminal; an empty answer is the default.
std::string ask(const std::string& question, const std::string& otherwise) {
  std::fprintf(stderr, "%s [%s]: ", question.c_str(), otherwise.empty() ? "none" : otherwise.c_str());
  std::string answer;
  if (!std::getline(std::cin, answer) || answer.empty())
    return otherwise;
  return answer;
}

template <class T>
T ask_word(const std::string& question, const std::vector<std::pair<std::string, T>>& words, T otherwise) {
  std::string listed;
  std::string usual;
  for (const auto& [word, meaning] : words) {
    listed += (listed.empty() ? "" : ", ") + word;
    usual = meaning == otherwise ? word : usual;
  }
  while (true) {
    const auto answer = lower_case(ask(question + " (" + listed + ")", usual));
    for (const auto& [word, meaning] : words)
      if (word == answer)
        return meaning;
    std::fprintf(stderr, "'%s' is not one of %s.\n", answer.c_str(), listed.c_str());
  }
}

/// What the flags leave open is asked for, if somebody is there to answer.
void complete(new_options& o) {
  auto& a = o.answers;
  const bool asks = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && a.base_url.empty();
  const bool simulated = !asks && a.base_url.empty();
  if (asks) {
    a.base_url = ask("Base URL of the API", simulator_url);
    a.auth = ask_word("Authentication", new_auth_words(), a.auth);
    a.path = ask("Path of a list", a.path.empty() ? simulator_path : a.path);
    a.records = ask("Field of the answer that holds the list", o.records_given ? a.records : simulator_records);
    o.records_given = true;
    a.paging = ask_word("Paging", new_paging_words(), a.paging);
    a.stream = ask("Name of the stream", a.stream.empty() ? stream_name_of(a.path) : a.stream);
    a.key = ask("Primary key", a.key);
  }
  if (simulated)
    a.base_url = simulator_url;
  if (a.path.empty())
    a.path = simulator_path;
  if (!o.records_given && a.path == simulator_path)
    a.records = simulator_records;
  if (a.stream.empty())
    a.stream = stream_name_of(a.path);
}

expected<void> check_answers(const scaffold_answers& a) {
  const auto url = lower_case(a.base_url);
  if (url.starts_with("http://") || url.starts_with("https://"))
    return {};
  return fail(errc::bad_arguments, failure_type::config_error,
              "--base-url: '" + a.base_url + "' is no URL: write https://api.example.com");
}

expected<void> write_files(const new_options& o, const scaffold& files) {
  const std::filesystem::path folder{o.folder};
  const std::vector<std::tuple<std::string, std::string, mode_t>> all{
    {"manifest.yaml", files.manifest, readable_by_all},
    {"config.json", files.config, private_file},
    {"catalog.json", files.catalogue, readable_by_all},
    {"manifest.schema.json", manifest_json_schema(), readable_by_all}};
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The folder " + o.folder + " cannot be made: " + problem.message() + ".");
  for (const auto& [name, text, mode] : all)
    if (!o.force && std::filesystem::exists(folder / name))
      return fail(errc::unreadable_file, failure_type::config_error,
                  "There is a file " + (folder / name).string()
                    + " already. Nothing was written. Choose another folder, or replace it with --force.");
  for (const auto& [name, text, mode] : all)
    if (auto written = replace_file((folder / name).string(), text, mode, "file"); !written)
      return written;
  return {};
}

} // namespace

int run_new(const command_line& cl) {
  console c{cl, console::audience::people};
  auto o = cl.fresh;
  complete(o);
  if (auto good = check_answers(o.answers); !good)
    return c.fail(good.error());
  const auto files = make_scaffold(o.answers, simulator::options{}.token);
  // What is written must be what is read.
  if (auto loaded = load_manifest(files.manifest, "manifest.yaml"); !loaded)
    return c.fail(loaded.error());
  if (auto written = write_files(o, files); !written)
    return c.fail(written.error());
  const auto at
    = [&o](const char* name) { return (std::filesystem::path{o.folder} / name).lexically_normal().string(); };
  const bool simulated = o.answers.base_url == simulator_url;
  std::string text
    = "Wrote " + at("manifest.yaml") + ", config.json, catalog.json and manifest.schema.json (for editors).\n";
  const bool open = o.answers.auth == new_auth::none;
  text += simulated ? "Try it:\n  sluice simulate --port 8080 &\n"
          : open    ? "Try it:\n"
                    : "Put your credentials into " + at("config.json") + ", then:\n";
  for (const auto* command : {"check", "read"})
    text += "  sluice " + std::string{command} + " --manifest " + at("manifest.yaml") + " --config " + at("config.json")
            + (std::string_view{command} == "read" ? " --all-streams --limit 5" : "") + "\n";
  text += "What is wrong after a change: sluice validate --manifest " + at("manifest.yaml") + "\n";
  return c.print(text) ? 0 : 1;
}

} // namespace sluice
