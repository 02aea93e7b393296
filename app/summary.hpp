#pragma once

#include "app/bottleneck.hpp"
#include "app/text/lines.hpp"
#include "messages/run.hpp"

#include <string>

namespace sluice {

/// The table and the sentences that end a run, for people; no line is wider than the screen.
std::string summary_text(const run_result& r, const run_facts& facts, const screen& s);

/// The same numbers and more as JSON, one object; the keys are documented in the user guide.
std::string summary_json(const run_result& r, const run_facts& facts);

} // namespace sluice
