#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/operators.hpp"
#include "messages/text/utf8.hpp"

namespace sluice::language::detail {

namespace {

result<object> answer(bool x) {
  return object{value{x}};
}

result<object> answer(const result<bool>& x) {
  return x ? answer(*x) : result<object>{tl::unexpected(x.error())};
}

bool is_boolean(const object& x) {
  return x.as_value() != nullptr && x.as_value()->as_bool() != nullptr;
}
bool is_bool(const object& x, bool wanted) {
  return is_boolean(x) && *x.as_value()->as_bool() == wanted;
}
bool is_int(const object& x) {
  return x.as_value() != nullptr && (x.as_value()->as_int() != nullptr || x.as_big() != nullptr);
}
bool is_true(const object& x) {
  return is_bool(x, true);
}
bool is_false(const object& x) {
  return is_bool(x, false);
}
bool is_none(const object& x) {
  return x.is_none();
}
bool is_string(const object& x) {
  return x.as_string() != nullptr;
}
bool is_mapping(const object& x) {
  return x.is_dict();
}
bool is_undefined(const object& x) {
  return x.as_undefined() != nullptr;
}
bool is_defined(const object& x) {
  return !is_undefined(x);
}
/// Python's bools are numbers.
bool is_number(const object& x) {
  return as_number(x).has_value() || x.as_big() != nullptr;
}
/// To Jinja whatever has a length and elements by position or key is a sequence.
bool is_sequence(const object& x) {
  return length(x).has_value() && (x.as_made_list() == nullptr || x.is_list());
}
bool is_iterable(const object& x) {
  return length(x).has_value() || x.is_generator();
}
bool is_callable(const object& x) {
  return x.as_entity() != nullptr && x.as_entity()->is_callable();
}
/// Nothing is marked as HTML here.
bool is_escaped(const object&) {
  return false;
}
bool is_float(const object& x) {
  return x.as_value() != nullptr && x.as_value()->as_double() != nullptr;
}

template <bool (*Holds)(const object&)>
result<object> test_kind(context&, const object& self, const arguments&) {
  return answer(Holds(self));
}

/// Python's `is`: of plain values, those that Python keeps once are the same when they are equal.
result<object> test_same(context&, const object& self, const arguments& args) {
  auto& other = args[0];
  auto* a = self.as_value();
  auto* b = other.as_value();
  if (a == nullptr || b == nullptr)
    return answer(a == b && equal(self, other) && self.as_undefined() == nullptr
                  && self.as_made_list() == other.as_made_list() && self.as_made_dict() == other.as_made_dict());
  if (a == b || (a->is_none() && b->is_none()))
    return answer(true);
  if (a->as_bool() != nullptr || b->as_bool() != nullptr)
    return answer(a->as_bool() != nullptr && b->as_bool() != nullptr && *a->as_bool() == *b->as_bool());
  constexpr std::int64_t least = -5;
  constexpr std::int64_t greatest = 256;
  return answer(a->as_int() != nullptr && b->as_int() != nullptr && *a->as_int() == *b->as_int()
                && *a->as_int() >= least && *a->as_int() <= greatest);
}

/// Whether there is a filter or test of that name.
template <const builtin* (*Find)(std::string_view) noexcept>
result<object> test_known(context&, const object& self, const arguments&) {
  if (self.as_string() == nullptr && !as_number(self) && !self.is_none())
    return refuse_kind(self, "a string");
  return answer(self.as_string() != nullptr && Find(*self.as_string()) != nullptr);
}

template <comparison_operator Op>
result<object> test_comparison(context& c, const object& self, const arguments& args) {
  return answer(compare(c, Op, self, args[0]));
}

result<object> test_divisible(context& c, const object& self, const arguments& args) {
  auto rest = apply(c, binary_operator::modulo, self, args[0]);
  return rest ? answer(!truthy(*rest)) : rest;
}

template <bool Odd>
result<object> test_parity(context& c, const object& self, const arguments&) {
  auto rest = apply(c, binary_operator::modulo, self, object{value{2}});
  return rest ? answer(equal(*rest, object{value{Odd ? 1 : 0}})) : rest;
}

/// Python's `islower`, `isupper`: some letter has case, and all that have are of this one.
template <bool Upper>
result<object> test_case(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  if (!text)
    return tl::unexpected(text.error());
  bool any = false;
  for (std::size_t at = 0; at < text->size();) {
    auto letter = next_code_point(*text, at);
    if (to_lower(letter) == to_upper(letter))
      continue;
    if (letter != (Upper ? to_upper(letter) : to_lower(letter)))
      return answer(false);
    any = true;
  }
  return answer(any);
}

const std::vector<builtin>& tests() {
  using op = comparison_operator;
  static const std::vector<builtin> all = {
    {"!=", {"other"}, 1, false, test_comparison<op::not_equal>},
    {"<", {"other"}, 1, false, test_comparison<op::less>},
    {"<=", {"other"}, 1, false, test_comparison<op::less_equal>},
    {"==", {"other"}, 1, false, test_comparison<op::equal>},
    {">", {"other"}, 1, false, test_comparison<op::greater>},
    {">=", {"other"}, 1, false, test_comparison<op::greater_equal>},
    {"boolean", {}, 0, false, test_kind<is_boolean>},
    {"callable", {}, 0, false, test_kind<is_callable>},
    {"defined", {}, 0, false, test_kind<is_defined>},
    {"divisibleby", {"num"}, 1, false, test_divisible},
    {"eq", {"other"}, 1, false, test_comparison<op::equal>},
    {"equalto", {"other"}, 1, false, test_comparison<op::equal>},
    {"escaped", {}, 0, false, test_kind<is_escaped>},
    {"even", {}, 0, false, test_parity<false>},
    {"false", {}, 0, false, test_kind<is_false>},
    {"filter", {}, 0, false, test_known<find_filter>},
    {"float", {}, 0, false, test_kind<is_float>},
    {"ge", {"other"}, 1, false, test_comparison<op::greater_equal>},
    {"greaterthan", {"other"}, 1, false, test_comparison<op::greater>},
    {"gt", {"other"}, 1, false, test_comparison<op::greater>},
    {"in", {"seq"}, 1, false, test_comparison<op::in>},
    {"integer", {}, 0, false, test_kind<is_int>},
    {"iterable", {}, 0, false, test_kind<is_iterable>},
    {"le", {"other"}, 1, false, test_comparison<op::less_equal>},
    {"lessthan", {"other"}, 1, false, test_comparison<op::less>},
    {"lower", {}, 0, false, test_case<false>},
    {"lt", {"other"}, 1, false, test_comparison<op::less>},
    {"mapping", {}, 0, false, test_kind<is_mapping>},
    {"ne", {"other"}, 1, false, test_comparison<op::not_equal>},
    {"none", {}, 0, false, test_kind<is_none>},
    {"number", {}, 0, false, test_kind<is_number>},
    {"odd", {}, 0, false, test_parity<true>},
    {"sameas", {"other"}, 1, false, test_same},
    {"sequence", {}, 0, false, test_kind<is_sequence>},
    {"string", {}, 0, false, test_kind<is_string>},
    {"test", {}, 0, false, test_known<find_test>},
    {"true", {}, 0, false, test_kind<is_true>},
    {"undefined", {}, 0, false, test_kind<is_undefined>},
    {"upper", {}, 0, false, test_case<true>},
  };
  return all;
}

} // namespace

const builtin* find_test(std::string_view name) noexcept {
  return find_builtin(tests(), name);
}

std::vector<std::string_view> test_names() {
  return names_of(tests());
}

} // namespace sluice::language::detail
