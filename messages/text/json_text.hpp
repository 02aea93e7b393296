#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Appends `text` as a JSON string with its quotes. Control characters are escaped, everything else stays raw (also
/// U+2028); a byte that is not part of valid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string with its quotes; see `append_json_string`.
std::string json_string(std::string_view text);

} // namespace sluice
