#include "config/language/builtins/method_tables.hpp"
#include "config/language/context.hpp"
#include "config/language/number_text.hpp"

#include <bit>
#include <cmath>

namespace sluice::language::detail {

namespace {

/// The digits of an integer without its sign, in base 2.
result<object> bit_length(context&, const object& self, const arguments&) {
  auto i = as_integer(self);
  if (!i)
    return refuse("an integer beyond 64 bits has more bits than are counted here");
  auto magnitude = *i < 0 ? ~static_cast<std::uint64_t>(*i) + 1 : static_cast<std::uint64_t>(*i);
  return object{value{static_cast<int>(std::bit_width(magnitude))}};
}

result<object> bit_count(context&, const object& self, const arguments&) {
  auto i = as_integer(self);
  if (!i)
    return refuse("an integer beyond 64 bits has more bits than are counted here");
  auto magnitude = *i < 0 ? ~static_cast<std::uint64_t>(*i) + 1 : static_cast<std::uint64_t>(*i);
  return object{value{std::popcount(magnitude)}};
}

result<object> itself(context&, const object& self, const arguments&) {
  return self;
}

result<object> integer_ratio(context& c, const object& self, const arguments&) {
  return c.make_list({self, object{value{1}}}, list_kind::tuple);
}

result<object> is_whole(context&, const object& self, const arguments&) {
  auto x = *as_number(self);
  return object{value{std::isfinite(x) && x == std::trunc(x)}};
}

} // namespace

const std::vector<builtin>& integer_methods() {
  static const std::vector<builtin> all = {
    {"as_integer_ratio", {}, 0, false, integer_ratio},
    {"bit_count", {}, 0, false, bit_count},
    {"bit_length", {}, 0, false, bit_length},
    {"conjugate", {}, 0, false, itself},
  };
  return all;
}

const std::vector<builtin>& float_methods() {
  static const std::vector<builtin> all = {
    {"conjugate", {}, 0, false, itself},
    {"is_integer", {}, 0, false, is_whole},
  };
  return all;
}

} // namespace sluice::language::detail
