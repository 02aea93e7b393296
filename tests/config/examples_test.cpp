#include "config/catalogue.hpp"
#include "config/config_source.hpp"
#include "config/connector_config.hpp"
#include "config/language/value.hpp"
#include "config/manifest/manifest.hpp"
#include "config/state_file.hpp"
#include "config/tuning.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

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

TEST_CASE("the example catalogue overwrites nothing with which a stopped sync goes on later") {
  auto source = load_built_in_manifest();
  REQUIRE(source);
  std::ifstream file{example("catalog.json")};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto catalogue = language::parse_json(text);
  REQUIRE(catalogue);
  for (const auto& stream : *catalogue->find("streams")->as_list()) {
    const auto& name = *stream.find("stream")->find("name")->as_string();
    CAPTURE(name);
    CHECK(((*source)->find_stream(name)->has_parent || name == "surveys"));
    CHECK(*stream.find("destination_sync_mode")->as_string() == "append");
  }
}
