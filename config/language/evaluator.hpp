#pragma once

#include "config/language/ast.hpp"
#include "config/language/context.hpp"

namespace sluice::language::detail {

/// Computes the value of an expression. Errors carry the place in the source.
result<object> evaluate(context& c, const expression& e);

/// The text of that value, with the quoting that the scope asks for.
result<std::string> render(context& c, const expression& e);

} // namespace sluice::language::detail
