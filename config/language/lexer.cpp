#include "config/language/lexer.hpp"

#include "config/language/characters.hpp"
#include "config/language/number_text.hpp"
#include "config/language/python_string.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::language::detail {

namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_character(char c) {
  return is_name_start(c) || ascii_digits.contains(c);
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class lexer {
public:
  explicit lexer(std::string_view source) : source_(source) {}

  tl::expected<std::vector<piece>, syntax_error> run() {
    bool ok = true;
    while (ok && at_ < source_.size())
      ok = cut_text() && (at_ >= source_.size() || cut_delimited());
    if (!ok)
      return tl::unexpected(error_);
    return std::move(pieces_);
  }

private:
  bool fail(std::string message, std::size_t at) {
    error_ = {std::move(message), at};
    return false;
  }

  bool starts_with(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  /// Literal text up to the next delimiter.
  bool cut_text() {
    auto end = source_.find('{', at_);
    while (end != std::string_view::npos && !is_delimiter(end))
      end = source_.find('{', end + 1);
    end = std::min(end, source_.size());
    auto text = source_.substr(at_, end - at_);
    if (strip_next_)
      text = strip_left(text);
    strip_next_ = false;
    if (end + 2 < source_.size() && source_[end + 2] == '-')
      text = strip_right(text);
    if (!text.empty())
      pieces_.push_back({std::string{text}, {}, false});
    at_ = end;
    return true;
  }

  bool is_delimiter(std::size_t at) const {
    return at + 1 < source_.size() && std::string_view{"{%#"}.find(source_[at + 1]) != std::string_view::npos;
  }

  bool cut_delimited() {
    auto start = at_;
    char kind = source_[at_ + 1];
    at_ += 2;
    if (kind == '#')
      return cut_comment(start);
    if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+'))
      ++at_;
    if (kind == '%' && next_word() == "raw")
      return cut_raw(start);
    return cut_expression(start, kind == '%');
  }

  /// The name at this place, behind blanks.
  std::string_view next_word() const {
    auto from = at_;
    while (from < source_.size() && is_blank(source_[from]))
      ++from;
    auto to = from;
    while (to < source_.size() && is_name_character(source_[to]))
      ++to;
    return source_.substr(from, to - from);
  }

  /// `{% raw %}`: text up to `{% endraw %}`, whatever it holds.
  bool cut_raw(std::size_t start) {
    if (!skip_word_and_end("raw"))
      return fail("'{% raw %}' takes nothing behind it", start);
    auto first = at_;
    for (auto end = source_.find("{%", at_); end != std::string_view::npos; end = source_.find("{%", end + 1)) {
      at_ = end + 2;
      bool strips = at_ < source_.size() && source_[at_] == '-';
      if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+'))
        ++at_;
      auto text = source_.substr(first, end - first);
      if (strip_next_)
        text = strip_left(text);
      bool strips_before = std::exchange(strip_next_, false);
      if (next_word() == "endraw" && skip_word_and_end("endraw")) {
        if (strips)
          text = strip_right(text);
        if (!text.empty())
          pieces_.push_back({std::string{text}, {}, false});
        return true;
      }
      strip_next_ = strips_before;
    }
    return fail("the raw block that starts here has no '{% endraw %}'", start);
  }

  /// Skips a word and the end of its statement; false if something else stands there.
  bool skip_word_and_end(std::string_view word) {
    while (at_ < source_.size() && is_blank(source_[at_]))
      ++at_;
    at_ += word.size();
    while (at_ < source_.size() && is_blank(source_[at_]))
      ++at_;
    bool strips = starts_with("-%}");
    if (!strips && !starts_with("%}") && !starts_with("+%}"))
      return false;
    at_ += starts_with("%}") ? 2 : 3;
    strip_next_ = strips;
    return true;
  }

  bool cut_comment(std::size_t start) {
    auto end = source_.find("#}", at_);
    if (end == std::string_view::npos)
      return fail("the comment that starts here has no end '#}'", start);
    strip_next_ = end > at_ && source_[end - 1] == '-';
    at_ = end + 2;
    return true;
  }

  bool cut_expression(std::size_t start, bool is_statement) {
    pieces_.emplace_back().is_statement = is_statement;
    open_.clear();
    std::string_view end = is_statement ? "%}" : "}}";
    auto has_end = [&](std::size_t at) { return source_.substr(at).starts_with(end); };
    for (;;) {
      while (at_ < source_.size() && is_blank(source_[at_]))
        ++at_;
      if (at_ == source_.size())
        return fail(std::string{is_statement ? "the statement" : "the expression"} + " that starts here has no end '"
                      + std::string{end} + "'",
                    start);
      // Within brackets `}}` closes two dicts.
      bool strips = source_[at_] == '-' && has_end(at_ + 1);
      bool keeps = is_statement && source_[at_] == '+' && has_end(at_ + 1);
      if (open_.empty() && (has_end(at_) || strips || keeps)) {
        add(token_kind::end, "", at_);
        strip_next_ = strips;
        at_ += strips || keeps ? 3 : 2;
        return true;
      }
      if (!read_token())
        return false;
    }
  }

  void add(token_kind kind, std::string text, std::size_t at) {
    pieces_.back().tokens.push_back({kind, std::move(text), at});
  }

  bool read_token() {
    char c = source_[at_];
    if (is_name_start(c))
      return read_name();
    if (ascii_digits.contains(c))
      return read_number();
    if (c == '"' || c == '\'')
      return read_string(c);
    return read_symbol();
  }

  bool read_name() {
    auto start = at_;
    while (at_ < source_.size() && is_name_character(source_[at_]))
      ++at_;
    add(token_kind::name, std::string{source_.substr(start, at_ - start)}, start);
    return true;
  }

  bool read_symbol() {
    static constexpr std::array symbols = {"==", "!=", ">=", "<=", "//", "**", "+", "-", "*", "/", "%", "~", "(",
                                           ")",  "[",  "]",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ","};
    auto found = std::find_if(symbols.begin(), symbols.end(), [this](auto* s) { return starts_with(s); });
    if (found == symbols.end())
      return fail("a character that has no meaning in an expression", at_);
    std::string_view symbol{*found};
    if (symbol == "(" || symbol == "[" || symbol == "{") {
      open_.push_back(symbol[0] == '(' ? ')' : symbol[0] == '[' ? ']' : '}');
    } else if (symbol == ")" || symbol == "]" || symbol == "}") {
      if (open_.empty() || open_.back() != symbol[0])
        return fail("'" + std::string{symbol} + "' closes nothing that is open", at_);
      open_.pop_back();
    }
    add(token_kind::symbol, std::string{symbol}, at_);
    at_ += symbol.size();
    return true;
  }

  /// The escapes are resolved as in Python.
  bool read_string(char quote) {
    auto start = at_++;
    auto body = at_;
    while (at_ < source_.size() && source_[at_] != quote)
      at_ += source_[at_] == '\\' ? 2 : 1;
    if (at_ >= source_.size())
      return fail("the string that starts here has no end", start);
    auto text = unescape(source_.substr(body, at_ - body));
    if (!text)
      return fail("the string that starts here has an escape sequence that is cut short or not supported", start);
    add(token_kind::string, std::move(*text), start);
    ++at_;
    return true;
  }

  /// `12`, `1_000`, `0x1F`, `0o17`, `0b101`, `1.5`, `1e5`, `1.5e-3`. A point needs digits on both sides.
  bool read_number() {
    auto start = at_;
    bool prefixed = source_[at_] == '0' && at_ + 1 < source_.size()
                    && std::string_view{"xXoObB"}.find(source_[at_ + 1]) != std::string_view::npos;
    bool floating = false;
    take_digits();
    // `x.0.5` is two lookups, not one by 0.5.
    bool after_point = !pieces_.back().tokens.empty() && pieces_.back().tokens.back().text == "."
                       && pieces_.back().tokens.back().kind == token_kind::symbol;
    if (!prefixed && !after_point && at_ + 1 < source_.size() && source_[at_] == '.'
        && ascii_digits.contains(source_[at_ + 1])) {
      floating = true;
      ++at_;
      take_digits();
    }
    auto text = std::string{source_.substr(start, at_ - start)};
    bool exponent = !prefixed && (text.back() == 'e' || text.back() == 'E');
    if (exponent && at_ + 1 < source_.size() && (source_[at_] == '+' || source_[at_] == '-')
        && ascii_digits.contains(source_[at_ + 1])) {
      ++at_;
      take_digits();
      text = std::string{source_.substr(start, at_ - start)};
    }
    floating = floating || (!prefixed && text.find_first_of("eE") != std::string::npos);
    return floating ? add_float(text, start) : add_integer(text, start, prefixed);
  }

  void take_digits() {
    while (at_ < source_.size() && is_name_character(source_[at_]))
      ++at_;
  }

  bool add_float(const std::string& text, std::size_t start) {
    auto digits = without_underscores(text);
    if (!digits || !read_float(*digits))
      return fail("'" + text + "' is no number", start);
    add(token_kind::floating, std::move(*digits), start);
    return true;
  }

  bool add_integer(const std::string& text, std::size_t start, bool prefixed) {
    int base = !prefixed ? 10 : text[1] == 'x' || text[1] == 'X' ? 16 : text[1] == 'o' || text[1] == 'O' ? 8 : 2;
    auto x = python_parse_int(text, base);
    bool leading_zero = !prefixed && text[0] == '0' && text.find_first_not_of("0_") != std::string::npos;
    if (!x || leading_zero)
      return fail("'" + text + "' is no number", start);
    add(token_kind::integer, to_text(*x), start);
    return true;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::vector<piece> pieces_;
  /// The brackets that are to be closed, innermost last.
  std::string open_;
  bool strip_next_ = false;
  syntax_error error_;
};

} // namespace

tl::expected<std::vector<piece>, syntax_error> cut(std::string_view source) {
  if (source.ends_with("\r\n"))
    source.remove_suffix(2);
  else if (source.ends_with('\n') || source.ends_with('\r'))
    source.remove_suffix(1);
  return lexer{source}.run();
}

} // namespace sluice::language::detail
