#include "config/language/expression_parser.hpp"

#include "config/language/builtins/unknown_names.hpp"
#include "config/language/number_text.hpp"
#include "config/language/signature.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>

namespace sluice::language::detail {

expression_ptr expression_parser::parse_unary(bool with_filters) {
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

expression_ptr expression_parser::parse_primary() {
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
expression_ptr expression_parser::parse_strings() {
  auto at = current().at;
  std::string text;
  for (; current().kind == token_kind::string; advance())
    text += current().text;
  return make(at, constant{value{std::move(text)}});
}

expression_ptr expression_parser::parse_name() {
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
  auto* bound = names_.load(name, at);
  return make(at, variable{std::move(name), bound});
}

/// Behind an opening parenthesis: an expression, or a tuple, perhaps an empty one.
expression_ptr expression_parser::parse_parentheses() {
  auto at = current().at;
  if (skip_symbol(")"))
    return make(at, sequence_display{{}, true});
  auto e = parse_tuple();
  expect_symbol(")");
  return e;
}

expression_ptr expression_parser::parse_tuple() {
  return parse_items(&expression_parser::parse_expression, [this] { return is_end() || is_symbol(")"); });
}

expression_ptr expression_parser::parse_tuple_before(std::string_view word) {
  return parse_items(&expression_parser::parse_or, [this, word] { return is_end() || is_name(word); });
}

template <class Ends>
expression_ptr expression_parser::parse_items(expression_ptr (expression_parser::*parse_item)(), Ends ends) {
  auto at = current().at;
  sequence_display node{{}, true};
  while (node.items.empty() || !ends()) {
    auto item = (this->*parse_item)();
    const bool comma = skip_symbol(",");
    if (!comma && node.items.empty())
      return item;
    node.items.push_back(std::move(item));
    if (!comma)
      break;
  }
  return make(at, std::move(node));
}

/// One of constants is a constant itself, if nobody can change it.
expression_ptr expression_parser::parse_list(std::size_t at) {
  sequence_display node;
  bool is_constant = !changes_;
  value_list items;
  while (!is_symbol("]")) {
    node.items.push_back(parse_expression());
    auto* item = std::get_if<constant>(&node.items.back()->node);
    is_constant = is_constant && item != nullptr;
    if (is_constant)
      items.push_back(*item->x.as_value());
    if (!skip_symbol(","))
      break;
  }
  expect_symbol("]");
  if (is_constant)
    return make(at, constant{value{std::move(items)}});
  return make(at, std::move(node));
}

expression_ptr expression_parser::parse_dict(std::size_t at) {
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
  if (node.items.empty() && !changes_)
    return make(at, constant{value{value_dict{}}});
  return make(at, std::move(node));
}

// -- what follows a primary ------------------------------------------------------

expression_ptr expression_parser::parse_postfix(expression_ptr e) {
  for (;;) {
    auto at = current().at;
    if (skip_symbol("."))
      e = parse_dot(at, std::move(e));
    else if (skip_symbol("["))
      e = parse_subscript(at, std::move(e));
    else if (is_symbol("("))
      e = parse_call(at, std::move(e));
    else
      return e;
  }
}

expression_ptr expression_parser::parse_dot(std::size_t at, expression_ptr base) {
  if (current().kind == token_kind::integer) {
    auto index = parse_primary();
    return make(at, subscript{std::move(base), std::move(index)});
  }
  auto name = expect_name("a name behind '.'");
  if (is_symbol("("))
    return parse_method(at, std::move(base), std::move(name));
  bool known = is_method(name);
  return make(at, attribute{std::move(base), std::move(name), known});
}

expression_ptr expression_parser::parse_method(std::size_t at, expression_ptr base, std::string name) {
  method_call node{std::move(base), std::move(name), parse_arguments()};
  auto& given = node.arguments;
  bool plain = given.named.empty() && given.list == nullptr && given.dict == nullptr;
  if (node.name == "get" && plain && (given.positional.size() == 1 || given.positional.size() == 2)) {
    auto* key = std::get_if<constant>(&given.positional[0]->node);
    node.key = key == nullptr ? nullptr : key->x.as_string();
  }
  return make(at, std::move(node));
}

expression_ptr expression_parser::parse_subscript(std::size_t at, expression_ptr base) {
  slice_of node;
  bool is_slice = is_symbol(":");
  if (!is_slice) {
    node.first = parse_expression();
    is_slice = is_symbol(":");
  }
  if (!is_slice) {
    if (is_symbol(",")) { // a tuple is the key
      sequence_display keys{{}, true};
      keys.items.push_back(std::move(node.first));
      while (skip_symbol(",") && !is_symbol("]"))
        keys.items.push_back(parse_expression());
      node.first = make(at, std::move(keys));
    }
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

expression_ptr expression_parser::parse_call(std::size_t at, expression_ptr called) {
  return make(at, function_call{std::move(called), parse_arguments()});
}

call_arguments expression_parser::parse_arguments() {
  expect_symbol("(");
  call_arguments arguments;
  while (!is_symbol(")")) {
    auto at = current().at;
    bool is_named
      = current().kind == token_kind::name && look_ahead().kind == token_kind::symbol && look_ahead().text == "=";
    bool is_list = !is_named && skip_symbol("*");
    bool is_dict = !is_named && !is_list && skip_symbol("**");
    if (arguments.dict != nullptr || (is_list && arguments.list != nullptr))
      fail(at, "an argument stands behind '**', or there is a second '*'");
    if (is_list) {
      arguments.list = parse_expression();
    } else if (is_dict) {
      arguments.dict = parse_expression();
    } else if (is_named) {
      auto name = expect_name("a name");
      advance();
      arguments.named.emplace_back(std::move(name), parse_expression());
    } else if (!arguments.named.empty() || arguments.list != nullptr) {
      fail(at, "a positional argument follows a named one");
    } else {
      arguments.positional.push_back(parse_expression());
    }
    if (!skip_symbol(","))
      break;
  }
  expect_symbol(")");
  return arguments;
}

expression_ptr expression_parser::parse_filters_and_tests(expression_ptr e) {
  for (;;) {
    auto at = current().at;
    if (skip_symbol("|"))
      e = parse_filter(at, std::move(e));
    else if (skip_name("is"))
      e = parse_test(at, std::move(e));
    else if (is_symbol("("))
      e = parse_call(at, std::move(e));
    else
      return e;
  }
}

std::string expression_parser::parse_dotted_name(const char* what) {
  auto name = expect_name(what);
  while (skip_symbol("."))
    name += "." + expect_name(what);
  return name;
}

void expression_parser::note_unknown(std::size_t at, std::string message) {
  unknown_.push_back({{std::move(message), at}, names_.level()});
}

void expression_parser::forgive_unknown(std::size_t from) {
  auto is_here = [&](auto& x) { return x.scope == names_.level(); };
  auto first = unknown_.begin() + static_cast<std::ptrdiff_t>(from);
  unknown_.erase(std::remove_if(first, unknown_.end(), is_here), unknown_.end());
}

std::optional<syntax_error> expression_parser::unknown() const {
  return unknown_.empty() ? std::nullopt : std::optional{unknown_.front().what};
}

expression_ptr expression_parser::parse_filters(expression_ptr base) {
  auto e = parse_filter(current().at, std::move(base));
  for (auto at = current().at; skip_symbol("|"); at = current().at)
    e = parse_filter(at, std::move(e));
  return e;
}

expression_ptr expression_parser::parse_filter(std::size_t at, expression_ptr base) {
  auto name = parse_dotted_name("the name of a filter");
  auto* filter = find_filter(name);
  if (filter == nullptr)
    note_unknown(at, unknown_filter(name));
  filter_call node{std::move(base), filter, std::move(name), {}, nullptr};
  if (is_symbol("("))
    node.arguments = parse_arguments();
  if (filter != nullptr && !filter->parameters.empty() && filter->parameters[0] == "regex")
    node.pattern = compile_pattern(node.arguments);
  return make(at, std::move(node));
}

/// A literal pattern is compiled, and its errors found, once.
std::shared_ptr<const re2::RE2> expression_parser::compile_pattern(const call_arguments& arguments) {
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

/// Something that a test takes as its argument without parentheses: `is divisibleby 3`.
bool expression_parser::at_test_argument() const {
  switch (current().kind) {
    case token_kind::end:
      return false;
    case token_kind::symbol:
      return is_symbol("[") || is_symbol("{");
    case token_kind::name:
      return !is_name("else") && !is_name("or") && !is_name("and");
    default:
      return true;
  }
}

expression_ptr expression_parser::parse_test(std::size_t at, expression_ptr base) {
  bool negated = skip_name("not");
  auto name = parse_dotted_name("the name of a test");
  auto* test = find_test(name);
  if (test == nullptr)
    note_unknown(at, unknown_test(name));
  test_call node{std::move(base), test, std::move(name), {}, negated};
  if (is_symbol("(")) {
    node.arguments = parse_arguments();
  } else if (is_name("is")) {
    return fail(current().at, "a test follows a test: put one of them in parentheses");
  } else if (at_test_argument()) {
    node.arguments.positional.push_back(parse_postfix(parse_primary()));
  }
  return make(at, std::move(node));
}

} // namespace sluice::language::detail
