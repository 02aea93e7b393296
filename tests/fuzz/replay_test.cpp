// Replays the corpora of all fuzz targets, and a short, repeatable number of mutations of them.
#include "tests/fuzz/mutator.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include "fuzz_targets.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

using namespace sluice::fuzz;

namespace {

constexpr std::uint64_t seed = 20240611;
constexpr int mutations = 1500;

struct corpus {
  std::vector<std::string> names;
  std::vector<std::string> entries;
};

corpus corpus_of(const std::string& target) {
  auto directory = std::filesystem::path{sluice::test::source_directory()} / "tests/fuzz/corpus" / target;
  INFO(directory);
  REQUIRE(std::filesystem::is_directory(directory));
  corpus result;
  for (const auto& file : std::filesystem::directory_iterator{directory})
    result.names.push_back(file.path().string());
  std::sort(result.names.begin(), result.names.end()); // the same order everywhere
  for (const auto& name : result.names) {
    std::ifstream in{name, std::ios::binary};
    result.entries.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  }
  REQUIRE(!result.entries.empty());
  return result;
}

void run(target_function* function, const std::string& input) {
  REQUIRE(function(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
}

} // namespace

// A crash ends the test program; Catch2 then says which input it was.
TEST_CASE("no fuzz target fails on its corpus or on mutations of it") {
  for (const auto& target : targets) {
    INFO("target " << target.name);
    auto c = corpus_of(target.name);
    for (std::size_t i = 0; i < c.entries.size(); ++i) {
      INFO("file " << c.names[i]);
      run(target.function, c.entries[i]);
    }
    mutator m{c.entries, seed};
    for (int i = 0; i < mutations; ++i) {
      INFO("mutation " << i << " with seed " << seed);
      run(target.function, m.next());
    }
  }
}
