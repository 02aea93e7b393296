#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + body;
}

/// One fetcher, so that all requests come one after the other on one connection.
sync_result read(const scripted_server& server, const simulated_account& files, const std::vector<std::string>& streams,
                 const std::vector<std::string>& more = {}) {
  const auto config
    = files.files().write("scripted.json", R"({"access_token":"t","num_workers":1,"api_url":"http://127.0.0.1:)"
                                             + std::to_string(server.port()) + R"(","slice_range_days":100000})");
  std::vector<std::string> command{SLUICE_BINARY,          "read",       "--config", config, "--catalog",
                                   files.catalog(streams), "--progress", "never"};
  command.insert(command.end(), more.begin(), more.end());
  return sync_result{run_program(command)};
}

std::vector<std::string> warnings(const sync_result& r, const std::string& about) {
  std::vector<std::string> result;
  for (const auto& m : r.messages.logs)
    if (m.level == "WARN" && m.message.find(about) != std::string::npos)
      result.push_back(m.message);
  return result;
}

} // namespace

TEST_CASE("parents without a key are printed, and one warning counts them") {
  const scripted_server server{
    {{receive(), send(answer(R"({"data":[{"id":"a"},{"x":1},{"id":"b"},{"id":null}]})")), receive(),
      send(answer(R"({"id":"da"})")), receive(), send(answer(R"({"id":"db"})"))}}};
  const simulated_account files;
  auto r = read(server, files, {"surveys", "survey_details"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.records["surveys"].size() == 4);
  CHECK(r.messages.records["survey_details"].size() == 2);
  CHECK(server.requests().size() == 3);
  const auto told = warnings(r, "have no `id`");
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("2 records of its parent surveys") != std::string::npos);
  CHECK(told[0].find("survey_details") != std::string::npos);
}

TEST_CASE("a state that lies in the future is a warning, and stays") {
  const scripted_server server{std::vector<script>{}};
  const simulated_account files;
  const auto state = files.files().write("state.json", R"({"surveys":{"date_modified":4000000000}})");
  auto r = read(server, files, {"surveys"}, {"--state", state});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(warnings(r, "lies in the future").size() == 1);
  CHECK(r.messages.last_state("surveys")->json == R"({"date_modified":4000000000})");
  CHECK(server.requests().empty());
}
