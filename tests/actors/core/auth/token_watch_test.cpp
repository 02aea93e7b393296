#include "actors/core/auth/token_watch.hpp"

#include "tests/support/catch2.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using obstacle = token_watch::obstacle;

constexpr steady_time start{1000s};
/// The server's clock at `start`.
constexpr std::int64_t server_start_us = 1'700'000'000'000'000;

std::int64_t micros(steady_time::duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

token_pool pool_of_tokens(std::size_t count) {
  token_pool result;
  for (std::size_t i = 0; i < count; ++i)
    result.tokens.push_back("t" + std::to_string(i));
  result.quotas = {{"core", {}, {}, {}, {}, "x-left", "x-reset", "x-limit", {429}}};
  result.reserve_fraction = 0;
  result.least_reserve = 0;
  return result;
}

/// A watch, a clock, and answers of the status source.
struct watched {
  explicit watched(token_pool p, const token_watch::choices& wanted = {}) : pool(std::move(p)), tokens(pool, wanted) {}

  /// The watch wants to know of a token; which one.
  std::optional<std::uint32_t> asks(std::uint32_t quota = 0) {
    tokens.need(quota);
    if (!tokens.due(now))
      return std::nullopt;
    return tokens.ask(0, now).token;
  }
  void tell(std::uint32_t token, std::vector<quota_left> left) {
    auto issued = std::make_shared<const issued_credential>(
      issued_credential{1, {{credential_field::place::header, "Authorization", pool.tokens[token]}}});
    tokens.told({0, issued, -1, token, std::move(left)}, now);
  }
  /// `remaining` of `limit`, reset in so long.
  quota_left left(std::uint64_t remaining, std::uint64_t limit = 100, std::chrono::seconds in = 600s) const {
    const auto us = micros(in);
    return {true, remaining, limit, server_start_us + micros(now - start) + us, us};
  }
  /// Asks and tells until every token is known.
  void tell_all(std::vector<std::uint64_t> remaining, std::uint64_t limit = 100, std::chrono::seconds in = 600s) {
    for (std::uint32_t i = 0; i < remaining.size(); ++i)
      tell(i, {left(remaining[i], limit, in)});
  }
  /// Takes a call and ends it at once; which token's it was.
  std::uint32_t use(rate_feedback feedback = {200, false, -1, false, {}}) {
    REQUIRE(tokens.look(0, now).what == obstacle::none);
    const auto call = tokens.take(0, now);
    tokens.finish(call, feedback, true, now);
    return call.token;
  }
  std::vector<std::uint32_t> use_all(std::size_t most = 1000) {
    std::vector<std::uint32_t> result;
    while (tokens.look(0, now).what == obstacle::none && result.size() < most)
      result.push_back(use());
    return result;
  }

  token_pool pool;
  token_watch tokens;
  steady_time now = start;
};

rate_feedback answer(int status, const header_list& headers = {}) {
  return {status, status == 429, -1, false, headers};
}

} // namespace

TEST_CASE("nothing goes before a token was asked about, and one question at a time is enough") {
  watched w{pool_of_tokens(3)};
  CHECK(w.tokens.look(0, w.now).what == obstacle::unknown);
  CHECK(w.asks() == 0);
  CHECK_FALSE(w.asks());
  w.tell(0, {w.left(50)});
  CHECK(w.tokens.look(0, w.now).what == obstacle::none);
  // Nobody asks about the others while this one has plenty.
  CHECK_FALSE(w.asks());
  CHECK(w.use() == 0);
}

TEST_CASE("the next token is asked about a little before it is needed") {
  watched w{pool_of_tokens(2)};
  w.asks();
  w.tell(0, {w.left(token_watch::ahead + 1)});
  CHECK_FALSE(w.asks());
  w.use();
  CHECK(w.asks() == 1);
  // Meanwhile requests go on.
  CHECK(w.use() == 0);
  w.tell(1, {w.left(50)});
  CHECK(w.use() == 0);
}

TEST_CASE("a token is used as long as it has calls, then the next; their sum is the limit") {
  watched w{pool_of_tokens(3)};
  w.tell_all({3, 0, 2});
  CHECK(w.use_all() == std::vector<std::uint32_t>{0, 0, 0, 2, 2});
  const auto p = w.tokens.look(0, w.now);
  CHECK(p.what == obstacle::quota);
  CHECK(p.at == start + 600s);
  CHECK_FALSE(w.tokens.lost(0, w.now));
}

TEST_CASE("a token that is down to its reserve rests while another one is not") {
  auto pool = pool_of_tokens(2);
  pool.least_reserve = 2;
  watched w{pool};
  w.tell_all({4, 5});
  std::vector<std::uint32_t> used;
  for (int i = 0; i < 5; ++i)
    used.push_back(w.use());
  CHECK(used == std::vector<std::uint32_t>{0, 0, 1, 1, 1});
  // What is left is spread until the reset: 4 calls are left, but no request waits longer than ten seconds.
  CHECK(w.tokens.look(0, w.now).what == obstacle::quota);
  CHECK(w.tokens.look(0, w.now).at == start + 10s);
  w.now += 10s;
  CHECK(w.use() <= 1);
  w.now = start + 599s;
  w.use();
  CHECK(w.tokens.look(0, w.now).at == w.now + 500ms);
}

TEST_CASE("a reserve is a part of the limit, and at least so many calls") {
  auto pool = pool_of_tokens(2);
  pool.reserve_fraction = 0.1;
  watched w{pool};
  w.tell_all({52, 500}, 500);
  CHECK(w.use() == 0);
  CHECK(w.use() == 0);
  CHECK(w.use() == 1); // the first has 50
}

TEST_CASE("after its reset a token is asked about, and no other") {
  watched w{pool_of_tokens(2)};
  w.tell(0, {w.left(1, 100, 300s)});
  w.tell(1, {w.left(1, 100, 600s)});
  CHECK(w.use_all() == std::vector<std::uint32_t>{0, 1});
  CHECK_FALSE(w.asks());
  CHECK(w.tokens.look(0, w.now).at == start + 300s);
  w.now = start + 300s;
  CHECK(w.tokens.look(0, w.now).what == obstacle::unknown);
  CHECK(w.asks() == 0);
  w.tell(0, {w.left(100, 100, 3600s)});
  CHECK(w.use() == 0);
  CHECK_FALSE(w.asks());
}

TEST_CASE("a token is not asked about while requests with it are under way") {
  watched w{pool_of_tokens(1)};
  w.tell(0, {w.left(1, 100, 10s)});
  const auto call = w.tokens.take(0, w.now);
  w.now += 11s;
  CHECK_FALSE(w.asks());
  w.tokens.finish(call, answer(200), true, w.now);
  CHECK(w.asks() == 0);
}

TEST_CASE("a source that goes on telling of a window that is over is asked less and less often") {
  watched w{pool_of_tokens(1)};
  w.asks();
  w.tell(0, {w.left(0, 100, 0s)});
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 4; ++i) {
    const auto p = w.tokens.look(0, w.now);
    REQUIRE(p.what == obstacle::quota);
    waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(p.at - w.now).count());
    w.now = p.at;
    REQUIRE(w.asks() == 0);
    w.tell(0, {w.left(0, 100, 0s)});
  }
  CHECK(waits == std::vector<std::int64_t>{5, 10, 20, 40});
}

TEST_CASE("who cannot wait so long is told at once, who can is not") {
  auto pool = pool_of_tokens(2);
  pool.longest_wait = 60s;
  watched w{pool};
  w.tell(0, {w.left(0, 100, 59s)});
  CHECK_FALSE(w.tokens.lost(0, w.now));
  w.tell(1, {w.left(0, 100, 600s)});
  CHECK_FALSE(w.tokens.lost(0, w.now));
  w.tell(0, {w.left(0, 100, 60s)});
  const auto why = w.tokens.lost(0, w.now);
  REQUIRE(why);
  CHECK(why->code == errc::quota_exhausted);
  CHECK(why->failure == failure_type::transient_error);
  CHECK(why->message.find("All 2 tokens have nothing left of the quota `core`") != std::string::npos);

  watched patient{pool, {true, false}};
  patient.tell_all({0, 0});
  CHECK_FALSE(patient.tokens.lost(0, patient.now));
}

TEST_CASE("the wait is bounded in all, whatever the source tells") {
  auto pool = pool_of_tokens(1);
  pool.longest_wait = 60s;
  watched w{pool};
  w.tell(0, {w.left(0, 100, 30s)});
  w.now += 30s;
  CHECK_FALSE(w.tokens.lost(0, w.now));
  w.tell(0, {w.left(0, 100, 29s)});
  CHECK_FALSE(w.tokens.lost(0, w.now));
  w.now += 29s;
  w.tell(0, {w.left(0, 100, 10s)});
  CHECK(w.tokens.lost(0, w.now));
  w.tell(0, {w.left(3, 100, 10s)});
  CHECK_FALSE(w.tokens.lost(0, w.now));
}

TEST_CASE("headers tighten the count within a window, whatever order they come in") {
  watched w{pool_of_tokens(2)};
  w.tell_all({50, 50});
  const auto reset = std::to_string(server_start_us / 1'000'000 + 600);
  CHECK(w.use(answer(200, {{"X-Left", "3"}, {"X-Reset", reset}})) == 0);
  // An older answer overtaken: gives nothing back.
  CHECK(w.use(answer(200, {{"X-Left", "40"}, {"X-Reset", reset}})) == 0);
  CHECK(w.use() == 0);
  CHECK(w.use() == 0);
  CHECK(w.use() == 1);
}

TEST_CASE("a later reset is another window, and requests under way may count in it") {
  watched w{pool_of_tokens(1)};
  w.tell_all({3});
  const auto other = w.tokens.take(0, w.now);
  const auto later = std::to_string(server_start_us / 1'000'000 + 4200);
  w.use(answer(200, {{"X-Left", "5"}, {"X-Reset", later}, {"X-Limit", "6"}}));
  CHECK(w.use_all().size() == 4);
  CHECK(w.tokens.look(0, w.now).at == start + 4200s);
  w.tokens.finish(other, answer(200), true, w.now);
}

TEST_CASE("an answer of a window that is over changes nothing, but one that was refused") {
  watched w{pool_of_tokens(1)};
  w.tell_all({50}, 100, 3600s);
  const auto earlier = std::to_string(server_start_us / 1'000'000 + 60);
  w.use(answer(200, {{"X-Left", "0"}, {"X-Reset", earlier}, {"X-Limit", "1"}}));
  CHECK(w.tokens.gauges(w.now).at(0).limit == 100);
  CHECK(w.tokens.look(0, w.now).what == obstacle::none);
  w.use(answer(429, {{"X-Left", "0"}, {"X-Reset", earlier}}));
  CHECK(w.tokens.look(0, w.now).what == obstacle::quota);
}

TEST_CASE("a refusal for one token's quota is answered with another token, and any other is waited out") {
  watched w{pool_of_tokens(2)};
  w.tell_all({5, 5});
  auto call = w.tokens.take(0, w.now);
  // The status alone says that this token has nothing left.
  CHECK(w.tokens.finish(call, answer(429), true, w.now));
  CHECK(w.use() == 1);
  call = w.tokens.take(0, w.now);
  CHECK(call.token == 1);
  // Nobody else has calls.
  CHECK_FALSE(w.tokens.finish(call, answer(429), true, w.now));

  auto pool = pool_of_tokens(2);
  pool.quotas[0].exhaustion_statuses.clear();
  watched secondary{pool};
  secondary.tell_all({5, 5});
  call = secondary.tokens.take(0, secondary.now);
  CHECK_FALSE(secondary.tokens.finish(call, answer(429), true, secondary.now));
}

TEST_CASE("a call that was not sent comes back, unless its window is over") {
  watched w{pool_of_tokens(1)};
  w.tell_all({1});
  auto call = w.tokens.take(0, w.now);
  CHECK(w.tokens.look(0, w.now).what == obstacle::quota);
  w.tokens.finish(call, {}, false, w.now);
  CHECK(w.use() == 0);
}

TEST_CASE("tokens without a count take turns") {
  watched w{pool_of_tokens(3)};
  quota_left none;
  none.tracked = false;
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(w.tokens.look(0, w.now).what == obstacle::unknown);
    CHECK(w.asks() == i);
    w.tell(i, {none});
  }
  CHECK(w.use_all(5) == std::vector<std::uint32_t>{0, 1, 2, 0, 1});
  CHECK(w.tokens.gauges(w.now).empty());
}

TEST_CASE("quotas are told apart by their matchers, and each has its own count") {
  auto pool = pool_of_tokens(2);
  pool.quotas = {{"search", {{"", "", "/search", {}, {}, 1}}, {}, {}, {}, "", "", "", {}},
                 {"rest", {}, {}, {}, {}, "", "", "", {}}};
  watched w{pool};
  CHECK(w.tokens.has_matchers());
  CHECK(w.tokens.quota_of("GET", "https://api.test/search/issues", {}) == 0);
  CHECK(w.tokens.quota_of("GET", "https://api.test/issues", {}) == 1);
  w.tell(0, {w.left(1), w.left(5)});
  w.tell(1, {w.left(1), w.left(5)});
  const auto first = w.tokens.take(0, w.now);
  const auto second = w.tokens.take(0, w.now);
  CHECK(first.token != second.token);
  CHECK(w.tokens.look(0, w.now).what == obstacle::quota);
  CHECK(w.tokens.look(1, w.now).what == obstacle::none);
}

TEST_CASE("a token that cannot be asked about ends what needs it, when the others have nothing left") {
  watched w{pool_of_tokens(2)};
  w.asks();
  w.tell(0, {w.left(2)});
  CHECK(w.asks() == 1);
  w.tokens.failed({0, {errc::http_status, failure_type::transient_error, "busy", ""}, 1'000'000}, w.now);
  CHECK_FALSE(w.asks());
  w.now += 1s;
  CHECK(w.asks() == 1);
  w.tokens.failed({0, {errc::http_status, failure_type::config_error, "refused", ""}, -1}, w.now);
  CHECK_FALSE(w.tokens.lost(0, w.now));
  CHECK(w.use_all().size() == 2);
  REQUIRE(w.tokens.lost(0, w.now));
  CHECK(w.tokens.lost(0, w.now)->message == "refused");
}

TEST_CASE("who checks asks about all tokens before the first request") {
  watched w{pool_of_tokens(2), {false, true}};
  CHECK(w.asks() == 0);
  w.tell(0, {w.left(90)});
  CHECK(w.tokens.look(0, w.now).what == obstacle::unknown);
  CHECK(w.asks() == 1);
  w.tokens.failed({0, {errc::http_status, failure_type::config_error, "refused", ""}, -1}, w.now);
  CHECK(w.tokens.lost(0, w.now));
}

TEST_CASE("gauges tell what the tokens have together") {
  watched w{pool_of_tokens(3)};
  w.tell(0, {w.left(3, 10, 100s)});
  w.tell(1, {w.left(10, 10, 700s)});
  const auto all = w.tokens.gauges(w.now);
  REQUIRE(all.size() == 1);
  CHECK(all[0].quota == "core");
  CHECK(all[0].limit == 20);
  CHECK(all[0].used == 7);
  CHECK(all[0].room_at == start);
  CHECK(all[0].all_free_at == start + 100s);
}

// A server with windows for each token, and requests that overtake each other: no token is used beyond what it has, and
// everything is asked for in the end.
TEST_CASE("no token is used beyond its quota, whatever order answers come in") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    const auto pick = [&random](std::uint64_t n) { return random() % n; };
    auto pool = pool_of_tokens(1 + pick(5));
    pool.least_reserve = pick(3);
    pool.longest_wait = 100h;
    const bool has_headers = pick(2) == 0;
    if (!has_headers)
      pool.quotas[0].remaining_header = pool.quotas[0].reset_header = pool.quotas[0].limit_header = "";
    watched w{pool};
    struct served {
      std::uint64_t limit = 0;
      std::uint64_t used = 0;
      steady_time resets{};
    };
    std::vector<served> server(pool.tokens.size());
    for (auto& s : server)
      s = {1 + pick(8), 0, start + std::chrono::seconds{1 + pick(50)}};
    const auto roll = [&] {
      for (auto& s : server)
        while (w.now >= s.resets) {
          s.resets += 50s;
          s.used = 0;
        }
    };
    struct flown {
      token_watch::call call;
      rate_feedback feedback;
    };
    std::vector<flown> under_way;
    std::uint64_t to_do = 20 + pick(60);
    std::uint64_t refused = 0;
    std::uint64_t steps = 0;
    while (to_do > 0 || !under_way.empty()) {
      REQUIRE(++steps < 20'000);
      roll();
      w.tokens.need(0);
      if (to_do > 0 && w.tokens.due(w.now)) {
        const auto token = w.tokens.ask(0, w.now).token;
        const auto& s = server[token];
        w.tell(token, {w.left(s.limit - s.used, s.limit,
                              std::chrono::duration_cast<std::chrono::seconds>(s.resets - w.now) + 1s)});
      }
      if (to_do > 0 && under_way.size() < 4 && w.tokens.look(0, w.now).what == obstacle::none) {
        const auto call = w.tokens.take(0, w.now);
        auto& s = server[call.token];
        // Counted when it comes in; answered when its turn comes.
        ++s.used;
        refused += s.used > s.limit ? 1 : 0;
        header_list headers;
        if (has_headers)
          headers = {{"x-left", std::to_string(s.limit > s.used ? s.limit - s.used : 0)},
                     {"x-limit", std::to_string(s.limit)},
                     {"x-reset", std::to_string((server_start_us + micros(s.resets - start)) / 1'000'000)}};
        under_way.push_back({call, answer(s.used > s.limit ? 429 : 200, headers)});
        to_do -= s.used > s.limit ? 0 : 1;
      } else if (!under_way.empty() && pick(3) > 0) {
        const auto at = static_cast<std::ptrdiff_t>(pick(under_way.size()));
        w.tokens.finish(under_way[static_cast<std::size_t>(at)].call, under_way[static_cast<std::size_t>(at)].feedback,
                        true, w.now);
        under_way.erase(under_way.begin() + at);
      } else {
        w.now += 500ms;
      }
    }
    CHECK(refused == 0);
    CHECK_FALSE(w.tokens.lost(0, w.now));
  }
}
