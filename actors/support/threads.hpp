#pragma once

#include "messages/error.hpp"

#include <cstddef>
#include <string>

namespace sluice {

/// The system has refused to start a thread.
/// @param why what it says about that.
error no_thread(const std::string& why);

/// Starts so many threads, all at once, and ends them again: an error if the system does not allow that. The actor
/// library cannot take back an actor whose thread was refused; its system would wait for that actor's end for ever.
expected<void> try_threads(std::size_t count);

} // namespace sluice
