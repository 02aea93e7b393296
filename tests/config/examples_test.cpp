#include "config/catalogue.hpp"
#include "config/config_source.hpp"
#include "config/connector_config.hpp"
#include "config/manifest/manifest.hpp"
#include "config/state_file.hpp"
#include "config/tuning.hpp"
#include "messages/protocol.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace sluice;

namespace {

std::string example(const std::string& name) {
  return test::source_directory() + "/config/examples/" + name;
}

} // namespace

TEST_CASE("the example config fits the built-in connector") {
  auto source = load_built_in_manifest();
  REQUIRE(source);
  const auto& specification = (*source)->connection_specification;
  auto config = read_config({example("config.json"), ""}, {}, specification).and_then([&](const std::string& text) {
    return validate_config(text, specification);
  });
  if (!config)
    FAIL(config.error().message);
  CHECK(config->secrets == std::vector<std::string>{"YOUR_ACCESS_TOKEN"});
}

TEST_CASE("the example catalogues ask for streams of the built-in connector") {
  auto source = load_built_in_manifest();
  REQUIRE(source);
  auto all = load_catalogue(example("catalog.json"));
  REQUIRE(all);
  CHECK(all->size() == 8);
  for (const auto& stream : *all) {
    CAPTURE(stream.name);
    CHECK((*source)->find_stream(stream.name) != nullptr);
    CHECK(stream.incremental == (stream.name == "surveys" || stream.name == "survey_responses_bulk"));
  }
  auto incremental = load_catalogue(example("catalog-incremental.json"));
  REQUIRE(incremental);
  REQUIRE(incremental->size() == 1);
  CHECK(incremental->front().name == "surveys");
  CHECK(incremental->front().incremental);
}

TEST_CASE("the example state resumes the surveys") {
  auto states = load_state(example("state.json"));
  REQUIRE(states);
  REQUIRE(states->size() == 1);
  CHECK(states->front().name == "surveys");
  CHECK(states->front().json == R"({"date_modified":1704067200})");
}

TEST_CASE("the example tuning file differs from the defaults") {
  auto t = load_tuning(example("tuning.yaml"), {});
  REQUIRE(t);
  CHECK(t->fetchers.pool_size == 20);
  CHECK(t->emitter.mailbox_bytes == 33554432);
  CHECK(t->http.read_timeout == std::chrono::seconds{30});
}

TEST_CASE("the user guide's loop keeps the states of streams that a later run did not come to") {
  std::ifstream guide{test::source_directory() + "/docs/user-guide.md"};
  const std::string text{std::istreambuf_iterator<char>{guide}, {}};
  const auto heading = text.find("## Under an orchestrator");
  REQUIRE(heading != std::string::npos);
  const auto begin = text.find("```sh\n", heading) + 6;
  const auto loop = text.substr(begin, text.find("```", begin) - begin);
  REQUIRE(loop.find("sluice read") != std::string::npos);

  test::temporary_directory dir;
  const auto state = [](const std::string& stream, int value) {
    return state_line({stream, ""}, "{\"x\":" + std::to_string(value) + "}", 1);
  };
  const std::string record = R"({"type":"RECORD","record":{"stream":"a","data":{"s":"\"type\":\"STATE\""}}})"
                             "\n";
  // Each run prints a file and notes its arguments; the last two were killed early.
  const std::vector<std::string> runs{record + state("a", 1) + state("b", 1) + state("b", 2),
                                      state("a", 2) + record.substr(0, 20), state("a", 3).substr(0, 50)};
  auto script = "cd '" + dir.path("") + "'\nsluice() { echo \"$@\" >> arguments; cat \"run$n\"; return 1; }\n";
  for (std::size_t n = 0; n < runs.size(); ++n) {
    dir.write("run" + std::to_string(n), runs[n]);
    script += "n=" + std::to_string(n) + "\n" + loop;
  }
  REQUIRE(std::system(("sh '" + dir.write("loop.sh", script) + "' > /dev/null").c_str()) == 0);
  const auto states = load_state(dir.path("states.jsonl"));
  REQUIRE(states);
  REQUIRE(states->size() == 2);
  CHECK((*states)[0].json == R"({"x":2})");
  CHECK((*states)[1].json == R"({"x":2})");
  std::ifstream arguments{dir.path("arguments")};
  std::string line;
  for (std::size_t n = 0; std::getline(arguments, line); ++n)
    CHECK((line.find("--state states.jsonl") != std::string::npos) == (n > 0));
}
