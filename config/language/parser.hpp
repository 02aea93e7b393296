#pragma once

#include "config/language/ast.hpp"
#include "config/language/lexer.hpp"

#include <string>
#include <vector>

namespace sluice::language::detail {

/// Parses the tokens of one expression. Names other than those in `allowed` and the language's own are an error, as are
/// unknown functions, filters, tests and methods, and calls with other arguments than they take.
tl::expected<expression_ptr, syntax_error> parse_expression(const std::vector<token>& tokens,
                                                            const std::vector<std::string>& allowed);

} // namespace sluice::language::detail
