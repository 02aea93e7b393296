#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <random>

using namespace sluice;
using namespace sluice::test;

TEST_CASE(
  "a run that is said to stand still at any moment ends at once, with every stream's end and a true exit code") {
  std::size_t stalled = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random{seed};
    auto api = std::make_shared<fake_api>(fake_api::random_surveys(seed, 6, 1'577'836'800, 1'700'000'000));
    run_case c;
    c.schedule_seed = seed;
    // The whole run takes about 110 turns, its end included.
    c.stall_after = random() % 130;
    auto outcome = run(c, api);
    INFO("seed " << seed << ", after " << c.stall_after << " turns");
    REQUIRE(outcome.finished);
    REQUIRE(outcome.elapsed < std::chrono::seconds{2});
    for (const auto& stream : c.streams) {
      auto said = statuses(outcome.lines, stream);
      REQUIRE(!said.empty());
      REQUIRE((said.back() == "COMPLETE" || said.back() == "INCOMPLETE"));
      REQUIRE(std::count(said.begin(), said.end(), said.back()) == 1);
      REQUIRE((outcome.result.exit_code == 4 || said.back() == "COMPLETE"));
    }
    auto errors = std::count_if(outcome.lines.begin(), outcome.lines.end(), [](const std::string& line) {
      return line.find("The run stood still: nothing has moved.") != std::string::npos;
    });
    REQUIRE((outcome.result.exit_code == 4 || outcome.result.exit_code == 0));
    REQUIRE(errors == (outcome.result.exit_code == 4 ? 1 : 0));
    stalled += outcome.result.exit_code == 4 ? 1 : 0;
  }
  CHECK(stalled > 100);
  CHECK(stalled < 300);
}
