#pragma once

#include "config/language/value.hpp"

#include <string>
#include <unordered_map>
#include <utility>

namespace sluice {

/// Puts a dict together whose keys may come again: the last value wins and takes the first one's place. Takes time for
/// each key once, however many there are.
class dict_builder {
public:
  dict_builder() = default;
  explicit dict_builder(language::value_dict start) : dict_(std::move(start)) {}

  void put(const std::string& key, language::value x) {
    if (auto* known = find(key))
      *known = std::move(x);
    else
      dict_.emplace_back(key, std::move(x));
  }
  std::size_t size() const noexcept { return dict_.size(); }
  language::value_dict take() { return std::move(dict_); }

private:
  /// Most dicts are small: they are searched as they are.
  static constexpr std::size_t small = 16;

  language::value* find(const std::string& key) {
    if (dict_.size() <= small) {
      for (auto& [name, x] : dict_)
        if (name == key)
          return &x;
      return nullptr;
    }
    for (; indexed_ < dict_.size(); ++indexed_)
      index_.emplace(dict_[indexed_].first, indexed_);
    auto found = index_.find(key);
    return found == index_.end() ? nullptr : &dict_[found->second].second;
  }

  language::value_dict dict_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t indexed_ = 0;
};

} // namespace sluice
