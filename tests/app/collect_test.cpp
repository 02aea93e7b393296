#include "app/collect.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t begin_s = 1'600'000'000;

std::shared_ptr<fake_api> account(std::size_t surveys) {
  std::vector<fake_api::survey> all;
  for (std::size_t i = 0; i < surveys; ++i)
    all.push_back({"s" + std::to_string(i), begin_s + static_cast<std::int64_t>(i), {}});
  return std::make_shared<fake_api>(std::move(all));
}

collection collected(const std::shared_ptr<fake_api>& api, const collect_limits& limits,
                     std::vector<std::string> streams = {"surveys"}) {
  spdlog::set_level(spdlog::level::off);
  run_case c;
  c.streams = std::move(streams);
  auto compiled = plan_of(c);
  REQUIRE(compiled);
  run_options options;
  options.pool_size = 1;
  options.secrets = std::make_shared<redactor>();
  options.transport = std::make_shared<fake_transport>(api);
  auto result = collect(std::make_shared<const plan>(std::move(*compiled)), limits, std::move(options));
  REQUIRE(result);
  return std::move(*result);
}

net::response refused(int status) {
  return json_response(status, R"({"error":{"id":"1","message":"no"}})");
}

} // namespace

TEST_CASE("a small run is collected into memory as the server sent it") {
  auto x = collected(account(7), {});
  CHECK(x.end == collect_end::complete);
  CHECK_FALSE(x.error);
  CHECK(x.run.exit_code == 0);
  REQUIRE(x.records.size() == 7);
  CHECK(x.records[0].stream == "surveys");
  CHECK(x.records[0].json == R"({"id":"s0","date_modified":"2020-09-13T12:26:40"})");
}

TEST_CASE("records of several streams are told apart") {
  auto x = collected(account(2), {}, {"surveys", "survey_details"});
  CHECK(x.end == collect_end::complete);
  std::size_t details = 0;
  for (const auto& r : x.records)
    details += r.stream == "survey_details" ? 1 : 0;
  CHECK(details == 2);
  CHECK(x.records.size() == 4);
}

TEST_CASE("a collection ends when it has enough") {
  collect_limits limits;
  limits.records = 2;
  auto api = account(50);
  auto x = collected(api, limits);
  CHECK(x.end == collect_end::enough);
  CHECK(x.records.size() == 2);

  limits.records = 100;
  limits.bytes = 120; // two records and a part
  x = collected(api, limits);
  CHECK(x.end == collect_end::enough);
  CHECK(x.records.size() == 2);

  limits.bytes = 1;
  x = collected(api, limits);
  CHECK(x.end == collect_end::enough);
  CHECK(x.records.empty());
}

TEST_CASE("a collection sends no more requests than it may") {
  collect_limits limits;
  limits.requests = 3;
  auto api = account(50);
  auto x = collected(api, limits);
  CHECK(x.end == collect_end::requests);
  CHECK(api->log().size() == 3);
}

TEST_CASE("a collection takes no longer than it may") {
  collect_limits limits;
  limits.time = 50ms;
  auto api = account(1);
  // Asked for again and again.
  api->set_fault([](const std::string&) { return refused(503); });
  auto x = collected(api, limits);
  CHECK(x.end == collect_end::time);
  CHECK(x.records.empty());
}

TEST_CASE("a collection ends at the first error and tells it") {
  auto api = account(50);
  api->set_fault([](const std::string&) { return refused(401); });
  auto x = collected(api, {});
  CHECK(x.end == collect_end::failed);
  REQUIRE(x.error);
  CHECK(x.error->failure == failure_type::config_error);
}
