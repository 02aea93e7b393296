#include "messages/text/durations.hpp"

#include "tests/support/catch2.hpp"

#include <chrono>
#include <cstdint>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a time is told in each of the ways that people read") {
  struct row {
    std::chrono::microseconds time;
    const char* measured;
    const char* fine;
    const char* rough;
    const char* human;
    const char* exact;
  };
  auto r = GENERATE(values<row>({
    {0us, "0 ms", "0 us", "1 s", "0 s", "0s"},
    {7us, "0 ms", "7 us", "1 s", "0 s", "7us"},
    {982us, "0 ms", "982 us", "1 s", "0 s", "982us"},
    {1800us, "1 ms", "1.8 ms", "1 s", "0 s", "1800us"},
    {40ms, "40 ms", "40 ms", "1 s", "0 s", "40ms"},
    {1s, "1.0 s", "1.0 s", "1 s", "1 s", "1s"},
    {3200ms, "3.2 s", "3.2 s", "4 s", "3 s", "3200ms"},
    {12s, "12 s", "12 s", "15 s", "12 s", "12s"},
    {89s, "89 s", "89 s", "90 s", "89 s", "89s"},
    {119s, "119 s", "119 s", "2 min", "119 s", "119s"},
    {2min, "2 min 00 s", "2 min 00 s", "2 min", "2 min", "2m"},
    {170s, "2 min 50 s", "2 min 50 s", "3 min", "2 min", "170s"},
    {2h, "2 h 00 min", "2 h 00 min", "2 h 0 min", "2 h 0 min", "2h"},
    {7800s, "2 h 10 min", "2 h 10 min", "2 h 10 min", "2 h 10 min", "130m"},
    {48h, "48 h 00 min", "48 h 00 min", "2 days", "48 h 0 min", "2d"},
    {260'000s, "72 h 13 min", "72 h 13 min", "3 days", "72 h 13 min", "260000s"},
  }));
  INFO(r.time.count());
  CHECK(duration_text(r.time) == r.measured);
  CHECK(duration_text(std::int64_t{r.time.count()}) == r.measured);
  CHECK(fine_duration_text(r.time) == r.fine);
  CHECK(rough_duration_text(r.time.count()) == r.rough);
  CHECK(human_duration(r.time) == r.human);
  CHECK(exact_duration_text(r.time) == r.exact);
}
