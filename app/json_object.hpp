#pragma once

#include "messages/text/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace sluice {

/// Puts members into one JSON object; keys are plain words.
class json_object {
public:
  template <class T>
  json_object& add(std::string_view key, const T& value) {
    if constexpr (std::is_same_v<T, bool>)
      return raw(key, value ? "true" : "false");
    else if constexpr (std::is_arithmetic_v<T>)
      return raw(key, std::to_string(value));
    else
      return raw(key, json_string(value));
  }
  json_object& raw(std::string_view key, std::string_view value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_.append(key).append("\":").append(value);
    return *this;
  }
  std::string take() { return text_ + "}"; }

private:
  std::string text_ = "{";
};

/// @param object makes one element's JSON of it.
template <class List, class F>
std::string array_of(const List& list, F object) {
  std::string text = "[";
  for (std::size_t i = 0; i < list.size(); ++i)
    text += (i > 0 ? "," : "") + object(i, list[i]);
  return text + "]";
}

} // namespace sluice
