#include "actors/core/last_words.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

TEST_CASE("a message about streams names the first of them and counts the others") {
  CHECK(listed({}).empty());
  CHECK(listed({"a", "b", "c"}) == "a, b, c");
  std::vector<std::string> names(most_named_streams, "s");
  CHECK(listed(names).find("more") == std::string::npos);
  names.resize(200'000, "s");
  CHECK(listed(names).size() < 200);
  CHECK(listed(names).find(" and 199980 more") != std::string::npos);
  CHECK(incomplete_streams(names, failure_type::config_error).message.size() < 400);
}

TEST_CASE("the cause of an error is what stands before its slice") {
  const error x{errc::http_status, failure_type::config_error,
                "The token is refused. (surveys 2020..2021, page 1) Mend it.", ""};
  CHECK(cause_of(x, "surveys 2020..2021") == "The token is refused. (");
  CHECK(cause_of(x, "surveys 2021..2022") == x.message);
  CHECK(cause_of(x, "") == x.message);
}
