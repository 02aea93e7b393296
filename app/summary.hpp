#pragma once

#include "app/bottleneck.hpp"
#include "app/text/lines.hpp"
#include "config/language/datetime.hpp"
#include "messages/run.hpp"

#include <string>

namespace sluice {

/// The table and the sentences that end a run, for people; no line is wider than the screen.
std::string summary_text(const run_result& r, const run_facts& facts, const screen& s);

/// Which run it was.
struct run_identity {
  /// `sluice 0.1.0`
  std::string version;
  /// The name of the connector.
  std::string connector;
  /// When it began.
  language::instant started{};
};

/// The same numbers and more as JSON, one object; the keys are documented in the user guide.
std::string summary_json(const run_result& r, const run_facts& facts, const run_identity& of);

} // namespace sluice
