#include "app/commands.hpp"

#include "app/atomic_file.hpp"
#include "app/console.hpp"
#include "app/file_lock.hpp"
#include "app/prepare.hpp"
#include "app/report.hpp"
#include "app/signals.hpp"
#include "app/state_keeper.hpp"
#include "config/manifest/compile.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <sys/stat.h>
#include <utility>

namespace sluice {

namespace {

/// The file of `--state-file`, kept from other runs.
expected<std::optional<file_lock>> take_state_file(const command_line& cl) {
  if (cl.state_file.empty())
    return std::nullopt;
  struct stat present {};
  if (::stat(cl.state_file.c_str(), &present) == 0 && !S_ISREG(present.st_mode))
    return fail(errc::unreadable_file, failure_type::config_error,
                "The state file " + cl.state_file + " is no regular file, which it must be to be replaced.");
  return try_replacing(cl.state_file, "state file")
    .and_then([&] { return file_lock::take(cl.state_file, "state file"); })
    .map([](file_lock x) { return std::optional<file_lock>{std::move(x)}; });
}

} // namespace

int run_read(const command_line& cl) {
  console c{cl};
  auto signals = signal_watch::start();
  if (!signals)
    return c.fail(signals.error());
  auto lock = take_state_file(cl);
  if (!lock)
    return c.fail(lock.error());
  auto prepared = prepare_run(cl, c);
  if (!prepared)
    return c.fail(prepared.error());
  const auto p = prepared->plan;
  spdlog::debug("plan:\n{}", describe_plan(*p));

  std::shared_ptr<state_keeper> keeper;
  if (*lock)
    keeper = std::make_shared<state_keeper>(cl.state_file, std::move(prepared->known_states), *p, c.out());
  const auto facts = facts_of(*p, prepared->tuning, cl.manifest.empty());
  const auto code
    = run_and_report(std::move(prepared->ledger), prepared->tuning, choose_pool_size(*p, prepared->tuning),
                     keeper ? std::shared_ptr<line_writer>{keeper} : c.out(), facts, cl, c, **signals);
  if (!keeper)
    return code;
  auto kept = keeper->finish();
  if (kept)
    return code;
  const auto failed = c.fail(kept.error());
  // 3 would say that the state to go on from is there.
  return code == 0 || code == 3 ? failed : code;
}

} // namespace sluice
