#include "config/language/literal.hpp"

#include "config/language/number_text.hpp"
#include "config/language/python_string.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace sluice::language::detail {

namespace {

/// Where CPython stops as well ("too many nested parentheses").
constexpr std::size_t max_nesting = 200;

bool is_word_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

/// Reads a Python literal. Every function gives nothing if what stands there is none that a value can hold.
class literal_parser {
public:
  explicit literal_parser(std::string_view text) : text_(text) {}

  std::optional<value> run() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
      ++at_;
    skip_empty_lines();
    auto x = parse_tuple(true);
    return x && at_end() ? x : std::nullopt;
  }

  /// The outermost value is a tuple, perhaps in parentheses.
  bool is_tuple() const noexcept { return is_tuple_; }

private:
  using maybe = std::optional<value>;

  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool accept(char c) {
    skip_blanks();
    bool found = at(c);
    at_ += found ? 1 : 0;
    return found;
  }

  /// Line breaks count as blanks within brackets only.
  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      bool line_break = c == '\n' || c == '\r';
      if (c == '#') {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
        --at_;
      } else if (text_.substr(at_).starts_with("\\\n")) {
        ++at_;
      } else if (c != ' ' && c != '\t' && c != '\f' && !(line_break && nesting_ > 0)) {
        return;
      }
    }
  }

  /// Lines with nothing but blanks and comments before the expression, which itself must not be indented then.
  void skip_empty_lines() {
    for (;;) {
      auto start = at_;
      skip_blanks();
      bool blank_line = at('\n') || at('\r');
      if (!blank_line) {
        // An indented line is an error in Python, unless it is the first.
        if (start > 0 && (text_[start - 1] == '\n' || text_[start - 1] == '\r') && at_ > start && text_[start] != '\f')
          at_ = text_.size();
        return;
      }
      ++at_;
    }
  }

  bool at_end() {
    skip_blanks();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
      auto line = ++at_;
      skip_blanks();
      // A last line of blanks alone is an indentation error in Python.
      if (at_ == text_.size() && at_ > line && text_.find('#', line) == std::string_view::npos)
        return false;
    }
    return at_ == text_.size();
  }

  /// One expression, or several with commas. `bare`: at top level, where the end of the text ends it.
  maybe parse_tuple(bool bare) {
    auto first = parse_expression();
    if (!first)
      return std::nullopt;
    if (!accept(','))
      return first;
    is_tuple_ = is_tuple_ || nesting_ <= 1;
    value_list items{std::move(*first)};
    for (;;) {
      skip_blanks();
      if (bare ? at_ == text_.size() || at('\n') || at('\r') : at(')'))
        break;
      auto x = parse_expression();
      if (!x)
        return std::nullopt;
      items.push_back(std::move(*x));
      if (!accept(','))
        break;
    }
    return value{std::move(items)};
  }

  maybe parse_expression() {
    skip_blanks();
    if (at_ == text_.size())
      return std::nullopt;
    char c = text_[at_];
    if (c == '-' || c == '+')
      return parse_signed();
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && ascii_digits.contains(text_[at_ + 1])))
      return parse_number(false);
    if (c == '(' || c == '[' || c == '{')
      return parse_brackets(c);
    if (c == '\'' || c == '"')
      return parse_strings();
    return parse_word();
  }

  /// Only a number may follow a sign, perhaps in parentheses.
  maybe parse_signed() {
    bool negative = text_[at_++] == '-';
    skip_blanks();
    maybe x;
    if (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      x = parse_number(negative);
    } else if (at('(')) {
      auto inner_sign = text_.find_first_not_of("( \t\f\n\r", at_);
      bool is_number
        = inner_sign != std::string_view::npos && (is_digit(text_[inner_sign]) || text_[inner_sign] == '.');
      x = is_number ? parse_brackets('(') : std::nullopt;
      if (x && (x->as_int() != nullptr || x->as_big() != nullptr))
        x = negative ? make_integer("-" + to_text(*x)) : *x;
      else if (x && x->as_double() != nullptr)
        x = negative ? value{-*x->as_double()} : *x;
      else
        x = std::nullopt;
    }
    return x;
  }

  maybe parse_number(bool negative) {
    auto start = at_;
    while (at_ < text_.size()) {
      bool exponent_sign = (text_[at_] == '+' || text_[at_] == '-') && at_ > start
                           && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && !is_hexadecimal(start);
      if (!is_word_character(text_[at_]) && text_[at_] != '.' && !exponent_sign)
        break;
      ++at_;
    }
    auto token = text_.substr(start, at_ - start);
    if (auto x = read_integer(token, negative))
      return x;
    if (token.find_first_of(".eE") == std::string_view::npos || is_hexadecimal(start))
      return std::nullopt;
    // Digits alone take underscores: `1_0.0_1`, not `1_.5`.
    auto digits = without_underscores(token);
    bool misplaced = token.find("_e") != std::string_view::npos || token.find("_E") != std::string_view::npos
                     || token.find("e_") != std::string_view::npos || token.find("E_") != std::string_view::npos;
    auto x = digits && !misplaced ? read_float(*digits) : std::nullopt;
    // An identifier such as `35E87645934406417` is no number to anyone who wrote it: what a float cannot hold stays
    // text.
    if (!x || !holds_digits(*x, *digits))
      return std::nullopt;
    return value{negative ? -*x : *x};
  }

  bool is_hexadecimal(std::size_t start) const {
    return text_[start] == '0' && start + 1 < text_.size() && (text_[start + 1] == 'x' || text_[start + 1] == 'X');
  }

  maybe read_integer(std::string_view token, bool negative) const {
    int base = 10;
    if (token.size() > 2 && token[0] == '0') {
      char c = token[1];
      base = c == 'x' || c == 'X' ? 16 : c == 'o' || c == 'O' ? 8 : c == 'b' || c == 'B' ? 2 : 10;
    }
    bool leading_zero = base == 10 && token[0] == '0' && token.find_first_not_of("0_") != std::string_view::npos;
    if (leading_zero)
      return std::nullopt;
    return python_parse_int((negative ? "-" : "") + std::string{token}, base);
  }

  maybe parse_brackets(char open) {
    if (++nesting_ > max_nesting)
      return std::nullopt;
    ++at_;
    auto x = open == '(' ? parse_parentheses() : open == '[' ? parse_list() : parse_dict();
    --nesting_;
    return x;
  }

  maybe parse_parentheses() {
    if (accept(')'))
      return value{value_list{}};
    auto x = parse_tuple(false);
    return x && accept(')') ? x : std::nullopt;
  }

  maybe parse_list() {
    value_list items;
    while (!accept(']')) {
      auto x = parse_expression();
      if (!x)
        return std::nullopt;
      items.push_back(std::move(*x));
      if (!accept(',')) {
        if (!accept(']'))
          return std::nullopt;
        break;
      }
    }
    return value{std::move(items)};
  }

  maybe parse_dict() {
    value_dict items;
    std::unordered_map<std::string, std::size_t> index;
    while (!accept('}')) {
      auto key = parse_expression();
      auto name = key ? json_key(*key) : std::nullopt;
      if (!name || !accept(':'))
        return std::nullopt;
      auto x = parse_expression();
      if (!x)
        return std::nullopt;
      auto [known, fresh] = index.try_emplace(*name, items.size());
      if (fresh)
        items.emplace_back(std::move(*name), std::move(*x));
      else
        items[known->second].second = std::move(*x);
      if (!accept(',')) {
        if (!accept('}'))
          return std::nullopt;
        break;
      }
    }
    return value{std::move(items)};
  }

  /// `True`, `False`, `None`, or the prefix of a string.
  maybe parse_word() {
    auto end = at_;
    while (end < text_.size() && is_word_character(text_[end]))
      ++end;
    auto word = text_.substr(at_, end - at_);
    if (end < text_.size() && (text_[end] == '\'' || text_[end] == '"'))
      return parse_strings();
    at_ = end;
    if (word == "True" || word == "False")
      return value{word == "True"};
    if (word == "None")
      return value{};
    return std::nullopt;
  }

  /// Neighbouring strings are one.
  maybe parse_strings() {
    std::string all;
    bool any = false;
    for (;;) {
      skip_blanks();
      auto end = at_;
      while (end < text_.size() && is_word_character(text_[end]))
        ++end;
      if (end == text_.size() || (text_[end] != '\'' && text_[end] != '"'))
        break;
      auto prefix = text_.substr(at_, end - at_);
      bool raw = prefix == "r" || prefix == "R";
      if (!raw && !prefix.empty() && prefix != "u" && prefix != "U")
        return std::nullopt;
      at_ = end;
      auto one = parse_string(raw);
      if (!one)
        return std::nullopt;
      all += *one;
      any = true;
    }
    return any ? maybe{value{std::move(all)}} : std::nullopt;
  }

  std::optional<std::string> parse_string(bool raw) {
    char quote = text_[at_];
    std::string closing(text_.substr(at_).starts_with(std::string(3, quote)) ? 3 : 1, quote);
    at_ += closing.size();
    auto start = at_;
    while (at_ < text_.size() && !text_.substr(at_).starts_with(closing)) {
      if (closing.size() == 1 && (text_[at_] == '\n' || text_[at_] == '\r'))
        return std::nullopt;
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size())
      return std::nullopt;
    auto body = text_.substr(start, at_ - start);
    at_ += closing.size();
    return raw ? std::string{body} : unescape(body);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  bool is_tuple_ = false;
};

/// True if Python's `repr` of `x` is a literal that reads back as `x`.
bool survives(const value& x) {
  if (auto* d = x.as_double())
    return std::isfinite(*d);
  if (auto* list = x.as_list())
    return std::all_of(list->begin(), list->end(), survives);
  if (auto* dict = x.as_dict())
    return std::all_of(dict->begin(), dict->end(), [](auto& item) { return survives(item.second); });
  return x.as_datetime() == nullptr;
}

} // namespace

std::optional<value> parse_literal(std::string_view text, bool* is_tuple) {
  // Python refuses source with a NUL in it.
  if (text.find('\0') != std::string_view::npos)
    return std::nullopt;
  literal_parser parser{text};
  auto x = parser.run();
  if (is_tuple != nullptr)
    *is_tuple = parser.is_tuple();
  return x;
}

value literal_or_text(std::string text) {
  // Most texts are words: their first character tells that they are no literal.
  auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos)
    return value{std::move(text)};
  if (auto x = parse_literal(text))
    return std::move(*x);
  return value{std::move(text)};
}

std::optional<value> evaluate_directly(const object& x) {
  if (x.as_string() != nullptr || (x.as_value() == nullptr && !x.is_list() && !x.is_dict()))
    return std::nullopt;
  auto plain = to_plain(x);
  return plain && survives(*plain) ? plain : std::nullopt;
}

} // namespace sluice::language::detail
