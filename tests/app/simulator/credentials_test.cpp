#include "app/simulator/credentials.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice::simulator;
using std::chrono::seconds;

namespace {

constexpr const char* client = "client_id=simulator-client&client_secret=simulator-secret";

/// A desk, and what one does with it.
struct visitor {
  explicit visitor(credential_options o = {}) : desk(o) {}

  api_answer token(const std::string& form) { return desk.answer({"POST", "/oauth/token", "", "", form}, now); }
  api_answer refresh(const std::string& token) {
    return this->token(std::string{client} + "&grant_type=refresh_token&refresh_token=" + token);
  }
  api_answer orders(const std::string& token, const std::string& query = {}) {
    return desk.answer({"GET", "/oauth/orders" + query, "Bearer " + token, "", ""}, now);
  }
  api_answer tickets(const std::string& session) {
    return desk.answer({"GET", "/session/tickets", "", session, ""}, now);
  }

  credential_desk desk;
  std::chrono::microseconds now{0};
};

/// The text of a member of a JSON object.
std::string member(const api_answer& a, const std::string& name) {
  const auto at = a.body.find("\"" + name + "\":\"");
  if (at == std::string::npos)
    return {};
  const auto begin = at + name.size() + 4;
  return a.body.substr(begin, a.body.find('"', begin) - begin);
}

} // namespace

TEST_CASE("an access token gives access until its time is over") {
  credential_options o;
  o.lifetime = seconds{10};
  visitor v{o};
  const auto given = v.token(std::string{client} + "&grant_type=client_credentials");
  CHECK(given.status == 200);
  CHECK(given.body.find("\"expires_in\":10") != std::string::npos);
  const auto token = member(given, "access_token");
  CHECK(v.orders(token).status == 200);
  CHECK(v.orders("other").status == 401);
  v.now = seconds{9};
  CHECK(v.orders(token).status == 200);
  v.now = seconds{12};
  CHECK(v.orders(token).status == 401);
  CHECK(v.desk.statistics().expired_uses == 1);
  CHECK(v.desk.statistics().latest_use == seconds{2});
  CHECK(v.desk.statistics().issued.size() == 1);
}

TEST_CASE("what is wrong with a token request is said as RFC 6749 has it") {
  visitor v;
  CHECK(member(v.token("grant_type=client_credentials"), "error") == "invalid_client");
  CHECK(v.token("grant_type=client_credentials").status == 401);
  CHECK(member(v.token(std::string{client} + "&grant_type=password"), "error") == "unsupported_grant_type");
  CHECK(member(v.refresh("nonsense"), "error") == "invalid_grant");
  CHECK(member(v.refresh("simulator-refresh-1"), "error") == "invalid_grant");
  CHECK(v.desk.statistics().refused_logins == 5);
  CHECK(v.desk.answer({"GET", "/oauth/token", "", "", ""}, v.now).status == 405);
  CHECK(v.desk.answer({"GET", "/oauth/other", "", "", ""}, v.now).status == 404);
}

TEST_CASE("a refresh token is good for ever, unless it is for one use") {
  visitor v;
  CHECK(member(v.refresh("simulator-refresh-0"), "refresh_token") == "simulator-refresh-0");
  CHECK(v.refresh("simulator-refresh-0").status == 200);
}

TEST_CASE("a refresh token for one use ends when what came for it is used") {
  credential_options o;
  o.single_use = true;
  visitor v{o};
  const auto first = v.refresh("simulator-refresh-0");
  CHECK(member(first, "refresh_token") == "simulator-refresh-1");
  // The answer was lost: it may be asked for again.
  const auto second = v.refresh("simulator-refresh-0");
  CHECK(second.status == 200);
  CHECK(v.orders(member(second, "access_token")).status == 200);
  CHECK(member(v.refresh("simulator-refresh-0"), "error") == "invalid_grant");
  CHECK(member(v.refresh("simulator-refresh-1"), "error") == "invalid_grant");
  CHECK(v.refresh(member(second, "refresh_token")).status == 200);
}

TEST_CASE("a session is opened with a name and a password") {
  credential_options o;
  o.lifetime = seconds{10};
  visitor v{o};
  const auto log_in = [&](const std::string& body) {
    return v.desk.answer({"POST", "/session/login", "", "", body}, v.now);
  };
  CHECK(log_in("{}").status == 401);
  CHECK(log_in("no JSON").status == 401);
  const auto session = member(log_in(R"({"username":"simulator-user","password":"simulator-password"})"), "id");
  CHECK(v.tickets(session).status == 200);
  CHECK(v.tickets("").status == 401);
  v.now = seconds{11};
  CHECK(v.tickets(session).status == 401);
}

TEST_CASE("all tokens may end before their time") {
  credential_options o;
  o.revoke_every = 2;
  visitor v{o};
  const auto token = member(v.token(std::string{client} + "&grant_type=client_credentials"), "access_token");
  CHECK(v.orders(token).status == 200);
  CHECK(v.orders(token).status == 200);
  CHECK(v.orders(token).status == 401);
  CHECK(v.desk.statistics().revocations == 1);
  CHECK(v.desk.statistics().expired_uses == 0);
}

TEST_CASE("lists have pages of rows, and end") {
  credential_options o;
  o.pages = 2;
  visitor v{o};
  const auto token = member(v.token(std::string{client} + "&grant_type=client_credentials"), "access_token");
  const auto first = v.orders(token, "?shop=7");
  CHECK(first.body.starts_with(R"({"rows":[{"id":"7-0","shop":7},{"id":"7-1","shop":7})"));
  CHECK(first.body.ends_with(R"(],"next":2})"));
  const auto last = v.orders(token, "?shop=7&page=2");
  CHECK(last.body.find(R"("id":"7-39")") != std::string::npos);
  CHECK(last.body.find("next") == std::string::npos);
  CHECK(v.orders(token, "?shop=7&page=3").body == R"({"rows":[]})");
}

TEST_CASE("a token with a quota gets so many lists in each window, and what is left may be asked for") {
  credential_options o;
  o.token_calls = 2;
  o.token_window = seconds{10};
  visitor v{o};
  const auto ask = [&v](const std::string& path, const std::string& token) {
    return v.desk.answer(
      {"GET", "/tokens/" + path, "Bearer " + token, "", "", std::chrono::milliseconds{1'700'000'000'500}}, v.now);
  };
  v.now = seconds{3};
  CHECK(ask("limit", "simulator-pool-1").body == R"({"calls":{"left":2,"limit":2,"reset":1700000008}})");
  const auto list = ask("parcels?shop=1&page=1", "simulator-pool-1");
  CHECK(list.status == 200);
  CHECK(list.headers.at(0) == std::pair<std::string, std::string>{"X-Calls-Left", "1"});
  CHECK(ask("parcels?shop=1&page=2", "simulator-pool-1").status == 200);
  const auto refused = ask("parcels?shop=1&page=3", "simulator-pool-1");
  CHECK(refused.status == 429);
  CHECK(refused.headers.at(0) == std::pair<std::string, std::string>{"Retry-After", "7"});
  CHECK(ask("parcels?shop=1&page=3", "simulator-pool-2").status == 200);
  v.now = seconds{10};
  CHECK(ask("limit", "simulator-pool-1").body.find("\"left\":2") != std::string::npos);
  for (const auto* unknown :
       {"", "simulator-pool-", "simulator-pool-0", "simulator-pool-100", "simulator-pool-x", "other"})
    CHECK(ask("limit", unknown).status == 401);
  CHECK(v.desk.statistics().refused_calls == 1);
  CHECK(v.desk.statistics().tokens_used == 2);
  CHECK(v.desk.statistics().quota_questions == 2);
}
