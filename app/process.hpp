#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

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
