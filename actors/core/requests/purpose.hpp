#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

/// What a request is sent for. It decides what a failure means, and how long anybody waits for an answer.
enum class request_purpose : std::uint8_t { read, check, probe };

/// Somebody waits for the answer of a `check`: the waits for one page together are no longer than this. A probe waits
/// for none.
inline constexpr std::chrono::microseconds check_patience = std::chrono::seconds{90};

} // namespace sluice
