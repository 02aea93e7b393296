#pragma once

#include "messages/text/json_text.hpp"

#include "messages/text/utf8.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace sluice {

/// Appends an integer.
template <class T>
void append_number(std::string& out, T n) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out.append(digits, end);
}

/// Appends a time as the trace-event format wants it: microseconds with three decimals.
inline void append_micros(std::string& out, std::chrono::nanoseconds t) {
  auto ns = t.count();
  if (ns < 0) {
    out += '-';
    ns = -ns;
  }
  append_number(out, ns / 1000);
  auto rest = static_cast<int>(ns % 1000);
  const char decimals[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                           static_cast<char>('0' + rest % 10)};
  out.append(decimals, sizeof decimals);
}

/// Members of a trace event's `args`; each is written with a comma before it.
class trace_args {
public:
  /// At most so many bytes of `value`; what was cut off is marked by `…`.
  static std::string shortened(std::string_view value, std::size_t bytes) {
    auto start = utf8_prefix(value, bytes);
    return std::string{start} + (start.size() < value.size() ? "…" : "");
  }

  explicit trace_args(std::string& out) : out_(out) {}

  template <class T>
  requires std::is_integral_v<T>
  void number(std::string_view key, T n) {
    begin(key);
    append_number(out_, n);
  }
  void micros(std::string_view key, std::chrono::nanoseconds t) {
    begin(key);
    append_micros(out_, t);
  }
  void flag(std::string_view key, bool on) {
    begin(key);
    out_ += on ? "true" : "false";
  }
  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(out_, value);
  }

  /// `value` is JSON already.
  void json(std::string_view key, std::string_view value) {
    begin(key);
    out_ += value;
  }

private:
  void begin(std::string_view key) {
    out_ += ",\"";
    out_ += key;
    out_ += "\":";
  }
  std::string& out_;
};

} // namespace sluice
