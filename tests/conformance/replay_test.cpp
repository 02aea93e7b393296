// The real program against what the reference printed and asked: the cases of this folder. SLUICE_CASES names some of
// them, or families, with blanks between.

#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"
#include "tests/conformance/scripted_api.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// The moment at which the reference was recorded, too: record.py.
constexpr const char* frozen_clock = "FROZEN_CLOCK=1772361072.345678"; // 2026-03-01T10:31:12.345678Z

std::vector<std::string> chosen_cases() {
  const char* wanted = std::getenv("SLUICE_CASES");
  if (wanted == nullptr || *wanted == '\0')
    return all_cases();
  std::vector<std::string> result;
  std::istringstream words{wanted};
  for (std::string word; words >> word;) {
    const auto before = result.size();
    for (const auto& name : all_cases())
      if (name == word || name.rfind(word + "/", 0) == 0)
        result.push_back(name);
    if (result.size() == before)
      throw std::runtime_error{"there is no case " + word};
  }
  return result;
}

/// With the name that the case gives the API in place of its address, also where it is encoded.
std::string with_case_host(std::string text, const std::string& address) {
  replace_all(text, address, case_host);
  auto encoded = address;
  replace_all(encoded, ":", "%3A");
  replace_all(text, encoded, case_host);
  return text;
}

/// What it said about errors.
std::string errors_of(const std::string& printed) {
  std::string result;
  std::istringstream lines{printed};
  for (std::string line; std::getline(lines, line);)
    if (line.find(R"("level":"ERROR")") != std::string::npos || line.find(R"("level":"WARN")") != std::string::npos
        || line.find(R"("type":"ERROR")") != std::string::npos)
      result += line + "\n";
  return result;
}

/// What Sluice prints and asks; `talk` becomes what it wrote for people.
outcome run_case(const conformance_case& c, scripted_api& api, std::string& talk) {
  const temporary_directory files;
  const auto manifest = files.write("manifest.yaml", c.manifest);
  const auto catalog = files.write("catalog.json", c.catalog);
  const auto state = files.write("state.json", c.state);
  for (const auto& [path, content] : c.files) {
    std::filesystem::create_directories(std::filesystem::path{files.path(path)}.parent_path());
    files.write(path, content);
  }
  outcome result;
  for (const auto& command : c.commands) {
    api.play(c.routes, c.headers);
    const auto config = files.write("config.json", c.config); // a command may have changed it
    std::vector<std::string> words{
      "/usr/bin/env", "LD_PRELOAD=" SLUICE_FROZEN_CLOCK, frozen_clock, "TZ=UTC", SLUICE_BINARY, command, "--manifest",
      manifest};
    if (command != "spec")
      words.insert(words.end(), {"--config", config});
    if (command == "read") {
      words.insert(words.end(), {"--catalog", catalog, "--state", state});
      for (const auto& setting : c.settings)
        words.insert(words.end(), {"--set", setting});
    }
    const auto ended = run_program(words);
    const auto printed = with_case_host(ended.out, api.address());
    talk += "--- " + command + " ended with " + std::to_string(ended.exit_code) + "\n" + errors_of(printed);
    add_output(result, command, printed, c.partition_by);
    if (ended.timed_out || ended.signal != 0)
      result["how it ended"] = {ended.timed_out ? "not at all" : "by signal " + std::to_string(ended.signal)};
    if (command == "read") {
      std::vector<language::value> requests;
      for (const auto& x : api.requests())
        requests.push_back(*language::parse_json(with_case_host(language::to_json(x), api.address())));
      add_requests(result, requests, c.count_requests);
    }
  }
  return result;
}

/// True if the reference says that there is nothing to keep of a stream that failed. What we keep of it is our own.
bool is_state_of_failure(const outcome& expected, const std::string& part) {
  if (part.rfind("states.", 0) != 0)
    return false;
  auto stream = part.substr(part.find('.') + 1);
  auto status = expected.find("statuses." + stream);
  auto state = expected.find(part);
  return status != expected.end() && status->second == std::vector<std::string>{"INCOMPLETE"} && state != expected.end()
         && state->second == std::vector<std::string>{R"({"__ab_no_cursor_state_message":true})"};
}

/// What is wrong, part by part; empty if nothing is. A difference on purpose must be there, and be what it is said to
/// be.
std::string complaints(const conformance_case& c, const outcome& here) {
  auto expected = recorded_outcome(read_recording(c), c.partition_by);
  std::string result;
  for (const auto& x : c.differences) {
    auto part = written_part(x.what, x.here, c.partition_by);
    if (x.why.empty())
      result += "  " + x.what + " differs, but the case does not say why\n";
    if (part == expected[x.what])
      result += "  " + x.what + " is said to differ, but `here` is what the reference has\n";
    if (part.empty())
      expected.erase(x.what);
    else
      expected[x.what] = std::move(part);
  }
  std::set<std::string> parts;
  for (const auto& [name, x] : expected)
    parts.insert(name);
  for (const auto& [name, x] : here)
    parts.insert(name);
  auto part_of = [](const outcome& all, const std::string& name) {
    auto found = all.find(name);
    return found == all.end() ? std::vector<std::string>{} : found->second;
  };
  for (const auto& name : parts) {
    auto text = difference(part_of(expected, name), part_of(here, name));
    if (!text.empty() && !is_state_of_failure(expected, name))
      result += "  " + name + "\n" + text;
  }
  return result;
}

} // namespace

TEST_CASE("the program prints and asks what the reference does") {
  scripted_api api;
  std::size_t equal = 0;
  std::size_t on_purpose = 0;
  std::string waiting;
  for (const auto& name : chosen_cases()) {
    std::string talk;
    std::string wrong;
    conformance_case c;
    try {
      c = read_case(name, api.address());
      wrong = complaints(c, run_case(c, api, talk));
    } catch (const std::runtime_error& e) {
      FAIL_CHECK(name << ": " << e.what());
      continue;
    }
    if (!c.pending.empty()) {
      waiting += "  " + name + ": " + c.pending + "\n";
      if (wrong.empty())
        FAIL_CHECK(name << ": it is as the reference has it: it is pending no more");
      continue;
    }
    if (wrong.empty())
      ++(c.differences.empty() ? equal : on_purpose);
    else
      FAIL_CHECK(name << "\n" << wrong << talk);
  }
  std::cout << "conformance: " << equal << " cases as the reference, " << on_purpose << " differ on purpose\n";
  if (!waiting.empty())
    std::cout << "pending:\n" << waiting;
  CHECK(equal + on_purpose > 0);
}
