#pragma once

#include "config/language/lexer.hpp"
#include "config/language/statement.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::language::detail {

/// Compiles a template. Names that are neither in `given`, nor set by the template, nor the language's own are an
/// error, as are unknown filters and tests, unless they may be out of reach.
tl::expected<std::shared_ptr<const program>, syntax_error> parse_template(std::string_view source,
                                                                          const std::vector<std::string>& given);

} // namespace sluice::language::detail
