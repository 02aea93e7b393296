#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// With padding, without line breaks.
std::string base64_encode(std::string_view bytes);

/// The bytes that a text with complete padding stands for; as in Python, characters outside of the alphabet are
/// skipped. Nothing if the padding is wrong.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace sluice
