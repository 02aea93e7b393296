#include "config/language/operators.hpp"

#include "config/language/big_integer.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/calendar.hpp"

#include <cmath>
#include <limits>

namespace sluice::language::detail {

namespace {

using std::chrono::microseconds;

constexpr std::string_view operator_symbols[] = {"+", "-", "*", "/", "//", "%", "**"};

std::string_view symbol(binary_operator op) {
  return operator_symbols[static_cast<std::size_t>(op)];
}

tl::unexpected<evaluation_error> refuse_operands(binary_operator op, const object& a, const object& b) {
  for (auto* x : {&a, &b}) {
    if (auto* missing = x->as_undefined())
      return refuse_undefined(*missing);
  }
  return refuse("'" + std::string{symbol(op)} + "' does not work on " + std::string{kind_of(a)} + " and "
                  + std::string{kind_of(b)},
                error_kind::type);
}

tl::unexpected<evaluation_error> refuse_large() {
  return refuse("the integer result has more than 4300 digits");
}

object integer(std::int64_t x) {
  return value{x};
}

/// Integers of which one, or the result, does not fit 64 bits.
result<object> apply_large(context& c, binary_operator op, const value& a, const value& b) {
  auto cost = [](const value& x) { return x.as_big() != nullptr ? x.as_big()->digits.size() : std::size_t{20}; };
  if (auto ok = c.charge(cost(a) * cost(b)); !ok)
    return tl::unexpected(ok.error());
  bool divides = op == binary_operator::divide || op == binary_operator::floor_divide || op == binary_operator::modulo;
  if (divides && b.as_int() != nullptr && *b.as_int() == 0)
    return refuse("division by zero");
  std::optional<value> x;
  switch (op) {
    case binary_operator::add:
      x = add_integers(a, b);
      break;
    case binary_operator::subtract:
      x = subtract_integers(a, b);
      break;
    case binary_operator::multiply:
      x = multiply_integers(a, b);
      break;
    case binary_operator::floor_divide:
      x = divide_integers(a, b);
      break;
    case binary_operator::modulo:
      x = remainder_of_integers(a, b);
      break;
    case binary_operator::divide: {
      auto quotient = *a.number() / *b.number();
      return std::isfinite(quotient) ? result<object>{object{value{quotient}}}
                                     : refuse("the result of '/' does not fit a float");
    }
    default:
      if (b.as_int() == nullptr)
        return refuse_large();
      if (*b.as_int() < 0)
        return object{value{std::pow(*a.number(), static_cast<double>(*b.as_int()))}};
      if (auto ok = c.charge(most_digits * 100); !ok)
        return tl::unexpected(ok.error());
      x = power_of_integer(a, static_cast<std::uint64_t>(*b.as_int()));
  }
  return x ? result<object>{object{std::move(*x)}} : refuse_large();
}

/// Python's `//` and `%` round towards minus infinity. `b` is neither 0 nor -1.
std::int64_t integer_division(binary_operator op, std::int64_t a, std::int64_t b) {
  auto quotient = a / b;
  auto remainder = a % b;
  if (remainder != 0 && (remainder < 0) != (b < 0)) {
    --quotient;
    remainder += b;
  }
  return op == binary_operator::modulo ? remainder : quotient;
}

result<object> apply_integers(context& c, binary_operator op, std::int64_t a, std::int64_t b) {
  std::int64_t x = 0;
  bool fits = false;
  switch (op) {
    case binary_operator::add:
      fits = !__builtin_add_overflow(a, b, &x);
      break;
    case binary_operator::subtract:
      fits = !__builtin_sub_overflow(a, b, &x);
      break;
    case binary_operator::multiply:
      fits = !__builtin_mul_overflow(a, b, &x);
      break;
    case binary_operator::divide:
      if (b == 0)
        return refuse("division by zero");
      return object{value{static_cast<double>(a) / static_cast<double>(b)}};
    case binary_operator::power:
      if (a == 0 && b < 0)
        return refuse("division by zero");
      break;
    default:
      fits = b != 0 && b != -1; // one quotient overflows
      x = fits ? integer_division(op, a, b) : 0;
  }
  return fits ? integer(x) : apply_large(c, op, value{a}, value{b});
}

result<object> apply_floats(binary_operator op, double a, double b) {
  double x = 0;
  switch (op) {
    case binary_operator::add:
      x = a + b;
      break;
    case binary_operator::subtract:
      x = a - b;
      break;
    case binary_operator::multiply:
      x = a * b;
      break;
    case binary_operator::power:
      x = std::pow(a, b);
      if (!std::isfinite(x) && std::isfinite(a) && std::isfinite(b))
        return refuse("the result of '**' is not a number of the size that a float can hold");
      break;
    default:
      if (b == 0)
        return refuse("division by zero");
      if (op == binary_operator::divide) {
        x = a / b;
      } else if (op == binary_operator::floor_divide) {
        x = std::floor(a / b);
      } else {
        x = std::fmod(a, b);
        if (x != 0 && (x < 0) != (b < 0))
          x += b;
      }
  }
  return object{value{x}};
}

/// `x * n` for strings, lists and tuples.
result<object> repeat(context& c, const object& x, std::int64_t times) {
  auto count = times > 0 ? static_cast<std::size_t>(times) : 0;
  if (auto* text = x.as_string()) {
    if (!text->empty() && count > limits::text / text->size())
      return refuse("the result is longer than 1 MiB");
    std::string out;
    out.reserve(text->size() * count);
    for (std::size_t i = 0; i < count && !text->empty(); ++i)
      out += *text;
    return c.text(std::move(out));
  }
  auto view = *sequence::of(x);
  if (view.size() != 0 && count > limits::elements / view.size())
    return refuse("the resulting list has more than 65536 elements");
  if (auto ok = c.charge_elements(x, count); !ok)
    return tl::unexpected(ok.error());
  std::vector<object> items;
  for (std::size_t i = 0; i < count && view.size() != 0; ++i) {
    for (std::size_t n = 0; n < view.size(); ++n)
      items.push_back(view[n]);
  }
  return c.make_list(std::move(items), view.is_tuple() ? list_kind::tuple : list_kind::list);
}

result<object> concatenate(context& c, const object& a, const object& b) {
  std::vector<object> items;
  for (auto* x : {&a, &b}) {
    auto view = *sequence::of(*x);
    if (items.size() + view.size() > limits::elements)
      return refuse("the resulting list has more than 65536 elements");
    if (auto ok = c.charge_elements(*x); !ok)
      return tl::unexpected(ok.error());
    for (std::size_t n = 0; n < view.size(); ++n)
      items.push_back(view[n]);
  }
  return c.make_list(std::move(items), sequence::of(a)->is_tuple() ? list_kind::tuple : list_kind::list);
}

result<object> shifted(instant t, std::chrono::seconds offset, const duration& d, bool back) {
  auto moved = add(t, back ? duration{-d.months, -d.exact} : d);
  if (!is_expressible(moved))
    return refuse("the resulting datetime is outside of the years 1 to 9999");
  return object{value{datetime{moved, offset}}};
}

result<object> shifted(const date& day, const duration& d, bool back) {
  // Python moves a date by the whole days of the span, rounded down.
  auto whole = std::chrono::floor<std::chrono::days>(d.exact);
  auto moved = add(instant{day.day}, back ? duration{-d.months, -whole} : duration{d.months, whole});
  if (!is_expressible(moved))
    return refuse("the resulting date is outside of the years 1 to 9999");
  return object{date{std::chrono::floor<std::chrono::days>(moved)}};
}

/// The least integer stands for an overflow: its negative would be one.
result<object> make_span(std::int64_t months, std::int64_t exact) {
  constexpr std::int64_t max_months = 12 * 10'000;
  if (exact == std::numeric_limits<std::int64_t>::min() || months > max_months || months < -max_months)
    return refuse("the resulting duration is too long");
  return object{duration{static_cast<int>(months), microseconds{exact}}};
}

result<object> apply_durations(binary_operator op, const duration& a, const duration& b) {
  std::int64_t x = 0;
  auto left = a.exact.count();
  auto right = b.exact.count();
  if (op == binary_operator::divide && a.months == 0 && b.months == 0) {
    if (right == 0)
      return refuse("division by zero");
    return object{value{static_cast<double>(left) / static_cast<double>(right)}};
  }
  std::int64_t months = op == binary_operator::add ? a.months + b.months : a.months - b.months;
  bool overflow
    = op == binary_operator::add ? __builtin_add_overflow(left, right, &x) : __builtin_sub_overflow(left, right, &x);
  return overflow ? make_span(months, std::numeric_limits<std::int64_t>::min()) : make_span(months, x);
}

/// What `+`, `-`, `*` and `/` do with points and spans of time; nothing if it is none of their business.
std::optional<result<object>> apply_times(binary_operator op, const object& a, const object& b) {
  bool adds = op == binary_operator::add;
  bool subtracts = op == binary_operator::subtract;
  auto* span_a = a.as_duration();
  auto* span_b = b.as_duration();
  if (span_a != nullptr && span_b != nullptr && (adds || subtracts || op == binary_operator::divide))
    return apply_durations(op, *span_a, *span_b);
  if (a.as_datetime() != nullptr && span_b != nullptr && (adds || subtracts))
    return shifted(a.as_datetime()->instant, a.as_datetime()->offset, *span_b, subtracts);
  if (b.as_datetime() != nullptr && span_a != nullptr && adds)
    return shifted(b.as_datetime()->instant, b.as_datetime()->offset, *span_a, false);
  if (a.as_date() != nullptr && span_b != nullptr && (adds || subtracts))
    return shifted(*a.as_date(), *span_b, subtracts);
  if (b.as_date() != nullptr && span_a != nullptr && adds)
    return shifted(*b.as_date(), *span_a, false);
  if (a.as_datetime() != nullptr && b.as_datetime() != nullptr && subtracts)
    return object{duration{0, a.as_datetime()->instant - b.as_datetime()->instant}};
  if (a.as_date() != nullptr && b.as_date() != nullptr && subtracts)
    return object{duration{0, a.as_date()->day - b.as_date()->day}};
  auto* span = span_a != nullptr ? span_a : span_b;
  auto times = as_integer(span_a != nullptr ? b : a);
  if (op == binary_operator::multiply && span != nullptr && times) {
    std::int64_t x = 0;
    std::int64_t months = 0;
    if (__builtin_mul_overflow(span->exact.count(), *times, &x)
        || __builtin_mul_overflow(std::int64_t{span->months}, *times, &months))
      x = std::numeric_limits<std::int64_t>::min();
    return make_span(months, x);
  }
  return std::nullopt;
}

template <class T>
bool order(comparison_operator op, const T& a, const T& b) {
  switch (op) {
    case comparison_operator::less:
      return a < b;
    case comparison_operator::less_equal:
      return a <= b;
    case comparison_operator::greater:
      return a > b;
    default:
      return a >= b;
  }
}

result<bool> order(comparison_operator op, const object& a, const object& b);

/// Lists and tuples compare at their first difference.
result<bool> order(comparison_operator op, const sequence& a, const sequence& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (!equal(a.look(i), b.look(i)))
      return order(op, a.look(i), b.look(i));
  }
  return order(op, a.size(), b.size());
}

result<bool> order(comparison_operator op, const object& a, const object& b) {
  if (auto x = as_integer(a), y = as_integer(b); x && y)
    return order(op, *x, *y);
  auto* left = a.as_value();
  auto* right = b.as_value();
  if (auto known = left != nullptr && right != nullptr ? compare_numbers(*left, *right) : std::nullopt)
    return op == comparison_operator::less         ? *known < 0
           : op == comparison_operator::less_equal ? *known <= 0
           : op == comparison_operator::greater    ? *known > 0
                                                   : *known >= 0;
  if (a.as_string() != nullptr && b.as_string() != nullptr) // UTF-8 sorts like code points
    return order(op, *a.as_string(), *b.as_string());
  if (a.as_datetime() != nullptr && b.as_datetime() != nullptr)
    return order(op, a.as_datetime()->instant, b.as_datetime()->instant);
  if (a.as_date() != nullptr && b.as_date() != nullptr)
    return order(op, a.as_date()->day, b.as_date()->day);
  if (auto* x = a.as_duration(), *y = b.as_duration(); x != nullptr && y != nullptr && x->months == 0 && y->months == 0)
    return order(op, x->exact, y->exact);
  auto x = sequence::of(a);
  auto y = sequence::of(b);
  if (x && y && x->is_tuple() == y->is_tuple())
    return order(op, *x, *y);
  for (auto* operand : {&a, &b}) {
    if (auto* missing = operand->as_undefined())
      return refuse_undefined(*missing);
  }
  return refuse(std::string{kind_of(a)} + " and " + std::string{kind_of(b)} + " have no order", error_kind::type);
}

result<bool> contains(context& c, const object& container, const object& x) {
  if (auto* text = container.as_string()) {
    if (x.as_string() == nullptr)
      return refuse_kind(x, "a string on the left of 'in'");
    if (auto ok = c.charge(text->size() + x.as_string()->size()); !ok)
      return tl::unexpected(ok.error());
    return find_text(*text, *x.as_string()) != std::string_view::npos;
  }
  if (container.is_dict()) {
    if (auto ok = c.charge_lookup(container); !ok)
      return tl::unexpected(ok.error());
    return find_item(container, x).has_value();
  }
  if (container.as_made_list() != nullptr && !sequence::of(container)) {
    auto items = c.elements_of(container);
    if (!items)
      return tl::unexpected(items.error());
    for (auto& item : *items) {
      if (auto ok = c.charge_comparison(item, x); !ok)
        return tl::unexpected(ok.error());
      if (equal(item, x))
        return true;
    }
    return false;
  }
  if (auto view = sequence::of(container)) {
    for (std::size_t i = 0; i < view->size(); ++i) {
      auto item = view->look(i);
      if (auto ok = c.charge_comparison(item, x); !ok)
        return tl::unexpected(ok.error());
      if (equal(item, x))
        return true;
    }
    return false;
  }
  if (container.as_undefined() != nullptr) // it has no elements
    return false;
  return refuse_kind(container, "a string, list or dict on the right of 'in'");
}

} // namespace

result<object> negate(const object& x) {
  if (auto i = as_integer(x))
    return *i == std::numeric_limits<std::int64_t>::min() ? object{make_integer("9223372036854775808")} : integer(-*i);
  if (auto number = as_number(x))
    return object{value{-*number}};
  if (auto* big = x.as_big()) // the negative of 2^63 is no large one
    return object{make_integer(big->digits.front() == '-' ? big->digits.substr(1) : "-" + big->digits)};
  if (auto* span = x.as_duration())
    return object{duration{-span->months, -span->exact}};
  return refuse_kind(x, "a number behind '-'");
}

namespace {

/// The integer that `x` is, of any size but no bool; nullptr if it is none.
const value* whole(const object& x) {
  auto* plain = x.as_value();
  return plain != nullptr && (plain->as_int() != nullptr || plain->as_big() != nullptr) ? plain : nullptr;
}

/// Large integers as floats, too.
std::optional<double> any_number(const object& x) {
  return x.as_big() != nullptr ? x.as_value()->number() : as_number(x);
}

} // namespace

result<object> apply(context& c, binary_operator op, const object& a, const object& b) {
  if (auto x = as_integer(a), y = as_integer(b); x && y)
    return apply_integers(c, op, *x, *y);
  if (auto* x = whole(a), *y = whole(b); x != nullptr && y != nullptr)
    return apply_large(c, op, *x, *y);
  if (auto x = any_number(a), y = any_number(b); x && y)
    return apply_floats(op, *x, *y);
  bool formats = op == binary_operator::modulo && a.as_string() != nullptr;
  if (auto timed = apply_times(op, a, b))
    return *timed;
  auto x = sequence::of(a);
  auto y = sequence::of(b);
  if (op == binary_operator::add) {
    if (a.as_string() != nullptr && b.as_string() != nullptr)
      return c.text(*a.as_string() + *b.as_string());
    if (x && y && x->is_tuple() == y->is_tuple())
      return concatenate(c, a, b);
  }
  if (op == binary_operator::multiply) {
    if ((a.as_string() != nullptr || x) && as_integer(b))
      return repeat(c, a, *as_integer(b));
    if ((b.as_string() != nullptr || y) && as_integer(a))
      return repeat(c, b, *as_integer(a));
    bool repeats = a.as_string() != nullptr || b.as_string() != nullptr || x || y;
    if (repeats && (a.as_big() != nullptr || b.as_big() != nullptr))
      return refuse("the result would be too long");
  }
  if (formats)
    return percent_format(c, *a.as_string(), b);
  return refuse_operands(op, a, b);
}

result<bool> compare(context& c, comparison_operator op, const object& a, const object& b) {
  if (op == comparison_operator::in)
    return contains(c, b, a);
  if (op == comparison_operator::not_in)
    return contains(c, b, a).map([](bool found) { return !found; });
  if (auto ok = c.charge_comparison(a, b); !ok)
    return tl::unexpected(ok.error());
  switch (op) {
    case comparison_operator::equal:
      return equal(a, b);
    case comparison_operator::not_equal:
      return !equal(a, b);
    default:
      return order(op, a, b);
  }
}

result<bool> less(const object& a, const object& b) {
  return order(comparison_operator::less, a, b);
}

} // namespace sluice::language::detail
