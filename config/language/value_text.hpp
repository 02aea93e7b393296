#pragma once

#include "config/language/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// How JSON is laid out.
struct json_style {
  /// Python's `json.dumps`: `", "` and `": "`, everything beyond ASCII escaped, NaN and Infinity spelled out.
  bool python = false;
  bool sort_keys = false;
  /// Blanks a level, each element on a line of its own; -1: all on one line.
  int indent = -1;
};

// The functions below stop, and return false, as soon as `out` is longer than `limit` bytes.

/// Appends JSON text.
bool append_json(std::string& out, const value& x, json_style style, std::size_t limit, std::size_t level = 0);
/// Appends Python's `str(x)`.
bool append_text(std::string& out, const value& x, std::size_t limit);
/// Appends Python's `repr(x)`.
bool append_repr(std::string& out, const value& x, std::size_t limit);

/// Python's `repr` of a string: single quotes, unless it holds some and no double quotes.
std::string string_repr(std::string_view text);

/// Python's `repr` of a timedelta.
std::string span_repr(std::chrono::microseconds span);

} // namespace sluice::language::detail
