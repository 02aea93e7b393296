#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace sluice {

/// Replaces a file as a whole: who reads it sees the old content or the new, never a part. The text goes to `PATH.tmp`
/// first, in the same directory, and is renamed. What is no regular file (a device, a
/// pipe) is written to directly, and given up after three seconds if nobody reads it.
/// @param what for the error: `summary file`.
/// @param mode permissions of a new file.
expected<void> replace_file(const std::string& path, std::string_view text, mode_t mode, const char* what);

/// Replaces a file that is there, in the same way, and only if it may be written to: who could read it before can do so
/// afterwards, and nobody else. It is on the disk when this returns.
expected<void> rewrite_file(const std::string& path, std::string_view text, const char* what);

} // namespace sluice
