#pragma once

#include "config/language/token_reader.hpp"

#include <array>
#include <optional>

namespace sluice::language::detail {

/// Parses operators, the loosest first; whoever derives from it parses what stands between them.
class operator_parser : public token_reader {
public:
  virtual ~operator_parser() = default;

protected:
  expression_ptr parse_expression();
  /// Without `a if b else c`, whose `if` may belong to what stands around.
  expression_ptr parse_or();
  /// What binds more tightly than any operator between two operands: signs, calls, filters.
  virtual expression_ptr parse_operand() = 0;
  /// How many names of filters and tests were unknown, which in a conditional expression is no error: it may be out of
  /// reach.
  virtual std::size_t unknown_names() const = 0;
  virtual void forget_unknown(std::size_t from) = 0;

private:
  struct binary_entry {
    std::string_view text;
    binary_operator op;
  };

  expression_ptr parse_and();
  template <class Operand>
  expression_ptr parse_logical(bool is_and, std::string_view word, Operand operand);
  expression_ptr parse_not();
  std::optional<comparison_operator> skip_comparison_operator();
  expression_ptr parse_comparison();
  /// Operators of one rank, from left to right; so is `**`, as in Jinja and unlike Python.
  template <std::size_t Size, class Operand>
  expression_ptr parse_binary(const std::array<binary_entry, Size>& entries, Operand operand);
  expression_ptr parse_sum();
  expression_ptr parse_concatenation();
  expression_ptr parse_product();
  expression_ptr parse_power();
};

} // namespace sluice::language::detail
