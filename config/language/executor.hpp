#pragma once

#include "config/language/context.hpp"
#include "config/language/statement.hpp"

#include <string>

namespace sluice::language::detail {

/// The text of a whole template.
result<std::string> execute(context& c, const program& p);

} // namespace sluice::language::detail
