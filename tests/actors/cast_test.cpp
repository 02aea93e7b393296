#include "actors/supervision/cast.hpp"

#include "tests/support/catch2.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace sluice;

namespace {

constexpr std::uint64_t kib = 1 << 10;
constexpr std::uint64_t mib = 1 << 20;

} // namespace

TEST_CASE("the output's bound follows the pool unless it is set, and leaves two thirds of the memory to the pages") {
  struct row {
    std::vector<tuning_override> settings;
    std::uint32_t pool;
    std::uint64_t bytes;
  };
  const std::vector<row> rows{
    {{}, 1, 8 * mib},
    {{}, 10, 8 * mib},
    {{}, 200, 8 * mib},
    {{}, 204, 8 * mib},
    {{}, 205, 205 * 40 * kib},
    {{}, 400, 400 * 40 * kib},
    {{}, 1000, 1000 * 40 * kib},
    {{"memory.limit=1GiB"}, 1000, 1000 * 40 * kib},
    {{"memory.limit=96MiB"}, 1000, 32 * mib},
    {{"memory.limit=16MiB"}, 1000, 8 * mib},
    {{"fetchers.pool_size=1000"}, 10, 8 * mib}, // what is started counts
    {{"emitter.mailbox_bytes=8MiB"}, 1000, 8 * mib},
    {{"emitter.mailbox_bytes=64KiB"}, 1, 64 * kib},
    {{"emitter.mailbox_bytes=64KiB"}, 1000, 64 * kib},
    {{"emitter.mailbox_bytes=64MiB"}, 1, 64 * mib},
    {{"emitter.mailbox_bytes=64MiB", "memory.limit=16MiB"}, 1000, 64 * mib},
  };
  for (const auto& x : rows) {
    INFO((x.settings.empty() ? "nothing set" : x.settings.front().text) << ", pool " << x.pool);
    auto settings = load_tuning("", x.settings);
    REQUIRE(settings);
    run_setup setup;
    setup.tuning = *settings;
    setup.pool_size = x.pool;
    const auto limits = limits_of(setup);
    CHECK(limits.pool_size == x.pool);
    CHECK(limits.output_bytes_for(x.pool) == x.bytes);
  }
}
