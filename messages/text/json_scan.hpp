#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

/// Walks JSON text that is known to be valid, without decoding it. All functions stay inside [p, end), whatever is
/// there; what they return for invalid text has no meaning.
///
/// Fields are found on the text itself, because records are passed on as text. If an object has a key twice, the last
/// one counts, as in Python's decoder and therefore in the reference.
namespace sluice::json {

inline bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline const char* skip_space(const char* p, const char* end) noexcept {
  while (p < end && is_space(*p)) {
    ++p;
  }
  return p;
}

/// `p` is at the opening quote; returns the position behind the closing one.
inline const char* skip_string(const char* p, const char* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  ++p;
  while (p < end) {
    // Eight bytes at once: strings are most of a page.
    while (end - p >= 8) {
      std::uint64_t block = 0;
      std::memcpy(&block, p, 8);
      auto quotes = block ^ (ones * '"');
      auto escapes = block ^ (ones * '\\');
      if ((((quotes - ones) & ~quotes) | ((escapes - ones) & ~escapes)) & highs) {
        break;
      }
      p += 8;
    }
    while (p < end && *p != '"' && *p != '\\') {
      ++p;
    }
    if (p >= end) {
      return end;
    }
    if (*p == '"') {
      return p + 1;
    }
    p += 2; // an escape: whatever follows the backslash does not end the string
  }
  return end;
}

/// `p` is at the first character of a value; returns the position behind its last.
inline const char* skip_value(const char* p, const char* end) noexcept {
  std::size_t depth = 0;
  while (p < end) {
    switch (*p) {
      case '"':
        p = skip_string(p, end);
        break;
      case '{':
      case '[':
        ++depth;
        ++p;
        continue;
      case '}':
      case ']':
        if (depth == 0) {
          return p;
        }
        --depth;
        ++p;
        break;
      case ',':
        if (depth == 0) {
          return p;
        }
        ++p;
        continue;
      default:
        if (depth == 0) {
          while (p < end && *p != ',' && *p != '}' && *p != ']' && !is_space(*p)) {
            ++p;
          }
          return p;
        }
        ++p;
        continue;
    }
    if (depth == 0) {
      return p;
    }
  }
  return end;
}

/// Calls `f(key, value)` for each field of the object at `p`: the key's text between its quotes, and the position of
/// its value. `f` returns the position behind the value, or nullptr to stop. Returns the position behind the object, or
/// nullptr.
template <class F>
const char* each_field(const char* p, const char* end, F&& f) {
  p = skip_space(p + 1, end);
  while (p < end && *p == '"') {
    auto key_end = skip_string(p, end);
    if (key_end - p < 2) {
      return end;
    }
    std::string_view key{p + 1, static_cast<std::size_t>(key_end - p - 2)};
    p = skip_space(key_end, end);
    p = p < end ? skip_space(p + 1, end) : end; // behind the colon
    if (p >= end) {
      return end;
    }
    p = f(key, p);
    if (p == nullptr) {
      return nullptr;
    }
    p = skip_space(p, end);
    if (p < end && *p == ',') {
      p = skip_space(p + 1, end);
    }
  }
  return p < end ? p + 1 : end;
}

/// The same for the elements of the list at `p`: `f(value)`.
template <class F>
const char* each_element(const char* p, const char* end, F&& f) {
  p = skip_space(p + 1, end);
  while (p < end && *p != ']') {
    auto next = f(p);
    if (next == nullptr) {
      return nullptr;
    }
    p = skip_space(next, end);
    if (p < end && *p == ',') {
      p = skip_space(p + 1, end);
    } else if (p < end && *p != ']') {
      return end; // not valid JSON: do not turn in circles
    }
  }
  return p < end ? p + 1 : end;
}

/// True if the list or object has nothing in it.
inline bool is_empty(std::string_view container) noexcept {
  auto end = container.data() + container.size();
  auto first = skip_space(container.data() + 1, end);
  return first == end || *first == ']' || *first == '}';
}

inline std::string_view view(const char* from, const char* to) noexcept {
  return {from, static_cast<std::size_t>(to - from)};
}

/// Decodes the text between a string's quotes. A surrogate without its pair becomes U+FFFD.
std::string unescape(std::string_view raw);

/// True if decoding `raw`, which has escapes or is not `key`, gives `key`.
bool escaped_equals(std::string_view raw, std::string_view key);

/// True if the key with text `raw` between its quotes is `key`; escapes in it are decoded.
inline bool key_equals(std::string_view raw, std::string_view key) {
  if (raw.size() == key.size() && raw == key) {
    return key.find('\\') == std::string_view::npos || escaped_equals(raw, key);
  }
  // An escaped key is longer than what it stands for, and is like it up to its first escape.
  return raw.size() > key.size() && (raw.front() == '\\' || (!key.empty() && raw.front() == key.front()))
         && escaped_equals(raw, key);
}

/// The value of a field of an object, as text; empty if there is none, or if `object` is none.
std::string_view find_field(std::string_view object, std::string_view key);

/// Follows object keys and (digits) list positions down from `text`; empty if the path leads nowhere.
std::string_view find_path(std::string_view text, const std::vector<std::string>& path, std::size_t first = 0);

/// `segment` as a position in a list, or -1.
std::int64_t list_position(std::string_view segment) noexcept;

/// `an object`, `a list`, `a string`, `a number`, `true`, `false`, `null`, for messages.
std::string_view kind_of(std::string_view text) noexcept;

/// The keys of an object for messages: `the keys a, b, c and 4 more`, `no keys`.
std::string list_keys(std::string_view object);

} // namespace sluice::json
