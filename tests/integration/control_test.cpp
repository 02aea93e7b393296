#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"

#include <csignal>
#include <filesystem>
#include <functional>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

using object = Poco::JSON::Object::Ptr;

program_result top(std::vector<std::string> more) {
  std::vector<std::string> all{SLUICE_BINARY, "top"};
  all.insert(all.end(), more.begin(), more.end());
  return run_program(all);
}

object status_of(const std::string& path) {
  auto r = top({path, "--once", "--json"});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  return json_object(r.out);
}

/// Looks until the status is as wanted.
bool becomes(const std::string& path, const std::function<bool(const object&)>& wanted) {
  auto limit = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < limit)
    if (wanted(status_of(path)))
      return true;
  return false;
}

} // namespace

TEST_CASE("a read under way tells its status, and its pool and limits follow what is set through its socket") {
  auto o = small_account();
  o.account.surveys = 40;
  simulated_account a{o};
  auto path = a.files().path("run.sock");
  a.server().hold("/details");
  program p{a.read_command({"surveys", "survey_details"}, R"("num_workers":2)", {"--control", path})};
  REQUIRE(a.server().wait_until_held(2, patience));

  REQUIRE(becomes(path, [](const object& s) { return s->getValue<int>("in_flight") == 2; }));
  auto status = status_of(path);
  CHECK(status->getValue<int>("pool_size") == 2);
  CHECK(status->getArray("streams")->getObject(0)->getValue<std::string>("name") == "surveys");
  CHECK(status->getArray("quotas")->getObject(0)->getValue<int>("limit") == 1'000'000);
  int waiting = 0;
  for (const auto& x : *status->getArray("each_actor"))
    waiting += x.extract<object>()->getValue<std::string>("waits_for") == "answer" ? 1 : 0;
  CHECK(waiting == 2);

  auto changed = top({path, "--set", "pool_size=6", "--set", "minute=500000"});
  INFO(describe(changed));
  CHECK(changed.exit_code == 0);
  CHECK(changed.out == "pool size 2 -> 6\nlimit of `minute` 1000000 -> 500000\n");
  REQUIRE(a.server().wait_until_held(6, patience));
  CHECK(becomes(path, [](const object& s) {
    return s->getValue<int>("in_flight") == 6 && s->getValue<int>("pool_size") == 6
           && s->getArray("quotas")->getObject(0)->getValue<int>("limit") == 500'000;
  }));

  for (const auto* wrong : {"pool_size=1001", "hour=3", "pool_size=0", "minute", "=3", "minute=1.5"}) {
    auto refused = top({path, "--set", wrong});
    INFO(wrong << describe(refused));
    CHECK(refused.exit_code == 1);
    CHECK(refused.out.empty());
    CHECK(!refused.err.empty());
  }

  auto shown = top({path, "--interval", "100ms"}); // stdout is no terminal: once
  INFO(describe(shown));
  CHECK(shown.exit_code == 0);
  CHECK(shown.out.find("in flight 6/6") != std::string::npos);
  CHECK(shown.out.find("survey_details") != std::string::npos);
  CHECK(shown.out.find('\033') == std::string::npos);
  CHECK(shown.out.find(secret_token) == std::string::npos);

  program stream{{SLUICE_BINARY, "top", "--json", "--interval", "100ms", path}};
  REQUIRE(stream.wait_for_text("}\n{"));
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.out.find("Changed while running: pool size 2 -> 6") != std::string::npos);
  CHECK(r.out.find("Changed while running: limit of `minute` 1000000 -> 500000") != std::string::npos);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
  CHECK_FALSE(std::filesystem::exists(path));

  auto lines = stream.wait();
  CHECK(lines.exit_code == 0);
  std::istringstream in{lines.out};
  for (std::string line; std::getline(in, line);)
    CHECK(json_object(line)->has("elapsed_us"));

  auto late = top({path, "--once"});
  CHECK(late.exit_code == 1);
  CHECK(late.err.find("No run listens at " + path) != std::string::npos);
}

TEST_CASE("a second run refuses a socket in use before it sends a request, and the first goes on") {
  simulated_account a;
  auto path = a.files().path("run.sock");
  a.server().hold("/details");
  program first{a.read_command({"survey_details"}, {}, {"--control", path})};
  REQUIRE(a.server().wait_until_held(10, patience));
  // All fetchers wait now, so the first run sends nothing more.
  auto requests = a.server().statistics().requests;
  auto second = run_program(a.read_command({"surveys"}, {}, {"--control", path}));
  INFO(describe(second));
  CHECK(second.exit_code == 1);
  CHECK(second.out.find("another run listens there") != std::string::npos);
  CHECK(second.out.find(R"("failure_type":"config_error")") != std::string::npos);
  CHECK(a.server().statistics().requests == requests);
  CHECK(status_of(path)->getValue<int>("pool_size") == 10);
  a.server().release();
  CHECK(first.wait().exit_code == 0);
}

TEST_CASE("a killed run leaves a socket that the next one replaces") {
  simulated_account a;
  auto path = a.files().path("run.sock");
  a.server().hold("/details");
  {
    program killed{a.read_command({"survey_details"}, {}, {"--control", path})};
    REQUIRE(a.server().wait_until_held(1, patience));
    killed.send(SIGKILL);
    killed.wait();
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK(top({path}).exit_code == 1);
  a.server().release();
  auto next = run_program(a.read_command({"survey_details"}, {}, {"--control", path}));
  INFO(describe(next));
  CHECK(next.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}
