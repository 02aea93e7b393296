#include "messages/text/json_scan.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::json {

namespace {

/// The number of the `\uXXXX` at the start of `text`, or -1.
std::int32_t unicode_escape(std::string_view text) noexcept {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') {
    return -1;
  }
  std::int32_t code = -1;
  auto [stop, problem] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  return problem == std::errc{} && stop == text.data() + 6 ? code : -1;
}

char simple_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

} // namespace

std::string unescape(std::string_view raw) {
  std::string result;
  result.reserve(raw.size());
  while (!raw.empty()) {
    if (raw[0] != '\\' || raw.size() < 2) {
      result.push_back(raw[0]);
      raw.remove_prefix(1);
      continue;
    }
    auto code = unicode_escape(raw);
    if (code < 0) {
      result.push_back(simple_escape(raw[1]));
      raw.remove_prefix(2);
      continue;
    }
    raw.remove_prefix(6);
    auto whole = static_cast<char32_t>(code);
    if (code >= 0xD800 && code < 0xE000) {
      auto low = code < 0xDC00 ? unicode_escape(raw) : -1;
      if (low >= 0xDC00 && low < 0xE000) {
        whole = 0x10000 + ((whole - 0xD800) << 10) + (static_cast<char32_t>(low) - 0xDC00);
        raw.remove_prefix(6);
      } else {
        whole = replacement_character;
      }
    }
    append_utf8(result, whole);
  }
  return result;
}

bool escaped_equals(std::string_view raw, std::string_view key) {
  auto [in_raw, in_key]
    = std::mismatch(raw.begin(), raw.end(), key.begin(), key.end(), [](char a, char b) { return a == b && a != '\\'; });
  return in_raw != raw.end() && *in_raw == '\\' && unescape(raw) == key;
}

std::string_view find_field(std::string_view object, std::string_view key) {
  std::string_view found;
  if (object.empty() || object.front() != '{') {
    return found;
  }
  auto end = object.data() + object.size();
  each_field(object.data(), end, [&](std::string_view raw, const char* value) {
    auto behind = skip_value(value, end);
    if (key_equals(raw, key)) {
      found = view(value, behind);
    }
    return behind;
  });
  return found;
}

std::string_view find_path(std::string_view text, const std::vector<std::string>& path, std::size_t first) {
  for (auto i = first; i < path.size() && !text.empty(); ++i) {
    if (text.front() == '{') {
      text = find_field(text, path[i]);
    } else if (text.front() == '[') {
      auto wanted = list_position(path[i]);
      std::string_view found;
      auto end = text.data() + text.size();
      std::int64_t position = 0;
      each_element(text.data(), end, [&](const char* value) -> const char* {
        auto behind = skip_value(value, end);
        if (position++ == wanted) {
          found = view(value, behind);
          return nullptr;
        }
        return behind;
      });
      text = found;
    } else {
      text = {};
    }
  }
  return text;
}

std::int64_t list_position(std::string_view segment) noexcept {
  std::int64_t position = -1;
  if (segment.empty() || segment.front() == '-') {
    return -1;
  }
  auto last = segment.data() + segment.size();
  auto [stop, problem] = std::from_chars(segment.data(), last, position);
  return problem == std::errc{} && stop == last ? position : -1;
}

std::string_view kind_of(std::string_view text) noexcept {
  switch (text.empty() ? '\0' : text.front()) {
    case '{':
      return "an object";
    case '[':
      return "a list";
    case '"':
      return "a string";
    case 't':
      return "true";
    case 'f':
      return "false";
    case 'n':
      return "null";
    case '\0':
      return "missing";
    default:
      return "a number";
  }
}

std::string list_keys(std::string_view object) {
  constexpr std::size_t shown_keys = 10;
  constexpr std::size_t shown_bytes = 40;
  if (object.empty() || object.front() != '{') {
    return "no keys";
  }
  std::string result;
  std::size_t count = 0;
  auto end = object.data() + object.size();
  each_field(object.data(), end, [&](std::string_view raw, const char* value) {
    if (count < shown_keys) {
      result += count == 0 ? "the keys " : ", ";
      result += utf8_prefix(raw, shown_bytes);
    }
    ++count;
    return skip_value(value, end);
  });
  if (count > shown_keys) {
    result += " and " + std::to_string(count - shown_keys) + " more";
  }
  return count == 0 ? "no keys" : result;
}

} // namespace sluice::json
