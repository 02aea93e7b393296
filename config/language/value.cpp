#include "config/language/value.hpp"

#include "config/language/json_part.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace sluice::language {

namespace {

/// Dicts up to this size are compared by plain search.
constexpr std::size_t small_dict = 16;

/// The digits of an integer without its sign, and the sign.
struct magnitude {
  std::string digits;
  bool negative = false;
};

magnitude magnitude_of(std::string text) {
  bool negative = text.front() == '-';
  return {negative ? text.substr(1) : std::move(text), negative};
}

std::strong_ordering compare(const magnitude& a, const magnitude& b) {
  if (a.negative != b.negative)
    return b.negative <=> a.negative;
  auto order = a.digits.size() <=> b.digits.size();
  if (order == 0)
    order = a.digits.compare(b.digits) <=> 0;
  return a.negative ? 0 <=> order : order;
}

/// Compares an integer with a float exactly; a conversion to double would make neighbours equal.
std::partial_ordering compare_with_float(const magnitude& a, double x) {
  if (std::isnan(x))
    return std::partial_ordering::unordered;
  if (std::isinf(x))
    return x > 0 ? std::partial_ordering::less : std::partial_ordering::greater;
  std::array<char, 400> buffer;
  auto whole = std::trunc(x);
  auto size = std::snprintf(buffer.data(), buffer.size(), "%.0f", whole == 0 ? 0.0 : whole);
  auto order = compare(a, magnitude_of({buffer.data(), static_cast<std::size_t>(size)}));
  return order != 0 ? std::partial_ordering{order} : whole <=> x;
}

bool is_number(const value& x) noexcept {
  return x.as_int() != nullptr || x.as_double() != nullptr || x.as_bool() != nullptr || x.as_big() != nullptr;
}

/// The text of an integer of any size; nothing if `x` is none.
std::optional<std::string> integer_text(const value& x);

/// Bools count as integers, as in Python.
std::optional<std::int64_t> integer(const value& x) noexcept {
  if (auto* i = x.as_int())
    return *i;
  if (auto* b = x.as_bool())
    return *b ? 1 : 0;
  return std::nullopt;
}

std::optional<std::string> integer_text(const value& x) {
  if (auto i = integer(x))
    return std::to_string(*i);
  auto* big = x.as_big();
  return big == nullptr ? std::nullopt : std::optional{big->digits};
}

bool equal_in_any_order(const value_dict& a, const value_dict& b) {
  std::vector<const value_dict::value_type*> sorted;
  if (b.size() > small_dict) {
    for (auto& item : b)
      sorted.push_back(&item);
    std::sort(sorted.begin(), sorted.end(), [](auto* x, auto* y) { return x->first < y->first; });
  }
  auto find = [&](const std::string& key) -> const value* {
    if (sorted.empty()) {
      auto found = std::find_if(b.begin(), b.end(), [&](auto& item) { return item.first == key; });
      return found == b.end() ? nullptr : &found->second;
    }
    auto found = std::lower_bound(sorted.begin(), sorted.end(), key, [](auto* x, auto& k) { return x->first < k; });
    return found == sorted.end() || (*found)->first != key ? nullptr : &(*found)->second;
  };
  return std::all_of(a.begin(), a.end(), [&](auto& item) {
    auto* other = find(item.first);
    return other != nullptr && item.second == *other;
  });
}

/// Of a list or dict.
bool is_empty(const value& x) noexcept {
  auto* part = x.as_json_part();
  return part != nullptr ? part->empty() : x.size() == 0;
}

bool equal_dicts(const value_dict& a, const value_dict& b) {
  if (a.size() != b.size())
    return false;
  auto same_key = [](auto& x, auto& y) { return x.first == y.first; };
  if (!std::equal(a.begin(), a.end(), b.begin(), same_key))
    return equal_in_any_order(a, b);
  return std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) { return x.second == y.second; });
}

} // namespace

value make_integer(std::string_view digits) {
  std::int64_t x = 0;
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), x);
  if (code != std::errc::result_out_of_range)
    return x;
  bool negative = digits.front() == '-';
  digits.remove_prefix(digits.find_first_not_of("-0"));
  return big_integer{(negative ? "-" : "") + std::string{digits}};
}

std::optional<std::partial_ordering> compare_numbers(const value& a, const value& b) {
  if (auto x = integer(a), y = integer(b); x && y)
    return *x <=> *y;
  if (auto* x = a.as_double(), *y = b.as_double(); x != nullptr && y != nullptr)
    return *x <=> *y;
  if (!is_number(a) || !is_number(b))
    return std::nullopt;
  auto x = integer_text(a);
  auto y = integer_text(b);
  if (x && y)
    return compare(magnitude_of(std::move(*x)), magnitude_of(std::move(*y)));
  if (x && b.as_double() != nullptr)
    return compare_with_float(magnitude_of(std::move(*x)), *b.as_double());
  if (y && a.as_double() != nullptr)
    return 0 <=> compare_with_float(magnitude_of(std::move(*y)), *a.as_double());
  return std::nullopt;
}

std::optional<double> value::number() const noexcept {
  if (auto* i = as_int())
    return static_cast<double>(*i);
  if (auto* big = as_big())
    return std::strtod(big->digits.c_str(), nullptr);
  auto* d = as_double();
  return d == nullptr ? std::nullopt : std::optional{*d};
}

const value_list* value::as_list() const noexcept {
  if (auto* part = as_json_part())
    return part->list();
  auto* list = std::get_if<std::shared_ptr<const value_list>>(&data_);
  return list == nullptr ? nullptr : list->get();
}

const value_dict* value::as_dict() const noexcept {
  if (auto* part = as_json_part())
    return part->dict();
  if (auto* dict = std::get_if<std::shared_ptr<const value_dict>>(&data_))
    return dict->get();
  auto* caseless = std::get_if<std::shared_ptr<const caseless_dict>>(&data_);
  return caseless == nullptr ? nullptr : &(*caseless)->items;
}

bool value::is_list() const noexcept {
  auto* part = as_json_part();
  return part != nullptr ? !part->is_dict() : as_list() != nullptr;
}

bool value::is_dict() const noexcept {
  auto* part = as_json_part();
  return part != nullptr ? part->is_dict() : as_dict() != nullptr;
}

std::size_t value::size() const noexcept {
  if (auto* part = as_json_part())
    return part->size();
  if (auto* list = as_list())
    return list->size();
  auto* dict = as_dict();
  return dict == nullptr ? 0 : dict->size();
}

const value* value::find(std::string_view key) const noexcept {
  if (auto* part = as_json_part())
    return part->find(key);
  auto* dict = as_dict();
  if (dict == nullptr)
    return nullptr;
  auto found = std::find_if(dict->begin(), dict->end(), [&](auto& item) { return item.first == key; });
  if (found == dict->end() && std::holds_alternative<std::shared_ptr<const caseless_dict>>(data_))
    found = std::find_if(dict->begin(), dict->end(), [&](auto& item) { return equals_ignoring_case(item.first, key); });
  return found == dict->end() ? nullptr : &found->second;
}

bool value::operator==(const value& other) const {
  if (auto order = compare_numbers(*this, other))
    return *order == 0;
  if (auto* a = as_string())
    return other.as_string() != nullptr && *a == *other.as_string();
  if (auto* a = as_datetime())
    return other.as_datetime() != nullptr && a->instant == other.as_datetime()->instant;
  // Sizes first: they may be known without decoding.
  if (is_list())
    return other.is_list() && size() == other.size()
           && (as_list() == other.as_list() || *as_list() == *other.as_list());
  if (is_dict())
    return other.is_dict() && is_empty(*this) == is_empty(other)
           && (as_dict() == other.as_dict() || equal_dicts(*as_dict(), *other.as_dict()));
  return is_none() && other.is_none();
}

bool truthy(const value& x) noexcept {
  if (auto* b = x.as_bool())
    return *b;
  if (auto* i = x.as_int())
    return *i != 0;
  if (auto* d = x.as_double())
    return *d != 0;
  if (auto* s = x.as_string())
    return !s->empty();
  if (x.as_big() != nullptr)
    return true;
  if (x.is_list() || x.is_dict())
    return !is_empty(x);
  return !x.is_none();
}

} // namespace sluice::language
