#include "config/manifest/plan/slices.hpp"

#include "config/manifest/plan/plan.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

using edges = std::vector<std::uint32_t>;

/// Surveys and contacts, of which the endpoint `answers` may have slices, and folders above the surveys.
plan four_endpoints() {
  plan p;
  for (const char* name : {"folders", "surveys", "contacts", "answers"}) {
    endpoint e;
    e.id = static_cast<endpoint_id>(p.endpoints.size());
    e.name = name;
    output out;
    out.stream_name = std::string{name} + "_stream";
    e.outputs.push_back(out);
    p.endpoints.push_back(e);
  }
  p.edges.push_back({0, 1, 0, {"id"}, "folder_id", false});
  p.edges.push_back({2, 3, 0, {"id"}, "contact_id", false});
  p.edges.push_back({1, 3, 0, {"id"}, "survey_id", false});
  return p;
}

} // namespace

TEST_CASE("a slice space without factors is one slice that is known from the start") {
  const slice_space whole;
  CHECK(whole.feeding_edges().empty());
  CHECK_FALSE(whole.has_parents());
  CHECK_FALSE(whole.has_partitions());
  CHECK_FALSE(whole.has_windows());
}

TEST_CASE("a slice space says what its factors bring") {
  const slice_space windows{{time_windows{}}};
  CHECK(windows.has_windows());
  CHECK_FALSE(windows.has_parents());
  CHECK_FALSE(windows.has_partitions());
  const slice_space both{{parent_records{{4, 2}}, time_windows{}}};
  CHECK(both.has_windows());
  CHECK(both.has_parents());
  CHECK(both.has_partitions());
  CHECK(both.feeding_edges() == edges{4, 2});
}

TEST_CASE("the first parent names the partitions in lists, and the one with partitions the whole ones") {
  auto p = four_endpoints();
  p.endpoints[1].slices.factors = {parent_records{{0}}};
  p.endpoints[3].slices.factors = {time_windows{}, parent_records{{1, 2}}};
  CHECK(leading_field(p, p.endpoints[0]).empty());
  CHECK(leading_field(p, p.endpoints[1]) == "folder_id");
  CHECK(leading_field(p, p.endpoints[3]) == "contact_id");
  CHECK(partitioned_parent_of(p, p.endpoints[0]) == nullptr);
  CHECK(partitioned_parent_of(p, p.endpoints[1]) == nullptr);
  CHECK(partitioned_parent_of(p, p.endpoints[3]) == &p.endpoints[1]);
  CHECK(parent_output_of(p, p.edges[2]).stream_name == "surveys_stream");
}
