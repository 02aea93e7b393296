#include "actors/support/pool_room.hpp"

#include "tests/support/catch2.hpp"

#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sluice;

namespace {

constexpr std::uint64_t mib = 1 << 20;

/// What comes of it in a process with these limits of descriptors: 0 if there is room, with the limit that it has then.
struct outcome {
  int code = -1;
  std::string told;
};

outcome under_limits(rlim_t soft, rlim_t hard, std::uint32_t pool) {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{soft, hard};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const auto room = make_room_for_pool(pool, 1024 * mib);
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    const auto text = room ? std::to_string(now.rlim_cur) : room.error().message;
    (void)!::write(fds[1], text.data(), text.size());
    ::_exit(room ? 0 : 1);
  }
  ::close(fds[1]);
  outcome result;
  char buffer[1024];
  for (ssize_t n = 0; (n = ::read(fds[0], buffer, sizeof buffer)) > 0;)
    result.told.append(buffer, static_cast<std::size_t>(n));
  ::close(fds[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  result.code = WEXITSTATUS(status);
  return result;
}

} // namespace

TEST_CASE("a large pool must leave memory for pages") {
  CHECK(make_room_for_pool(10, 16 * mib));
  CHECK(make_room_for_pool(256, 16 * mib));
  const auto refused = make_room_for_pool(1000, 16 * mib);
  REQUIRE(!refused);
  CHECK(refused.error().message
        == "A pool of 1000 needs up to 31 MiB for connections that only wait, more than half of memory.limit (16 MiB): "
           "lower the pool, or raise memory.limit.");
}

TEST_CASE("a large pool raises the limit of descriptors as far as it may, and no further") {
  CHECK(under_limits(256, 4096, 48).told == "256");
  CHECK(under_limits(256, 4096, 200).told == "256");
  CHECK(under_limits(256, 4096, 1000).told == "1040");
  const auto refused = under_limits(256, 512, 1000);
  CHECK(refused.code == 1);
  CHECK(refused.told
        == "A pool of 1000 needs 1040 file descriptors, and the system allows 512: lower the pool, or raise the limit "
           "(ulimit -n, a container's nofile limit).");
}
