#include "actors/core/pages/list_drift.hpp"

#include "actors/core/pages/endless_list.hpp"
#include "tests/support/catch2.hpp"

#include <random>
#include <set>
#include <vector>

using namespace sluice;

namespace {

page_request page_of(std::uint32_t page, std::int64_t total, std::uint64_t rows, std::vector<std::string> trail) {
  page_request r;
  r.page = page;
  r.list.total = total;
  r.list.rows_a_page = rows;
  r.token = "t" + std::to_string(page);
  r.list.trail = std::move(trail);
  return r;
}

} // namespace

TEST_CASE("a list that has not shrunk is read on") {
  for (auto total : {100, 101, -1}) {
    auto back = go_back_if_shrunk(page_of(3, 100, 10, {"", "t2"}), total);
    REQUIRE(back);
    CHECK(!*back);
  }
  auto unknown = go_back_if_shrunk(page_of(3, -1, 10, {"", "t2"}), 50);
  CHECK((unknown && !*unknown));
  auto first = go_back_if_shrunk(page_of(1, 100, 10, {}), 50);
  CHECK((first && !*first));
}

TEST_CASE("a list that has shrunk is read again from as many pages back as rows vanished") {
  struct row {
    std::int64_t vanished;
    std::uint32_t page;
    std::string token;
  };
  const row rows[] = {
    {1, 5, "t5"}, {10, 5, "t5"}, {11, 4, "t4"}, {40, 2, "t2"}, {41, 1, ""}, {90, 1, ""},
  };
  for (const auto& r : rows) {
    INFO(r.vanished << " rows");
    auto back = go_back_if_shrunk(page_of(6, 100, 10, {"t2", "t3", "t4", "t5"}), 100 - r.vanished);
    REQUIRE(back);
    REQUIRE(*back);
    CHECK((*back)->page == r.page);
    CHECK((*back)->token == r.token);
    CHECK((*back)->list.total == 100 - r.vanished);
    CHECK((*back)->list.rereads == 1);
  }
}

TEST_CASE("a list that never rests fails its slice") {
  auto r = page_of(3, 100, 10, {"", "t2"});
  r.list.rereads = max_rereads;
  auto back = go_back_if_shrunk(r, 99);
  REQUIRE(!back);
  CHECK(back.error().code == errc::bad_page);
  CHECK(back.error().failure == failure_type::transient_error);
}

TEST_CASE("only the nearest pages are remembered") {
  page_request r;
  for (int i = 1; i <= 10; ++i) {
    remember_page(r.list, r.token, {100 - i, 7, static_cast<std::uint64_t>(i)});
    ++r.page;
    r.token = "t" + std::to_string(r.page);
  }
  CHECK(r.list.trail == std::vector<std::string>{"t7", "t8", "t9", "t10"});
  CHECK(r.list.total == 90);
  CHECK(r.list.rows_a_page == 7);
  CHECK(r.list.rows_read == 70);
  CHECK(r.list.fingerprint == 10);
  // A circle among them is found at once.
  CHECK(!check_list_ends(r.list, {-1, 7, 0}, "t9", {}));
  CHECK(check_list_ends(r.list, {-1, 7, 0}, "t11", {}));
  CHECK(check_list_ends(r.list, {-1, 7, 0}, "t3", {}));
}

TEST_CASE("whatever rows vanish between pages, every row that stays is read") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    std::vector<int> rows(1 + random() % 80);
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] = static_cast<int>(i);
    const std::set<int> before(rows.begin(), rows.end());
    const auto per_page = 1 + random() % 7;
    std::set<int> read;
    page_request r;
    for (int requests = 0;; ++requests) {
      REQUIRE(requests < 2000);
      if (requests > 0 && random() % 3 == 0 && r.list.rereads < 40)
        for (auto n = random() % (2 * per_page + 1); n > 0 && !rows.empty(); --n)
          rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(random() % rows.size()));
      const auto page = r.token.empty() ? 1 : std::stoul(r.token);
      const auto begin = std::min(rows.size(), (page - 1) * per_page);
      const auto end = std::min(rows.size(), begin + per_page);
      read.insert(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end));
      const auto total = static_cast<std::int64_t>(rows.size());
      auto back = go_back_if_shrunk(r, total);
      REQUIRE(back);
      if (*back) {
        r = **back;
        continue;
      }
      const list_page at{total, end - begin, begin + 1};
      REQUIRE(!go_back_if_repeated(r, at).value());
      if (end >= rows.size()) {
        // What vanished may have been counted, but never is a whole list taken for a short one.
        auto anew = begin_anew_if_short(r, at);
        REQUIRE(anew);
        REQUIRE(!*anew);
        break;
      }
      remember_page(r.list, r.token, at);
      ++r.page;
      r.token = std::to_string(page + 1);
    }
    for (auto row : rows)
      REQUIRE(read.contains(row));
  }
}

TEST_CASE("pages that hold fewer rows than the list has are read again once, and fail then") {
  auto r = page_of(3, 100, 40, {"", "t2"});
  r.list.rows_read = 80;
  CHECK(!*begin_anew_if_short(r, {100, 20, 1}));
  CHECK(!*begin_anew_if_short(r, {-1, 0, 1}));
  CHECK(!*begin_anew_if_short(r, {99, 20, 1}));
  auto anew = begin_anew_if_short(r, {100, 19, 1});
  REQUIRE(anew);
  REQUIRE(*anew);
  CHECK((*anew)->page == 1);
  CHECK((*anew)->token.empty());
  CHECK((*anew)->list.rows_read == 0);
  auto again = **anew;
  again.list.rows_read = 80;
  auto failed = begin_anew_if_short(again, {100, 19, 1});
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::bad_page);
}

TEST_CASE("a page that brings the rows of the one before is no page, if the list has more") {
  auto r = page_of(2, 100, 40, {""});
  r.list.rows_read = 40;
  r.list.fingerprint = 5;
  CHECK(!go_back_if_repeated(r, {100, 40, 6}).value());
  CHECK(!go_back_if_repeated(r, {40, 40, 5}).value()); // no more rows: whoever sent this counts otherwise
  CHECK(!go_back_if_repeated(r, {-1, 40, 5}).value());
  CHECK(!go_back_if_repeated(r, {100, 0, 0}).value());
  auto back = go_back_if_repeated(r, {100, 40, 5});
  REQUIRE(back);
  REQUIRE(*back);
  CHECK((*back)->page == 1);
  CHECK((*back)->token.empty());
  CHECK((*back)->list.rows_read == 0);
  CHECK((*back)->list.fingerprint == 0);
  r.list.repetitions = (*back)->list.repetitions + 1;
  auto failed = go_back_if_repeated(r, {100, 40, 5});
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::bad_page);
}

TEST_CASE("a window is settled when the second in which the run began is over") {
  using namespace std::chrono_literals;
  datetime_cursor c;
  c.end = language::instant{100s + 300ms};
  slice last;
  last.has_window = true;
  last.upper_us = 100'300'000;
  CHECK(!is_settled(last, c, language::instant{100s + 999ms}));
  CHECK(is_settled(last, c, language::instant{101s}));
  slice earlier = last;
  earlier.upper_us = 99'000'000;
  CHECK(is_settled(earlier, c, language::instant{100s}));
  CHECK(is_settled(slice{}, c, language::instant{100s}));

  auto r = page_of(3, 100, 40, {"", "t2"});
  CHECK(!begin_anew_if_unsettled(r, c, true, 100'000'000)); // settled
  r.list.settled = false;
  CHECK(begin_anew_if_unsettled(r, c, true, 0));
  CHECK(begin_anew_if_unsettled(r, c, false, 100'000'000));
  CHECK(!begin_anew_if_unsettled(r, c, false, 99'999'999));
  r.page = 1;
  CHECK(!begin_anew_if_unsettled(r, c, true, 100'000'000));
}
