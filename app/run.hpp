#pragma once

#include "actors/core/requests/purpose.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/line_writer.hpp"
#include "actors/support/log_sink.hpp"
#include "actors/support/trace_log.hpp"
#include "app/cli.hpp"
#include "app/metrics.hpp"
#include "app/signals.hpp"
#include "app/terminal.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/tuning.hpp"
#include "messages/run.hpp"
#include "messages/text/redaction.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// What a run needs beside its plan.
struct run_options {
  sluice::tuning tuning;
  std::uint32_t pool_size = 10;
  std::shared_ptr<line_writer> out;
  std::shared_ptr<redactor> secrets;
  /// Null: log entries do not go through the emitter.
  std::shared_ptr<log_sink> log;
  /// Without a file: no trace. Names and bounds are set by `run_plan`.
  trace_options trace;
  progress_options progress{progress_mode::never};
  /// The reports of the watchdog are log entries, not text on stderr.
  bool reports_are_logs = false;
  /// Where progress is painted on a terminal; null: nobody else writes there.
  std::shared_ptr<live_block> block;
  /// None: no metrics.
  std::optional<metrics_target> metrics;
  /// Empty: no control socket.
  std::string control_path;
  /// See `run_setup`.
  std::optional<std::chrono::microseconds> max_duration;
  std::uint64_t max_requests = 0;
  bool strict = false;
  request_purpose purpose = request_purpose::read;
  /// While the run is on, a signal that asks for the end makes it drain, and SIGQUIT makes it report. Null: signals are
  /// not its business.
  signal_watch* signals = nullptr;
  /// Called when the run has begun, with a function that ends it early with exit code 0; may be called from any thread.
  std::function<void(std::function<void()>)> on_start;
  /// Called before the process ends because the run could not begin and cannot be taken back: tells why.
  std::function<void(const error&)> on_failed_start;
  /// Called from another thread before the process ends because the run's threads did not: writes down what must not be
  /// lost.
  std::function<void(const run_result&)> on_forced_end;
  /// Null: HTTP, as `tuning` says.
  std::shared_ptr<net::transport> transport;
};

/// Runs a ledger's plan with the whole cast of actors over real HTTP and waits for its end.
expected<run_result> run_plan(slice_ledger ledger, const run_options& options);
/// The same from the plan's own states. One that cannot be understood is `errc::bad_state`.
expected<run_result> run_plan(plan_ptr plan, const run_options& options);

/// HTTP as the tuning file says.
std::unique_ptr<net::transport> make_transport(const tuning& t);

/// The bounds that apply where somebody waits for the answer of a `check` or a probe: no request takes longer than a
/// minute, and no page is tried often.
tuning for_somebody_who_waits(tuning t);

/// The pool size that applies: the plan's (manifest and config), else the tuning file's; never more than
/// `max_pool_size`, which is logged.
std::uint32_t choose_pool_size(const plan& p, const tuning& t);

} // namespace sluice
