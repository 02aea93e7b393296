#pragma once

#include "messages/error.hpp"

#include <cstdint>

namespace sluice {

/// What a connection that waits for its server takes at most, with all that belongs to its fetcher.
inline constexpr std::uint64_t idle_connection_bytes = 32 << 10;

/// Sees to it that the process may have so many connections at once: raises its own limit of descriptors as far as the
/// system lets it, and compares what idle connections take with `memory.limit`, half of which is for pages.
expected<void> make_room_for_pool(std::uint32_t connections, std::uint64_t memory_limit);

} // namespace sluice
