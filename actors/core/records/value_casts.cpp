#include "actors/core/records/value_casts.hpp"

#include "config/language/characters.hpp"
#include "config/language/number_text.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace sluice {

namespace {

using target = cast_rule::target;

enum class json_kind { null, boolean, number, string, container };

json_kind kind_of(std::string_view text) noexcept {
  switch (text.front()) {
    case 'n':
      return json_kind::null;
    case 't':
    case 'f':
      return json_kind::boolean;
    case '"':
      return json_kind::string;
    case '{':
    case '[':
      return json_kind::container;
    default:
      return json_kind::number;
  }
}

bool is_integer(std::string_view number) noexcept {
  return number.find_first_of(".eE") == std::string_view::npos;
}

std::string text_of(std::string_view string) {
  auto raw = string.substr(1, string.size() - 2);
  return raw.find('\\') == std::string_view::npos ? std::string{raw} : json::unescape(raw);
}

/// Floats that JSON can hold.
std::optional<std::string> float_text(double x) {
  return std::isfinite(x) ? std::optional{language::detail::json_float(x)} : std::nullopt;
}

/// Of an integer: unless it has more digits than a float tells.
std::optional<std::string> float_of(std::string_view integer) {
  constexpr std::size_t exact = 15;
  const std::size_t digits = integer.size() - (integer.front() == '-' ? 1 : 0);
  if (digits <= exact)
    return integer == "-0" ? "0.0" : std::string{integer} + ".0";
  const auto x = std::strtod(std::string{integer}.c_str(), nullptr);
  return language::detail::holds_digits(x, integer) ? float_text(x) : std::nullopt;
}

std::optional<std::string> truncated(std::string_view number) {
  const auto x = std::trunc(std::strtod(std::string{number}.c_str(), nullptr));
  if (!std::isfinite(x))
    return std::nullopt;
  std::array<char, 400> buffer;
  const auto size = std::snprintf(buffer.data(), buffer.size(), "%.0f", x == 0 ? 0.0 : x);
  return std::string{buffer.data(), static_cast<std::size_t>(size)};
}

std::optional<std::string> to_string(std::string_view text) {
  if (text.front() == '"')
    return std::nullopt;
  if (auto x = language::parse_json(text))
    return json_string(language::to_text(*x));
  // A number beyond all floats.
  return json_string(text.front() == '-' ? "-inf" : "inf");
}

std::optional<std::string> to_number(std::string_view text) {
  switch (kind_of(text)) {
    case json_kind::boolean:
      return text.front() == 't' ? "1.0" : "0.0";
    case json_kind::number:
      return is_integer(text) ? float_of(text) : std::nullopt;
    case json_kind::string: {
      // Infinities and NaN stay texts: JSON has none.
      auto x = language::detail::python_parse_float(text_of(text));
      return x ? float_text(*x) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::string> to_integer(std::string_view text) {
  switch (kind_of(text)) {
    case json_kind::boolean:
      return text.front() == 't' ? "1" : "0";
    case json_kind::number:
      return is_integer(text) ? std::nullopt : truncated(text);
    case json_kind::string: {
      auto x = language::detail::python_parse_int(text_of(text), 10);
      return x ? std::optional{language::to_json(*x)} : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::string> to_boolean(std::string_view text) {
  auto word = [](bool x) { return std::optional<std::string>{x ? "true" : "false"}; };
  switch (kind_of(text)) {
    case json_kind::null:
      return word(false);
    case json_kind::boolean:
      return std::nullopt;
    case json_kind::number:
      return word(std::strtod(std::string{text}.c_str(), nullptr) != 0);
    case json_kind::container:
      return word(!json::is_empty(text));
    case json_kind::string:
      break;
  }
  constexpr std::string_view truths[] = {"y", "yes", "t", "true", "on", "1"};
  constexpr std::string_view falsehoods[] = {"n", "no", "f", "false", "off", "0"};
  const auto lower = language::detail::lower(text_of(text));
  const auto stripped = language::detail::strip(lower);
  if (std::find(std::begin(truths), std::end(truths), stripped) != std::end(truths))
    return word(true);
  if (std::find(std::begin(falsehoods), std::end(falsehoods), stripped) != std::end(falsehoods))
    return word(false);
  return std::nullopt;
}

/// What the value itself becomes; nothing: it stays.
std::optional<std::string> cast_itself(std::string_view text, const cast_rule& rule) {
  if (rule.keeps_null && text.front() == 'n')
    return std::nullopt;
  switch (rule.to) {
    case target::none:
      return std::nullopt;
    case target::string:
      return to_string(text);
    case target::number:
      return to_number(text);
    case target::integer:
      return to_integer(text);
    case target::boolean:
      return to_boolean(text);
    case target::array:
      return kind_of(text) == json_kind::container ? std::nullopt : std::optional{"[" + std::string{text} + "]"};
  }
  return std::nullopt;
}

/// Appends the list or object with what its rules make of what is in it.
bool append_inner(std::string& out, std::string_view text, const cast_rule& rule) {
  const auto* end = text.data() + text.size();
  const auto* from = text.data();
  auto value = [&](const cast_rule* r, const char* at) {
    const auto* behind = json::skip_value(at, end);
    if (r == nullptr)
      return behind;
    std::string changed;
    if (append_cast(changed, json::view(at, behind), *r)) {
      out.append(from, at);
      out += changed;
      from = behind;
    }
    return behind;
  };
  if (text.front() == '{' && !rule.fields.empty())
    json::each_field(text.data(), end, [&](std::string_view key, const char* at) {
      return value(key.find('\\') == std::string_view::npos ? rule.field(key) : rule.field(json::unescape(key)), at);
    });
  else if (text.front() == '[' && rule.items)
    json::each_element(text.data(), end, [&](const char* at) { return value(rule.items.get(), at); });
  if (from == text.data())
    return false;
  out.append(from, end);
  return true;
}

} // namespace

bool append_cast(std::string& out, std::string_view text, const cast_rule& rule) {
  auto changed = cast_itself(text, rule);
  if (append_inner(out, changed ? *changed : text, rule))
    return true;
  if (changed)
    out += *changed;
  return changed.has_value();
}

} // namespace sluice
