#include "actors/core/admission/budget.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr steady_time epoch{};
/// 2021-06-10T18:07:00Z
constexpr language::instant wall{std::chrono::seconds{1623348420}};

steady_time at(milliseconds t) {
  return epoch + t;
}

rate_policy policy(std::string name, std::vector<rate> rates,
                   rate_policy::kind what = rate_policy::kind::moving_window) {
  rate_policy p;
  p.what = what;
  p.rates = std::move(rates);
  p.limit_header = "X-" + name + "-Limit";
  p.remaining_header = "X-" + name + "-Remaining";
  p.reset_header = "X-" + name + "-Reset";
  p.name = std::move(name);
  return p;
}

rate_policy minute_policy(std::uint64_t limit) {
  return policy("minute", {{limit, 1min}});
}

rate_policy day_policy(std::uint64_t limit) {
  auto p = policy("day", {{limit, 24h}}, rate_policy::kind::fixed_window);
  p.stop_when_exhausted = true;
  return p;
}

budget make(std::vector<rate_policy> policies, microseconds minute = 1min) {
  api_budget definition;
  definition.policies = std::move(policies);
  return budget{definition, minute, epoch};
}

rate_feedback answer(header_list headers = {}, std::int32_t status = 200) {
  rate_feedback f;
  f.status = status;
  f.rate_limited = status == 429;
  f.headers = std::move(headers);
  return f;
}

rate_feedback refusal(header_list headers = {}) {
  return answer(std::move(headers), 429);
}

const header_list no_headers;

budget::claim any(const budget& b) {
  return b.match("GET", "https://api.example.com/v3/surveys", no_headers);
}

/// Sends one request and answers it at once.
void ask(budget& b, steady_time now, const rate_feedback& f = answer()) {
  b.finish(b.acquire(any(b), now), f, true, now, wall);
}

milliseconds wait(const budget& b, steady_time now) {
  return std::chrono::duration_cast<milliseconds>(b.earliest(any(b), now) - now);
}

} // namespace

// -- admission -----------------------------------------------------------------

TEST_CASE("without policies everything may go at once", "[budget]") {
  auto b = make({});
  for (int i = 0; i < 1000; ++i)
    ask(b, at(0ms));
  CHECK(wait(b, at(0ms)) == 0ms);
  CHECK_FALSE(b.paused_until(at(0ms)));
  CHECK_FALSE(b.exhausted(at(0ms)));
  CHECK(b.gauges(at(0ms)).empty());
}

TEST_CASE("several rates of a policy hold at once", "[budget]") {
  auto b = make({policy("p", {{2, 1s}, {4, 4s}})});
  std::string out;
  auto now = at(0ms);
  for (int i = 0; i < 6; ++i) {
    now = b.earliest(any(b), now);
    out += std::to_string((now - epoch) / 1ms) + " ";
    ask(b, now);
  }
  CHECK(out == "0 0 1000 1000 4000 4000 ");
}

TEST_CASE("every policy that governs a request must have room", "[budget]") {
  auto b = make({minute_policy(2), policy("hour", {{3, 1h}})});
  ask(b, at(0ms));
  ask(b, at(1s));
  CHECK(wait(b, at(1s)) == 59s);
  ask(b, at(60s));
  CHECK(b.earliest(any(b), at(60s)) == at(1h));
  CHECK(b.paused_until(at(60s)) == at(1h));
}

TEST_CASE("the account's minute may have another length", "[budget]") {
  auto b = make({policy("p", {{1, 1min}}), policy("q", {{5, 61s}})}, 2s);
  ask(b, at(0ms));
  CHECK(wait(b, at(0ms)) == 2s);
}

TEST_CASE("a request that was never sent costs nothing", "[budget]") {
  auto b = make({minute_policy(1), day_policy(1)});
  const auto ticket = b.acquire(any(b), at(0ms));
  CHECK(b.earliest(any(b), at(0ms)) == steady_time::max());
  b.finish(ticket, answer(), false, at(10ms), wall);
  CHECK(wait(b, at(10ms)) == 0ms);
  b.finish(ticket, answer(), false, at(10ms), wall); // a second time changes nothing
  b.finish(4711, answer(), true, at(10ms), wall);
  CHECK(b.gauges(at(10ms))[0].used == 0);
}

TEST_CASE("gauges show what is used and what each policy governed", "[budget]") {
  auto matched = minute_policy(7);
  matched.name = "posts";
  matched.matchers = {{"POST", "", "", {}, {}, 1}};
  auto b = make({minute_policy(5), matched});
  ask(b, at(0ms));
  ask(b, at(0ms), answer({{"x-minute-limit", "9"}}));
  const auto g = b.gauges(at(0ms));
  REQUIRE(g.size() == 2);
  CHECK(g[0].policy == "minute");
  CHECK(g[0].limit == 9);
  CHECK(g[0].used == 2);
  CHECK(g[0].reported_by_server);
  CHECK(g[0].matched == 2);
  CHECK(g[1].policy == "posts");
  CHECK(g[1].matched == 0);
  CHECK_FALSE(g[1].reported_by_server);
}

// -- matching ------------------------------------------------------------------

TEST_CASE("matchers choose the policies of a request", "[budget]") {
  const auto governed
    = [](request_matcher m, std::string_view method, std::string_view url,
         const std::vector<std::pair<std::string, std::string>>& headers = {}, const credential_fields& known = {}) {
        auto p = minute_policy(1);
        p.matchers = {std::move(m)};
        auto b = make({p});
        CHECK(b.has_matchers());
        return b.match(method, url, headers, known).policies == 1;
      };
  const std::string url = "https://API.example.com:443/v3/surveys/12/responses/?page=2&status=a%20b+c&x";
  CHECK(governed({}, "GET", url));
  CHECK(governed({"get", "", "", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"POST", "", "", {}, {}, 1}, "GET", url));
  CHECK(governed({"", "https://api.example.com/", "", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "http://api.example.com", "", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "https://api.example.com:8443", "", {}, {}, 1}, "GET", url));
  CHECK(governed({"", "https://api.example.com/v3/", "", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "https://api.example.com/v3/sur", "", {}, {}, 1}, "GET", url));
  CHECK(governed({"", "", "surveys/[0-9]+/responses$", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "", "^/surveys", {}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "", "page", {}, {}, 1}, "GET", url)); // the query is not part of the path
  CHECK(governed({"", "", "", {{"page", "2"}, {"status", "a b c"}, {"x", ""}}, {}, 1}, "GET", url));
  CHECK_FALSE(governed({"", "", "", {{"page", "3"}}, {}, 1}, "GET", url));
  CHECK(governed({"", "", "", {}, {{"accept", "a"}}, 1}, "GET", url, {{"Accept", "a"}}));
  CHECK_FALSE(governed({"", "", "", {}, {{"accept", "A"}}, 1}, "GET", url, {{"Accept", "a"}}));
  const credential_fields known{{credential_field::place::header, "Authorization", "Bearer t"},
                                {credential_field::place::parameter, "key", "k"}};
  CHECK(governed({"", "", "", {{"key", "k"}}, {{"authorization", "Bearer t"}}, 1}, "GET", url, {}, known));
  CHECK_FALSE(governed({"", "", "", {}, {{"authorization", "Bearer other"}}, 1}, "GET", url, {}, known));
  CHECK_FALSE(governed({"", "", "", {{"Key", "k"}}, {}, 1}, "GET", url, {}, known));
  CHECK_FALSE(governed({"", "", "", {}, {{"key", "k"}}, 1}, "GET", url, {}, known));
  CHECK_FALSE(governed({"", "", "", {}, {{"authorization", "Bearer t"}}, 1}, "GET", url)); // one that expires
  CHECK(governed({"", "", "(", {}, {}, 1}, "GET", url)); // unusable: rather too slow than over the limit
}

TEST_CASE("a request may have several policies, each with its own weight", "[budget]") {
  auto light = minute_policy(10);
  light.matchers = {{"", "", "/none", {}, {}, 9}, {"", "", "/surveys", {}, {}, 1}, {"", "", "/surv", {}, {}, 7}};
  auto heavy = minute_policy(10);
  heavy.matchers = {{"", "", "/surveys", {}, {}, 4}};
  auto other = minute_policy(1);
  other.matchers = {{"", "", "/collectors", {}, {}, 2}};
  auto b = make({light, heavy, other, minute_policy(100)});
  const auto c = any(b);
  CHECK(c.policies == 0b1011U);
  CHECK(c.weights == std::vector<std::uint32_t>{1, 4, 1, 1});
  ask(b, at(0ms));
  ask(b, at(0ms));
  CHECK(wait(b, at(0ms)) == 60s); // 2 * 4 of 10
  const auto collectors = b.match("GET", "https://api.example.com/v3/collectors", no_headers);
  CHECK(b.earliest(collectors, at(0ms)) == at(0ms)); // weight 2 of limit 1: alone, not never
  b.acquire(collectors, at(0ms));
  CHECK(b.earliest(collectors, at(0ms)) > at(0ms));
}

// -- what the server reports ---------------------------------------------------

TEST_CASE("an unlimited policy frees its requests from the policies behind it, not from those before", "[budget]") {
  auto first = policy("first", {{1, 1min}});
  rate_policy free;
  free.what = rate_policy::kind::unlimited;
  free.matchers = {{"", "", "/ping", {}, {}, 1}, {"PUT", "", "", {}, {}, 1}};
  auto last = policy("last", {{1, 1min}});
  last.stop_when_exhausted = true;
  auto b = make({first, free, last});
  CHECK(b.has_matchers());
  const auto policies = [&b](const char* method, const char* url) { return b.match(method, url, {}).policies; };
  CHECK(policies("GET", "https://h/ping") == 0b01);
  CHECK(policies("PUT", "https://h/x") == 0b01);
  CHECK(policies("GET", "https://h/x") == 0b11);
  // It has no numbers of its own.
  REQUIRE(b.gauges(epoch).size() == 2);
  CHECK(b.gauges(epoch)[1].policy == "last");
  // What is left without it does not govern every request, so that its end is not everybody's.
  b.acquire(b.match("GET", "https://h/x", {}), epoch);
  CHECK_FALSE(b.exhausted(epoch));
  CHECK(b.exhausted(b.match("GET", "https://h/x", {}), epoch));
}

TEST_CASE("an unlimited policy without matchers ends the list", "[budget]") {
  rate_policy free;
  free.what = rate_policy::kind::unlimited;
  const auto b = make({policy("first", {{1, 1min}}), free, policy("last", {{1, 1min}})});
  CHECK_FALSE(b.has_matchers());
  CHECK(b.match("GET", "https://h/x", {}).policies == 0b1);
}

TEST_CASE("a matcher's base that is no URL matches no request", "[budget]") {
  auto p = policy("some", {{1, 1min}});
  p.matchers = {{"", "my-company", "", {}, {}, 1}};
  CHECK(make({p}).match("GET", "https://my-company/x", {}).policies == 0);
}

TEST_CASE("the server's limit goes before the configured one, in both directions", "[budget]") {
  auto b = make({minute_policy(2)});
  ask(b, at(0ms), answer({{"X-MINUTE-LIMIT", " 4 "}}));
  for (int i = 0; i < 3; ++i) {
    CHECK(wait(b, at(0ms)) == 0ms);
    ask(b, at(0ms));
  }
  CHECK(wait(b, at(0ms)) == 60s);
  ask(b, at(60s), answer({{"X-minute-Limit", "1"}}));
  CHECK(wait(b, at(60s)) == 60s);
}

TEST_CASE("an older answer does not undo a newer limit", "[budget]") {
  auto b = make({minute_policy(5)});
  const auto early = b.acquire(any(b), at(0ms));
  const auto late = b.acquire(any(b), at(10ms));
  b.finish(late, answer({{"X-minute-Limit", "2"}}), true, at(20ms), wall);
  b.finish(early, answer({{"X-minute-Limit", "100"}}), true, at(30ms), wall);
  CHECK(b.gauges(at(30ms))[0].limit == 2);
}

TEST_CASE("what others use of the account is left to them", "[budget]") {
  auto b = make({minute_policy(120)});
  ask(b, at(0ms), answer({{"X-minute-Limit", "120"}, {"X-minute-Remaining", "2"}, {"X-minute-Reset", "30"}}));
  CHECK(b.gauges(at(0ms))[0].used == 118);
  ask(b, at(0ms));
  ask(b, at(0ms));
  CHECK(wait(b, at(0ms)) == 31s); // whole seconds: up to one more
  CHECK(b.paused_until(at(0ms)) == at(31s));
}

TEST_CASE("a pause is shown by the policy that it is about", "[budget]") {
  struct rooms {
    steady_time hour, minute;
  };
  const auto after = [](header_list headers) {
    auto b = make({policy("hour", {{500, 1h}}), minute_policy(120)});
    headers.emplace_back("Retry-After", "20");
    ask(b, at(0ms), refusal(std::move(headers)));
    CHECK(wait(b, at(0ms)) >= 20s); // whoever shows it, all of them wait
    const auto all = b.gauges(at(0ms));
    return rooms{all[0].room_at, all[1].room_at};
  };
  // The answer says which one is used up; else it is the one with the shorter window.
  for (const auto& headers : {header_list{}, header_list{{"X-hour-Remaining", "100"}, {"X-minute-Remaining", "0"}},
                              header_list{{"X-hour-Remaining", "5"}, {"X-minute-Remaining", "7"}}}) {
    const auto x = after(headers);
    CHECK(x.hour == at(0ms));
    CHECK(x.minute >= at(20s));
  }
  const auto x = after({{"X-hour-Remaining", "0"}, {"X-hour-Reset", "20"}, {"X-minute-Remaining", "7"}});
  CHECK(x.hour >= at(20s));
  CHECK(x.minute == at(0ms));
}

TEST_CASE("fractional values are understood and garbage is ignored", "[budget]") {
  auto b = make({minute_policy(10)});
  ask(b, at(0ms), answer({{"X-minute-Limit", "20.7"}, {"X-minute-Remaining", "15.2"}, {"X-minute-Reset", "12.5"}}));
  CHECK(b.gauges(at(0ms))[0].limit == 20);
  CHECK(b.gauges(at(0ms))[0].used == 5);
  CHECK(b.gauges(at(12600ms))[0].used == 1);
  for (const auto* garbage :
       {"", " ", "-1", "0x10", "many", "1e3", "nan", "inf", "-", "99999999999999999999999999", "3 4x"}) {
    INFO(garbage);
    auto fresh = make({minute_policy(10)});
    ask(fresh, at(0ms), answer({{"X-minute-Limit", garbage}, {"X-minute-Reset", garbage}}));
    const auto limit = fresh.gauges(at(0ms))[0].limit;
    CHECK((limit == 10 || std::string{garbage} == "3 4x"));
  }
  auto zero = make({minute_policy(10)});
  ask(zero, at(0ms), answer({{"X-minute-Limit", "0"}}));
  CHECK(zero.gauges(at(0ms))[0].limit == 10);
  auto list = make({minute_policy(10)});
  ask(list, at(0ms), answer({{"X-minute-Limit", "100, 100;w=60"}}));
  CHECK(list.gauges(at(0ms))[0].limit == 100);
}

TEST_CASE("a remainder with a sign is none", "[budget]") {
  for (const auto* text : {"-3", "-1", "-0", "-0.5", "+5", " -20"}) {
    INFO(text);
    auto b = make({minute_policy(10)});
    ask(b, at(0ms), answer({{"X-minute-Remaining", text}, {"X-minute-Reset", "20"}}));
    CHECK(wait(b, at(0ms)) == 21s);
  }
  for (const auto* text : {"-", "+", "- 3", "-x"}) {
    INFO(text);
    auto b = make({minute_policy(10)});
    ask(b, at(0ms), answer({{"X-minute-Remaining", text}, {"X-minute-Reset", "20"}}));
    CHECK(wait(b, at(0ms)) == 0ms);
  }
}

TEST_CASE("no window resets later than it is long", "[budget]") {
  for (const auto* text : {"1623351999", "86400", "2500000", "61"}) {
    INFO(text);
    auto b = make({minute_policy(10)});
    ask(b, at(0ms), answer({{"X-minute-Remaining", "0"}, {"X-minute-Reset", text}}));
    CHECK(wait(b, at(0ms)) <= 62s);
    CHECK(wait(b, at(0ms)) >= 60s);
    auto refused = make({minute_policy(10)});
    ask(refused, at(0ms), refusal({{"X-minute-Remaining", "-1"}, {"X-minute-Reset", text}}));
    CHECK(wait(refused, at(0ms)) <= 62s);
  }
}

TEST_CASE("a reset may be seconds, an epoch, or an epoch in milliseconds", "[budget]") {
  // 600 s from `wall`.
  using kind = rate_policy::reset_kind;
  const auto reset_after = [](kind how, std::string text, header_list more = {}) {
    auto p = day_policy(1);
    p.reset = how;
    auto b = make({p});
    more.push_back({"X-day-Reset", std::move(text)});
    ask(b, at(0ms), answer(std::move(more)));
    return (b.exhausted(at(0ms))->resets_at - epoch) / 1s;
  };
  CHECK(reset_after(kind::detect, "600") == 601);
  CHECK(reset_after(kind::detect, "1623349020") == 602);
  CHECK(reset_after(kind::detect, "1623349020000") == 602);
  CHECK(reset_after(kind::seconds, "600") == 601);
  CHECK(reset_after(kind::epoch, "1623349020") == 602);
  // Our clock is an hour slow: the server's `Date` counts.
  CHECK(reset_after(kind::epoch, "1623352620", {{"Date", "Thu, 10 Jun 2021 19:07:00 GMT"}}) == 602);
  // Nonsense: the window is as long as configured.
  CHECK(reset_after(kind::seconds, "1623349020") == 86400);
  CHECK(reset_after(kind::epoch, "600") == 86400);
  CHECK(reset_after(kind::detect, "99999999999999999") == 86400);
  CHECK(reset_after(kind::detect, "0") == 86400);
}

TEST_CASE("a limit that holds only when reported does not hold before", "[budget]") {
  auto p = minute_policy(1);
  p.only_when_reported = true;
  auto b = make({p});
  for (int i = 0; i < 5; ++i)
    ask(b, at(0ms));
  CHECK(wait(b, at(0ms)) == 0ms);
  ask(b, at(0ms), answer({{"X-minute-Limit", "6"}}));
  CHECK(wait(b, at(0ms)) == 60s); // what went before counts
}

// -- exhaustion ----------------------------------------------------------------

TEST_CASE("a used-up day is reported with its reset and blocks further requests", "[budget]") {
  auto b = make({minute_policy(120), day_policy(500)});
  CHECK_FALSE(b.exhausted(at(0ms)));
  ask(b, at(0ms), answer({{"X-day-Limit", "1000"}, {"X-day-Remaining", "1"}, {"X-day-Reset", "7200"}}));
  CHECK_FALSE(b.exhausted(at(0ms)));
  ask(b, at(0ms), answer({{"X-day-Limit", "1000"}, {"X-day-Remaining", "0"}, {"X-day-Reset", "7200"}}));
  const auto over = b.exhausted(at(0ms));
  REQUIRE(over);
  CHECK(over->policy == "day");
  CHECK(over->limit == 1000);
  CHECK(over->resets_at == at(7201s));
  CHECK(b.earliest(any(b), at(0ms)) == steady_time::max());
  CHECK_FALSE(b.exhausted(at(7201s)));
  CHECK(wait(b, at(7201s)) == 0ms);
}

TEST_CASE("a day is used up by our own count if the server says nothing", "[budget]") {
  auto b = make({day_policy(3)});
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(b.exhausted(at(0ms)));
    ask(b, at(0ms));
  }
  REQUIRE(b.exhausted(at(1s)));
  CHECK(b.exhausted(at(1s))->resets_at == at(24h));
}

TEST_CASE("a refusal with nothing left of the day exhausts the day", "[budget]") {
  auto b = make({minute_policy(120), day_policy(500)});
  ask(b, at(0ms), refusal({{"X-day-Remaining", "0"}, {"X-day-Reset", "3600"}}));
  REQUIRE(b.exhausted(at(0ms)));
  CHECK(b.exhausted(at(0ms))->limit == 500);
  CHECK(b.exhausted(at(0ms))->resets_at == at(3601s));
}

TEST_CASE("a used-up quota of some requests exhausts those alone", "[budget]") {
  auto reads = day_policy(2);
  reads.matchers = {{"GET", "", "", {}, {}, 2}};
  auto b = make({reads});
  const auto get = b.match("GET", "https://x/", no_headers);
  const auto post = b.match("POST", "https://x/", no_headers);
  CHECK_FALSE(b.exhausted(get, at(0ms)));
  b.finish(b.acquire(get, at(0ms)), answer(), true, at(0ms), wall);
  REQUIRE(b.exhausted(get, at(0ms)));
  CHECK(b.exhausted(get, at(0ms))->resets_at == at(24h));
  CHECK_FALSE(b.exhausted(post, at(0ms)));
  CHECK_FALSE(b.exhausted(at(0ms))); // it does not govern everything
}

// -- refusals ------------------------------------------------------------------

TEST_CASE("a refusal pauses for as long as the server asks", "[budget]") {
  const auto pause_after = [](rate_feedback f) {
    auto b = make({minute_policy(120)});
    ask(b, at(0ms), f);
    CHECK(b.paused_until(at(0ms)).value_or(epoch) == at(wait(b, at(0ms))));
    return wait(b, at(0ms));
  };
  CHECK(pause_after(refusal()) == 1s);
  CHECK(pause_after(refusal({{"retry-after", "17"}})) == 17s);
  CHECK(pause_after(refusal({{"Retry-After", "Thu, 10 Jun 2021 18:08:00 GMT"}})) == 60s);
  CHECK(
    pause_after(refusal({{"Retry-After", "Thu, 10 Jun 2021 18:08:00 GMT"}, {"Date", "Thu, 10 Jun 2021 18:07:30 GMT"}}))
    == 30s);
  CHECK(pause_after(refusal({{"Retry-After", "never"}})) == 1s);
  CHECK(pause_after(refusal({{"Retry-After", "999999999"}})) == 1s);
  CHECK(pause_after(refusal({{"X-minute-Remaining", "0"}, {"X-minute-Reset", "20"}})) == 21s);
  CHECK(pause_after(refusal({{"X-minute-Reset", "20"}})) == 21s);
  CHECK(pause_after(refusal({{"X-minute-Remaining", "50"}, {"X-minute-Reset", "20"}})) == 1s); // it was something else
  auto explicit_wait = refusal({{"Retry-After", "17"}});
  explicit_wait.wait_us = 2'500'000;
  CHECK(pause_after(explicit_wait) == 2500ms);
  explicit_wait.wait_us = 0;
  CHECK(pause_after(explicit_wait) == 17s);
  explicit_wait.wait_us = INT64_MAX;
  CHECK(pause_after(explicit_wait) == 24h * 32);
  auto by_status = answer({}, 429); // the budget's own list of codes
  by_status.rate_limited = false;
  CHECK(pause_after(by_status) == 1s);
  CHECK(pause_after(answer({}, 503)) == 0s);
}

TEST_CASE("a refusal is told from a window without room, and a wait that nobody waits pauses nothing", "[budget]") {
  auto b = make({minute_policy(3)});
  ask(b, at(0ms), refusal({{"Retry-After", "5"}}));
  CHECK(b.refused(any(b), at(0ms)));
  ask(b, at(5s));
  ask(b, at(5s));
  CHECK(wait(b, at(5s)) == 55s);
  CHECK_FALSE(b.refused(any(b), at(5s)));

  auto patient = make({minute_policy(3)});
  auto f = refusal({{"Retry-After", "3600"}});
  f.wait_refused = true;
  ask(patient, at(0ms), f);
  CHECK(wait(patient, at(0ms)) == 0ms);
}

TEST_CASE("refusals of requests that were under way belong to the same pause", "[budget]") {
  auto b = make({minute_policy(120)});
  std::vector<std::uint64_t> tickets;
  for (int i = 0; i < 5; ++i)
    tickets.push_back(b.acquire(any(b), at(0ms)));
  b.finish(tickets[0], refusal(), true, at(100ms), wall);
  for (int i = 1; i < 4; ++i)
    b.finish(tickets[static_cast<std::size_t>(i)], refusal(), true, at(100ms + i * 200ms), wall);
  CHECK(b.earliest(any(b), at(700ms)) == at(1100ms));
  b.finish(tickets[4], refusal({{"Retry-After", "9"}}), true, at(900ms), wall); // a later time counts
  CHECK(b.earliest(any(b), at(900ms)) == at(9900ms));
}

TEST_CASE("pauses in a row grow up to a minute, and a good answer ends the row", "[budget]") {
  auto b = make({minute_policy(1000)});
  auto now = at(0ms);
  std::string out;
  const auto refuse = [&] {
    ask(b, now, refusal());
    out += std::to_string(wait(b, now) / 1s) + " ";
    now = b.earliest(any(b), now);
  };
  for (int i = 0; i < 8; ++i)
    refuse();
  ask(b, now);
  refuse();
  CHECK(out == "1 2 4 8 16 32 60 60 1 ");
}

TEST_CASE("a good answer of a request that was under way does not end a row of refusals", "[budget]") {
  auto b = make({minute_policy(1000)});
  const auto slow = b.acquire(any(b), at(0ms));
  ask(b, at(100ms), refusal());
  b.finish(slow, answer(), true, at(200ms), wall);
  CHECK(wait(b, at(200ms)) == 900ms);
  ask(b, at(1100ms), refusal());
  CHECK(wait(b, at(1100ms)) == 2s);
}

TEST_CASE("a refusal pauses only the policies that governed the request", "[budget]") {
  auto reads = minute_policy(100);
  reads.matchers = {{"GET", "", "", {}, {}, 1}};
  auto writes = minute_policy(100);
  writes.matchers = {{"POST", "", "", {}, {}, 1}};
  auto b = make({reads, writes});
  const auto get = b.match("GET", "https://x/", no_headers);
  const auto post = b.match("POST", "https://x/", no_headers);
  const auto head = b.match("HEAD", "https://x/", no_headers);
  b.finish(b.acquire(get, at(0ms)), refusal(), true, at(0ms), wall);
  CHECK(b.earliest(get, at(0ms)) == at(1s));
  CHECK(b.earliest(post, at(0ms)) == at(0ms));
  CHECK_FALSE(b.paused_until(at(0ms)));
  b.finish(b.acquire(post, at(0ms)), refusal({{"Retry-After", "5"}}), true, at(0ms), wall);
  CHECK(b.paused_until(at(0ms)) == at(1s)); // some request may go then
  CHECK(b.earliest(head, at(0ms)) == at(0ms));
  b.finish(b.acquire(head, at(0ms)), refusal(), true, at(0ms), wall); // governed by nothing, and paused all the same
  CHECK(b.earliest(head, at(0ms)) == at(1s));
}

TEST_CASE("the default pause shrinks with the account's minute", "[budget]") {
  auto b = make({minute_policy(1000)}, 6s);
  ask(b, at(0ms), refusal());
  CHECK(wait(b, at(0ms)) == 100ms);
}
