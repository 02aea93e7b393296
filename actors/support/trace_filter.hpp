#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What a trace filter sees of a message.
struct trace_subject {
  std::string_view message;
  /// Kinds and numbers of the actors: `fetcher`, 23. Empty and 0: outside of the actors.
  std::string_view from;
  std::uint64_t from_id = 0;
  std::string_view to;
  std::uint64_t to_id = 0;
  /// Empty: it belongs to no slice.
  std::string_view slice;
};

/// Which messages a trace shows (`--trace-filter`): terms `KEY=PATTERN[,PATTERN...]`, separated by blanks, all of which
/// must hold. Keys: `actor` (sender or receiver), `from`, `to`, `message`, `slice`. `*` stands for any text, `?` for
/// one character.
///
/// Without `*` and `?`, a pattern for `slice` is a part of the name, one for `message` one of the words of the type's
/// name (`page` means `page_outcome` and `page_written`), and one for an actor its kind, with or without its number
/// (`fetcher`, `fetcher#23`). A `/` in a pattern for `slice` also stands for the blank after the endpoint's name.
class trace_filter {
public:
  /// Everything.
  trace_filter() = default;
  /// Errors name the term and the known keys.
  static expected<trace_filter> parse(std::string_view text);

  bool shows(const trace_subject& x) const;
  /// As it was given.
  const std::string& text() const noexcept { return text_; }

private:
  enum class key : std::uint8_t { actor, from, to, message, slice };
  struct term {
    key what = key::message;
    std::vector<std::string> patterns;
  };
  static bool holds(const term& t, const trace_subject& x);

  std::string text_;
  std::vector<term> terms_;
};

/// How much a trace may show (`--trace-limit N` or `N/s`): beyond it the trace switches itself off.
struct trace_limit {
  /// 0: no limit.
  std::uint64_t messages = 0;
  /// `messages` are those of one second.
  bool per_second = false;

  /// Errors say how a limit is written.
  static expected<trace_limit> parse(std::string_view text);
  /// `100 messages`, `10 messages a second`
  std::string text() const;
};

} // namespace sluice
