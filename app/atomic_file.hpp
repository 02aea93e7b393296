#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace sluice {

/// Replaces a file as a whole: who reads it sees the old content or the new, never a part. The text goes to `PATH.tmp`
/// first, in the same directory, and is renamed. What is no regular file (a device, a
/// pipe) is written to directly, and given up after three seconds if nobody reads it.
/// @param what for the error: `summary file`.
/// @param mode permissions of a new file.
/// @param how whether the new content must survive a crash of the machine from now on.
enum class durability : std::uint8_t { process, machine };
expected<void> replace_file(const std::string& path, std::string_view text, mode_t mode, const char* what,
                            durability how = durability::process);

/// Whether `replace_file` could do it now, as far as that can be known without writing: before hours of work whose
/// result would have no place.
expected<void> try_replacing(const std::string& path, const char* what);

/// Replaces a file that is there, in the same way, and only if it may be written to: who could read it before can do so
/// afterwards, and nobody else. It is on the disk when this returns.
expected<void> rewrite_file(const std::string& path, std::string_view text, const char* what);

} // namespace sluice
