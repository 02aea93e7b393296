#pragma once

#include "app/simulator/account.hpp"
#include "app/simulator/rules.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// After which requests the account changes, and how.
struct mutation_rule : request_choice {
  mutation_kind kind = mutation_kind::modify_survey;
  /// The changed row's date_modified: false is the time of the change, so that the row leaves every list that an
  /// earlier time bounds; true is the second after the youngest row, so that the row goes to the other end of its list.
  bool to_end = false;
  /// Chooses the rows.
  std::uint64_t seed = 1;
};

/// Reads a rule from words, e.g. `delete-response every=7 path=/responses`. Exactly one word is the change, the others
/// say after which requests (see `read_choice`); `to=now` (default) or `to=end`, and `seed=`. Errors:
/// `errc::bad_config`, naming the word and what is allowed.
expected<mutation_rule> parse_mutation(std::string_view text);

/// One line for `--help`: the names of all changes.
std::string mutation_names();

/// Rules at work. Not thread-safe.
class mutation_plan {
public:
  /// Errors: as `request_trigger::make`.
  static expected<mutation_plan> make(std::vector<mutation_rule> rules);
  /// Counts a request and tells what changes after it. `now` is in seconds since the epoch. A change of responses is
  /// not yet bound to a survey.
  std::vector<mutation> next(std::string_view target, std::int64_t now);

private:
  struct entry {
    mutation_rule rule;
    request_trigger trigger;
    std::uint64_t fired = 0;
  };
  std::vector<entry> entries_;
};

} // namespace sluice::simulator
