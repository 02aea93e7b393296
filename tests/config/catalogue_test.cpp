#include "config/catalogue.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temporary_file.hpp"

#include <string>

using namespace sluice;

namespace {

const std::string sample = R"({"streams": [
  {"stream": {"name": "surveys", "json_schema": {"type": "object"}, "supported_sync_modes": ["full_refresh"]},
   "sync_mode": "incremental", "destination_sync_mode": "append", "cursor_field": ["date_modified"]},
  {"stream": {"name": "surveys", "namespace": "eu"}, "sync_mode": "full_refresh", "generation_id": 1},
  {"stream": {"name": "pages", "namespace": null}, "sync_mode": "full_refresh", "unknown": true}
], "more": 1})";

std::string complaint(std::string_view text) {
  auto result = parse_catalogue(text);
  REQUIRE(!result);
  CHECK(result.error().code == errc::bad_catalog);
  CHECK(result.error().failure == failure_type::config_error);
  return result.error().message;
}

bool complains(std::string_view text, const std::string& part) {
  auto message = complaint(text);
  CAPTURE(message, part);
  return message.find(part) != std::string::npos;
}

std::string stream(const std::string& name) {
  return R"({"stream": {"name": ")" + name + R"("}, "sync_mode": "full_refresh"})";
}

} // namespace

TEST_CASE("a catalogue lists its streams in order") {
  auto streams = parse_catalogue(sample);
  REQUIRE(streams);
  REQUIRE(streams->size() == 3);
  CHECK((*streams)[0].name == "surveys");
  CHECK((*streams)[0].name_space == "");
  CHECK((*streams)[0].incremental);
  CHECK((*streams)[1].name_space == "eu");
  CHECK_FALSE((*streams)[1].incremental);
  CHECK((*streams)[2].name == "pages");
  CHECK((*streams)[2].name_space == "");
}

TEST_CASE("a catalogue without streams is valid") {
  auto streams = parse_catalogue(R"({"streams": []})");
  REQUIRE(streams);
  CHECK(streams->empty());
}

TEST_CASE("a fault of a catalogue is named with its path") {
  CHECK(complaint("{}")
        == "The configured catalogue is not valid: streams: expected a list, found nothing. Nothing was read.");
  CHECK(complains("[]", R"(expected an object with a list at "streams", found a list)"));
  CHECK(complains(R"({"streams": {}})", "streams: expected a list, found an object"));
  CHECK(complains(R"({"streams": [1]})", "streams[0]: expected an object, found 1"));
  CHECK(complains(R"({"streams": [{}]})", "streams[0].stream: expected an object, found nothing"));
  CHECK(complains(R"({"streams": [{"stream": {}}]})",
                  "streams[0].stream.name: expected the name of a stream, found nothing"));
  CHECK(complains(R"({"streams": [{"stream": {"name": ""}}]})",
                  R"(streams[0].stream.name: expected the name of a stream, found "")"));
  CHECK(complains(R"({"streams": [{"stream": {"name": "a", "namespace": 5}, "sync_mode": "incremental"}]})",
                  "streams[0].stream.namespace: expected a string or null, found 5"));
  CHECK(complains(R"({"streams": [)" + stream("a") + R"(, {"stream": {"name": "b"}, "sync_mode": "delta"}]})",
                  R"(streams[1].sync_mode: expected "full_refresh" or "incremental", found "delta")"));
  CHECK(complains(R"({"streams": [{"stream": {"name": "b"}}]})", "streams[0].sync_mode: expected"));
  CHECK(complains(R"({"streams": [)" + stream("a") + "," + stream("b") + "," + stream("a") + "]}",
                  R"(streams[2]: the stream "a" is already at streams[0])"));
  CHECK(complains(R"({"streams": [)",
                  "it is not valid JSON: it ends before the JSON document is complete (line 1, column 14)"));
}

TEST_CASE("the output of discover is recognised and explained") {
  CHECK(
    complains(R"({"type": "CATALOG", "catalog": {"streams": []}})", "it is a CATALOG message, as discover prints it"));
}

TEST_CASE("a catalogue is read from a file") {
  test::temporary_directory dir;
  CHECK(load_catalogue(dir.write("k.json", sample))->size() == 3);
  CHECK(load_catalogue(dir.path("none")).error().code == errc::unreadable_file);
  CHECK(load_catalogue(dir.write("bad.json", "[")).error().code == errc::bad_catalog);
}

TEST_CASE("no bytes given as a catalogue crash its loader") {
  CHECK(rc::check("mutated catalogues end in streams or a clear error", [] {
    auto result = parse_catalogue(*rc::gen::oneOf(test::random_bytes(), test::mutations_of(sample)));
    if (!result)
      RC_ASSERT(result.error().code == errc::bad_catalog);
  }));
}
