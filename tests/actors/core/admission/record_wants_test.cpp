#include "actors/core/admission/record_wants.hpp"

#include "tests/support/catch2.hpp"

#include <memory>

using namespace sluice;

namespace {

/// parent -> child; the child's pages serve two streams.
plan_ptr family(std::uint64_t limit, bool parent_printed) {
  auto p = std::make_shared<plan>();
  p->record_limit = limit;
  for (std::uint32_t i = 0; i < 2; ++i) {
    endpoint e;
    e.id = i;
    e.depth = i;
    p->endpoints.push_back(e);
  }
  for (std::uint32_t s = 0; s < 3; ++s) {
    output out;
    out.stream = s;
    out.emit = s > 0 || parent_printed;
    p->endpoints[s == 0 ? 0 : 1].outputs.push_back(out);
    p->streams.push_back({"s" + std::to_string(s), "", s == 0 ? 0u : 1u, 0, false, ""});
  }
  edge x;
  x.parent = 0;
  x.child = 1;
  p->edges.push_back(x);
  p->endpoints[0].child_edges.push_back(0);
  return p;
}

stream_count count(stream_index s, std::uint64_t records) {
  return {s, records, 0};
}

} // namespace

TEST_CASE("without a limit every endpoint is wanted") {
  record_wants wants{family(0, true)};
  CHECK(!wants.limited());
  CHECK(wants.wanted(0));
  CHECK(wants.wanted(1));
}

TEST_CASE("an endpoint is wanted as long as a stream of its own, or of those below it, has not enough") {
  record_wants wants{family(10, true)};
  wants.take({count(0, 10)});
  CHECK(wants.wanted(0)); // for its children
  CHECK(wants.worth_asking(0) == 0);
  wants.take({count(1, 10), count(2, 9)});
  CHECK(wants.wanted(1));
  CHECK(wants.satisfied() == std::vector<stream_index>{0, 1});
  wants.take({count(1, 3), count(2, 1)});
  CHECK(!wants.wanted(1));
  CHECK(!wants.wanted(0));
}

TEST_CASE("as many requests are worth asking as the largest page so far leaves needed") {
  record_wants wants{family(100, false)};
  CHECK(wants.worth_asking(1) == 1); // nothing is known of its pages
  wants.take({count(1, 0), count(2, 0)});
  CHECK(wants.worth_asking(1) == 1);
  wants.take({count(1, 30), count(2, 1)});
  CHECK(wants.worth_asking(1) == 99);
  wants.take({count(1, 0), count(2, 50)});
  CHECK(wants.worth_asking(1) == 3); // 70 by 30
}

TEST_CASE("what is given up is wanted by nobody, nor are its parents for its sake") {
  record_wants wants{family(10, false)};
  CHECK(wants.wanted(0));
  wants.give_up(1);
  CHECK(!wants.wanted(1));
  CHECK(!wants.wanted(0));
}
