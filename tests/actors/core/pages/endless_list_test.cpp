#include "actors/core/pages/endless_list.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

using namespace sluice;

namespace {

constexpr auto unknown = [](std::uint64_t) { return std::uint64_t{0}; };

/// Reads a list whose page `i` (from 0) names page `next(i)` and has `rows(i)` rows, which `fingerprint(i)` tells from
/// others. Returns after how many pages it
/// was found to be endless; none: it ended, or was read so far without complaint.
template <class Next, class Rows, class Fingerprint = decltype(unknown)>
std::optional<std::uint64_t> pages_until_complaint(std::uint64_t most, Next next, Rows rows, std::int64_t total = -1,
                                                   list_bounds bounds = {}, Fingerprint fingerprint = unknown) {
  page_request request;
  std::uint64_t at = 0;
  for (std::uint64_t read = 1; read <= most; ++read) {
    const list_page page{total, rows(at), fingerprint(at)};
    const std::optional<std::uint64_t> following = next(at);
    if (!following)
      return std::nullopt;
    const auto token = "https://x/list?cursor=" + std::to_string(*following);
    if (auto ends = check_list_ends(request.list, page, token, bounds); !ends) {
      CHECK(ends.error().code == errc::bad_page);
      CHECK(ends.error().failure == failure_type::system_error);
      CHECK(ends.error().message.find("never end") != std::string::npos);
      return read;
    }
    remember_step(request.list, token, page);
    remember_page(request.list, request.token, page);
    request.token = token;
    ++request.page;
    at = *following;
  }
  return std::nullopt;
}

constexpr auto ten_rows = [](std::uint64_t) { return std::uint64_t{10}; };
constexpr auto no_rows = [](std::uint64_t) { return std::uint64_t{0}; };

} // namespace

TEST_CASE("circles of any length behind any beginning are found, in constant memory") {
  for (std::uint64_t tail : {0U, 1U, 3U, 10U, 100U, 1000U})
    for (std::uint64_t length : {1U, 2U, 4U, 5U, 6U, 7U, 50U, 999U, 5000U}) {
      INFO("a circle of " << length << " pages behind " << tail);
      auto found = pages_until_complaint(
        100'000, [=](std::uint64_t i) { return i + 1 < tail + length ? i + 1 : tail; }, ten_rows);
      REQUIRE(found);
      CHECK(*found > length);
      CHECK(*found <= 3 * (tail + length) + 3);
    }
}

TEST_CASE("a list of any length that ends is read to its end") {
  CHECK(rc::check("no complaint", [](std::uint16_t pages) {
    auto next = [pages](std::uint64_t i) -> std::optional<std::uint64_t> {
      return i < pages ? std::optional{i + 1} : std::nullopt;
    };
    RC_ASSERT(!pages_until_complaint(100'000, next, ten_rows));
  }));
}

TEST_CASE("empty pages in a row are bounded, wherever they are") {
  const auto on = [](std::uint64_t i) { return i + 1; };
  list_bounds bounds;
  bounds.max_empty_pages = 30;
  CHECK(pages_until_complaint(1000, on, no_rows, -1, bounds) == 31U);
  CHECK(pages_until_complaint(
          1000, on, [](std::uint64_t i) { return std::uint64_t{i < 100 ? 10U : 0U}; }, -1, bounds)
        == 131U);
  CHECK_FALSE(pages_until_complaint(
    10'000, on, [](std::uint64_t i) { return std::uint64_t{i % 31 == 30 ? 1U : 0U}; }, -1, bounds));
}

TEST_CASE("pages with the rows of the page before are bounded like empty ones") {
  const auto on = [](std::uint64_t i) { return i + 1; };
  list_bounds bounds;
  bounds.max_empty_pages = 30;
  // The first page is new, whatever follows.
  CHECK(pages_until_complaint(1000, on, ten_rows, -1, bounds, [](std::uint64_t) { return std::uint64_t{7}; }) == 32U);
  // Empty pages and repeated ones in turns bring nothing new, either.
  CHECK(pages_until_complaint(
          1000, on, [](std::uint64_t i) { return std::uint64_t{i > 200 && i % 2 == 0 ? 0U : 10U}; }, -1, bounds,
          [](std::uint64_t i) { return i < 200 ? i + 1 : std::uint64_t{7}; })
        == 232U);
  // Each page is new, or what tells its rows from others is not known.
  CHECK_FALSE(pages_until_complaint(1000, on, ten_rows, -1, bounds, [](std::uint64_t i) { return i + 1; }));
  CHECK_FALSE(pages_until_complaint(1000, on, ten_rows, -1, bounds));
  CHECK_FALSE(pages_until_complaint(10'000, on, ten_rows, -1, bounds, [](std::uint64_t i) { return i / 31 + 1; }));
}

TEST_CASE("a list that goes on beyond its total ends with an error") {
  const auto on = [](std::uint64_t i) { return i + 1; };
  CHECK(pages_until_complaint(1000, on, ten_rows, 100) == 12U); // a page more is forgiven
  CHECK(pages_until_complaint(1000, on, ten_rows, 0) == 2U);
  CHECK_FALSE(pages_until_complaint(1000, on, ten_rows, -1)); // it tells no total
  list_bounds distrusted;
  distrusted.total_counts = false;
  CHECK_FALSE(pages_until_complaint(1000, on, ten_rows, 100, distrusted));
}

TEST_CASE("going back over pages is no circle") {
  // A list that is always one row shorter when its page 40 is read, so that the pages before it are read again.
  page_request request;
  std::uint32_t reread = 0;
  std::int64_t total = 1000;
  for (int step = 0; step < 500 && request.page <= 90; ++step) {
    if (request.page % 10 == 0 && reread < max_rereads) {
      --total;
      ++reread;
    }
    const list_page page{total, 10, request.page};
    auto back = go_back_if_shrunk(request, total);
    REQUIRE(back);
    if (*back) {
      request = std::move(**back);
      continue;
    }
    const auto token = "page" + std::to_string(request.page + 1);
    REQUIRE(check_list_ends(request.list, page, token, {}));
    remember_step(request.list, token, page);
    remember_page(request.list, request.token, page);
    request.token = token;
    ++request.page;
  }
  CHECK(request.page > 90);
  CHECK(reread == max_rereads);
}
