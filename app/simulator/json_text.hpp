#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::simulator {

/// How bodies are laid out.
enum class body_style : std::uint8_t {
  /// `{"a":1,"b":2}`
  compact,
  /// `{"a": 1, "b": 2}`: blanks, but no line breaks; as the real API does.
  spaced,
  /// Indented by two blanks, a line for each value.
  pretty,
};

/// Which characters of a text are written as escapes. All of them mean the same text.
enum class escape_style : std::uint8_t {
  /// Only what JSON demands.
  minimal,
  /// All beyond ASCII as `\uXXXX`, in surrogate pairs where needed.
  ascii,
  /// As minimal, and `/` as `\/`.
  slashes,
};

/// Appends `text` (UTF-8) as a JSON string.
void append_quoted(std::string& out, std::string_view text, escape_style style = escape_style::minimal);
std::string quoted(std::string_view text, escape_style style = escape_style::minimal);

/// The same document in another layout. Strings and numbers keep their text. `text` must be valid JSON.
std::string restyle(std::string_view text, body_style style);

/// Appends one JSON object, field by field.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }
  object_writer(const object_writer&) = delete;
  object_writer& operator=(const object_writer&) = delete;
  /// Starts a field; the caller appends its value to the text.
  void key(std::string_view name);
  void text(std::string_view name, std::string_view value, escape_style style = escape_style::minimal);
  /// `json` is taken as it is.
  void raw(std::string_view name, std::string_view json);
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  void close() { out_ += '}'; }

private:
  std::string& out_;
  bool first_ = true;
};

} // namespace sluice::simulator
