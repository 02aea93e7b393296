#pragma once

#include "config/language/object.hpp"
#include "config/language/symbols.hpp"
#include "config/language/template.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace re2 {
class RE2;
}

namespace sluice::language::detail {

struct builtin;
struct expression;
using expression_ptr = std::unique_ptr<const expression>;

struct call_arguments {
  std::vector<expression_ptr> positional;
  std::vector<std::pair<std::string, expression_ptr>> named;
  /// `*list` and `**dict`, absent if null.
  expression_ptr list;
  expression_ptr dict;
};

struct constant {
  object x;
};

struct variable {
  std::string name;
  /// Belongs to the program's names.
  const binding* bound = nullptr;
};

/// The text of the block that a filter block, or a block that is assigned, filters.
struct block_text {};

/// `base.name`
struct attribute {
  expression_ptr base;
  std::string name;
  /// Some type has a method of this name.
  bool is_method = false;
};

/// `base[index]`
struct subscript {
  expression_ptr base;
  expression_ptr index;
};

/// `base[first:last:step]`; absent parts are null.
struct slice_of {
  expression_ptr base;
  expression_ptr first;
  expression_ptr last;
  expression_ptr step;
};

/// `called(...)`
struct function_call {
  expression_ptr called;
  call_arguments arguments;
};

/// `base.name(...)`: which method it is depends on what `base` turns out to be.
struct method_call {
  expression_ptr base;
  std::string name;
  call_arguments arguments;
  /// Of `get('key')` and `get('key', otherwise)`: the key, which the arguments own.
  const std::string* key = nullptr;
};

/// `base | name(...)`
struct filter_call {
  expression_ptr base;
  /// nullptr if there is none of the name, which is no error where it is not reached.
  const builtin* filter = nullptr;
  std::string name;
  call_arguments arguments;
  /// The compiled pattern of a regex filter, if it is a literal.
  std::shared_ptr<const re2::RE2> pattern;
};

/// `base is [not] name(...)`
struct test_call {
  expression_ptr base;
  /// As in `filter_call`.
  const builtin* test = nullptr;
  std::string name;
  call_arguments arguments;
  bool negated = false;
};

enum class unary_operator : std::uint8_t { negative, positive, logical_not };

struct unary {
  unary_operator op = unary_operator::negative;
  expression_ptr operand;
};

enum class binary_operator : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };

struct binary {
  binary_operator op = binary_operator::add;
  expression_ptr left;
  expression_ptr right;
};

/// `a and b and c`, or the same with `or`: gives one of its operands.
struct logical {
  bool is_and = false;
  std::vector<expression_ptr> operands;
};

enum class comparison_operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in
};

/// `first < a <= b`: true if each neighbouring pair holds.
struct comparison {
  expression_ptr first;
  std::vector<std::pair<comparison_operator, expression_ptr>> rest;
};

/// `then if test else otherwise`; without `otherwise` the result is undefined.
struct conditional {
  expression_ptr test;
  expression_ptr then;
  expression_ptr otherwise;
};

/// `a ~ b ~ c`
struct concatenation {
  std::vector<expression_ptr> parts;
};

struct sequence_display {
  std::vector<expression_ptr> items;
  bool is_tuple = false;
};

struct dict_display {
  std::vector<std::pair<expression_ptr, expression_ptr>> items;
};

struct expression {
  std::variant<constant, variable, block_text, attribute, subscript, slice_of, function_call, method_call, filter_call,
               test_call, unary, binary, logical, comparison, conditional, concatenation, sequence_display,
               dict_display>
    node;
  /// Byte position in the source, for messages.
  std::size_t at = 0;
  /// Levels of expressions below this one, itself included.
  std::size_t depth = 1;
  /// `describe_path` of an attribute or subscript.
  std::string path{};
};

/// The direct children of `e`.
std::vector<const expression*> children(const expression& e);

/// The static access paths in `e` that start at variable `name`, without repetition, appended to `out`.
void collect_references(const expression& e, std::string_view name, std::vector<reference>& out);

/// The source-like name of a static access path, `response.links`; empty if `e` is none.
std::string describe_path(const expression& e);

} // namespace sluice::language::detail
