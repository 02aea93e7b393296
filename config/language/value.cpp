#include "config/language/value.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sluice::language {

namespace {

/// Dicts up to this size are compared by plain search.
constexpr std::size_t small_dict = 16;

/// Compares a number with an integer exactly; a conversion to double would make neighbours equal.
bool equals(double x, std::int64_t i) noexcept {
  constexpr double limit = 9223372036854775808.0; // 2^63
  return x >= -limit && x < limit && std::trunc(x) == x && static_cast<std::int64_t>(x) == i;
}

/// Bools count as integers, as in Python.
std::optional<std::int64_t> integer(const value& x) noexcept {
  if (auto* i = x.as_int())
    return *i;
  if (auto* b = x.as_bool())
    return *b ? 1 : 0;
  return std::nullopt;
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

bool equal_dicts(const value_dict& a, const value_dict& b) {
  if (a.size() != b.size())
    return false;
  auto same_key = [](auto& x, auto& y) { return x.first == y.first; };
  if (!std::equal(a.begin(), a.end(), b.begin(), same_key))
    return equal_in_any_order(a, b);
  return std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) { return x.second == y.second; });
}

} // namespace

const value_list* value::as_list() const noexcept {
  auto* list = std::get_if<std::shared_ptr<const value_list>>(&data_);
  return list == nullptr ? nullptr : list->get();
}

const value_dict* value::as_dict() const noexcept {
  auto* dict = std::get_if<std::shared_ptr<const value_dict>>(&data_);
  return dict == nullptr ? nullptr : dict->get();
}

const value* value::find(std::string_view key) const noexcept {
  auto* dict = as_dict();
  if (dict == nullptr)
    return nullptr;
  auto found = std::find_if(dict->begin(), dict->end(), [&](auto& item) { return item.first == key; });
  return found == dict->end() ? nullptr : &found->second;
}

bool value::operator==(const value& other) const {
  if (auto a = integer(*this)) {
    if (auto b = integer(other))
      return *a == *b;
    return other.as_double() != nullptr && equals(*other.as_double(), *a);
  }
  if (auto* a = as_double()) {
    if (auto b = integer(other))
      return equals(*a, *b);
    return other.as_double() != nullptr && *a == *other.as_double();
  }
  if (auto* a = as_string())
    return other.as_string() != nullptr && *a == *other.as_string();
  if (auto* a = as_datetime())
    return other.as_datetime() != nullptr && a->instant == other.as_datetime()->instant;
  if (auto* a = as_list())
    return other.as_list() != nullptr && (a == other.as_list() || *a == *other.as_list());
  if (auto* a = as_dict())
    return other.as_dict() != nullptr && (a == other.as_dict() || equal_dicts(*a, *other.as_dict()));
  return other.is_none();
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
  if (auto* list = x.as_list())
    return !list->empty();
  if (auto* dict = x.as_dict())
    return !dict->empty();
  return !x.is_none();
}

} // namespace sluice::language
