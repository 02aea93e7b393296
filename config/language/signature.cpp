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

std::string builtin::mismatch(std::size_t positional, const std::vector<std::string_view>& named) const {
  std::vector<bool> given(parameters.size(), false);
  std::fill_n(given.begin(), std::min(positional, given.size()), true);
  bool ok = variadic ? named.empty() && positional >= required : positional <= parameters.size();
  for (auto argument : named) {
    auto found = std::find(parameters.begin(), parameters.end(), argument);
    auto index = static_cast<std::size_t>(found - parameters.begin());
    if (found == parameters.end() || given[index]) {
      ok = false;
      break;
    }
    given[index] = true;
  }
  if (!variadic)
    ok = ok
         && std::find(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(required), false)
              == given.begin() + static_cast<std::ptrdiff_t>(required);
  if (ok)
    return {};
  return "'" + std::string{name} + "' is called with other arguments than it takes: " + list_parameters(*this);
}

result<arguments> builtin::bind(std::vector<object> positional,
                                std::vector<std::pair<std::string_view, object>> named) const {
  std::vector<std::string_view> names;
  for (auto& [argument, ignored] : named)
    names.push_back(argument);
  if (auto message = mismatch(positional.size(), names); !message.empty())
    return refuse(std::move(message), error_kind::type);
  arguments bound;
  if (variadic) {
    bound.rest_ = std::move(positional);
    return bound;
  }
  bound.slots_.resize(parameters.size());
  std::move(positional.begin(), positional.end(), bound.slots_.begin());
  for (auto& [argument, x] : named) {
    auto index = std::find(parameters.begin(), parameters.end(), argument) - parameters.begin();
    bound.slots_[static_cast<std::size_t>(index)] = std::move(x);
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
