#include "actors/core/stream_books.hpp"

#include "tests/support/catch2.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace sluice;

namespace {

/// Two streams that share an endpoint, and one whose parent is not selected.
plan_ptr three_streams() {
  auto p = std::make_shared<plan>();
  for (const char* name : {"a", "b", "c"}) {
    planned_stream s;
    s.name = name;
    p->streams.push_back(s);
  }
  p->endpoints.resize(1);
  for (stream_index s : {0u, 1u}) {
    output out;
    out.stream = s;
    p->endpoints[0].outputs.push_back(out);
  }
  output for_children_alone;
  for_children_alone.stream = 2;
  for_children_alone.emit = false;
  p->endpoints[0].outputs.push_back(for_children_alone);
  return p;
}

} // namespace

TEST_CASE("streams that failed are named in the catalogue's order, whatever came first") {
  stream_books books{three_streams()};
  books.end(2, false);
  books.end(1, true);
  CHECK(books.count_error(0));
  CHECK(books.failed() == std::vector<std::string>{"a", "c"});
  CHECK(books.ended(2));
  CHECK(!books.ended(0));
  // Complete at the end, but not without loss.
  books.end(0, true);
  CHECK(books.failed() == std::vector<std::string>{"a", "c"});
}

TEST_CASE("a stream's errors are printed up to a number, and counted beyond it") {
  stream_books books{three_streams()};
  std::uint64_t printed = 0;
  for (int i = 0; i < 100; ++i)
    printed += books.count_error(1) ? 1 : 0;
  CHECK(printed == stream_books::max_errors_per_stream);
  CHECK(books.errors(1) == 100);
  CHECK(books.errors(0) == 0);
}

TEST_CASE("what happens to an endpoint happens to the streams that it prints") {
  stream_books books{three_streams()};
  CHECK(books.streams_of(0) == std::vector<stream_index>{0, 1});
}

TEST_CASE("a cause that is told once is known from then on, to its stream alone") {
  stream_books books{three_streams()};
  CHECK_FALSE(books.is_known_cause(0, "the token is refused"));
  CHECK(books.is_known_cause(0, "the token is refused"));
  CHECK(books.is_known_cause(0, "the token is refused"));
  CHECK_FALSE(books.is_known_cause(0, "something else"));
  CHECK_FALSE(books.is_known_cause(1, "the token is refused"));
  CHECK(books.repeated(0) == 2);
  CHECK(books.repeated(1) == 0);
  // What is not printed is lost all the same.
  CHECK(books.failed() == std::vector<std::string>{books.name(0)});
}
