#pragma once

#include "messages/error.hpp"

#include <string>
#include <vector>

namespace sluice {

/// How names that do not exist are refused.
struct name_words {
  /// Where the name was written: `--stream`.
  std::string place;
  /// What precedes it: `the source has no stream`.
  std::string missing;
  /// What precedes the list of those there are: `It has`.
  std::string known;
};

/// Which of the known names are meant by `NAME[,NAME...]` texts, each a name or a pattern (`survey_*`); a name goes
/// before a pattern that looks like it. `errc::bad_arguments` for one that fits none: the nearest is named.
expected<std::vector<bool>> chosen_names(const std::vector<std::string>& known, const std::vector<std::string>& texts,
                                         const name_words& words);

} // namespace sluice
