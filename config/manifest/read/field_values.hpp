#pragma once

#include "config/manifest/components/table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The values of fields that hold no components, and the words for what is wrong with one.
namespace sluice {

/// A field's value, coerced as the reference's models coerce: numbers and booleans become text where text is wanted.
/// Nothing, and `problem`, if it is of another kind than the field.
std::optional<language::value> field_value(const field_rule& field, const language::value& x, std::string& problem);

/// The words of a rule's detail, which stand between bars; `=` marks the usual one.
std::vector<std::string_view> split_words(std::string_view words);

/// The words as a message lists them.
std::string listed(const std::vector<std::string_view>& words);

/// What a value is, for messages: `a list`, `text`.
std::string_view kind_of(const language::value& x);

/// Untrusted text in messages is kept short.
std::string in_quotes(std::string_view text);

} // namespace sluice
