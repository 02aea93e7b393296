#pragma once

#include "config/language/operator_parser.hpp"
#include "config/language/symbols.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace sluice::language::detail {

/// Parses what stands between operators: values, names, calls, filters and tests.
class expression_parser : public operator_parser {
public:
  explicit expression_parser(symbol_table& names) : names_(names) {}

protected:
  /// An expression, or several with commas, which are a tuple: up to the end of the tokens.
  expression_ptr parse_tuple();
  /// The same up to a word, or to what does not belong to it.
  expression_ptr parse_tuple_before(std::string_view word);
  /// `name(...)` behind a pipe, and further filters behind it; `base` may be null for the text of a block.
  expression_ptr parse_filters(expression_ptr base);
  symbol_table& names() noexcept { return names_; }
  /// Filters and tests that do not exist are errors, unless they may be out of reach: those in the current scope from
  /// `from` (what `unknown_names` was) on.
  void forgive_unknown(std::size_t from);
  std::size_t unknown_names() const override { return unknown_.size(); }
  /// The first unknown filter or test.
  std::optional<syntax_error> unknown() const;
  /// Methods that change lists and dicts occur in the template: each evaluation makes its own.
  void expect_changes() noexcept { changes_ = true; }

private:
  expression_ptr parse_operand() override { return parse_unary(true); }
  void forget_unknown(std::size_t from) override { unknown_.resize(from); }

  /// One item, or several with commas: a tuple, which may end with a comma where `ends` says so.
  template <class Ends>
  expression_ptr parse_items(expression_ptr (expression_parser::*parse_item)(), Ends ends);
  expression_ptr parse_unary(bool with_filters);
  expression_ptr parse_primary();
  expression_ptr parse_strings();
  expression_ptr parse_name();
  expression_ptr parse_parentheses();
  expression_ptr parse_list(std::size_t at);
  expression_ptr parse_dict(std::size_t at);
  expression_ptr parse_postfix(expression_ptr e);
  expression_ptr parse_dot(std::size_t at, expression_ptr base);
  expression_ptr parse_method(std::size_t at, expression_ptr base, std::string name);
  expression_ptr parse_subscript(std::size_t at, expression_ptr base);
  expression_ptr parse_call(std::size_t at, expression_ptr called);
  call_arguments parse_arguments();
  expression_ptr parse_filters_and_tests(expression_ptr e);
  expression_ptr parse_filter(std::size_t at, expression_ptr base);
  expression_ptr parse_test(std::size_t at, expression_ptr base);
  std::string parse_dotted_name(const char* what);
  bool at_test_argument() const;
  std::shared_ptr<const re2::RE2> compile_pattern(const call_arguments& arguments);
  void note_unknown(std::size_t at, std::string message);

  symbol_table& names_;
  bool changes_ = false;
  struct unknown_name {
    syntax_error what;
    std::size_t scope = 0;
  };
  std::vector<unknown_name> unknown_;
};

} // namespace sluice::language::detail
