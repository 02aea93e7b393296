#include "config/language/parser.hpp"

#include "config/language/number_text.hpp"
#include "config/language/operator_parser.hpp"
#include "config/language/signature.hpp"
#include "config/language/unknown_names.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>

namespace sluice::language::detail {

namespace {

/// Parses what stands between operators: values, names, calls, filters and tests.
class parser final : public operator_parser {
public:
  parser(const std::vector<token>& tokens, const std::vector<std::string>& allowed)
    : operator_parser(tokens), allowed_(allowed) {}

  tl::expected<expression_ptr, syntax_error> run() {
    if (current().kind == token_kind::end)
      fail(current().at, "the expression is empty");
    auto e = parse_tuple_or_expression(token_kind::end, "");
    if (current().kind != token_kind::end)
      fail_unexpected("the end of the expression");
    if (error())
      return tl::unexpected(*error());
    return e;
  }

private:
  expression_ptr parse_operand() override { return parse_unary(true); }

  expression_ptr parse_unary(bool with_filters) {
    level guard{*this};
    auto at = current().at;
    expression_ptr e;
    if (is_symbol("-") || is_symbol("+")) {
      auto op = is_symbol("-") ? unary_operator::negative : unary_operator::positive;
      advance();
      e = make(at, unary{op, parse_unary(false)});
    } else {
      e = parse_primary();
    }
    e = parse_postfix(std::move(e));
    return with_filters ? parse_filters_and_tests(std::move(e)) : std::move(e);
  }

  // -- primaries ------------------------------------------------------------------

  expression_ptr parse_primary() {
    auto& t = current();
    switch (t.kind) {
      case token_kind::name:
        return parse_name();
      case token_kind::integer:
        advance();
        return make(t.at, constant{make_integer(t.text)});
      case token_kind::floating:
        advance();
        return make(t.at, constant{value{*read_float(t.text)}});
      case token_kind::string:
        return parse_strings();
      case token_kind::symbol:
        if (skip_symbol("("))
          return parse_parentheses();
        if (skip_symbol("["))
          return parse_list(t.at);
        if (skip_symbol("{"))
          return parse_dict(t.at);
        break;
      case token_kind::end:
        break;
    }
    return fail_unexpected("a value");
  }

  /// Neighbouring strings are one.
  expression_ptr parse_strings() {
    auto at = current().at;
    std::string text;
    for (; current().kind == token_kind::string; advance())
      text += current().text;
    return make(at, constant{value{std::move(text)}});
  }

  expression_ptr parse_name() {
    auto at = current().at;
    auto name = current().text;
    if (name == "true" || name == "True" || name == "false" || name == "False") {
      advance();
      return make(at, constant{value{name == "true" || name == "True"}});
    }
    if (name == "none" || name == "None") {
      advance();
      return make(at, constant{object{}});
    }
    static constexpr std::array reserved = {"and", "or", "not", "if", "else", "in", "is"};
    if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
      return fail_unexpected("a value");
    advance();
    if (std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end())
      return make(at, variable{std::move(name)});
    if (auto* function = find_function(name))
      return parse_function(at, *function);
    return fail(at, unknown_name(name, allowed_));
  }

  expression_ptr parse_function(std::size_t at, const builtin& function) {
    if (!is_symbol("("))
      return fail(at, "'" + std::string{function.name} + "' is a function: write " + std::string{function.name} + "()");
    auto arguments = parse_arguments();
    check_call(at, function, arguments);
    return make(at, function_call{&function, std::move(arguments)});
  }

  /// Behind an opening parenthesis: an expression, or a tuple.
  expression_ptr parse_parentheses() {
    auto e = parse_tuple_or_expression(token_kind::symbol, ")");
    expect_symbol(")");
    return e;
  }

  bool is_at(token_kind kind, std::string_view text) const {
    return kind == token_kind::end ? current().kind == kind : is_symbol(text);
  }

  expression_ptr parse_tuple_or_expression(token_kind end, std::string_view end_text) {
    auto at = current().at;
    sequence_display node{{}, true};
    while (!is_at(end, end_text)) {
      auto item = parse_expression();
      bool comma = skip_symbol(",");
      if (!comma && node.items.empty())
        return item;
      node.items.push_back(std::move(item));
      if (!comma)
        break;
    }
    return make_display(at, std::move(node));
  }

  /// A list or tuple; one of constants is a constant itself.
  expression_ptr make_display(std::size_t at, sequence_display node) {
    std::vector<object> items;
    for (auto& e : node.items) {
      if (auto* item = std::get_if<constant>(&e->node))
        items.push_back(item->x);
    }
    if (items.size() < node.items.size())
      return make(at, std::move(node));
    return make(at, constant{make_sequence(std::move(items), node.is_tuple)});
  }

  expression_ptr parse_list(std::size_t at) {
    sequence_display node;
    while (!is_symbol("]")) {
      node.items.push_back(parse_expression());
      if (!skip_symbol(","))
        break;
    }
    expect_symbol("]");
    return make_display(at, std::move(node));
  }

  expression_ptr parse_dict(std::size_t at) {
    dict_display node;
    while (!is_symbol("}")) {
      auto key = parse_expression();
      expect_symbol(":");
      auto x = parse_expression();
      node.items.emplace_back(std::move(key), std::move(x));
      if (!skip_symbol(","))
        break;
    }
    expect_symbol("}");
    if (node.items.empty())
      return make(at, constant{value{value_dict{}}});
    return make(at, std::move(node));
  }

  // -- what follows a primary ------------------------------------------------------

  expression_ptr parse_postfix(expression_ptr e) {
    for (;;) {
      auto at = current().at;
      if (skip_symbol("."))
        e = parse_dot(at, std::move(e));
      else if (skip_symbol("["))
        e = parse_subscript(at, std::move(e));
      else if (is_symbol("("))
        return fail(at, "only functions and methods can be called");
      else
        return e;
    }
  }

  expression_ptr parse_dot(std::size_t at, expression_ptr base) {
    if (current().kind == token_kind::integer) {
      auto index = parse_primary();
      return make(at, subscript{std::move(base), std::move(index)});
    }
    auto name = expect_name("a name behind '.'");
    if (!is_symbol("("))
      return make(at, attribute{std::move(base), name, is_method(name)});
    if (!is_method(name))
      return fail(at, unknown_method(name));
    return make(at, method_call{std::move(base), std::move(name), parse_arguments()});
  }

  expression_ptr parse_subscript(std::size_t at, expression_ptr base) {
    slice_of node;
    bool is_slice = is_symbol(":");
    if (!is_slice) {
      node.first = parse_expression();
      is_slice = is_symbol(":");
    }
    if (!is_slice) {
      expect_symbol("]");
      return make(at, subscript{std::move(base), std::move(node.first)});
    }
    advance();
    if (!is_symbol(":") && !is_symbol("]"))
      node.last = parse_expression();
    if (skip_symbol(":") && !is_symbol("]"))
      node.step = parse_expression();
    expect_symbol("]");
    node.base = std::move(base);
    return make(at, std::move(node));
  }

  call_arguments parse_arguments() {
    expect_symbol("(");
    call_arguments arguments;
    while (!is_symbol(")")) {
      if (is_symbol("*") || is_symbol("**"))
        fail(current().at, "'*' and '**' arguments are not supported");
      bool named
        = current().kind == token_kind::name && look_ahead().kind == token_kind::symbol && look_ahead().text == "=";
      if (named) {
        auto name = expect_name("a name");
        advance();
        arguments.named.emplace_back(std::move(name), parse_expression());
      } else if (!arguments.named.empty()) {
        fail(current().at, "a positional argument follows a named one");
      } else {
        arguments.positional.push_back(parse_expression());
      }
      if (!skip_symbol(","))
        break;
    }
    expect_symbol(")");
    return arguments;
  }

  void check_call(std::size_t at, const builtin& called, const call_arguments& arguments) {
    std::vector<std::string_view> names;
    for (auto& [name, ignored] : arguments.named)
      names.push_back(name);
    if (auto message = called.mismatch(arguments.positional.size(), names); !message.empty())
      fail(at, std::move(message));
  }

  expression_ptr parse_filters_and_tests(expression_ptr e) {
    for (;;) {
      auto at = current().at;
      if (skip_symbol("|"))
        e = parse_filter(at, std::move(e));
      else if (skip_name("is"))
        e = parse_test(at, std::move(e));
      else if (is_symbol("("))
        return fail(at, "only functions and methods can be called");
      else
        return e;
    }
  }

  expression_ptr parse_filter(std::size_t at, expression_ptr base) {
    auto name = expect_name("the name of a filter");
    auto* filter = find_filter(name);
    if (filter == nullptr)
      return fail(at, unknown_filter(name));
    filter_call node{std::move(base), filter, {}, nullptr};
    if (is_symbol("("))
      node.arguments = parse_arguments();
    check_call(at, *filter, node.arguments);
    if (filter->parameters.size() > 0 && filter->parameters[0] == "regex")
      node.pattern = compile_pattern(node.arguments);
    return make(at, std::move(node));
  }

  /// A literal pattern is compiled, and its errors found, once.
  std::shared_ptr<const re2::RE2> compile_pattern(const call_arguments& arguments) {
    auto* e = !arguments.positional.empty() ? arguments.positional[0].get() : nullptr;
    for (auto& [name, argument] : arguments.named) {
      if (name == "regex")
        e = argument.get();
    }
    auto* literal = e == nullptr ? nullptr : std::get_if<constant>(&e->node);
    if (literal == nullptr || literal->x.as_string() == nullptr)
      return nullptr;
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<const re2::RE2>(*literal->x.as_string(), options);
    if (!pattern->ok())
      fail(e->at, "the regular expression is not valid or not supported: " + pattern->error());
    return pattern;
  }

  expression_ptr parse_test(std::size_t at, expression_ptr base) {
    bool negated = skip_name("not");
    auto name = expect_name("the name of a test");
    auto* test = find_test(name);
    if (test == nullptr)
      return fail(at, unknown_test(name));
    test_call node{std::move(base), test, {}, negated};
    if (is_symbol("("))
      node.arguments = parse_arguments();
    else if (test->required > 0) // `is divisibleby 3`
      node.arguments.positional.push_back(parse_postfix(parse_primary()));
    check_call(at, *test, node.arguments);
    return make(at, std::move(node));
  }

  const std::vector<std::string>& allowed_;
};

} // namespace

tl::expected<expression_ptr, syntax_error> parse_expression(const std::vector<token>& tokens,
                                                            const std::vector<std::string>& allowed) {
  return parser{tokens, allowed}.run();
}

} // namespace sluice::language::detail
