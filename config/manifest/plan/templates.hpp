#pragma once

#include "config/language/template.hpp"

#include <string>
#include <variant>

namespace sluice {

using language::condition;
using language::text_template;

/// What a text of the manifest makes of a config, or another value as it stands there.
using value_or_template = std::variant<language::value, text_template>;

/// A header or query parameter whose value is a template. An empty value drops it, and so does None.
struct named_template {
  std::string name;
  text_template value;
  /// The rendered text is sent as it is: not read as Python's literal, in which quotes and None mean something.
  bool verbatim = false;
};

} // namespace sluice
