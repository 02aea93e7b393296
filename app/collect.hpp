#pragma once

#include "app/run.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/run.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Bounds of a collection. Whichever is reached first ends it.
struct collect_limits {
  std::size_t records = 1000;
  /// Of the records' JSON texts together.
  std::uint64_t bytes = 16ULL << 20;
  std::uint64_t requests = 100;
  std::chrono::microseconds time = std::chrono::minutes{2};
};

/// One record that was read.
struct collected_record {
  std::string stream;
  /// JSON text, as a RECORD line has it.
  std::string json;
};

/// Why a collection ended.
enum class collect_end : std::uint8_t {
  /// Everything was read.
  complete,
  /// So many records or bytes were wanted; there may be more.
  enough,
  requests,
  time,
  /// Something could not be read: what was collected is not all of it.
  failed,
  /// A signal, or a quota that ends runs.
  stopped,
};

/// What a small run brought.
struct collection {
  std::vector<collected_record> records;
  collect_end end = collect_end::complete;
  /// The connector config, JSON text, if the run changed it: what is asked next must be asked with it. Empty: it did
  /// not.
  std::string config;
  /// The first error, if there was one, whatever the end is.
  std::optional<sluice::error> error;
  /// The run behind it.
  run_result run;
};

/// Runs a small plan into memory: what has to be asked before there is a plan to read by, and whether a stream can be
/// read at all. Ends at the first error. A record that would exceed the bounds is not taken.
/// @param options what the run may use; bounds and what is called at its start are set here. `out`, if there is one,
/// gets the CONTROL lines of a config that has changed, and nothing else.
expected<collection> collect(plan_ptr plan, const collect_limits& limits, run_options options);

} // namespace sluice
