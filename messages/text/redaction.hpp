#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sluice {

/// Masks secrets in texts for people: every occurrence of a secret becomes `****`, however it is encoded: as an URL, as
/// JSON or HTML escape it, also several times over, in base64 (both alphabets, with and without padding, also inside a
/// longer encoded text such as Basic credentials). So do pieces of 12 bytes and more, as a text that was cut ends in
/// them. Where occurrences overlap, their union is masked.
///
/// It knows no structure: apply it to string values before they are put into JSON, never to finished JSON, whose
/// numbers and keys it would take for texts. A secret of fewer than 3 characters is masked only where it is the whole
/// text: replacing each `1` or `on` would make every text unreadable and hide nothing that cannot be guessed.
///
/// Const use is thread-safe; adding is not.
class redactor {
public:
  /// Adds a secret. Empty ones are ignored. White space around it does not count: it is lost on the way into a header.
  void add(std::string secret);

  /// `text` without secrets.
  std::string apply(std::string_view text) const;

private:
  static constexpr std::size_t piece_bytes = 12;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void add_form(std::string form);

  std::vector<std::string> short_secrets_;
  /// Searched literally; unique.
  std::vector<std::string> forms_;
  /// Of all forms.
  std::unordered_set<std::string, text_hash, std::equal_to<>> pieces_;
};

} // namespace sluice
