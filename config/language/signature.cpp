#include "config/language/signature.hpp"

#include <algorithm>
#include <numeric>

namespace sluice::language::detail {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string list_parameters(const builtin& f) {
  if (f.variadic)
    return "any number of arguments";
  if (f.parameters.empty())
    return "no arguments";
  std::string text = "(";
  for (std::size_t i = 0; i < f.parameters.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::string{f.parameters[i]};
    if (i >= f.required)
      text += "=";
  }
  return text + ")";
}

} // namespace

result<arguments> builtin::bind(call_values given) const {
  arguments bound;
  auto mismatch = [&] {
    return refuse("it is called with other arguments than it takes: " + list_parameters(*this), error_kind::type);
  };
  if (variadic) {
    if (given.positional.size() < required || (!keywords && !given.named.empty()))
      return mismatch();
    bound.rest_ = std::move(given.positional);
    bound.named_ = std::move(given.named);
    return bound;
  }
  if (given.positional.size() > parameters.size())
    return mismatch();
  bound.slots_.resize(parameters.size());
  std::move(given.positional.begin(), given.positional.end(), bound.slots_.begin());
  for (auto& [argument, x] : given.named) {
    auto index
      = static_cast<std::size_t>(std::find(parameters.begin(), parameters.end(), argument) - parameters.begin());
    if (index == parameters.size() || bound.slots_[index])
      return mismatch();
    bound.slots_[index] = std::move(x);
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!bound.slots_[i])
      return mismatch();
  }
  return bound;
}

std::optional<std::string_view> nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
  std::optional<std::string_view> best;
  // A name is alike if at most a third of it is wrong.
  auto least = std::max<std::size_t>(name.size() / 3, 1) + 1;
  constexpr std::size_t longest = 64;
  if (name.size() > longest)
    return best;
  for (auto candidate : candidates) {
    auto distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

} // namespace sluice::language::detail
