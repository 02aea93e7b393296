#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The text that an error body tells people, found as the reference does: strings, lists joined, objects by the first
/// of message, messages, error, errors, failures, failure, detail, err, error_message, msg, reason, status_message.
std::string error_text(std::string_view body);

} // namespace sluice
