// Logins take their share of the budget.
#include "actors/core/admission/admission.hpp"

#include "tests/support/catch2.hpp"

#include <memory>
#include <string>
#include <utility>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const steady_time begin{1000s};

/// One endpoint whose requests need a token of `https://auth.test/token`.
plan_ptr guarded(rate_policy policy) {
  auto p = std::make_shared<plan>();
  endpoint e;
  e.name = "rows";
  e.request.url_base = "https://api.test/rows";
  e.request.credential = expiring_credential{0};
  output out;
  out.stream_name = "rows";
  e.outputs.push_back(out);
  p->endpoints.push_back(e);
  p->streams.push_back({"rows", "", 0, 0, false, ""});
  oauth_login how;
  how.url = "https://auth.test/token";
  p->credentials.push_back({"OAuth", how});
  policy.name = "minute";
  p->budget.policies.push_back(std::move(policy));
  return p;
}

rate_policy of(std::uint64_t limit, const std::string& base) {
  rate_policy policy;
  policy.rates.push_back({limit, 1min});
  request_matcher matcher;
  matcher.url_base = base;
  policy.matchers.push_back(matcher);
  return policy;
}

/// What the governor does: it looks for a permit, then for credentials to ask for.
std::size_t asked(admission& rules, steady_time now) {
  rules.next(now);
  return rules.credentials_wanted(now).size();
}

void offer(admission& rules, std::uint64_t count) {
  slices_offered x;
  for (std::uint64_t i = 0; i < count; ++i) {
    slice s;
    s.id = i + 1;
    x.slices.push_back(s);
  }
  rules.offer(std::move(x), begin);
}

credential_ready ready(std::uint64_t version, std::chrono::microseconds valid) {
  return {0, std::make_shared<const issued_credential>(issued_credential{version, {}}), valid.count()};
}

admission_limits one() {
  admission_limits l;
  l.pool_size = 1;
  return l;
}

} // namespace

TEST_CASE("a login waits for the policies that match it, and takes its place in them") {
  admission rules{guarded(of(1, "https://auth.test")), one(), begin};
  rules.fetcher_idle();
  offer(rules, 3);
  CHECK(asked(rules, begin) == 1);
  rules.credential_is_ready(ready(1, 5s), begin);
  // It has ended, and a minute after the answer the policy has room again.
  CHECK(asked(rules, begin + 5s) == 0);
  CHECK(rules.wake_at() <= begin + 61s);
  CHECK(rules.wake_at() > begin + 5s);
  CHECK(asked(rules, begin + 59s) == 0);
  CHECK(asked(rules, begin + 61s) == 1);
}

TEST_CASE("pages do not keep a login from its turn") {
  admission rules{guarded(of(1, "")), one(), begin};
  rules.fetcher_idle();
  offer(rules, 9);
  REQUIRE(asked(rules, begin) == 1);
  rules.credential_is_ready(ready(1, 4min), begin);
  auto now = begin;
  // One request a minute; the next one is asked for a minute before the end.
  for (int pages = 0; pages < 9 && now < begin + 4min; now += 1s) {
    auto next = rules.next(now);
    if (!rules.credentials_wanted(now).empty())
      break;
    if (!next)
      continue;
    ++pages;
    page_outcome done;
    done.ticket = next->ticket;
    done.request = next->request;
    done.feedback.status = 200;
    rules.finish(std::move(done), now, {});
    rules.fetcher_idle();
  }
  CHECK(now > begin + 3min);
  CHECK(now < begin + 4min + 5s);
}

TEST_CASE("a login has nothing to do with policies that match others") {
  admission rules{guarded(of(1, "https://api.test")), one(), begin};
  rules.fetcher_idle();
  offer(rules, 3);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    REQUIRE(asked(rules, begin) == 1);
    rules.credential_has_failed({0, {}, 0}, begin);
  }
}

TEST_CASE("a quota for logins that does not come back in this run gives their requests up") {
  auto policy = of(1, "https://auth.test");
  policy.rates[0].interval = 24h;
  policy.stop_when_exhausted = true;
  admission rules{guarded(policy), one(), begin};
  rules.fetcher_idle();
  offer(rules, 3);
  REQUIRE(asked(rules, begin) == 1);
  rules.credential_is_ready(ready(1, 5s), begin);
  CHECK(asked(rules, begin + 6s) == 0);
  rules.next(begin + 6s);
  const auto given_up = rules.take_given_up();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].credential.code == errc::quota_exhausted);
  CHECK(given_up[0].credential.message.find("OAuth") != std::string::npos);
}
