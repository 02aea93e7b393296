#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <csignal>
#include <random>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a read that is killed at any moment and resumed from its last STATE loses no record") {
  simulator::options o = small_account();
  o.account.surveys = 60;
  o.account.responses = {0, 80};
  o.latency = std::chrono::milliseconds{1};
  simulated_account a{o};
  const std::string settings = R"("page_size":7,"slice_range_days":90,"num_workers":6)";
  auto whole = a.read(all_streams(), settings);
  INFO(describe(whole));
  REQUIRE(whole.exit_code == 0);
  std::mt19937_64 random{20};
  for (int round = 0; round < 20; ++round) {
    auto moment = random() % whole.out.size();
    INFO("killed after " << moment << " bytes of stdout");
    program p{a.read_command(all_streams(), settings)};
    p.wait_for_bytes(moment);
    p.send(SIGKILL);
    auto ended = p.wait();
    REQUIRE((ended.signal == SIGKILL || ended.exit_code == 0)); // it may have been faster
    sync_result first{std::move(ended)};
    REQUIRE(first.messages.bad_lines.size() <= 1); // the last line may be cut off, no other

    auto rest
      = a.read(all_streams(), settings, {"--state", a.files().write("state.json", first.messages.state_file())});
    INFO(describe(rest));
    REQUIRE(rest.exit_code == 0);
    auto surveys = first.messages.ids("surveys");
    for (const auto& id : rest.messages.ids("surveys"))
      surveys.insert(id);
    REQUIRE(surveys == a.survey_ids());
    for (const auto& stream : all_streams()) {
      // A child that was under way when the program died is read again, so records may come twice; none is missing.
      auto seen = first.messages.record_set(stream);
      seen.merge(rest.messages.record_set(stream));
      auto wanted = a.expected(stream);
      REQUIRE(std::set<std::string>(seen.begin(), seen.end()) == std::set<std::string>(wanted.begin(), wanted.end()));
    }
  }
}

TEST_CASE("no STATE stands before a record that it covers") {
  simulator::options o = small_account();
  o.account.surveys = 60;
  o.latency = std::chrono::milliseconds{2};
  o.jitter = std::chrono::milliseconds{10};
  simulated_account a{o};
  auto r = a.read({"surveys"}, R"("page_size":3,"slice_range_days":60,"num_workers":10)");
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  std::map<std::string, std::int64_t> modified;
  for (std::uint64_t i = 0; i < a.account().surveys(); ++i)
    modified[a.account().survey_id(i)] = a.account().survey_modified(i);
  std::size_t states_that_cover = 0;
  std::string text;
  for (const auto& line : r.messages.lines) {
    text += line + "\n";
    if (line.rfind(R"({"type":"STATE")", 0) != 0)
      continue;
    protocol_output so_far{text};
    auto covered = cursor_of(so_far.last_state("surveys")->json);
    auto written = so_far.ids("surveys");
    for (const auto& [id, time] : modified)
      if (time < covered) {
        ++states_that_cover;
        REQUIRE(written.count(id) == 1);
      }
  }
  CHECK(states_that_cover > 60);
}
