#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sluice {

/// Something in a document that its JSON schema does not allow.
struct schema_fault {
  /// `credentials.access_token`, `ids[3]`; empty for the document itself.
  std::string path;
  /// `expected an integer, found "ten"`.
  std::string text;
};

/// Validates a document against a JSON schema (draft 7). An empty list: it is valid. At most `max_faults` are listed;
/// the text of the last one says how many more there are. A document with more than 10,000 different texts and numbers
/// is at fault.
///
/// Found values are shown only where the schema declares a field that is not secret (`airbyte_secret`, also of
/// something around or inside it), and only if they look like words, numbers or dates; else their type and length.
///
/// Fails with `errc::bad_manifest` if the schema itself is not valid or uses `$ref` or `patternProperties`, which are
/// not supported.
expected<std::vector<schema_fault>> check_schema(const language::value& document, const language::value& schema,
                                                 std::size_t max_faults);

} // namespace sluice
