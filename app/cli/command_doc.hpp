#pragma once

#include <string>
#include <vector>

namespace sluice::cli {

/// What there is to say of an option, for help, manual pages and completions.
struct option_doc {
  /// `--manifest`, `--manifest-path`; empty: an argument without a flag.
  std::vector<std::string> names;
  /// What stands behind it: `FILE`, `auto|always|never`; of an argument its name; empty: nothing does.
  std::string value;
  std::string help;
  /// The heading it stands under; empty: it is accepted, but of no use to this command, and not shown.
  std::string group;
  /// What holds without it, and which numbers it may be, for people; empty: nothing to say.
  std::string fallback;
  std::string range;
  /// The words that it may be; empty: anything.
  std::vector<std::string> words;
  bool required = false;
  bool repeated = false;
};

struct command_doc {
  /// `read`, `trace show`
  std::string name;
  std::string help;
  std::vector<option_doc> options;
};

} // namespace sluice::cli
