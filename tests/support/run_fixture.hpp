#pragma once

#include "actors/read_supervisor.hpp"
#include "actors/support/line_writer.hpp"
#include "actors/support/system_config.hpp"
#include "tests/support/fake_api.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

/// Keeps the lines of a run in the order in which they were written.
class memory_writer final : public line_writer {
public:
  expected<void> write(std::string_view text) override;
  std::vector<std::string> lines;
  /// Refuses everything after so many lines, as a pipe does whose reader went away.
  std::size_t capacity = SIZE_MAX;
};

/// A message that is lost on its way, as by a fault of the program.
struct lost_message {
  /// Its type: `page_outcome`; empty: none is lost.
  std::string kind;
  /// Which one of them, from 1, in the order in which they would be handled.
  std::size_t number = 1;
};

/// What a simulated run is made of.
struct run_case {
  /// A manifest, for a configuration of `url` alone; empty: the built-in one.
  std::string manifest;
  std::vector<std::string> streams{"surveys", "survey_responses"};
  /// Incoming states, JSON text by stream.
  std::map<std::string, std::string> states;
  /// Streams that are read incrementally.
  std::set<std::string> incremental{"surveys", "survey_responses_bulk"};
  /// `slice_range_days` and `page_size`.
  int slice_days = 365;
  int page_size = 3;
  std::uint64_t rate_limit_per_minute = 1'000'000;
  std::string start_date = "2020-01-01T00:00:00Z";
  /// Seconds since the epoch at which the run starts.
  std::int64_t now_s = 1'700'000'000;
  std::uint32_t pool_size = 3;
  sluice::tuning tuning;
  std::uint64_t max_requests = 0;
  std::optional<std::chrono::microseconds> max_duration;
  bool strict = false;
  /// What the process's memory is said to be; none: nobody watches.
  std::function<std::uint64_t()> resident_bytes;
  /// Changes the compiled plan before the run.
  std::function<void(plan&)> change_plan;
  /// Lines that stdout takes before its reader goes away.
  std::size_t output_capacity = SIZE_MAX;
  /// Turns of actors after which the watchdog claims that the run stands still.
  std::size_t stall_after = SIZE_MAX;
  /// A watchdog looks at the run in virtual time and ends it if it stands still for `watchdog.stall`.
  bool watched = false;
  lost_message lost;
  /// Lines after which nobody reads stdout for a while, and how long.
  std::size_t output_stands_after = SIZE_MAX;
  std::chrono::seconds output_stands_for{0};
  /// What the process's processor time is said to be; none: not reported. Asked by the supervisor alone.
  std::function<std::chrono::microseconds()> processor_time;
  /// Turns of actors after which a stop without a signal comes, or other bounds.
  std::size_t stop_after = SIZE_MAX;
  std::size_t retune_after = SIZE_MAX;
  retune wanted;
  /// Somebody looks at the run.
  bool observed = false;
  /// He never gets beyond what he is shown first.
  bool observer_hangs = false;
  /// Without a file: no trace.
  trace_options trace;
  /// Seed of the schedule: the order in which actors get their turns.
  std::uint64_t schedule_seed = 0;
};

/// What came of it.
struct run_outcome {
  run_result result;
  std::vector<std::string> lines;
  /// What an observer saw, if the run was observed.
  std::vector<run_snapshot> snapshots;
  /// Virtual time that passed.
  std::chrono::nanoseconds elapsed{0};
  bool finished = false;
  /// What a watched run was ended for; empty: it did not stand still.
  std::string stall;
  /// A message has been lost.
  bool lost = false;
  /// Why there is no result; empty: there is one.
  std::string problem;
  /// Actors that were still there at the end.
  std::size_t actors_left = 0;
  /// Requests that were sent while nobody read stdout, and the most messages that waited for the emitter.
  std::size_t requests_meanwhile = 0;
  std::int64_t most_output_waiting = 0;
};

/// Runs the whole cast of actors on the deterministic scheduler in virtual time, taking turns in a random but
/// repeatable order.
run_outcome run(const run_case& c, const std::shared_ptr<fake_api>& api);

/// The run's plan, from the built-in manifest.
expected<plan> plan_of(const run_case& c);

// -- reading lines ----------------------------------------------------------------

/// The `id`s of the RECORDs of a stream, in order.
std::vector<std::string> record_ids(const std::vector<std::string>& lines, const std::string& stream);
/// The stream's state objects, in order, as JSON text.
std::vector<std::string> states(const std::vector<std::string>& lines, const std::string& stream);
/// The statuses of a stream, in order.
std::vector<std::string> statuses(const std::vector<std::string>& lines, const std::string& stream);
/// `date_modified` of a state of `surveys`.
std::int64_t state_seconds(const std::string& state);

} // namespace sluice::test
