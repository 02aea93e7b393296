// What one does on a shell: streams by name, states in a file, help.

#include "config/state_file.hpp"
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;

namespace {

program_result run_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SLUICE_BINARY);
  return run_program(arguments);
}

sync_result read_streams(const simulated_account& a, std::vector<std::string> arguments,
                         const std::string& more_config = {}) {
  arguments.insert(arguments.begin(), {"read", "--config", a.config(more_config), "--progress", "never"});
  return sync_result{run_with(std::move(arguments))};
}

std::string text_of_file(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> streams_in(const protocol_output& messages) {
  std::set<std::string> result;
  for (const auto& [stream, all] : messages.statuses)
    result.insert(stream);
  return result;
}

std::map<std::string, std::string> states_in(const std::string& path) {
  std::map<std::string, std::string> result;
  auto states = load_state(path);
  REQUIRE(states);
  for (const auto& s : *states)
    result[s.name] = s.json;
  return result;
}

} // namespace

// -- streams by name -------------------------------------------------------------------

TEST_CASE("streams are chosen by names, lists, patterns and exclusions, incrementally where they can be") {
  simulated_account a;
  using names = std::set<std::string>;
  const std::vector<std::pair<std::vector<std::string>, names>> cases{
    {{"--stream", "surveys,survey_details"}, {"surveys", "survey_details"}},
    {{"--stream", "surveys", "--stream", "survey_pages"}, {"surveys", "survey_pages"}},
    {{"--stream", "survey_responses*"}, {"survey_responses", "survey_responses_bulk"}},
    {{"--stream", "survey_*", "--exclude", "survey_responses*,survey_details"},
     {"survey_pages", "survey_questions", "survey_collectors"}},
    {{"--exclude", "*e*"}, {}},
    {{"--exclude", "survey_*,collectors"}, {"surveys"}}};
  for (const auto& [arguments, wanted] : cases) {
    auto r = read_streams(a, arguments);
    INFO(describe(r));
    CHECK(r.exit_code == (wanted.empty() ? 2 : 0));
    CHECK(streams_in(r.messages) == wanted);
  }
  auto all = read_streams(a, {"--all-streams"});
  INFO(describe(all));
  CHECK(all.exit_code == 0);
  for (const auto& stream : all_streams())
    CHECK(all.messages.record_set(stream) == a.expected(stream));
  const auto state = a.files().write("state.json", all.messages.state_file());
  CHECK(read_streams(a, {"--stream", "surveys", "--state", state}).messages.records["surveys"].size() <= 1);
  CHECK(read_streams(a, {"--stream", "surveys", "--state", state, "--full-refresh"}).messages.records["surveys"].size()
        == 12);
}

TEST_CASE("a stream that is not there is told with the nearest, before anything is asked") {
  simulated_account a;
  for (const auto* verb : {"read", "plan"}) {
    auto r = run_with({verb, "--config", a.config(), "--stream", "survey_detials"});
    INFO(describe(r));
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK(r.err.find(R"(Did you mean "survey_details"?)") != std::string::npos);
  }
  auto none = run_with({"read", "--config", a.config()});
  CHECK(none.exit_code == 2);
  CHECK(none.err.find("--all-streams") != std::string::npos);
  auto both = run_with({"read", "--config", a.config(), "--catalog", a.catalog({"surveys"}), "--stream", "surveys"});
  CHECK(both.exit_code == 2);
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("a limit asks for no more than its records need, and its states claim no others") {
  simulator::options o = small_account();
  o.account.surveys = 40;
  o.account.responses = {5, 60};
  simulated_account a{o};
  const std::string settings = R"("page_size":10)";
  auto one = read_streams(a, {"--stream", "surveys", "--limit", "5"}, settings + R"(,"slice_range_days":10000)");
  INFO(describe(one));
  CHECK(one.exit_code == 0);
  CHECK(one.messages.records["surveys"].size() == 5);
  CHECK(a.server().statistics().requests == 1);
  CHECK(one.messages.last_status("surveys") == "INCOMPLETE");
  CHECK(one.messages.errors.empty());
  CHECK(one.err.find("limited") != std::string::npos);

  auto all = read_streams(a, {"--all-streams", "--limit", "7"}, settings);
  INFO(describe(all));
  CHECK(all.exit_code == 0);
  for (const auto& stream : all_streams())
    CHECK(all.messages.records[stream].size() == 7);
  auto rest
    = read_streams(a, {"--all-streams", "--state", a.files().write("state.json", all.messages.state_file())}, settings);
  CHECK(rest.exit_code == 0);
  for (const auto& stream : all_streams()) {
    INFO(stream);
    auto seen = all.messages.record_set(stream);
    seen.merge(rest.messages.record_set(stream));
    auto wanted = a.expected(stream);
    CHECK(std::set<std::string>(seen.begin(), seen.end()) == std::set<std::string>(wanted.begin(), wanted.end()));
  }
}

TEST_CASE(
  "what discover --configured prints is a catalogue that read takes, and overwrites nothing that goes on later") {
  simulated_account a;
  auto r = run_with({"discover", "--config", a.config(), "--configured"});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  CHECK(r.out.find(R"("sync_mode":"incremental","cursor_field":["date_modified"])") != std::string::npos);
  CHECK(r.out.find("overwrite") == std::string::npos);
  auto read = read_streams(a, {"--catalog", a.files().write("configured.json", r.out)});
  INFO(describe(read));
  CHECK(read.exit_code == 0);
  CHECK(streams_in(read.messages).size() == all_streams().size());
}

// -- the state file ----------------------------------------------------------------------

TEST_CASE("a state file is made, read and replaced; streams that a run does not read keep their states") {
  simulated_account a;
  const auto file = a.files().path("kept.json");
  auto first = read_streams(a, {"--stream", "surveys", "--state-file", file});
  INFO(describe(first));
  REQUIRE(first.exit_code == 0);
  CHECK(states_in(file).at("surveys") == first.messages.last_state("surveys")->json);
  CHECK(!std::filesystem::exists(file + ".lock"));
  CHECK(!std::filesystem::exists(file + ".tmp"));
  const auto surveys = states_in(file).at("surveys");

  auto second = read_streams(a, {"--stream", "survey_responses_bulk", "--state-file", file});
  REQUIRE(second.exit_code == 0);
  CHECK(states_in(file).at("surveys") == surveys);
  CHECK(states_in(file).contains("survey_responses_bulk"));

  auto third = read_streams(a, {"--stream", "surveys", "--state-file", file});
  CHECK(third.messages.records["surveys"].size() <= 1);
}

TEST_CASE("a run that is killed at any moment leaves a state file that covers no record that was not printed") {
  simulator::options o = small_account();
  o.account.surveys = 40;
  o.account.responses = {0, 60};
  o.latency = std::chrono::milliseconds{1};
  simulated_account a{o};
  const std::string settings = R"("page_size":7,"slice_range_days":90,"num_workers":6)";
  const auto file = a.files().path("kept.json");
  const auto whole = read_streams(a, {"--all-streams"}, settings).out.size();
  std::mt19937_64 random{7};
  for (int round = 0; round < 12; ++round) {
    // States of an earlier run, of a stream that this one does not read, are there afterwards.
    a.files().write("kept.json", R"({"another":{"x":1}})");
    const auto moment = random() % whole;
    INFO("killed after " << moment << " bytes of stdout");
    program p{{SLUICE_BINARY, "read", "--config", a.config(settings), "--all-streams", "--progress", "never",
               "--state-file", file}};
    p.wait_for_bytes(moment);
    p.send(SIGKILL);
    auto ended = p.wait();
    sync_result first{std::move(ended)};
    CHECK(states_in(file).at("another") == R"({"x":1})");

    auto rest = read_streams(a, {"--all-streams", "--state-file", file}, settings);
    INFO(describe(rest));
    REQUIRE(rest.exit_code == 0);
    CHECK(states_in(file).at("another") == R"({"x":1})");
    auto surveys = first.messages.ids("surveys");
    for (const auto& id : rest.messages.ids("surveys"))
      surveys.insert(id);
    REQUIRE(surveys == a.survey_ids());
    for (const auto& stream : all_streams()) {
      INFO(stream);
      auto seen = first.messages.record_set(stream);
      seen.merge(rest.messages.record_set(stream));
      auto wanted = a.expected(stream);
      REQUIRE(std::set<std::string>(seen.begin(), seen.end()) == std::set<std::string>(wanted.begin(), wanted.end()));
    }
  }
}

TEST_CASE(
  "a state file that would lose something, is no file, or belongs to another run is refused before any request") {
  simulated_account a;
  const auto messages = a.files().write(
    "messages.jsonl", R"({"type":"RECORD","record":{"stream":"surveys","data":{"id":"1"},"emitted_at":1}})"
                      "\n");
  const auto catalogue = a.files().write("catalog.json", R"({"type":"CATALOG","catalog":{"streams":[]}})");
  for (const auto& file : {messages, catalogue, std::string{"/dev/null"}, a.files().path("no/such/folder/state.json"),
                           a.files().write("empty.json", "")}) {
    const auto before = file.starts_with("/dev") ? std::string{} : text_of_file(file);
    auto r = read_streams(a, {"--stream", "surveys", "--state-file", file});
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    REQUIRE(r.messages.errors.size() == 1);
    CHECK(r.messages.errors[0].failure_type == "config_error");
    if (!file.starts_with("/dev"))
      CHECK(text_of_file(file) == before);
  }
  CHECK(a.server().statistics().requests == 0);

  a.server().hold("/surveys");
  const auto file = a.files().path("shared.json");
  program holder{{SLUICE_BINARY, "read", "--config", a.config(), "--stream", "surveys", "--progress", "never",
                  "--state-file", file}};
  REQUIRE(a.server().wait_until_held(1, patience));
  auto second = read_streams(a, {"--stream", "surveys", "--state-file", file});
  CHECK(second.exit_code == 1);
  REQUIRE(second.messages.errors.size() == 1);
  CHECK(second.messages.errors[0].message.find("in use by another run") != std::string::npos);
  a.server().release();
  CHECK(holder.wait().exit_code == 0);
  CHECK(read_streams(a, {"--stream", "surveys", "--state-file", file}).exit_code == 0);
}

TEST_CASE("states are shown, merged and reset, of lists, legacy objects and messages with a torn last line") {
  temporary_directory files;
  const auto list = files.write("list.json", R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},)"
                                             R"("stream_state":{"date_modified":1}}}])");
  const auto legacy = files.write("legacy.json", R"({"surveys":{"date_modified":2},"orders":{"at":"x"}})");
  const auto messages = files.write(
    "run.jsonl",
    R"({"type":"RECORD","record":{"stream":"surveys","data":{"id":"1"},"emitted_at":1}})"
    "\n"
    R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},"stream_state":{"date_modified":3}}}})"
    "\n"
    R"({"type":"STATE","state":{"type":"STREAM","stre)");
  auto shown = run_with({"state", "show", messages});
  INFO(describe(shown));
  CHECK(shown.exit_code == 0);
  CHECK(shown.out.find("surveys") != std::string::npos);
  CHECK(shown.out.find(R"({"date_modified":3})") != std::string::npos);

  auto merged = run_with({"state", "merge", list, legacy, messages});
  CHECK(merged.exit_code == 0);
  const auto file = files.write("merged.json", merged.out);
  CHECK(states_in(file)
        == std::map<std::string, std::string>{{"surveys", R"({"date_modified":3})"}, {"orders", R"({"at":"x"})"}});
  CHECK(run_with({"state", "show", messages, "--json"}).out == run_with({"state", "merge", messages}).out);

  auto reset = run_with({"state", "reset", "sur*", file});
  CHECK(reset.out.find("orders") != std::string::npos);
  CHECK(reset.out.find("surveys") == std::string::npos);
  CHECK(states_in(file).size() == 2);
  CHECK(run_with({"state", "reset", "orders", file, "--in-place"}).exit_code == 0);
  CHECK(states_in(file).size() == 1);
  auto unknown = run_with({"state", "reset", "survey", file});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find(R"(Did you mean "surveys"?)") != std::string::npos);
  CHECK(run_with({"state", "reset", "surveys", messages, "--in-place"}).exit_code == 1);
  CHECK(run_with({"state", "merge", list, legacy, "--output", legacy}).exit_code == 0);
  CHECK(states_in(legacy).at("surveys") == R"({"date_modified":2})");
}

// -- words -------------------------------------------------------------------------------

TEST_CASE("unknown commands and options, and numbers that cannot be, are told as a person would") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
    {{"raed"}, "Did you mean 'read'?"},
    {{"state", "shwo"}, "Did you mean 'show'?"},
    {{"state"}, "show, merge, reset"},
    {{"read", "--confg", "c"}, "Did you mean '--config'?"},
    {{"read", "--config", "c", "--all-streams", "--sumary=x"}, "Did you mean '--summary'?"},
    {{"demo", "--surveys", "-5"}, "'-5' is no whole number from 0 to 1,000,000"},
    {{"demo", "--surveys", "99999999999999999999"}, "0 to 1,000,000"},
    {{"demo", "--num-workers", "0"}, "1 to 1,000"},
    {{"demo", "--max-requests", "0"}, "1 to 1,000,000,000"},
    {{"demo", "--latency", "900d"}, "a year"},
    {{"simulate", "--port", "70000"}, "0 to 65,535"},
    {{"read", "--config", "c", "--stream"}, "--stream needs a value: --stream NAME[,NAME...]."},
    {{"check"}, "One of these is needed: --config,--config-env."},
    {{"spec", "extra"}, "Nothing was expected at 'extra'"},
    {{"read", "--config", "c", "--stream", "a", "--limit", "0"}, "1 to 1,000,000,000,000"}};
  for (const auto& [arguments, words] : cases) {
    auto r = run_with(arguments);
    INFO(describe(r));
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK(r.err.find(words) != std::string::npos);
  }
  auto alone = run_with({});
  CHECK(alone.exit_code == 2);
  CHECK(alone.err.find("Usage: sluice COMMAND") != std::string::npos);
  CHECK(alone.err.find("demo") != std::string::npos);
}

TEST_CASE("help fits 80 columns, and says the same however it is asked for") {
  auto program_help = run_with({"--help"});
  CHECK(run_with({"help"}).out == program_help.out);
  for (const auto* command : {"read", "check", "discover", "spec", "plan", "demo", "simulate", "top", "new", "validate",
                              "components", "completions", "help"}) {
    auto help = run_with({command, "--help"});
    INFO(describe(help));
    CHECK(help.exit_code == 0);
    CHECK(run_with({"help", command}).out == help.out);
    CHECK(program_help.out.find("\n  " + std::string{command}) != std::string::npos);
    std::istringstream lines{help.out};
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 80);
    }
  }
  CHECK(run_with({"help", "trace", "show"}).out == run_with({"trace", "show", "--help"}).out);
  // Only what the verb has a use for.
  CHECK(run_with({"spec", "--help"}).out.find("--trace") == std::string::npos);
  CHECK(run_with({"spec", "--trace", "x", "--progress", "never", "--set", "http.max_retries=1"}).exit_code == 0);
  CHECK(run_with({"read", "--help"}).out.find("fatal, error,") != std::string::npos);
}

TEST_CASE("manual pages and completions are made for every command") {
  temporary_directory files;
  auto written = run_with({"help", "--man-pages", files.path(".")});
  INFO(describe(written));
  CHECK(written.exit_code == 0);
  for (const auto* name : {"sluice.1", "sluice-read.1", "sluice-trace-show.1", "sluice-state-reset.1"}) {
    const auto page = text_of_file(files.path(name));
    INFO(name);
    CHECK(page.starts_with(".TH "));
    CHECK(page.find(".SH SYNOPSIS") != std::string::npos);
  }
  CHECK(text_of_file(files.path("sluice-read.1")).find("\\-\\-state\\-file") != std::string::npos);
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    auto r = run_with({"completions", shell});
    INFO(shell);
    CHECK(r.exit_code == 0);
    CHECK(r.out.find("state-file") != std::string::npos);
  }
  CHECK(run_with({"completions", "tcsh"}).exit_code == 2);
  // What bash makes of it.
  const auto script = files.write("completion.bash", run_with({"completions", "bash"}).out);
  auto complete = [&](const std::string& words) {
    return run_program({"/bin/bash", "-c",
                        "source " + script + "; COMP_WORDS=(" + words
                          + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sluice; echo \"${COMPREPLY[*]}\""})
      .out;
  };
  CHECK(complete("sluice re") == "read\n");
  CHECK(complete("sluice state me") == "merge\n");
  CHECK(complete("sluice read --state-") == "--state-file\n");
  CHECK(complete("sluice read --log-level wa") == "warn\n");
  CHECK(complete("sluice completions f") == "fish\n");
  CHECK(complete("sluice help --man-") == "--man-pages\n");
}

TEST_CASE("what fish and zsh make of their completions, where they are installed") {
  temporary_directory files;
  const auto there = [](const std::string& shell) { return ::access(("/usr/bin/" + shell).c_str(), X_OK) == 0; };
  if (there("fish")) {
    const auto script = files.write("sluice.fish", run_with({"completions", "fish"}).out);
    const auto complete = [&](const std::string& words) {
      auto r
        = run_program({"/usr/bin/fish", "--no-config", "-c", "source " + script + "; complete -C '" + words + "'"});
      CHECK(r.err.empty());
      return r.out;
    };
    CHECK(complete("sluice re").starts_with("read\t"));
    CHECK(complete("sluice state me") == "merge\n");
    CHECK(complete("sluice read --state-").starts_with("--state-file\t"));
    CHECK(complete("sluice read --log-level wa").starts_with("warn\t"));
    CHECK(complete("sluice trace show --ga").starts_with("--gantt\t"));
    CHECK(complete("sluice completions f").starts_with("fish"));
  }
  if (there("zsh")) {
    files.write("_sluice", run_with({"completions", "zsh"}).out);
    // What is on the line after the first press of Tab.
    const auto complete = [&](const std::string& words) {
      const auto driver
        = files.write("driver.zsh", "zmodload zsh/zpty\nzpty z zsh -f -i\n"
                                    "zpty -w z \"PS1=; fpath=("
                                      + files.path(".")
                                      + " \\$fpath); autoload -Uz compinit; compinit -u -D; print ready\"\n"
                                        "zpty -r -m z line '*ready*ready*'\n"
                                        "zpty -n -w z $'"
                                      + words
                                      + "\\t\\x01print -r -- \"LINE<\\x05>\"\\n'\n"
                                        "zpty -r -m z line $'*\\nLINE<*>*'\nprint -r -- $line\nzpty -d z\n");
      auto r = run_program({"/usr/bin/zsh", "-f", driver});
      const std::string mark = "\nLINE<";
      const auto begin = r.out.rfind(mark);
      const auto end = r.out.rfind('>');
      return begin == std::string::npos ? r.out + r.err : r.out.substr(begin + mark.size(), end - begin - mark.size());
    };
    CHECK(complete("sluice re") == "sluice read");
    CHECK(complete("sluice state me") == "sluice state merge");
    CHECK(complete("sluice read --state-") == "sluice read --state-file");
    CHECK(complete("sluice completions f") == "sluice completions fish");
  }
}

TEST_CASE("config show says what applies and what says so") {
  temporary_directory files;
  const auto tuning = files.write("my.yaml", "http:\n  read_timeout: 20s\n");
  auto r = run_with({"config", "show", "--tuning", tuning, "--set", "fetchers.pool_size=3"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  auto line_of = [&r](const std::string& key) {
    const auto at = r.out.find(key);
    return at == std::string::npos ? std::string{} : r.out.substr(at, r.out.find('\n', at) - at);
  };
  CHECK(line_of("http.read_timeout").find("20s") != std::string::npos);
  CHECK(line_of("http.read_timeout").find(", line 2") != std::string::npos);
  CHECK(line_of("fetchers.pool_size").find("--set") != std::string::npos);
  CHECK(line_of("http.connect_timeout").find("default") != std::string::npos);
  CHECK(line_of("emitter.mailbox_bytes").find("8MiB") != std::string::npos);
  CHECK(line_of("emitter.mailbox_bytes").find("default; grows with the pool") != std::string::npos);
  CHECK(run_with({"config", "show", "--set", "fetchers.pool_sise=3"}).exit_code == 1);
}

TEST_CASE("an output without room is told, and the exit code is 1") {
  simulated_account a;
  const auto shell = [&](const std::string& line) {
    return run_program({"/bin/sh", "-c", "exec " + std::string{SLUICE_BINARY} + " " + line});
  };
  const auto config = a.config();
  const std::vector<std::string> lines{"spec > /dev/full",
                                       "--help > /dev/full",
                                       "--version > /dev/full",
                                       "help read > /dev/full",
                                       "components > /dev/full",
                                       "completions bash > /dev/full",
                                       "validate > /dev/full",
                                       "discover --config " + config + " > /dev/full",
                                       "plan --config " + config + " > /dev/full",
                                       "check --config " + config + " > /dev/full",
                                       "read --config " + config + " --stream surveys > /dev/full"};
  for (const auto& line : lines) {
    auto r = shell(line);
    INFO(line << "\n" << describe(r));
    CHECK(r.exit_code == 1);
    CHECK(r.err.find("No space left") != std::string::npos);
  }
  auto summary = read_streams(a, {"--stream", "surveys", "--summary", "/dev/full"});
  INFO(describe(summary));
  CHECK(summary.exit_code == 1);
  CHECK(summary.err.find("No space left") != std::string::npos);
  // Of a run that could not write, requests may still be on their way.
  simulated_account unasked;
  auto nowhere
    = read_streams(unasked, {"--stream", "surveys", "--summary", unasked.files().path("no/such/folder/s.json")});
  CHECK(nowhere.exit_code == 1);
  CHECK(unasked.server().statistics().requests == 0);
}

TEST_CASE("the demo takes its pool from the tuning, unless it is said otherwise") {
  const std::vector<std::string> small{"demo", "--surveys", "3", "--latency", "1ms", "--set", "fetchers.pool_size=3"};
  CHECK(run_with(small).err.find("with 3 fetchers") != std::string::npos);
  auto said = small;
  said.insert(said.end(), {"--num-workers", "2"});
  CHECK(run_with(said).err.find("with 2 fetchers") != std::string::npos);
}
