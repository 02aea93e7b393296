#include "config/language/value.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <unordered_map>

#include <simdjson.h>

namespace sluice::language {

namespace {

constexpr std::size_t max_depth = 256;
/// Integers beyond 64 bits, in the document's order, where `tolerable` has put `placeholder`.
using large_integers = std::vector<std::string>;
constexpr std::string_view placeholder = "18446744073709551615"; // simdjson knows it from what is smaller
/// Texts shorter than this share a parser.
constexpr std::size_t small_text = 4096;
/// Objects up to this size find repeated keys by plain search.
constexpr std::size_t small_object = 16;

/// Adds a member; the last of equal keys wins and takes the first one's place, as in Python.
void put(value_dict& dict, std::unordered_map<std::string_view, std::size_t>& index, std::string_view key, value x) {
  // The index holds views of simdjson's own strings: those of `dict` move when it grows.
  auto [position, fresh] = index.try_emplace(key, dict.size());
  if (fresh)
    dict.emplace_back(std::string{key}, std::move(x));
  else
    dict[position->second].second = std::move(x);
}

void put(value_dict& dict, std::string_view key, value x) {
  for (auto& [known, old] : dict) {
    if (known == key) {
      old = std::move(x);
      return;
    }
  }
  dict.emplace_back(std::string{key}, std::move(x));
}

/// Makes values of what simdjson has read, in the document's order.
class converter {
public:
  explicit converter(const large_integers& large) : large_(large) {}

  /// Nothing if the nesting is deeper than `max_depth`.
  std::optional<value> convert(simdjson::dom::element element, std::size_t depth) {
    using simdjson::dom::element_type;
    switch (element.type()) {
      case element_type::OBJECT:
        if (depth >= max_depth)
          return std::nullopt;
        return convert_object(simdjson::dom::object{element}, depth + 1);
      case element_type::ARRAY:
        if (depth >= max_depth)
          return std::nullopt;
        return convert_array(simdjson::dom::array{element}, depth + 1);
      case element_type::STRING:
        return value{std::string{std::string_view{element}}};
      case element_type::INT64:
        return value{std::int64_t{element}};
      case element_type::UINT64:
        return make_integer(large_.empty() ? std::to_string(std::uint64_t{element}) : large_[next_++]);
      case element_type::DOUBLE:
        return value{double{element}};
      case element_type::BOOL:
        return value{bool{element}};
      default:
        return value{};
    }
  }

private:
  std::optional<value> convert_object(simdjson::dom::object object, std::size_t depth) {
    value_dict dict;
    auto size = object.size();
    dict.reserve(size);
    std::unordered_map<std::string_view, std::size_t> index;
    for (auto field : object) {
      auto x = convert(field.value, depth);
      if (!x)
        return std::nullopt;
      if (size > small_object)
        put(dict, index, field.key, std::move(*x));
      else
        put(dict, field.key, std::move(*x));
    }
    return value{std::move(dict)};
  }

  std::optional<value> convert_array(simdjson::dom::array array, std::size_t depth) {
    value_list list;
    list.reserve(array.size());
    for (auto element : array) {
      auto x = convert(element, depth);
      if (!x)
        return std::nullopt;
      list.push_back(std::move(*x));
    }
    return value{std::move(list)};
  }

  const large_integers& large_;
  std::size_t next_ = 0;
};

bool is_number_character(char c) noexcept {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

bool is_large_integer(std::string_view token) noexcept {
  if (token.starts_with('0') || token.starts_with("-0")) // no JSON, which must stay so
    return false;
  std::int64_t x = 0;
  auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), x);
  return code == std::errc::result_out_of_range && end == token.data() + token.size();
}

std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) noexcept {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u')
    return std::nullopt;
  unsigned unit = 0;
  auto [end, code] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
  if (code != std::errc{} || end != text.data() + at + 6)
    return std::nullopt;
  return unit;
}

/// Copies one escape sequence; half a surrogate pair becomes U+FFFD. Returns the position behind it.
std::size_t copy_escape(std::string& out, std::string_view text, std::size_t at) {
  auto unit = escaped_unit(text, at);
  std::size_t length = 2;
  if (unit && *unit >= 0xD800 && *unit <= 0xDFFF) {
    auto second = *unit < 0xDC00 ? escaped_unit(text, at + 6) : std::nullopt;
    if (!second || *second < 0xDC00 || *second > 0xDFFF) {
      out += "\\uFFFD";
      return at + 6;
    }
    length = 12;
  }
  out += text.substr(at, length);
  return at + length;
}

/// The same document without integers beyond 64 bits, which go to `large`, and halves of surrogate pairs: what simdjson
/// refuses, but Python reads and servers send.
std::string tolerable(std::string_view text, large_integers& large) {
  std::string out;
  out.reserve(text.size() + 16);
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    char c = text[at];
    if (in_string && c == '\\') {
      at = copy_escape(out, text, at);
    } else if (!in_string && is_number_character(c)) {
      auto start = at;
      while (at < text.size() && is_number_character(text[at]))
        ++at;
      auto token = text.substr(start, at - start);
      if (is_large_integer(token))
        large.emplace_back(token);
      out += is_large_integer(token) ? placeholder : token;
    } else {
      in_string = in_string != (c == '"');
      out.push_back(c);
      ++at;
    }
  }
  return out;
}

tl::unexpected<error> not_json(const char* reason) {
  return fail(errc::bad_response, failure_type::system_error,
              std::string{"The text is not valid JSON: "} + reason + ".");
}

simdjson::error_code parse(simdjson::dom::parser& parser, std::string_view text, simdjson::dom::element& root) {
  // One level more than allowed: `convert` draws the line, so that it is the same in all versions of simdjson.
  if (parser.capacity() <= text.size()) {
    if (auto code = parser.allocate(std::max(text.size() + 1, small_text), max_depth + 2))
      return code;
  }
  return parser.parse(text.data(), text.size()).get(root);
}

/// The value of a text that is plainly an integer or a string without escapes: what pages and records are asked for
/// most. Nothing for all other texts, whether they are JSON or not.
std::optional<value> parse_plain(std::string_view text) {
  constexpr std::size_t longest = 64;
  if (text.size() > longest)
    return std::nullopt;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto is_plain = [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; };
  if (text.front() >= '1' && text.front() <= '9' && text.size() < 19
      && std::all_of(text.begin(), text.end(), is_digit)) {
    std::int64_t x = 0;
    for (char c : text)
      x = 10 * x + (c - '0');
    return value{x};
  }
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"'
      && std::all_of(text.begin() + 1, text.end() - 1, is_plain))
    return value{std::string{text.substr(1, text.size() - 2)}};
  return std::nullopt;
}

expected<value> parse_with(simdjson::dom::parser& parser, std::string_view text) {
  simdjson::dom::element root;
  large_integers large;
  auto code = parse(parser, text, root);
  // simdjson's versions name what they refuse differently, so any refusal is tried again.
  if (code && code != simdjson::DEPTH_ERROR) {
    if (auto repaired = tolerable(text, large); repaired != text)
      code = parse(parser, repaired, root);
  }
  if (code == simdjson::DEPTH_ERROR)
    return not_json("it is nested deeper than 256 levels");
  if (code)
    return not_json(simdjson::error_message(code));
  auto x = converter{large}.convert(root, 0);
  if (!x)
    return not_json("it is nested deeper than 256 levels");
  return std::move(*x);
}

} // namespace

expected<value> parse_json(std::string_view text) {
  if (text.empty()) // simdjson would copy from a null pointer
    return not_json(simdjson::error_message(simdjson::EMPTY));
  if (auto plain = parse_plain(text))
    return std::move(*plain);
  try {
    if (text.size() >= small_text) {
      simdjson::dom::parser parser;
      return parse_with(parser, text);
    }
    // Most texts are parts of pages and keys of records: making a parser costs more than parsing them. Only a text that
    // `tolerable` makes longer can make this one grow, and not by much.
    thread_local simdjson::dom::parser parser;
    return parse_with(parser, text);
  } catch (const std::exception& e) {
    return not_json(e.what());
  }
}

} // namespace sluice::language
