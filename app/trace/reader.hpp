#pragma once

#include "app/trace/model.hpp"
#include "messages/error.hpp"

#include <istream>
#include <string>

namespace sluice::trace {

/// Reads a file that `--trace` wrote, line by line. What a killed run leaves (a torn last line, requests without an
/// answer, no closing bracket) is no error; a file without a single message is.
expected<model> load_trace(const std::string& path);

/// The same from a stream; `name` is for error texts.
expected<model> read_trace(std::istream& in, const std::string& name);

} // namespace sluice::trace
