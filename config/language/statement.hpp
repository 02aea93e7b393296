#pragma once

#include "config/language/ast.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::language::detail {

struct statement;
using statement_ptr = std::unique_ptr<const statement>;

/// A piece of a template: text that stands for itself, an expression, or a statement (then the others are empty).
struct part {
  std::string text{};
  expression_ptr expr{};
  statement_ptr what{};
};
using body = std::vector<part>;

/// What an assignment sets: a variable, an attribute of a namespace, or each of several from the elements of a list.
struct target {
  const binding* variable = nullptr;
  /// Of the namespace that `variable` is; empty if the variable itself is set.
  std::string attribute{};
  std::vector<target> items{};
};

/// `{% if %}`, `{% elif %}`, `{% else %}`
struct choice {
  std::vector<std::pair<expression_ptr, body>> branches;
  body otherwise;
};

/// `{% for target in iterable if condition %}`, `{% else %}`
struct loop {
  const frame_layout* layout = nullptr;
  target item;
  expression_ptr iterable;
  /// The condition has a scope of its own, with the same target.
  expression_ptr condition;
  const frame_layout* condition_layout = nullptr;
  target condition_item;
  /// The variable `loop`, nullptr if nobody reads it.
  const binding* variable = nullptr;
  bool is_recursive = false;
  body inner;
  const frame_layout* otherwise_layout = nullptr;
  body otherwise;
};

/// `{% set target = x %}`
struct assignment {
  target to;
  expression_ptr x;
};

/// `{% set target %}...{% endset %}`, the text perhaps filtered.
struct block_assignment {
  target to;
  const frame_layout* layout = nullptr;
  body inner;
  expression_ptr filtered;
};

/// What can be called: its parameters and body.
struct macro_definition {
  std::string name;
  const frame_layout* layout = nullptr;
  std::vector<const binding*> parameters;
  /// Of the last parameters.
  std::vector<expression_ptr> defaults;
  // Variables that the body may read; nullptr if it does not.
  const binding* caller = nullptr;
  const binding* named = nullptr;
  const binding* rest = nullptr;
  body inner;
};

/// `{% macro name(...) %}`
struct macro {
  const binding* variable = nullptr;
  std::shared_ptr<const macro_definition> definition;
};

/// `{% call(...) f(...) %}`: a call of a macro that can call this block.
struct call_block {
  std::shared_ptr<const macro_definition> caller;
  expression_ptr call;
};

/// `{% filter ... %}`
struct filter_block {
  const frame_layout* layout = nullptr;
  body inner;
  expression_ptr filtered;
};

/// `{% with target = x, ... %}`; also `{% block %}` and `{% autoescape %}`, which set nothing.
struct scope_block {
  std::vector<std::pair<target, expression_ptr>> variables;
  const frame_layout* layout = nullptr;
  body inner;
};

/// `{% include %}` and its like: there is nothing to include from, a TypeError in the reference.
struct inclusion {};

struct statement {
  std::variant<choice, loop, assignment, block_assignment, macro, call_block, filter_block, scope_block, inclusion>
    node;
  /// Byte position in the source, for messages.
  std::size_t at = 0;
};

/// All expressions in `parts`, of statements too, from the outside in.
void collect_expressions(const body& parts, std::vector<const expression*>& out);

/// A compiled template.
struct program {
  std::string source{};
  body parts{};
  /// What its names stand for.
  std::shared_ptr<const symbol_table> names{};
  const frame_layout* layout = nullptr;
};

} // namespace sluice::language::detail
