#include "actors/support/log_sink.hpp"

#include "actors/emitter.hpp"
#include "actors/read_supervisor.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("what waits of the log is bounded, and how much is left out is told once, behind the rest") {
  log_backlog b;
  const std::size_t line = 1 << 20;
  std::size_t taken = 0;
  while (b.enter(line))
    ++taken;
  CHECK(taken >= 15);
  CHECK(taken <= 16);
  CHECK(!b.enter(line));
  CHECK(b.enter(10));
  for (std::size_t i = 0; i < taken; ++i)
    CHECK(b.leave(line) == 0);
  CHECK(b.leave(10) == 2);
  CHECK(b.enter(line));
  CHECK(b.leave(line) == 0);
}

TEST_CASE("while stdout stands still, log lines take no more than their room, and the emitter tells what is left out") {
  system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  auto out = std::make_shared<memory_writer>();
  auto sink = std::make_shared<log_sink>([](log_level, const std::string&) {});
  auto p = std::make_shared<const plan>();
  {
    auto supervisor = system.spawn(read_supervisor, run_setup{});
    auto e = system.spawn(emitter, p, out, std::make_shared<const redactor>(), sink->backlog(), supervisor,
                          wall_clock{system_wall_clock});
    sink->attach(e);
    spdlog::logger log{"test", sink};
    // The emitter gets no turn: it waits for its reader.
    const std::string text(1000, 'x');
    for (int i = 0; i < 40'000; ++i)
      log.info(text);
    scheduler.run();
    std::size_t bytes = 0;
    for (const auto& line : out->lines)
      bytes += line.size();
    CHECK(bytes <= log_backlog::most_bytes + 1'000'000);
    REQUIRE(out->lines.size() > 10'000);
    CHECK(out->lines.back().find(std::to_string(40'000 - (out->lines.size() - 1)) + " log lines are left out here")
          != std::string::npos);
    log.info("again");
    scheduler.run();
    CHECK(out->lines.back().find("again") != std::string::npos);
    sink->detach();
    caf::anon_send_exit(e, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    scheduler.run();
  }
}
