#pragma once

#include "config/language/value.hpp"
#include "config/schema_check.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Finds words for what a JSON schema does not allow. Part of `schema_check`.
namespace sluice::detail {

/// Names every fault that can be named. The verdict is the validator's: keywords that have no words here (`not`,
/// `if`, `dependencies`, ...) yield nothing.
std::vector<schema_fault> name_faults(const language::value& document, const language::value& schema);

/// True if `pattern` (RE2 syntax) is found in `text`.
bool matches_pattern(std::string_view text, const std::string& pattern);

/// True if `pattern` can be compiled.
bool is_pattern(const std::string& pattern);

/// True if `x` is `divisor` (above 0) times an integer, as far as a double can tell.
bool is_multiple(double x, double divisor) noexcept;

/// `a.b[2]["odd key"]`.
std::string child_path(const std::string& path, std::string_view key);
std::string child_path(const std::string& path, std::size_t index);

} // namespace sluice::detail
