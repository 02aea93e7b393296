#pragma once

#include "config/language/ast.hpp"
#include "config/language/context.hpp"

namespace sluice::language::detail {

/// Computes the value of an expression. Errors carry the place in the source.
result<object> evaluate(context& c, const expression& e);

/// The same for the call of a macro that can call a block.
result<object> evaluate_call(context& c, const expression& call, const object& caller);

/// What a name stands for.
result<object> value_of(context& c, const binding& b);

/// The text of that value, with the quoting that the scope asks for.
result<std::string> render(context& c, const expression& e);

} // namespace sluice::language::detail
