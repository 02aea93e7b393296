#include "config/nearest.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("the nearest known name is found across typing errors") {
  const std::vector<std::string_view> names{"fetchers.pool_size", "fetchers.max_pool_size", "http.read_timeout", "id"};
  CHECK(nearest("fetchers.pool_size", names) == "fetchers.pool_size");
  CHECK(nearest("fetchers.poolsize", names) == "fetchers.pool_size");
  CHECK(nearest("Fetchers.Pool_Size", names) == "fetchers.pool_size");
  CHECK(nearest("fetchers.max_pol_size", names) == "fetchers.max_pool_size");
  CHECK(nearest("htpt.read_timeout", names) == "http.read_timeout");
  CHECK(nearest("pool_size", names) == "");
  CHECK(nearest("di", names) == "id");
  CHECK(nearest("something else", names) == "");
  CHECK(nearest("", {}) == "");
  CHECK(nearest(std::string(100000, 'x'), names) == "");
}
