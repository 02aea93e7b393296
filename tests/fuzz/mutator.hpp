#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::fuzz {

/// Makes inputs out of a corpus. The same seed makes the same inputs everywhere: nothing of the standard library's
/// distributions, which differ, is used.
class mutator {
public:
  mutator(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  /// A corpus entry with one to eight changes.
  std::string next();

private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  const std::string& any_entry() { return corpus_[below(corpus_.size())]; }
  /// A stretch of a text.
  std::string_view piece(std::string_view text, std::size_t longest);
  void change(std::string& text);

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

} // namespace sluice::fuzz
