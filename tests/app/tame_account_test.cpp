#include "app/simulator/account.hpp"
#include "config/language/value.hpp"
#include "config/manifest/manifest.hpp"
#include "config/schema_check.hpp"
#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("what the simulator serves unless it is told to be unpleasant fits the schemas of the built-in streams") {
  simulator::account_sizes sizes;
  sizes.surveys = 40;
  sizes.responses = {0, 6};
  sizes.tame = true;
  const simulator::account account{sizes};
  auto connector = load_built_in_manifest();
  REQUIRE(connector);
  for (const auto& stream : (*connector)->streams) {
    auto schema = language::parse_json(stream.json_schema);
    REQUIRE(schema);
    const auto records = account.expected_records(stream.name);
    CHECK(!records.empty());
    for (const auto& record : records) {
      auto faults = check_schema(language::parse_json(record).value(), *schema, 5);
      REQUIRE(faults);
      INFO(stream.name << ": " << record);
      for (const auto& x : *faults) {
        INFO(x.path << ": " << x.text);
        CHECK(false);
      }
    }
  }
}
