#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <string>
#include <vector>

#ifdef SLUICE_LOSE_MESSAGE

using namespace sluice;
using namespace sluice::test;

namespace {

const std::vector<std::string> streams{"surveys", "survey_details", "survey_responses_bulk"};

/// The real program, in which one message between actors is lost.
program_result run_with_loss(const simulated_account& a, const std::string& lost,
                             const std::vector<std::string>& more_arguments) {
  std::vector<std::string> command{"/usr/bin/env", "LD_PRELOAD=" SLUICE_LOSE_MESSAGE, "SLUICE_LOSE=" + lost};
  auto read = a.read_command(streams, R"("num_workers":3,"page_size":2)", more_arguments);
  // Whoever says how progress is shown means it instead of the account's `never`.
  if (std::find(more_arguments.begin(), more_arguments.end(), "--progress") != more_arguments.end()) {
    auto own = std::find(read.begin(), read.end(), "--progress");
    read.erase(own, own + 2);
  }
  command.insert(command.end(), read.begin(), read.end());
  return program{command}.wait();
}

} // namespace

TEST_CASE("the real program ends with exit code 4 whatever message it lost and whoever looks at it") {
  simulated_account a;
  const std::vector<std::string> tight{"--set", "watchdog.stall=1s", "--set", "fan_out.mailbox=4"};
  const std::vector<std::vector<std::string>> lookers{
    {"--progress", "never"},
    {"--progress", "always"},
    {"--metrics", a.files().path("metrics.prom")},
    {"--control", a.files().path("control.sock")},
    {"--progress", "always", "--metrics", a.files().path("metrics.prom"), "--control", a.files().path("control.sock"),
     "--trace", a.files().path("trace.json")}};
  // Without these a run cannot do; an outcome may have been the last of its slice, which is complete without it.
  const std::vector<std::string> losses{"permit:4",         "record_batch:3",    "page_written:3", "slice_demand:2",
                                        "slices_offered:2", "generation_done:2", "parents_done:1", "endpoint_done:1"};
  std::size_t i = 0;
  for (const auto& lost : losses) {
    auto arguments = lookers[i++ % lookers.size()];
    INFO(lost << ", " << arguments.front() << " " << arguments.back());
    arguments.insert(arguments.begin(), tight.begin(), tight.end());
    auto r = run_with_loss(a, lost, arguments);
    INFO(describe(r));
    CHECK(r.signal == 0);
    CHECK(r.exit_code == 4);
    CHECK(r.err.find("the run stands still: no message has moved for") != std::string::npos);
    CHECK(r.out.find("The run stood still: no message has moved for") != std::string::npos);
    CHECK(r.err.find("waits for") != std::string::npos);
  }
}

TEST_CASE("the real program does without a message between its actors only if all data are there") {
  simulated_account a;
  for (const char* lost : {"page_outcome:1", "page_outcome:2", "bytes_written:1", "page_outcome:1000000"}) {
    sync_result r{run_with_loss(a, lost, {"--progress", "always", "--set", "watchdog.stall=1s"})};
    INFO(lost << "\n" << describe(r));
    if (r.exit_code == 4)
      continue;
    CHECK(r.exit_code == 0);
    CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
  }
}

#endif
