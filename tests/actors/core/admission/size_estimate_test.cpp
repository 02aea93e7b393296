#include "actors/core/admission/size_estimate.hpp"
#include "tests/support/catch2.hpp"

#include <limits>
#include <memory>

using namespace sluice;

namespace {

/// Surveys, and the responses to each.
plan_ptr small_plan() {
  auto p = std::make_shared<plan>();
  for (std::uint32_t i = 0; i < 2; ++i) {
    endpoint e;
    e.id = i;
    e.name = i == 0 ? "surveys" : "responses";
    output out;
    out.stream = i;
    out.stream_name = e.name;
    e.outputs.push_back(out);
    p->streams.push_back({e.name, "", i, 0, false, ""});
    p->endpoints.push_back(e);
  }
  p->edges.push_back({0, 1, 0, {"id"}, "survey_id", false});
  p->endpoints[0].child_edges.push_back(0);
  p->endpoints[1].slices.factors = {parent_records{{0}}};
  return p;
}

struct fixture {
  plan_ptr p = small_plan();
  const endpoint_id surveys = 0;
  const endpoint_id responses = 1;
  size_estimate sizes{p};

  void page(endpoint_id e, std::uint64_t slice, std::uint64_t rows, std::int64_t total, bool last,
            bool children_only = false) {
    page_receipt r;
    r.slice.endpoint = e;
    r.slice.id = slice;
    r.slice.children_only = children_only;
    r.rows = rows;
    r.total = total;
    r.last = last;
    if (!children_only)
      r.counts = {{p->endpoints[e].outputs[0].stream, rows, rows * 10}};
    sizes.written(r);
  }
};

} // namespace

TEST_CASE("nothing is estimated before there is a reason for it") {
  fixture f;
  CHECK_FALSE(f.sizes.slices(f.surveys));
  CHECK_FALSE(f.sizes.records(f.surveys, 0));
  CHECK_FALSE(f.sizes.pages_left(f.surveys));
  f.sizes.planned(f.surveys, 4, 4);
  CHECK(f.sizes.slices(f.surveys) == 4);
  CHECK_FALSE(f.sizes.records(f.surveys, 0));
  CHECK_FALSE(f.sizes.slices(f.responses));
}

TEST_CASE("the total of a page counts for its slice, and its mean for those that have not begun") {
  fixture f;
  f.sizes.planned(f.surveys, 4, 4);
  f.sizes.opened(f.surveys, 2);
  f.page(f.surveys, 1, 100, 250, false);
  CHECK(f.sizes.records(f.surveys, 0) == 1000);
  // Two more of this slice, three of each of the others.
  CHECK(f.sizes.pages_left(f.surveys) == 2 + 3 * 3);
  f.page(f.surveys, 1, 100, 250, false);
  f.page(f.surveys, 1, 50, 250, true);
  CHECK(f.sizes.records(f.surveys, 0) == 1000);
  CHECK(f.sizes.pages_left(f.surveys) == 9);
  f.page(f.surveys, 2, 0, 0, true);
  CHECK(f.sizes.records(f.surveys, 0) == 500);
  f.sizes.generated(f.surveys);
  CHECK(f.sizes.slices(f.surveys) == 2);
  CHECK(f.sizes.records(f.surveys, 0) == 250);
  CHECK(f.sizes.pages_left(f.surveys) == 0);
}

TEST_CASE("a child has a slice for each record of its parent") {
  fixture f;
  f.sizes.planned(f.surveys, 1, 1);
  f.sizes.opened(f.surveys, 1);
  f.sizes.generated(f.surveys);
  f.page(f.surveys, 1, 100, 300, false);
  CHECK(f.sizes.slices(f.responses) == 300);
  f.sizes.opened(f.responses, 100);
  // Without totals the size of a slice is known when it ends.
  f.page(f.responses, 11, 7, -1, false);
  CHECK_FALSE(f.sizes.records(f.responses, 0));
  f.page(f.responses, 11, 3, -1, true);
  CHECK(f.sizes.records(f.responses, 0) == 3000);
  CHECK(f.sizes.pages_left(f.responses) == 600 - 2);
  // The parent turned out to have fewer, all of which are known.
  f.page(f.surveys, 1, 0, 300, true);
  f.sizes.generated(f.responses);
  CHECK(f.sizes.slices(f.responses) == 100);
  CHECK(f.sizes.records(f.responses, 0) == 1000);
}

TEST_CASE("slices that fail bring nothing more") {
  fixture f;
  f.sizes.opened(f.surveys, 4);
  f.sizes.generated(f.surveys);
  f.page(f.surveys, 1, 10, 10, true);
  f.page(f.surveys, 2, 10, 100, false);
  CHECK(f.sizes.records(f.surveys, 0) == 110 + 2 * 55);
  f.sizes.failed(f.surveys, 2);
  CHECK(f.sizes.slices(f.surveys) == 3);
  // Of the failed slice, what is written counts.
  CHECK(f.sizes.records(f.surveys, 0) == 10 + 10 + 2 * 10);
  CHECK(f.sizes.slices(f.responses) == 40);
  CHECK(f.sizes.pages_left(f.surveys) == 2);
}

TEST_CASE("a page that is written after its slice failed opens nothing") {
  fixture f;
  f.sizes.opened(f.surveys, 2);
  f.sizes.generated(f.surveys);
  f.page(f.surveys, 1, 10, 10, true);
  f.sizes.failed(f.surveys, 2);
  f.page(f.surveys, 2, 5, 100, false);
  CHECK(f.sizes.records(f.surveys, 0) == 15);
  CHECK(f.sizes.slices(f.responses) == 15);
  CHECK(f.sizes.pages_left(f.surveys) == 0);
}

TEST_CASE("an endpoint that is given up brings what is written and asks for nothing more") {
  fixture f;
  f.sizes.opened(f.surveys, 5);
  f.page(f.surveys, 1, 10, 10, true);
  f.page(f.surveys, 2, 10, 100, false);
  f.page(f.surveys, 3, 7, -1, false);
  f.sizes.failed(f.surveys, 4);
  f.sizes.abandoned(f.surveys, 2);
  CHECK(f.sizes.records(f.surveys, 0) == 27);
  CHECK(f.sizes.slices(f.responses) == 27);
  CHECK(f.sizes.pages_left(f.surveys) == 0);
}

TEST_CASE("absurd totals of a server make large numbers, not wrong ones") {
  fixture f;
  f.sizes.planned(f.surveys, 1000, 1000);
  f.sizes.opened(f.surveys, 3);
  for (std::uint64_t slice = 1; slice <= 3; ++slice)
    f.page(f.surveys, slice, 1, std::numeric_limits<std::int64_t>::max(), false);
  CHECK(f.sizes.records(f.surveys, 0) == 1'000'000'000'000'000);
  CHECK(f.sizes.pages_left(f.surveys) == 1'000'000'000'000'000 - 3);
  CHECK(f.sizes.slices(f.responses) == 1'000'000'000'000'000);
}

TEST_CASE("windows that are read for children only do not count as records, but as parents") {
  fixture f;
  f.sizes.planned(f.surveys, 2, 1);
  f.sizes.opened(f.surveys, 2);
  f.page(f.surveys, 1, 40, 40, true, true);
  CHECK_FALSE(f.sizes.records(f.surveys, 0));
  CHECK(f.sizes.slices(f.responses) == 80);
  f.page(f.surveys, 2, 6, 6, true);
  CHECK(f.sizes.records(f.surveys, 0) == 6);
  CHECK(f.sizes.slices(f.responses) == 46);
  // The windows that print nothing do not count at the end either.
  f.sizes.generated(f.surveys);
  CHECK(f.sizes.records(f.surveys, 0) == 6);
}

TEST_CASE("an endpoint with several parents has as many slices as all of them have rows") {
  auto p = std::make_shared<plan>(*small_plan());
  endpoint contacts = p->endpoints[0];
  contacts.id = 2;
  p->endpoints.push_back(contacts);
  p->edges.push_back({2, 1, 0, {"id"}, "contact_id", false});
  p->endpoints[1].slices.factors = {parent_records{{0, 1}}};
  size_estimate sizes{p};
  auto one_slice = [&](endpoint_id e, std::int64_t total) {
    sizes.planned(e, 1, 1);
    page_receipt r;
    r.slice.endpoint = e;
    r.slice.id = 1;
    r.rows = 10;
    r.total = total;
    sizes.written(r);
  };
  one_slice(0, 30);
  CHECK_FALSE(sizes.slices(1));
  one_slice(2, 12);
  CHECK(sizes.slices(1) == 42);
}
