#pragma once

#include "config/catalogue.hpp"
#include "config/manifest/manifest.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Which streams a read is about, where no catalogue says it.
struct stream_selection {
  /// `NAME[,NAME...]`, each a name or a pattern (`survey_*`).
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool all = false;
  /// None is read incrementally; otherwise each that can be is.
  bool full_refresh = false;

  bool chosen() const noexcept { return all || !include.empty() || !exclude.empty(); }
};

/// The streams of a source that are selected, in the source's order; `exclude` alone means all but those. Errors are
/// `errc::bad_arguments`: a name or pattern that fits no stream (the nearest is named), nothing left; and
/// `errc::bad_manifest` if patterns or `all` select streams that cannot be read: what excludes them is said.
expected<std::vector<configured_stream>> select_streams(const manifest& m, const stream_selection& wanted);

} // namespace sluice
