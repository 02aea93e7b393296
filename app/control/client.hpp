#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sluice {

/// An answer of a run's control socket.
struct control_answer {
  int status = 0;
  std::string body;
};

/// Sends one request to the control socket at `path` and waits for the answer, at most so long. None: nobody listens
/// there, so the run has ended or has not begun. Errors are `errc::connection_failed`.
expected<std::optional<control_answer>> ask_run(const std::string& path, const std::string& method,
                                                const std::string& target, const std::string& body,
                                                std::chrono::milliseconds patience);

} // namespace sluice
