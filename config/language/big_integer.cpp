#include "config/language/big_integer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::language::detail {

namespace {

constexpr std::uint32_t limb_base = 1'000'000'000;
constexpr std::size_t limb_digits = 9;
constexpr std::size_t most_limbs = most_digits / limb_digits + 1;

/// A number as limbs of nine decimal digits, the lowest first, without zeros at the top.
struct big_number {
  std::vector<std::uint32_t> limbs;
  bool negative = false;

  bool is_zero() const { return limbs.empty(); }
  void trim() {
    while (!limbs.empty() && limbs.back() == 0)
      limbs.pop_back();
    negative = negative && !limbs.empty();
  }
};

big_number read_big(const value& x) {
  auto text = to_text(x);
  std::string_view digits = text;
  big_number n;
  n.negative = digits.starts_with('-');
  digits.remove_prefix(n.negative ? 1 : 0);
  for (auto end = digits.size(); end > 0;) {
    auto start = end > limb_digits ? end - limb_digits : 0;
    std::uint32_t limb = 0;
    std::from_chars(digits.data() + start, digits.data() + end, limb);
    n.limbs.push_back(limb);
    end = start;
  }
  n.trim();
  return n;
}

std::optional<value> write_big(const big_number& n) {
  if (n.limbs.size() > most_limbs)
    return std::nullopt;
  if (n.is_zero())
    return make_integer("0");
  std::string text = n.negative ? "-" : "";
  for (auto i = n.limbs.size(); i-- > 0;) {
    auto limb = std::to_string(n.limbs[i]);
    if (i + 1 < n.limbs.size())
      text.append(limb_digits - limb.size(), '0');
    text += limb;
  }
  return text.size() > most_digits ? std::nullopt : std::optional{make_integer(text)};
}

/// Of the magnitudes.
int compare_sizes(const big_number& a, const big_number& b) {
  if (a.limbs.size() != b.limbs.size())
    return a.limbs.size() < b.limbs.size() ? -1 : 1;
  for (auto i = a.limbs.size(); i-- > 0;) {
    if (a.limbs[i] != b.limbs[i])
      return a.limbs[i] < b.limbs[i] ? -1 : 1;
  }
  return 0;
}

std::vector<std::uint32_t> add_sizes(const big_number& a, const big_number& b) {
  std::vector<std::uint32_t> sum;
  std::uint32_t carry = 0;
  for (std::size_t i = 0; i < std::max(a.limbs.size(), b.limbs.size()) || carry > 0; ++i) {
    carry += (i < a.limbs.size() ? a.limbs[i] : 0) + (i < b.limbs.size() ? b.limbs[i] : 0);
    sum.push_back(carry % limb_base);
    carry /= limb_base;
  }
  return sum;
}

/// `a` is the larger one.
std::vector<std::uint32_t> subtract_sizes(const big_number& a, const big_number& b) {
  auto rest = a.limbs;
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    auto limb = std::int64_t{rest[i]} - borrow - (i < b.limbs.size() ? b.limbs[i] : 0);
    borrow = limb < 0 ? 1 : 0;
    rest[i] = static_cast<std::uint32_t>(limb + borrow * limb_base);
  }
  return rest;
}

big_number sum_of(const big_number& a, const big_number& b) {
  big_number sum;
  if (a.negative == b.negative) {
    sum = {add_sizes(a, b), a.negative};
  } else {
    bool a_wins = compare_sizes(a, b) >= 0;
    sum = a_wins ? big_number{subtract_sizes(a, b), a.negative} : big_number{subtract_sizes(b, a), b.negative};
  }
  sum.trim();
  return sum;
}

big_number product_of(const big_number& a, const big_number& b) {
  big_number product;
  product.limbs.assign(a.limbs.size() + b.limbs.size(), 0);
  product.negative = a.negative != b.negative;
  for (std::size_t i = 0; i < a.limbs.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < b.limbs.size() || carry > 0; ++k) {
      carry += product.limbs[i + k] + (k < b.limbs.size() ? std::uint64_t{a.limbs[i]} * b.limbs[k] : 0);
      product.limbs[i + k] = static_cast<std::uint32_t>(carry % limb_base);
      carry /= limb_base;
    }
  }
  product.trim();
  return product;
}

big_number times(const big_number& a, std::uint32_t factor) {
  return product_of(a, big_number{{factor}, false});
}

struct division {
  big_number quotient;
  big_number rest;
};

/// Of the magnitudes, limb by limb; each digit of the quotient is found by halving.
division divide_sizes(const big_number& a, const big_number& b) {
  division d;
  auto divisor = b;
  divisor.negative = false;
  d.quotient.limbs.assign(a.limbs.size(), 0);
  for (auto i = a.limbs.size(); i-- > 0;) {
    d.rest.limbs.insert(d.rest.limbs.begin(), a.limbs[i]);
    d.rest.trim();
    std::uint32_t low = 0;
    std::uint32_t high = limb_base - 1;
    while (low < high) {
      auto middle = low + (high - low + 1) / 2;
      if (compare_sizes(times(divisor, middle), d.rest) <= 0)
        low = middle;
      else
        high = middle - 1;
    }
    d.quotient.limbs[i] = low;
    if (low > 0) {
      d.rest.limbs = subtract_sizes(d.rest, times(divisor, low));
      d.rest.trim();
    }
  }
  d.quotient.trim();
  return d;
}

/// Python's `divmod`.
division divide(const big_number& a, const big_number& b) {
  auto d = divide_sizes(a, b);
  d.quotient.negative = a.negative != b.negative && !d.quotient.is_zero();
  d.rest.negative = a.negative && !d.rest.is_zero();
  if (!d.rest.is_zero() && a.negative != b.negative) {
    d.quotient = sum_of(d.quotient, big_number{{1}, true});
    d.rest = sum_of(d.rest, b);
  }
  return d;
}

} // namespace

std::optional<value> add_integers(const value& a, const value& b) {
  return write_big(sum_of(read_big(a), read_big(b)));
}

std::optional<value> subtract_integers(const value& a, const value& b) {
  auto other = read_big(b);
  other.negative = !other.negative;
  return write_big(sum_of(read_big(a), other));
}

std::optional<value> multiply_integers(const value& a, const value& b) {
  return write_big(product_of(read_big(a), read_big(b)));
}

std::optional<value> divide_integers(const value& a, const value& b) {
  return write_big(divide(read_big(a), read_big(b)).quotient);
}

std::optional<value> remainder_of_integers(const value& a, const value& b) {
  return write_big(divide(read_big(a), read_big(b)).rest);
}

std::optional<value> power_of_integer(const value& a, std::uint64_t exponent) {
  auto base = read_big(a);
  if (base.is_zero() || (base.limbs.size() == 1 && base.limbs[0] == 1))
    exponent = exponent == 0 ? 0 : 2 - exponent % 2;
  big_number power{{1}, false};
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1)
      power = product_of(power, base);
    if (power.limbs.size() > most_limbs || base.limbs.size() > most_limbs)
      return std::nullopt;
    if (exponent > 1)
      base = product_of(base, base);
  }
  return write_big(power);
}

} // namespace sluice::language::detail
