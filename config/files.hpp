#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sluice {

/// Largest input files that are read, bytes. Far above anything sensible, far below what would hurt.
inline constexpr std::uint64_t max_config_bytes = 1 << 20;
inline constexpr std::uint64_t max_catalog_bytes = 64 << 20;
/// Of messages: a line, other than records, which are not held.
inline constexpr std::uint64_t max_state_bytes = 64 << 20;
inline constexpr std::uint64_t max_tuning_bytes = 1 << 20;

/// Reads a text file whole: a regular file, or a pipe (`/dev/stdin`, `<(...)`), never more than `max_bytes`.
/// `what` names the file's role in messages: `config file`. A UTF-8 byte order mark is dropped.
///
/// Errors are `errc::unreadable_file`, config_error: missing, no permission, directory, device, socket, named pipe
/// (opening one could wait forever), empty (also: only white space), larger than `max_bytes`, not UTF-8.
expected<std::string> read_text_file(const std::string& path, std::string_view what, std::uint64_t max_bytes);

/// The same for standard input, which must be a file or a pipe: a terminal would be waited for without a word.
expected<std::string> read_standard_input(std::string_view what, std::uint64_t max_bytes);

/// Takes a piece of a file; an error ends the reading.
using byte_sink = std::function<expected<void>(std::string_view)>;

/// Gives the bytes of a file of any size to `sink`, as they are. Errors: those of `sink`, and of `read_text_file` as
/// far as they are not about the contents.
expected<void> read_file(const std::string& path, std::string_view what, const byte_sink& sink);

/// The rest of `read_text_file`: takes the byte order mark off a file's text, and looks whether it is empty or no
/// UTF-8.
expected<std::string> check_text(std::string text, const std::string& path, std::string_view what);

/// The error of `read_text_file` for a file that is too large.
tl::unexpected<error> too_large(const std::string& path, std::string_view what, std::uint64_t max_bytes);

} // namespace sluice
