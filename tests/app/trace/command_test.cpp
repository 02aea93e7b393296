#include "app/cli.hpp"
#include "app/commands.hpp"
#include "tests/app/trace/trace_text.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <vector>

using namespace sluice;

namespace {

parsed_command_line parse_all(const std::vector<const char*>& words) {
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

parsed_command_line parse(std::vector<const char*> words) {
  words.insert(words.begin(), {"sluice", "trace", "show", "FILE"});
  return parse_all(words);
}

} // namespace

TEST_CASE("each view of trace show can be asked for") {
  CHECK(parse({}).command->trace_slice.empty());
  CHECK(parse({"--actors"}).command->command == verb::trace_show);
  auto slice = parse({"--slice", "surveys 2020", "--as", "Mermaid"});
  CHECK(slice.command->trace_slice == "surveys 2020");
  CHECK(slice.command->trace_as == trace_form::mermaid);
  CHECK(parse({"--slowest", "7"}).command->trace_slowest == 7);
  CHECK(parse({"--gantt"}).command->trace_rows == 40);
  CHECK(parse({"--gantt", "--limit", "9"}).command->trace_rows == 9);
  CHECK(parse({"--why", "surveys/a/b"}).command->trace_record == "surveys/a/b");
  CHECK(parse({"--html", "o.html"}).command->trace_html == "o.html");
}

TEST_CASE("combinations of trace show that make no sense are usage errors") {
  std::vector<std::vector<const char*>> wrong{
    {"--gantt", "--actors"},
    {"--slice", "a", "--why", "a/b"},
    {"--as", "table"},
    {"--gantt", "--as", "table"},
    {"--limit", "3"},
    {"--slowest", "3", "--limit", "3"},
    {"--slowest", "0"},
    {"--slice", ""},
    {"--slice", "a", "--as", "picture"},
    {"--why", "surveys"},
    {"--why", "/1"},
    {"--why", "surveys/"},
    {"--html", ""},
    {"--html", "o", "--gantt"},
  };
  for (const auto& words : wrong) {
    INFO(words.front());
    auto parsed = parse(words);
    CHECK(!parsed.command);
    CHECK(parsed.exit_code == 2);
  }
}

TEST_CASE("what narrows a trace needs one") {
  CHECK(parse_all({"sluice", "demo", "--trace-limit", "9", "--trace-filter", "actor=fetcher", "--trace", "t"}).command);
  CHECK(parse_all({"sluice", "demo", "--trace-limit", "9"}).exit_code == 2);
  CHECK(parse_all({"sluice", "demo", "--trace-filter", "actor=fetcher"}).exit_code == 2);
}

TEST_CASE("a top that changes a run does not look at it") {
  CHECK(parse_all({"sluice", "top", "s", "--set", "pool_size=3", "--set", "minute=9"}).command->settings.size() == 2);
  for (const auto* flag : {"--once", "--json"})
    CHECK(parse_all({"sluice", "top", "s", "--set", "pool_size=3", flag}).exit_code == 2);
  CHECK(parse_all({"sluice", "top", "s", "--set", "pool_size=3", "--interval", "2s"}).exit_code == 2);
}

TEST_CASE("trace show fails if what was asked for is not in the trace") {
  test::temporary_directory directory;
  auto file = directory.write("trace.json", test::small_run().whole());
  auto exit_code = [&file](const char* option, const char* value) {
    std::vector<const char*> words{"sluice", "trace", "show", file.c_str(), option, value};
    auto parsed = parse_command_line(static_cast<int>(words.size()), words.data());
    REQUIRE(parsed.command);
    return run_trace_show(*parsed.command);
  };
  CHECK(exit_code("--slice", "nobody") == 1);
  CHECK(exit_code("--slice", "survey_details/survey_id") == 0);
  CHECK(exit_code("--why", "surveys/9") == 1);
  CHECK(exit_code("--why", "surveys/2") == 0);
}
