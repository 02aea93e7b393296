#include "actors/core/records/key_changes.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

namespace {

std::string text_of_key(std::string_view raw) {
  return raw.find('\\') == std::string_view::npos ? std::string{raw} : json::unescape(raw);
}

/// Fields of an object that is being made: the last value of a key stands at the first one's place.
class field_list {
public:
  void set(std::string key, std::string_view value) {
    auto [known, is_new] = places_.try_emplace(std::move(key), fields_.size());
    if (is_new)
      fields_.emplace_back(&known->first, value);
    else
      fields_[known->second].second = value;
  }
  bool has(const std::string& key) const { return places_.count(key) > 0; }
  const std::vector<std::pair<const std::string*, std::string_view>>& all() const noexcept { return fields_; }

private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::pair<const std::string*, std::string_view>> fields_;
};

/// What the reference's transliteration makes of U+00A0 to U+017F.
constexpr char32_t first_latin = 0xA0;
constexpr std::string_view latin[]
  = {" ",  "!", "c", "GBP", "$", "Y",  "|",  "S",  "\"", "(C)", "a",   "<<",  "!", "",   "(R)", "-", "deg", "+-", "2",
     "3",  "'", "u", "P",   "-", ",",  "1",  "o",  ">>", "1/4", "1/2", "3/4", "?", "A",  "A",   "A", "A",   "A",  "A",
     "Ae", "C", "E", "E",   "E", "E",  "I",  "I",  "I",  "I",   "D",   "N",   "O", "O",  "O",   "O", "O",   "*",  "O",
     "U",  "U", "U", "U",   "Y", "Th", "ss", "a",  "a",  "a",   "a",   "a",   "a", "ae", "c",   "e", "e",   "e",  "e",
     "i",  "i", "i", "i",   "d", "n",  "o",  "o",  "o",  "o",   "o",   "/",   "o", "u",  "u",   "u", "u",   "y",  "th",
     "y",  "A", "a", "A",   "a", "A",  "a",  "C",  "c",  "C",   "c",   "C",   "c", "C",  "c",   "D", "d",   "D",  "d",
     "E",  "e", "E", "e",   "E", "e",  "E",  "e",  "E",  "e",   "G",   "g",   "G", "g",  "G",   "g", "G",   "g",  "H",
     "h",  "H", "h", "I",   "i", "I",  "i",  "I",  "i",  "I",   "i",   "I",   "i", "IJ", "ij",  "J", "j",   "K",  "k",
     "q",  "L", "l", "L",   "l", "L",  "l",  "L",  "l",  "L",   "l",   "N",   "n", "N",  "n",   "N", "n",   "'n", "Ng",
     "ng", "O", "o", "O",   "o", "O",  "o",  "Oe", "oe", "R",   "r",   "R",   "r", "R",  "r",   "S", "s",   "S",  "s",
     "S",  "s", "S", "s",   "T", "t",  "T",  "t",  "T",  "t",   "U",   "u",   "U", "u",  "U",   "u", "U",   "u",  "U",
     "u",  "U", "u", "W",   "w", "Y",  "y",  "Y",  "Z",  "z",   "Z",   "z",   "Z", "z",  "s"};

/// ASCII for `key`; nothing if a character has none here.
std::optional<std::string> transliterated(std::string_view key) {
  std::string result;
  for (std::size_t i = 0; i < key.size();) {
    const auto c = next_code_point(key, i);
    if (c < 0x80)
      result.push_back(static_cast<char>(c));
    else if (c >= first_latin && c - first_latin < std::size(latin))
      result += latin[c - first_latin];
    else
      return std::nullopt;
  }
  return result;
}

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_number_part(char c) noexcept {
  return is_digit(c);
}

/// Words and numbers; an empty one for what stands between them.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    const auto start = i;
    auto skip = [&](auto&& is) {
      while (i < text.size() && is(text[i]))
        ++i;
    };
    if (is_digit(text[i])) {
      skip(is_number_part);
    } else {
      skip(is_upper);
      skip(is_lower);
    }
    if (i == start) {
      skip([](char c) { return !is_upper(c) && !is_lower(c) && !is_digit(c); });
      words.emplace_back();
      continue;
    }
    words.push_back(lower_case(std::string_view{text}.substr(start, i - start)));
  }
  return words;
}

} // namespace

bool append_renamed(std::string& out, std::string_view object, bool inside, const key_renaming& rename) {
  field_list fields;
  bool all = true;
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view raw, const char* at) -> const char* {
    const auto* behind = json::skip_value(at, end);
    auto key = rename(text_of_key(raw));
    all = key.has_value();
    if (!all)
      return nullptr;
    fields.set(std::move(*key), json::view(at, behind));
    return behind;
  });
  out.push_back('{');
  const char* separator = "";
  for (const auto& [key, value] : fields.all()) {
    if (!all)
      break;
    out += std::exchange(separator, ",");
    append_json_string(out, *key);
    out.push_back(':');
    if (inside && value.front() == '{')
      all = append_renamed(out, value, inside, rename);
    else
      out += value;
  }
  out.push_back('}');
  return all;
}

std::optional<std::string> snake_case(std::string_view key) {
  auto ascii = transliterated(key);
  if (!ascii)
    return std::nullopt;
  auto words = words_of(*ascii);
  // Nothing in between words makes no word; at both ends it leaves an underscore.
  if (words.size() >= 3)
    words.erase(std::remove(words.begin() + 1, words.end() - 1, std::string{}), words.end() - 1);
  if (!words.empty() && !words.front().empty() && is_digit(words.front().front()))
    words.insert(words.begin(), std::string{});
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i)
    result += (i > 0 ? "_" : "") + words[i];
  return result;
}

bool append_flattened(std::string& out, std::string_view object, bool lists, std::size_t most) {
  struct part {
    std::string_view value;
    std::string key;
  };
  // As the reference does it: what was met last comes first.
  std::vector<part> stack{{object, "_"}};
  field_list fields;
  bool with_keys_above = false;
  std::size_t bytes = 0;
  auto push = [&](std::string_view value, std::string key) {
    bytes += key.size() + sizeof(part);
    stack.push_back({value, std::move(key)});
  };
  while (!stack.empty() && bytes <= most) {
    const auto now = std::move(stack.back());
    stack.pop_back();
    const auto* end = now.value.data() + now.value.size();
    if (now.value.front() == '{') {
      json::each_field(now.value.data(), end, [&](std::string_view raw, const char* at) {
        const auto* behind = json::skip_value(at, end);
        auto key = text_of_key(raw);
        push(json::view(at, behind), with_keys_above || fields.has(key) ? now.key + "." + key : std::move(key));
        return behind;
      });
    } else if (now.value.front() == '[' && lists) {
      std::size_t i = 0;
      json::each_element(now.value.data(), end, [&](const char* at) {
        const auto* behind = json::skip_value(at, end);
        with_keys_above = true;
        push(json::view(at, behind), now.key + "." + std::to_string(i++));
        return behind;
      });
    } else {
      fields.set(now.key, now.value);
    }
  }
  if (bytes > most)
    return false;
  const char* separator = "{";
  for (const auto& [key, value] : fields.all()) {
    out += std::exchange(separator, ",");
    append_json_string(out, *key);
    out.push_back(':');
    out += value;
  }
  out += fields.all().empty() ? "{}" : "}";
  return true;
}

} // namespace sluice
