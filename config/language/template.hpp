#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::language {

/// The variables a template may see: `config`, `parameters`, `stream_slice`, `stream_partition`, `stream_interval`,
/// `response`, `headers`, `record`, `last_record`, `last_page_size`, `next_page_token`. Names are kept as views: they
/// are literals. Not to be shared between threads.
class scope {
public:
  void set(std::string_view name, value x);
  /// The same for a value that is made when a template reads it for the first time, if one does. What `make` refers to
  /// must outlive the scope.
  void set_lazy(std::string_view name, std::function<value()> make);
  /// Stays where it is until the variable is set again.
  const value* find(std::string_view name) const;
  /// What `render` writes of these variables as they are, and not computed from them, goes through `how`: values that
  /// come from a server are quoted where they stand in a path.
  void set_quote(std::vector<std::string_view> names, std::string (*how)(std::string_view));
  bool quotes() const noexcept { return quote_ != nullptr; }
  /// Nothing if `name` is not to be quoted.
  auto quote_of(std::string_view name) const noexcept -> std::string (*)(std::string_view);
  /// What `now_utc()` returns; the real clock unless set (tests, reproducible plans).
  std::chrono::sys_time<std::chrono::microseconds> now() const;
  void set_now(std::chrono::sys_time<std::chrono::microseconds> t);

private:
  struct variable {
    std::string_view name;
    mutable value x;
    /// Empty once `x` is made.
    mutable std::function<value()> make;
  };

  void put(variable v);

  std::vector<variable> variables_;
  std::vector<std::string_view> quoted_;
  std::string (*quote_)(std::string_view) = nullptr;
  std::chrono::sys_time<std::chrono::microseconds> now_{};
  bool has_now_ = false;
};

/// While one exists, templates that are evaluated on this thread end with `errc::interrupted` as soon as `stop`, if
/// there is one, is true: no manifest may keep a run from its end.
class evaluation_stop {
public:
  explicit evaluation_stop(const std::atomic<bool>* stop) noexcept;
  ~evaluation_stop();
  evaluation_stop(const evaluation_stop&) = delete;
  evaluation_stop& operator=(const evaluation_stop&) = delete;

private:
  const std::atomic<bool>* previous_;
};

/// A static access path in a template: `response.links.next` is {"response", "links", "next"}.
using reference = std::vector<std::string>;

namespace detail {
struct program;
/// What the `evaluation_stop` of this thread says.
bool evaluation_is_stopped() noexcept;
} // namespace detail

/// A compiled template (Airbyte's InterpolatedString): literal text with `{{ expression }}` parts, or plain text.
/// Immutable, cheap to copy, safe to share between threads.
class text_template {
public:
  /// The empty template.
  text_template();
  /// Parses `source`. `allowed` are the variables the field may use (others are an error, as in the reference,
  /// even in a branch that is never taken), and functions that are not for everybody (`json_loads`). Errors name the
  /// column and show the source.
  static expected<text_template> parse(std::string_view source, const std::vector<std::string>& allowed);
  /// A template that always renders `text`, whatever it contains.
  /// (`evaluate` still takes the text for a literal, as the reference does with plain strings.)
  static text_template literal(std::string text);

  /// Renders to text without literal evaluation: what URLs, paths and tokens use.
  /// A missing key renders as "", None as "None"; reading from something missing is an error. A value of the wrong type
  /// (Python's TypeError) makes it the template's own text, as in the reference. The filter `string` gives the plain
  /// JSON text if it ends the only expression. Errors are `errc::bad_template` and never show values.
  expected<std::string> render(const scope& s) const;
  /// As `render`, but nothing if there is no value (the text is empty or means None, or something undefined was used),
  /// and a text in Python's quotes without them: what headers use.
  expected<std::optional<std::string>> render_optional(const scope& s) const;
  /// As `render_optional`, but each element of a list by itself: the values with which a parameter is sent.
  expected<std::vector<std::string>> render_values(const scope& s) const;
  /// As `render`, but a text in Python's quotes without them: what `value_type: string` makes of it.
  expected<std::string> render_string(const scope& s) const;
  /// Evaluates as the reference does: rendered text goes through Python's `literal_eval`
  /// (reference: manifest language, evaluation rules), so `{{ 1 }}` is the integer 1. A template that is one single
  /// expression gives the same result without the detour through text where that is equivalent. Text stays text where
  /// Python has a type that `value` has not (sets, bytes, ...), and where its number would lose digits or be infinite;
  /// tuples become lists.
  expected<value> evaluate(const scope& s) const;
  /// As `evaluate`, but None also where the text is empty or something undefined was used: what parts of bodies use.
  expected<value> evaluate_given(const scope& s) const;

  /// The same template with what `parameters` are to it, whatever the scope says of them.
  text_template with_parameters(value parameters) const;

  /// True if there is no `{{ }}` in it: rendering never depends on the scope.
  bool is_literal() const noexcept;
  const std::string& source() const noexcept;
  /// Static access paths that start at variable `name`, each once; a path ends where access becomes dynamic.
  /// `x.get('a', {}).b` is {"x", "a", "b"}, `'a' in x` is {"x", "a"}, a use as a whole is {"x"}.
  std::vector<reference> references(std::string_view name) const;

  /// The same text, with the same parameters.
  bool operator==(const text_template& x) const;

private:
  friend class condition;
  std::shared_ptr<const detail::program> program_;
  /// Null: the scope's.
  std::shared_ptr<const value> parameters_;
};

/// A compiled condition (Airbyte's InterpolatedBoolean): false for the texts that Python would call false
/// ("False", "", "0", "[]", "{}", ...), None is false, using something undefined is false, a value of the wrong type is
/// true (the template's own text), as in the reference.
class condition {
public:
  condition();
  static expected<condition> parse(std::string_view source, const std::vector<std::string>& allowed);
  expected<bool> evaluate(const scope& s) const;
  /// See `text_template`.
  condition with_parameters(value parameters) const;
  const std::string& source() const noexcept;
  std::vector<reference> references(std::string_view name) const;
  bool operator==(const condition& x) const = default;

private:
  text_template template_;
};

/// The elements of the list that `text`, which a template has rendered, is in Python's notation, as texts, without the
/// empty ones (None); nothing if it is no list.
std::optional<std::vector<std::string>> list_elements(const std::string& text);
/// True if `text` is a dict in Python's notation.
bool is_dict_text(const std::string& text);

} // namespace sluice::language
