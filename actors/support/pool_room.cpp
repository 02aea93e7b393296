#include "actors/support/pool_room.hpp"

#include <algorithm>
#include <string>

#include <sys/resource.h>

namespace sluice {

namespace {

/// Descriptors for everything but connections: outputs, files, loops, lookups of names.
constexpr rlim_t other_descriptors = 40;

} // namespace

expected<void> make_room_for_pool(std::uint32_t connections, std::uint64_t memory_limit) {
  // A small pool is no matter of limits: what the system refuses it is told where it happens.
  constexpr std::uint32_t small = 48;
  if (connections <= small)
    return {};
  const auto bytes = connections * idle_connection_bytes;
  if (bytes > memory_limit / 2)
    return fail(errc::bad_config, failure_type::config_error,
                "A pool of " + std::to_string(connections) + " needs up to " + std::to_string(bytes >> 20)
                  + " MiB for connections that only wait, more than half of memory.limit ("
                  + std::to_string(memory_limit >> 20) + " MiB): lower the pool, or raise memory.limit.");
  rlimit limit{};
  const rlim_t wanted = connections + other_descriptors;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted)
    return {};
  const auto allowed = limit.rlim_max;
  limit.rlim_cur = std::min(wanted, allowed);
  if (allowed >= wanted && ::setrlimit(RLIMIT_NOFILE, &limit) == 0)
    return {};
  return fail(errc::bad_config, failure_type::config_error,
              "A pool of " + std::to_string(connections) + " needs " + std::to_string(wanted)
                + " file descriptors, and the system allows " + std::to_string(allowed)
                + ": lower the pool, or raise the limit (ulimit -n, a container's nofile limit).");
}

} // namespace sluice
