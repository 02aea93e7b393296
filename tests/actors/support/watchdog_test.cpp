#include "actors/support/actor_base.hpp"
#include "actors/support/flight_report.hpp"
#include "actors/support/watchdog.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"
#include "tests/support/temporary_file.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fcntl.h>
#include <future>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Bound for waits that end at once unless something is broken.
constexpr auto patience = 60s;

/// A pipe for reports.
struct report_pipe {
  report_pipe() { REQUIRE(::pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0); }
  ~report_pipe() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  report_pipe(const report_pipe&) = delete;
  report_pipe& operator=(const report_pipe&) = delete;
  /// What has been written so far.
  std::string read() {
    char buffer[65536];
    for (ssize_t n = 0; (n = ::read(fds[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }
  int fds[2] = {-1, -1};
  std::string text;
};

/// Asks a slice source for slices and waits for them: that is all its work.
struct asker_state {
  explicit asker_state(slice_source_actor::pointer owner) : self(owner) {}
  std::string describe() const { return "waits for slices_offered of the swallower, with token s3cr3t"; }
  slice_source_actor::pointer self;
  static constexpr const char* name = "asker";
};

slice_source_actor::behavior_type asker(actor_self<slice_source_actor, asker_state>* self, slice_source_actor source) {
  install_handlers(self);
  return {[self, source](const slice_demand& x) { self->send(source, x); }};
}

struct swallower_state {
  explicit swallower_state(slice_source_actor::pointer owner) : self(owner) {}
  slice_source_actor::pointer self;
  static constexpr const char* name = "swallower";
};

slice_source_actor::behavior_type swallower(actor_self<slice_source_actor, swallower_state>* self,
                                            std::function<void()> handler) {
  install_handlers(self);
  return {[handler = std::move(handler)](const slice_demand&) { handler(); }};
}

/// A server that never answers, behind a transport that knows no time limit until it is told to end.
class stuck_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override { return nullptr; }
  std::unique_ptr<net::async_session> open_async_session() override {
    struct stuck final : net::async_session {
      explicit stuck(stuck_transport& t) : under(t) {}
      void start(net::request, std::function<void()> done) override { under.keep(std::move(done)); }
      tl::expected<net::response, net::transport_failure> take() override {
        return tl::unexpected(
          net::transport_failure{{errc::interrupted, failure_type::transient_error, "the run ends", ""}, true});
      }
      stuck_transport& under;
    };
    return std::make_unique<stuck>(*this);
  }
  void abort_all() noexcept override {
    std::vector<std::function<void()>> all;
    {
      std::lock_guard guard{mutex_};
      aborted_ = true;
      all.swap(waiting_);
    }
    for (const auto& done : all)
      done();
  }

private:
  void keep(std::function<void()> done) {
    {
      std::lock_guard guard{mutex_};
      if (!aborted_)
        return waiting_.push_back(std::move(done));
    }
    done();
  }

  std::mutex mutex_;
  bool aborted_ = false;
  std::vector<std::function<void()>> waiting_;
};

} // namespace

TEST_CASE("a swallowed message is found, and the report says who waits for whom since which message") {
  spdlog::set_level(spdlog::level::off);
  system_config config;
  caf::actor_system system{config};
  report_pipe pipe;
  auto secrets = std::make_shared<redactor>();
  secrets->add("s3cr3t");
  std::promise<std::string> found;
  {
    auto s = system.spawn(swallower, std::function<void()>{[] {}});
    auto a = system.spawn(asker, s);
    watchdog_setup setup;
    setup.actors = config.actors();
    setup.limits.stall = 300ms;
    setup.report_fd = pipe.fds[1];
    setup.secrets = secrets;
    setup.on_stall = [&](const std::string& finding) { found.set_value(finding); };
    setup.patience = 1h;
    watchdog dog{std::move(setup)};
    caf::anon_send(a, slice_demand{});
    auto result = found.get_future();
    REQUIRE(result.wait_for(patience) == std::future_status::ready);
    CHECK(result.get().find("no message has moved for") == 0);
    auto report = pipe.read();
    INFO(report);
    CHECK(report.find("the run stands still: no message has moved for") != std::string::npos);
    CHECK(report.find("waits for slices_offered of the swallower, with token ****") != std::string::npos);
    auto name = "asker #" + std::to_string(a->id());
    CHECK(report.find(name + ": mailbox 0, 1 messages begun, idle for") != std::string::npos);
    CHECK(report.find("ago: slice_demand from " + name + ", waited ") != std::string::npos);
    CHECK(report.find("ago: slice_demand from runtime, waited ") != std::string::npos);
  }
}

TEST_CASE("an actor that does not come back from a handler is found and reported from its record alone") {
  spdlog::set_level(spdlog::level::off);
  system_config config;
  caf::actor_system system{config};
  report_pipe pipe;
  std::promise<void> release;
  auto released = release.get_future().share();
  std::promise<std::string> found;
  {
    auto s = system.spawn<caf::detached>(swallower, std::function<void()>{[released] { released.wait(); }});
    watchdog_setup setup;
    setup.actors = config.actors();
    setup.limits.stall = 300ms;
    setup.report_fd = pipe.fds[1];
    setup.on_stall = [&](const std::string& finding) { found.set_value(finding); };
    setup.patience = 1h;
    watchdog dog{std::move(setup)};
    caf::anon_send(s, slice_demand{});
    caf::anon_send(s, slice_demand{});
    auto result = found.get_future();
    auto in_time = result.wait_for(patience);
    release.set_value();
    REQUIRE(in_time == std::future_status::ready);
    CHECK(result.get().find("swallower #" + std::to_string(s->id()) + " has been handling one slice_demand") == 0);
    auto report = pipe.read();
    INFO(report);
    CHECK(report.find("mailbox 1, 1 messages begun, handling slice_demand from runtime for") != std::string::npos);
    CHECK(report.find("gave no answer") != std::string::npos);
  }
}

TEST_CASE("a report may go elsewhere than to a descriptor, masked all the same") {
  system_config config;
  report_pipe pipe;
  auto secrets = std::make_shared<redactor>();
  secrets->add("headline-of-mine");
  std::promise<std::string> told;
  watchdog_setup setup;
  setup.actors = config.actors();
  setup.limits.stall = 0ms;
  setup.report_fd = pipe.fds[1];
  setup.secrets = secrets;
  setup.instead = [&told](const std::string& report) { told.set_value(report); };
  {
    watchdog dog{std::move(setup)};
    CHECK(dog.crash_report("crash of headline-of-mine").find("crash of ****") != std::string::npos);
    dog.report("the headline-of-mine");
    auto result = told.get_future();
    REQUIRE(result.wait_for(patience) == std::future_status::ready);
    auto report = result.get();
    INFO(report);
    CHECK(report.find("the ****") != std::string::npos);
    CHECK(report.find("end of the report") != std::string::npos);
  }
  CHECK(pipe.read().empty());
}

TEST_CASE("whoever cannot be ended in time is given up") {
  system_config config;
  std::promise<void> gone;
  watchdog_setup setup;
  setup.actors = config.actors();
  setup.limits.stall = 50ms;
  report_pipe pipe;
  setup.report_fd = pipe.fds[1];
  setup.on_stall = [](const std::string&) {};
  setup.patience = 1ms;
  setup.give_up = [&] { gone.set_value(); };
  watchdog dog{std::move(setup)};
  CHECK(gone.get_future().wait_for(patience) == std::future_status::ready);
}

TEST_CASE("a report that nobody reads holds up nothing") {
  system_config config;
  report_pipe pipe;
  // A full pipe.
  std::string much(1 << 20, 'x');
  while (::write(pipe.fds[1], much.data(), much.size()) > 0) {
    // go on
  }
  auto began = std::chrono::steady_clock::now();
  {
    watchdog_setup setup;
    setup.actors = config.actors();
    setup.limits.stall = 50ms;
    setup.report_fd = pipe.fds[1];
    setup.on_stall = [](const std::string&) { FAIL("nobody can tell whether the log holds somebody up"); };
    watchdog dog{std::move(setup)};
    for (int i = 0; i < 100; ++i)
      dog.report("again");
    std::promise<void>{}.get_future().wait_for(300ms);
  }
  CHECK(std::chrono::steady_clock::now() - began < patience);
}

TEST_CASE("a run that stands still ends with exit code 4, a TRACE ERROR and every stream INCOMPLETE") {
  spdlog::set_level(spdlog::level::off);
  run_case c;
  auto compiled = plan_of(c);
  REQUIRE(compiled);
  auto out = std::make_shared<memory_writer>();
  run_result result;
  std::string report;
  {
    system_config config;
    caf::actor_system system{config};
    report_pipe pipe;
    auto transport = std::make_shared<stuck_transport>();
    {
      run_setup setup;
      setup.plan = std::make_shared<const plan>(std::move(*compiled));
      setup.ledger = slice_ledger::open(setup.plan).value();
      setup.pool_size = 3;
      setup.transport = transport;
      setup.out = out;
      auto supervisor = system.spawn(read_supervisor, std::move(setup));
      watchdog_setup watched;
      watched.actors = config.actors();
      // What a request may take has long passed.
      watched.limits = {300ms, 1ms};
      watched.report_fd = pipe.fds[1];
      watched.on_stall = [&](const std::string& finding) { caf::anon_send(supervisor, stall_notice{finding}); };
      watched.patience = 1h;
      watchdog dog{std::move(watched)};
      caf::scoped_actor self{system};
      self->request(supervisor, patience, run_request{})
        .receive([&](run_result& x) { result = std::move(x); }, [](const caf::error&) {});
      // A test that has failed must end all the same.
      transport->abort_all();
      report = pipe.read();
    }
  }
  INFO(report);
  CHECK(result.exit_code == 4);
  CHECK(result.reason.find("longer than a request may take") != std::string::npos);
  for (const auto& stream : c.streams)
    CHECK(statuses(out->lines, stream) == std::vector<std::string>{"STARTED", "INCOMPLETE"});
  auto errors = std::count_if(out->lines.begin(), out->lines.end(), [](const std::string& line) {
    return line.find("The run stood still: fetcher #") != std::string::npos;
  });
  CHECK(errors == 1);
  CHECK(report.find("for the answer to surveys 2020-01-01T00:00:00Z") != std::string::npos);
  CHECK(report.find("waits for endpoint_done of surveys, survey_responses") != std::string::npos);
  CHECK(report.find("surveys: ") != std::string::npos);
}

TEST_CASE("an actor that ends by an exception leaves no trace of itself on its thread") {
  temporary_directory directory;
  trace_options wanted;
  wanted.file = directory.path("trace.json");
  auto trace = trace_log::open(wanted);
  REQUIRE(trace);
  system_config config{trace->get()};
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  std::uint64_t inside = 0;
  auto actor = system.spawn(swallower, [&inside] {
    inside = handling::here().actor;
    throw std::runtime_error{"oops"};
  });
  caf::anon_send(actor, slice_demand{0, 1});
  scheduler.run();
  CHECK(inside == actor->id());
  CHECK(handling::here().actor == 0);
}
