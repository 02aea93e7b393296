#include "config/manifest/plan/records.hpp"

#include <utility>

namespace sluice {

namespace {

/// A bool is an integer, as in Python.
bool is_of(value_kind kind, const language::value& x) noexcept {
  switch (kind) {
    case value_kind::string:
      return x.as_string() != nullptr;
    case value_kind::number:
      return x.as_double() != nullptr;
    case value_kind::integer:
      return x.as_int() != nullptr || x.as_big() != nullptr || x.as_bool() != nullptr;
    case value_kind::boolean:
      return x.as_bool() != nullptr;
    case value_kind::any:
      break;
  }
  return true;
}

language::value text_value(std::string text) {
  return language::value{std::move(text)};
}

} // namespace

expected<language::value> evaluate_as(value_kind kind, const text_template& source, const language::scope& s) {
  if (kind == value_kind::string)
    return source.render_string(s).map(text_value);
  auto x = source.evaluate(s);
  if (x && !is_of(kind, *x))
    return source.render(s).map(text_value);
  return x;
}

std::string add_field::description() const {
  return "with " + dotted(path) + " = " + value.source() + (when ? " where " + when->source() : "");
}

} // namespace sluice
