#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

simulator::mutation_rule mutation_of(const std::string& text) {
  auto m = simulator::parse_mutation(text);
  REQUIRE(m);
  return *m;
}

} // namespace

TEST_CASE("rows that nobody touches are all read from an account that changes while it is read") {
  // An edited response moves to the end of its list; only lists that end with the start of the run can tell.
  struct row {
    std::string stream;
    std::vector<std::string> changes;
  };
  const row rows[] = {
    {"survey_responses", {"delete-response every=7 path=/responses", "modify-survey every=9"}},
    {"survey_responses_bulk",
     {"delete-response every=7 path=/responses", "modify-response every=5 path=/responses", "modify-survey every=9"}},
  };
  for (std::uint64_t seed : {1, 2, 3})
    for (const auto& row : rows) {
      auto o = small_account();
      o.account.surveys = 40;
      o.account.seed = seed;
      o.account.responses = {250, 450};
      o.latency = std::chrono::milliseconds{1};
      for (const auto& change : row.changes)
        o.mutations.push_back(mutation_of(change + " seed=" + std::to_string(seed)));
      simulated_account a{o};
      auto mark = a.server().changes();
      auto r = a.read({"surveys", row.stream}, R"("page_size":7,"slice_range_days":10000,"num_workers":6)");
      INFO(row.stream << ", seed " << seed << "\n" << describe(r));
      REQUIRE(r.exit_code == 0);
      REQUIRE(a.server().changes() > mark + 15);
      for (const auto& stream : {std::string{"surveys"}, row.stream}) {
        auto read = r.messages.ids(stream);
        auto lasting = a.server().lasting_ids(stream, mark, true);
        CHECK(lasting.size() > (stream == "surveys" ? 5 : 1000));
        for (const auto& id : lasting) {
          INFO(stream << " " << id);
          CHECK(read.count(id) > 0);
        }
      }
    }
}
