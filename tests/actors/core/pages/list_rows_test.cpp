#include "actors/core/pages/list_rows.hpp"
#include "tests/actors/core/records/page_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using path = std::vector<std::string>;

const path rows{"data"};
const path starred{"data", "*"};
const path inner{"data", "*", "items", "*"};
const path meta{"meta"};
const path body{};

/// An endpoint whose pages tell a total, with outputs at these paths.
page_fixture list_of(const std::vector<path>& paths, std::optional<std::uint32_t> rows_output) {
  page_fixture f;
  auto& e = f.endpoint();
  e.outputs.clear();
  for (std::uint32_t i = 0; i < paths.size(); ++i)
    e.outputs.push_back(page_fixture::make_output(i, "s" + std::to_string(i), paths[i]));
  e.rows_output = rows_output;
  e.pages.total = text_template::literal("2");
  return f;
}

} // namespace

TEST_CASE("the rows of a page are those of the list that its total counts") {
  const std::string page
    = R"({"meta":{"x":1},"data":[{"id":1,"items":[{"i":1},{"i":2},{"i":3}]},{"id":2,"items":[]}],"total":2})";
  struct list_case {
    std::vector<path> paths;
    std::optional<std::uint32_t> rows_output;
  };
  for (const auto& [paths, rows_output] : std::vector<list_case>{{{rows}, 0},
                                                                 {{starred}, 0},
                                                                 {{inner}, std::nullopt},
                                                                 {{inner, rows}, 1},
                                                                 {{rows, inner}, 0},
                                                                 {{inner, starred}, 1},
                                                                 {{meta, inner}, 0},
                                                                 {{body, rows}, 0},
                                                                 {{body, inner}, 0}}) {
    auto f = list_of(paths, rows_output);
    auto cut = f.cut(page);
    INFO(paths.size() << " outputs, the first one's path has " << paths.front().size() << " segments");
    REQUIRE(cut);
    CHECK(cut->rows == 2);
    CHECK(cut->fingerprint == list_of({rows}, 0).cut(page)->fingerprint);
  }
}

TEST_CASE("a page without its list has no rows, and one object is one row") {
  for (const char* page : {R"({"total":2})", R"({"data":null,"total":2})", R"({"data":[],"total":2})"}) {
    INFO(page);
    CHECK(list_of({inner}, std::nullopt).cut(page)->rows == 0);
    CHECK(list_of({inner}, std::nullopt).cut(page)->fingerprint == 0);
    CHECK(list_of({inner, rows}, 1).cut(page)->rows == 0);
    CHECK(list_of({rows}, 0).cut(page)->rows == 0);
  }
  CHECK(list_of({rows}, 0).cut(R"({"data":{"id":1}})")->rows == 1);
  CHECK(list_of({rows, meta}, 0).cut(R"({"data":{"id":1},"meta":{"x":1}})")->rows == 1);
  CHECK(list_of({body, inner}, 0).cut(R"([{"id":1},{"id":2}])")->rows == 2);
}

TEST_CASE("what a page size means to the paginator is the first stream's records, as before") {
  auto f = list_of({inner}, std::nullopt);
  auto cut = f.cut(R"({"data":[{"items":[{"i":1},{"i":2},{"i":3}]},{"items":[]}]})");
  REQUIRE(cut);
  CHECK(cut->records == 3);
  CHECK(cut->rows == 2);
}
