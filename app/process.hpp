#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace sluice {

/// The value of an environment variable; empty if it is not set.
std::string_view variable(const char* name);

/// Airbyte's platform runs the program: to it each line on stderr is an error, so only usage errors go there. It sets
/// `AIRBYTE_ENTRYPOINT`. A terminal is a person's, whoever set the variable.
bool under_platform();

/// From now on whatever the process writes to stderr is lost.
void silence_stderr();

/// The process's resident memory, bytes; 0 if the system does not tell.
std::uint64_t resident_bytes();

/// The process's processor time so far, all threads, user and system.
std::chrono::microseconds processor_time();

/// Settings of the allocator for a program that hands large blocks from thread to thread: few arenas, and what is free
/// goes back to the system. Call before the first thread.
void tame_allocator();

/// Opens the standard descriptors that the parent has closed, so that no file or connection of ours gets the number of
/// one and then what is printed. What is written to a closed stdout is an error still; stderr goes nowhere. Call first.
void fill_standard_descriptors();

} // namespace sluice
