#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Masks secrets in texts for people: every occurrence of a secret, and of its URL-encoded, base64 (both alphabets,
/// with and without padding, also inside a longer encoded text such as Basic credentials) and JSON-escaped forms,
/// becomes
/// `****`. Where occurrences overlap, their union is masked.
///
/// Apply it to string values before they are put into JSON. A secret of fewer than 3 characters is masked only where it
/// is the whole text: replacing each `1` or `on` would make every text unreadable and hide nothing that cannot be
/// guessed.
///
/// Const use is thread-safe; adding is not.
class redactor {
public:
  /// Adds a secret. Empty ones are ignored. White space around it does not count: it is lost on the way into a header.
  void add(std::string secret);

  /// `text` without secrets.
  std::string apply(std::string_view text) const;

private:
  void add_form(std::string form);

  std::vector<std::string> short_secrets_;
  /// Searched literally; unique.
  std::vector<std::string> forms_;
};

} // namespace sluice
