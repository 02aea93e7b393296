#include "app/text/numbers.hpp"

#include "tests/support/catch2.hpp"

using namespace sluice;

TEST_CASE("numbers are rounded for people") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.5 KiB");
  CHECK(bytes_text(25'300'000) == "24 MiB");
  CHECK(bytes_text(5ULL << 40) == "5.0 TiB");
  CHECK(percent_text(0.806) == "81 %");
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1'000) == "1,000");
  CHECK(count_text(12'345'678) == "12,345,678");
  CHECK(rate_text(0.66) == "0.7");
  CHECK(rate_text(12.4) == "12");
  CHECK(rate_text(1234) == "1,234");
}
