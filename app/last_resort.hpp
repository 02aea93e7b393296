#pragma once

#include "messages/error.hpp"

#include <exception>

namespace sluice {

/// What an exception means that no part of the program expects: memory or threads have run out, or a fault of ours.
error error_of(const std::exception& e);

/// From now on an exception that nobody catches ends the process with one sentence on stderr and exit code 1 if memory
/// or threads have run out (libraries start threads where nobody can catch anything); else it is a crash.
void install_last_resort();

} // namespace sluice
