#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
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
/// Everything here is thread-safe. Readers see all secrets of a moment or of the next, and never wait for whoever adds.
class redactor {
public:
  redactor();
  redactor(const redactor& other);
  redactor& operator=(const redactor&) = delete;
  ~redactor();

  /// Adds secrets that are known for good. Empty ones are ignored. White space around one does not count: it is lost on
  /// the way into a header.
  void add(const std::vector<std::string>& secrets);
  void add(std::string secret);

  /// The secrets that `owner` has learnt during the run: they take the place of those that it told before, so that one
  /// who learns another every minute fills no memory.
  void learn(const std::string& owner, const std::vector<std::string>& secrets);

  /// `text` without secrets.
  std::string apply(std::string_view text) const;

private:
  struct known;

  /// Puts a changed copy of what is known in its place.
  template <class Change>
  void change(Change f);

  /// One change at a time.
  std::mutex changing_;
  std::atomic<std::shared_ptr<const known>> known_;
};

} // namespace sluice
