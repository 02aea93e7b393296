#include "app/state_keeper.hpp"

#include "messages/protocol.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <filesystem>
#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Takes lines until it does not any more.
class fickle_writer final : public line_writer {
public:
  expected<void> write(std::string_view) override {
    if (broken)
      return fail(errc::output_closed, failure_type::system_error, "gone");
    return {};
  }
  bool broken = false;
};

plan plan_of_two() {
  plan p;
  p.streams.push_back({"a", "", std::nullopt, 0, true, ""});
  p.streams.push_back({"b", "space", std::nullopt, 0, true, ""});
  return p;
}

} // namespace

TEST_CASE("states are in the file when they have been written, beside those of streams that say nothing") {
  temporary_directory files;
  const auto path = files.path("state.json");
  auto out = std::make_shared<fickle_writer>();
  state_keeper keeper{path, {{"a", "", R"({"at":0})"}, {"old", "", R"({"at":7})"}}, plan_of_two(), out};
  REQUIRE(keeper.write(R"({"type":"RECORD","record":{"stream":"a","data":{"x":"{\"type\":\"STATE\","}}})"
                       "\n"));
  REQUIRE(keeper.write(state_line({"a", ""}, R"({"at":1})", 3)));
  REQUIRE(keeper.write(state_line({"a", ""}, R"({"at":2,"b":"},\"sourceStats\":{"})", 1)));
  REQUIRE(keeper.write(state_line({"b", "space"}, R"({"at":3})", 0)));
  out->broken = true;
  CHECK(!keeper.write(state_line({"a", ""}, R"({"at":9})", 0)));
  REQUIRE(keeper.finish());
  auto states = load_state(path);
  REQUIRE(states);
  REQUIRE(states->size() == 3);
  CHECK((*states)[0].json == R"({"at":2,"b":"},\"sourceStats\":{"})");
  CHECK((*states)[1].name == "old");
  CHECK((*states)[1].json == R"({"at":7})");
  CHECK((*states)[2].name_space == "space");
}

TEST_CASE("nothing is written where nothing came, and what cannot be written is told at the end") {
  temporary_directory files;
  const auto path = files.path("state.json");
  {
    state_keeper keeper{path, {{"a", "", "{}"}}, plan_of_two(), std::make_shared<fickle_writer>()};
    CHECK(keeper.finish());
  }
  CHECK(!std::filesystem::exists(path));
  state_keeper keeper{files.path("no/folder/state.json"), {}, plan_of_two(), std::make_shared<fickle_writer>()};
  CHECK(keeper.write(state_line({"a", ""}, "{}", 0)));
  CHECK(!keeper.finish());
}
