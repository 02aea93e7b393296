#pragma once

#include "messages/error.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// Which requests a rule is about.
struct request_choice {
  /// The request's path and query contain this text.
  std::string path;
  /// The request's path and query match this expression somewhere (ECMAScript); empty matches all.
  std::string pattern;
  /// Matching requests to let pass first.
  std::uint64_t after = 0;
  /// Of the rest only every k-th; 1 is all.
  std::uint64_t every = 1;
  /// Of those each with this probability.
  double probability = 1;
  /// At most so many times; 0 is without end.
  std::uint64_t times = 0;
  /// `after`, `every` and `times` count for each path (without query) by itself.
  bool per_path = false;
};

/// `name` or `name=value`.
struct rule_word {
  std::string name;
  std::string value;
  bool has_value = false;
};

/// A rule that cannot be, for `errc::bad_config`. @param what e.g. `fault rule`.
struct rule_text {
  std::string_view what;
  std::string_view text;
  tl::unexpected<error> bad(const std::string& why) const;
};

/// Splits at blanks; double quotes keep blanks together and are dropped. A word may not come twice.
expected<std::vector<rule_word>> split_rule(const rule_text& rule);

/// Reads a word that chooses requests: `path=`, `regex=`, `nth=`, `after=`, `every=`, `probability=`, `times=`,
/// `per_path`. False if it is none of them.
expected<bool> read_choice(request_choice& choice, const rule_word& w, const rule_text& rule);

/// What can be said of a whole rule only.
expected<void> check_choice(const request_choice& choice, const std::vector<rule_word>& words, const rule_text& rule);

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number result{};
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (status != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

/// `500us`, `500ms`, `1.5s`, `2m`; at most a day.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

/// `1000`, `64KiB`, `8MiB`, `1GiB`; at most 1 TiB.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// A regular expression; <regex> is too much for a header that half of the program includes.
class request_pattern;

/// A `request_choice` at work: counts. Not thread-safe.
class request_trigger {
public:
  /// Errors: `errc::bad_config` for a regular expression that cannot be compiled.
  static expected<request_trigger> make(request_choice choice, std::uint64_t seed);
  /// Counts a request; true if it is one of those chosen. @param free false: it is counted, but another rule has it.
  bool next(std::string_view target, bool free = true);

private:
  struct counter {
    std::uint64_t seen = 0;
    std::uint64_t fired = 0;
  };
  request_choice choice_;
  /// None: everything matches.
  std::shared_ptr<const request_pattern> pattern_;
  std::map<std::string, counter, std::less<>> counters_;
  std::uint64_t seed_ = 0;
  std::uint64_t throws_ = 0;
};

} // namespace sluice::simulator
