#include "config/language/characters.hpp"
#include "config/language/operators.hpp"
#include "config/language/text_functions.hpp"
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
/// To Jinja whatever has a length is a sequence.
bool has_length(const object& x) {
  return length(x).has_value();
}
bool is_float(const object& x) {
  return x.as_value() != nullptr && x.as_value()->as_double() != nullptr;
}

template <bool (*Holds)(const object&)>
result<object> test_kind(context&, const object& self, const arguments&) {
  return answer(Holds(self));
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
    {"boolean", {}, 0, false, test_kind<is_boolean>},
    {"defined", {}, 0, false, test_kind<is_defined>},
    {"divisibleby", {"num"}, 1, false, test_divisible},
    {"eq", {"other"}, 1, false, test_comparison<op::equal>},
    {"equalto", {"other"}, 1, false, test_comparison<op::equal>},
    {"even", {}, 0, false, test_parity<false>},
    {"false", {}, 0, false, test_kind<is_false>},
    {"float", {}, 0, false, test_kind<is_float>},
    {"ge", {"other"}, 1, false, test_comparison<op::greater_equal>},
    {"greaterthan", {"other"}, 1, false, test_comparison<op::greater>},
    {"gt", {"other"}, 1, false, test_comparison<op::greater>},
    {"in", {"seq"}, 1, false, test_comparison<op::in>},
    {"integer", {}, 0, false, test_kind<is_int>},
    {"iterable", {}, 0, false, test_kind<has_length>},
    {"le", {"other"}, 1, false, test_comparison<op::less_equal>},
    {"lessthan", {"other"}, 1, false, test_comparison<op::less>},
    {"lower", {}, 0, false, test_case<false>},
    {"lt", {"other"}, 1, false, test_comparison<op::less>},
    {"mapping", {}, 0, false, test_kind<is_mapping>},
    {"ne", {"other"}, 1, false, test_comparison<op::not_equal>},
    {"none", {}, 0, false, test_kind<is_none>},
    {"number", {}, 0, false, test_kind<is_number>},
    {"odd", {}, 0, false, test_parity<true>},
    {"sequence", {}, 0, false, test_kind<has_length>},
    {"string", {}, 0, false, test_kind<is_string>},
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
