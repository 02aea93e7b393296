#include "config/language/operator_parser.hpp"

#include <algorithm>
#include <array>

namespace sluice::language::detail {

expression_ptr operator_parser::parse_expression() {
  level guard{*this};
  auto known = unknown_names();
  auto then = parse_or();
  while (is_name("if")) {
    auto at = current().at;
    advance();
    auto test = parse_or();
    expression_ptr otherwise;
    if (skip_name("else"))
      otherwise = parse_expression();
    then = make(at, conditional{std::move(test), std::move(then), std::move(otherwise)});
    forget_unknown(known);
  }
  return then;
}

expression_ptr operator_parser::parse_or() {
  return parse_logical(false, "or", [this] { return parse_and(); });
}

expression_ptr operator_parser::parse_and() {
  return parse_logical(true, "and", [this] { return parse_not(); });
}

template <class Operand>
expression_ptr operator_parser::parse_logical(bool is_and, std::string_view word, Operand operand) {
  auto at = current().at;
  auto first = operand();
  if (!is_name(word))
    return first;
  logical node{is_and, {}};
  node.operands.push_back(std::move(first));
  while (skip_name(word))
    node.operands.push_back(operand());
  return make(at, std::move(node));
}

expression_ptr operator_parser::parse_not() {
  auto at = current().at;
  if (!is_name("not"))
    return parse_comparison();
  level guard{*this};
  advance();
  return make(at, unary{unary_operator::logical_not, parse_not()});
}

std::optional<comparison_operator> operator_parser::skip_comparison_operator() {
  struct entry {
    std::string_view text;
    comparison_operator op;
  };
  static constexpr std::array entries = {
    entry{"==", comparison_operator::equal},  entry{"!=", comparison_operator::not_equal},
    entry{"<", comparison_operator::less},    entry{"<=", comparison_operator::less_equal},
    entry{">", comparison_operator::greater}, entry{">=", comparison_operator::greater_equal},
  };
  for (auto& [text, op] : entries) {
    if (skip_symbol(text))
      return op;
  }
  if (skip_name("in"))
    return comparison_operator::in;
  if (is_name("not") && look_ahead().kind == token_kind::name && look_ahead().text == "in") {
    advance();
    advance();
    return comparison_operator::not_in;
  }
  return std::nullopt;
}

expression_ptr operator_parser::parse_comparison() {
  auto at = current().at;
  auto first = parse_sum();
  comparison node;
  while (auto op = skip_comparison_operator())
    node.rest.emplace_back(*op, parse_sum());
  if (node.rest.empty())
    return first;
  node.first = std::move(first);
  return make(at, std::move(node));
}

template <std::size_t Size, class Operand>
expression_ptr operator_parser::parse_binary(const std::array<binary_entry, Size>& entries, Operand operand) {
  auto left = operand();
  for (;;) {
    auto at = current().at;
    auto found = std::find_if(entries.begin(), entries.end(), [this](auto& entry) { return is_symbol(entry.text); });
    if (found == entries.end())
      return left;
    advance();
    auto right = operand();
    left = make(at, binary{found->op, std::move(left), std::move(right)});
  }
}

expression_ptr operator_parser::parse_sum() {
  static constexpr std::array entries
    = {binary_entry{"+", binary_operator::add}, binary_entry{"-", binary_operator::subtract}};
  return parse_binary(entries, [this] { return parse_concatenation(); });
}

expression_ptr operator_parser::parse_concatenation() {
  auto at = current().at;
  auto first = parse_product();
  if (!is_symbol("~"))
    return first;
  concatenation node;
  node.parts.push_back(std::move(first));
  while (skip_symbol("~"))
    node.parts.push_back(parse_product());
  return make(at, std::move(node));
}

expression_ptr operator_parser::parse_product() {
  static constexpr std::array entries
    = {binary_entry{"*", binary_operator::multiply}, binary_entry{"/", binary_operator::divide},
       binary_entry{"//", binary_operator::floor_divide}, binary_entry{"%", binary_operator::modulo}};
  return parse_binary(entries, [this] { return parse_power(); });
}

expression_ptr operator_parser::parse_power() {
  static constexpr std::array entries = {binary_entry{"**", binary_operator::power}};
  return parse_binary(entries, [this] { return parse_operand(); });
}

} // namespace sluice::language::detail
