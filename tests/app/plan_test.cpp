#include "app/plan/limits.hpp"
#include "app/plan/probe.hpp"
#include "app/plan/view.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using kind = estimated::kind;

namespace {

/// A plan of the built-in connector, with its budget.
struct planned {
  plan_facts facts;
  std::unique_ptr<budget> quota;
  std::unique_ptr<slice_ledger> ledger;

  explicit planned(const run_case& c) {
    auto compiled = plan_of(c);
    REQUIRE(compiled);
    if (c.change_plan)
      c.change_plan(*compiled);
    facts.plan = std::make_shared<const plan>(std::move(*compiled));
    auto opened = slice_ledger::open(facts.plan);
    REQUIRE(opened);
    ledger = std::make_unique<slice_ledger>(std::move(*opened));
    for (const auto& e : facts.plan->endpoints)
      facts.windows.push_back(e.slices.has_parents() ? cursor_windows{} : ledger->windows_of(e.id));
    quota = std::make_unique<budget>(facts.plan->budget, 1min, steady_time{});
    take_limits(facts, facts.plan->budget, *quota, steady_time{});
  }

  /// Probes an account; each answer takes 50 ms.
  probe_result probe(const std::shared_ptr<fake_api>& api) {
    fake_transport transport{api};
    probe_setup setup;
    setup.plan = facts.plan;
    setup.windows = facts.windows;
    for (const auto& x : facts.plan->edges)
      setup.pasts.push_back(ledger->past_of(x.child));
    setup.transport = &transport;
    setup.quota = quota.get();
    auto now = steady_time{};
    setup.now = [&now] { return now; };
    setup.wait_until = [&now](steady_time at) { now = at; };
    api->set_change([&now](auto&, std::size_t) { now += 50ms; });
    auto found = probe_plan(setup);
    facts.probes = found.endpoints;
    facts.probes_sent = found.sent;
    facts.mean_answer = found.mean_answer;
    take_limits(facts, facts.plan->budget, *quota, now);
    return found;
  }

  plan_estimate estimate() const { return estimate_plan(facts); }
  const endpoint_estimate& of(const plan_estimate& x, std::string_view name) const {
    for (const auto& e : facts.plan->endpoints)
      if (e.name == name)
        return x.endpoints[e.id];
    FAIL("no endpoint " << name);
    return x.endpoints.front();
  }
};

/// Twenty surveys, the one in the middle of the list with seven responses, the others with two.
std::shared_ptr<fake_api> account() {
  std::vector<fake_api::survey> surveys;
  for (int i = 0; i < 20; ++i) {
    fake_api::survey s{std::to_string(100 + i), 1'600'000'000 + i, {}};
    for (int r = 0; r < 7; ++r)
      s.responses.push_back({std::to_string(i * 100 + r), 1'600'000'000 + r});
    surveys.push_back(std::move(s));
  }
  return std::make_shared<fake_api>(std::move(surveys));
}

run_case two_streams() {
  run_case c;
  c.rate_limit_per_minute = 120;
  c.page_size = 3;
  return c;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// The text with each stretch of white space as one blank: where lines are broken does not matter.
std::string flat(const std::string& text) {
  return std::regex_replace(text, std::regex{"\\s+"}, " ");
}

/// What a graph in one of the two languages consists of; a line that is no part of it fails the test.
struct graph {
  std::set<std::string> nodes;
  std::vector<std::pair<std::string, std::string>> arrows;
};

graph read_mermaid(const std::string& text) {
  static const std::string label = R"re("[^"]*")re";
  static const std::regex node{"  ([a-z][0-9]+)(\\[" + label + "\\]|\\(\\[" + label + "\\]\\)|\\{\\{" + label
                               + "\\}\\})"};
  static const std::regex arrow{"  ([a-z][0-9]+) (?:-->|-\\.-) (?:\\|" + label + "\\| )?([a-z][0-9]+)"};
  graph g;
  auto lines = lines_of(text);
  REQUIRE(!lines.empty());
  CHECK(lines.front() == "flowchart LR");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    INFO(lines[i]);
    std::smatch m;
    if (std::regex_match(lines[i], m, node)) {
      CHECK(g.nodes.insert(m[1]).second);
    } else {
      REQUIRE(std::regex_match(lines[i], m, arrow));
      g.arrows.emplace_back(m[1], m[2]);
    }
  }
  return g;
}

graph read_dot(const std::string& text) {
  static const std::string quoted = R"re("(?:[^"\\]|\\["\\n])*")re";
  static const std::string attribute = "[a-z]+=(?:" + quoted + "|[a-zA-Z]+|[0-9]+)";
  static const std::string attributes = "\\[" + attribute + "(?:, " + attribute + ")*\\]";
  static const std::regex setting{"  (?:rankdir=LR|node " + attributes + "|edge " + attributes + ");"};
  static const std::regex node{"  ([a-z][0-9]+) " + attributes + ";"};
  static const std::regex arrow{"  ([a-z][0-9]+) -> ([a-z][0-9]+)(?: " + attributes + ")*;"};
  graph g;
  auto lines = lines_of(text);
  REQUIRE(lines.size() > 2);
  CHECK(lines.front() == "digraph plan {");
  CHECK(lines.back() == "}");
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    INFO(lines[i]);
    std::smatch m;
    if (std::regex_match(lines[i], m, setting))
      continue;
    if (std::regex_match(lines[i], m, node)) {
      CHECK(g.nodes.insert(m[1]).second);
    } else {
      REQUIRE(std::regex_match(lines[i], m, arrow));
      g.arrows.emplace_back(m[1], m[2]);
    }
  }
  return g;
}

void check_graph(const graph& g) {
  for (const auto& [from, to] : g.arrows) {
    CHECK(g.nodes.count(from) == 1);
    CHECK(g.nodes.count(to) == 1);
  }
}

/// A budget of two policies, one of them for lists of responses alone.
void two_policies(plan& p) {
  rate_policy responses;
  responses.name = "responses \"only\"";
  responses.rates = {{10, 60s}};
  request_matcher m;
  m.path_pattern = "/responses";
  m.weight = 2;
  responses.matchers = {m};
  p.budget.policies.push_back(responses);
}

} // namespace

TEST_CASE("a plan says what is known before any request, and why the rest is not") {
  planned p{two_streams()};
  CHECK(plan_text(p.facts, p.estimate()) == R"(endpoints
  surveys
  └─ survey_responses

surveys
  request     GET http://fake.test/v3/surveys
  prints      surveys (incremental)
  feeds       survey_responses
  slices      4, 2020-01-01T00:00:00Z to 2023-11-14T22:13:20Z
  requests    at least 4 (a page each; how many pages: --probe asks)
  governed by minute and day

survey_responses
  request     GET http://fake.test/v3/surveys/{{ stream_partition.survey_id }}/responses/
  for each    record of surveys, with survey_id = its id
  prints      survey_responses
  slices      unknown (as many as `surveys` has records: --probe asks)
  requests    unknown (a page or more a slice)
  governed by minute and day

  stream            pages of          mode          state
  surveys           surveys           incremental   from the start
  survey_responses  survey_responses  full refresh  from the start

limits
  minute      120 per minute; all requests
  day         500 per day; all requests; once the server reports it; ends the run when it is used up
  pool        10 requests at once

expected
  requests    at least 4; --probe sends one request for each endpoint to find out more
  time        unknown, because the number of requests is; as long as answers take less than 5.0 s on
              average, the quotas decide, then the pool of 10
)");
}

TEST_CASE("a stream of root slices alone has a time without a probe") {
  auto c = two_streams();
  c.streams = {"surveys"};
  c.slice_days = 1;
  planned p{c};
  auto x = p.estimate();
  CHECK(x.requests.how == kind::at_least);
  CHECK(x.requests.value == 1414);
  CHECK(x.time == 11min);
  CHECK(x.bound == "the quota \"minute\"");
}

TEST_CASE("a probe sends one request for each endpoint and extrapolates from it") {
  planned p{two_streams()};
  auto api = account();
  auto found = p.probe(api);
  CHECK(found.problems.empty());
  CHECK(found.sent == 2);
  REQUIRE(api->log().size() == 2);
  CHECK(api->log()[0].find("start_modified_at=2020-01-01") != std::string::npos);
  CHECK(api->log()[1].find("/responses") != std::string::npos);
  CHECK(found.mean_answer == 50ms);
  CHECK(p.facts.policies[0].gauge.used == 2);

  auto x = p.estimate();
  // Twenty surveys, three a page, in four slices: two pages each.
  CHECK(text_of(p.of(x, "surveys").requests) == "about 8");
  CHECK(text_of(p.of(x, "survey_responses").slices) == "about 20");
  CHECK(text_of(p.of(x, "survey_responses").requests) == "about 20");
  CHECK(text_of(x.requests) == "about 28");
  CHECK(x.time == 150ms);
  CHECK(x.bound == "the pool of 10");
  auto text = plan_text(p.facts, x);
  CHECK(text.find("2 requests were sent to find this out") != std::string::npos);
  CHECK(text.find("assumes     The records of `surveys` are spread evenly") != std::string::npos);
}

TEST_CASE("a list that fits on one page is known exactly") {
  auto c = two_streams();
  c.page_size = 1000;
  planned p{c};
  p.probe(account());
  auto x = p.estimate();
  CHECK(text_of(p.of(x, "surveys").requests) == "4");
  CHECK(text_of(p.of(x, "survey_responses").slices) == "20");
}

TEST_CASE("the quota decides how long many requests take") {
  auto c = two_streams();
  c.rate_limit_per_minute = 10;
  planned p{c};
  p.probe(account());
  auto x = p.estimate();
  // Two places are taken by the probe until about a minute later; 28 requests need three windows.
  CHECK(x.bound == "the quota \"minute\"");
  REQUIRE(x.time);
  CHECK(*x.time > 2min);
  CHECK(*x.time < 3min);
}

TEST_CASE("a quota that ends the run tells how many runs are needed") {
  auto c = two_streams();
  c.change_plan = [](plan& p) {
    p.budget.policies[1].only_when_reported = false;
    p.budget.policies[1].rates[0].limit = 12;
  };
  planned p{c};
  p.probe(account());
  auto x = p.estimate();
  CHECK(x.ended_by == "day");
  CHECK(x.runs == 3); // 10 are left today, then 12 and 6
  CHECK(flat(plan_text(p.facts, x)).find("each run then ends with exit code 3") != std::string::npos);
}

TEST_CASE("policies that govern some requests only count those, with their weight") {
  auto c = two_streams();
  c.change_plan = two_policies;
  planned p{c};
  CHECK(p.facts.weights[0] == std::vector<std::uint32_t>{1, 1, 0});
  CHECK(p.facts.weights[1] == std::vector<std::uint32_t>{1, 1, 2});
  p.probe(account());
  auto x = p.estimate();
  CHECK(x.bound == "the quota \"responses \"only\"\"");
  REQUIRE(x.time);
  CHECK(*x.time > 3min); // 40 units at 10 a minute
  CHECK(plan_text(p.facts, x).find("governed by minute and day and responses \"only\", as 2 requests")
        != std::string::npos);
}

TEST_CASE("what a probe cannot find out stays unknown, and the reason is kept") {
  planned p{two_streams()};
  auto api = account();
  api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (target.find("/responses") == std::string::npos)
      return std::nullopt;
    return json_response(503, "{}");
  });
  auto found = p.probe(api);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].message.find("503") != std::string::npos);
  CHECK(api->log().size() == 2); // nothing is tried again
  auto x = p.estimate();
  CHECK(text_of(p.of(x, "survey_responses").slices) == "about 20");
  CHECK(text_of(p.of(x, "survey_responses").requests) == "at least 20");
  CHECK(p.of(x, "survey_responses").requests_from.find("the probe failed") != std::string::npos);
  CHECK(x.requests.how == kind::at_least);
}

TEST_CASE("a refused token ends a probe at once") {
  planned p{two_streams()};
  auto api = account();
  api->set_fault([](const std::string&) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    return json_response(401, R"({"error":{"id":"1011","message":"no"}})");
  });
  auto found = p.probe(api);
  CHECK(api->log().size() == 1);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].failure == failure_type::config_error);
}

TEST_CASE("a full quota is waited for, and one that ends the run ends the probe") {
  auto c = two_streams();
  c.rate_limit_per_minute = 1;
  planned slow{c};
  CHECK(slow.probe(account()).sent == 2);

  c.change_plan = [](plan& p) {
    p.budget.policies[1].only_when_reported = false;
    p.budget.policies[1].rates[0].limit = 1;
  };
  planned over{c};
  auto found = over.probe(account());
  CHECK(found.sent == 1);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].code == errc::quota_exhausted);
}

TEST_CASE("a quota that has room too late ends a probe") {
  auto api = account();
  api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (target.find("/responses") != std::string::npos)
      return std::nullopt;
    return json_response(200, R"({"data":[{"id":"1"}],"links":{},"total":1})",
                         {{"X-Ratelimit-App-Global-Day-Limit", "500"},
                          {"X-Ratelimit-App-Global-Day-Remaining", "0"},
                          {"X-Ratelimit-App-Global-Day-Reset", "40000"}});
  });
  auto c = two_streams();
  c.change_plan = [](plan& x) { x.budget.policies[1].stop_when_exhausted = false; };
  planned waits{c};
  auto found = waits.probe(api);
  CHECK(found.sent == 1);
  REQUIRE(found.problems.size() == 1);
  INFO(found.problems[0].message);
  CHECK(found.problems[0].message.find("has room again in 11 h 6 min") != std::string::npos);
}

TEST_CASE("a refusal ends a probe, and what the server asked for is told") {
  planned p{two_streams()};
  auto api = account();
  api->set_fault([](const std::string&) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    return json_response(429, R"({"error":{"id":"1040","message":"slow down"}})", {{"Retry-After", "100000"}});
  });
  auto found = p.probe(api);
  CHECK(api->log().size() == 1);
  REQUIRE(found.problems.size() == 1);
  INFO(found.problems[0].message);
  CHECK(found.problems[0].message.find("The server asks to wait 27 h 46 min") == 0);
  CHECK(found.problems[0].message.find("slow down") != std::string::npos);
  CHECK(found.problems[0].message.find("state") == std::string::npos);
}

TEST_CASE("slices that a state covers are read for children only, or not at all") {
  auto c = two_streams();
  c.states = {{"surveys", R"({"date_modified":1690000000})"}};
  planned p{c};
  auto text = flat(plan_text(p.facts, p.estimate()));
  CHECK(text.find("which are read for the streams below and not printed again") != std::string::npos);
  CHECK(text.find("surveys surveys incremental continues from its state") != std::string::npos);

  c.streams = {"surveys"};
  planned alone{c};
  CHECK(alone.estimate().requests.value == 1);
}

TEST_CASE("parents that are complete make no slices") {
  auto c = two_streams();
  c.page_size = 1000;
  c.states = {{"survey_responses", R"({"completed_partitions":{"survey_id":["100","101"]}})"}};
  planned p{c};
  p.probe(account());
  CHECK(text_of(p.of(p.estimate(), "survey_responses").slices) == "18");
}

TEST_CASE("streams that are complete or unknown are named, and nothing is requested for them") {
  auto c = two_streams();
  c.change_plan = [](plan& p) {
    p.streams.push_back({"nonsense", "", std::nullopt, 0, false, "", false});
    p.streams.push_back({"survey_pages", "", std::nullopt, 0, false, "{}", true});
  };
  planned p{c};
  auto text = plan_text(p.facts, p.estimate());
  CHECK(text.find("full refresh  unknown to the source: it is not synced") != std::string::npos);
  CHECK(text.find("full refresh  complete already: nothing is requested for it") != std::string::npos);
}

TEST_CASE("a plan is ASCII for who cannot show more, and names from elsewhere cannot move the cursor") {
  auto c = two_streams();
  c.change_plan = [](plan& p) { p.endpoints[1].name = "a\033[2Jb"; };
  planned p{c};
  auto text = plan_text(p.facts, p.estimate(), false);
  CHECK(std::all_of(text.begin(), text.end(), [](char x) { return x == '\n' || (x >= ' ' && x < 127); }));
  CHECK(text.find("  surveys\n  +- a?[2Jb\n") != std::string::npos);
  CHECK(plan_text(p.facts, p.estimate()).find('\033') == std::string::npos);
}

TEST_CASE("a plan without endpoints takes no time") {
  auto c = two_streams();
  c.streams = {"nonsense"};
  planned p{c};
  auto x = p.estimate();
  CHECK(text_of(x.requests) == "0");
  CHECK(x.time == 0us);
  CHECK(plan_text(p.facts, x).find("time        none: nothing is requested") != std::string::npos);
}

TEST_CASE("both graphs are valid and have the same nodes and arrows, whatever the names") {
  auto c = two_streams();
  c.streams = {"surveys", "survey_details", "survey_pages", "survey_collectors", "collectors"};
  c.change_plan = [](plan& p) {
    two_policies(p);
    p.budget.policies.back().matchers[0].path_pattern = "/details";
    p.endpoints[1].name = "odd \"name\" <b>\\ #1\n`{}`";
  };
  planned p{c};
  p.probe(account());
  auto x = p.estimate();
  auto mermaid = plan_mermaid(p.facts, x);
  auto dot = plan_dot(p.facts, x);
  INFO(mermaid << dot);
  auto a = read_mermaid(mermaid);
  auto b = read_dot(dot);
  check_graph(a);
  CHECK(a.nodes == b.nodes);
  CHECK(a.arrows == b.arrows);
  CHECK(a.nodes.size() == 4 + 5 + 3);
  // Three parent-child arrows, one for each stream, one for the policy that does not govern everything.
  CHECK(a.arrows.size() == 3 + 5 + 1);
  CHECK(dot.find("odd \\\"name\\\" <b>\\\\ #1 `{}`") != std::string::npos);
  CHECK(mermaid.find("odd #quot;name#quot; #lt;b#gt;\\ #35;1 #96;{}#96;") != std::string::npos);
}

TEST_CASE("the graphs of a small plan are what the documentation shows") {
  auto c = two_streams();
  planned p{c};
  CHECK(plan_mermaid(p.facts, p.estimate()) == R"(flowchart LR
  e0["surveys<br/>GET /v3/surveys<br/>slices: 4<br/>requests: at least 4"]
  e1["survey_responses<br/>GET /v3/surveys/{{ stream_partition.survey_id }}/responses/<br/>slices: unknown<br/>requests: unknown"]
  s0(["surveys<br/>incremental"])
  s1(["survey_responses<br/>full refresh"])
  q0{{"minute<br/>120 per minute<br/>all requests"}}
  q1{{"day<br/>500 per day<br/>all requests<br/>once the server reports it<br/>ends the run when it is used up"}}
  e0 --> |"survey_id = id"| e1
  e0 --> s0
  e1 --> s1
)");
}

TEST_CASE("the JSON of a plan has its numbers and how well they are known") {
  planned p{two_streams()};
  p.probe(account());
  auto json = plan_json(p.facts, p.estimate());
  INFO(json);
  auto root = json_object(json);
  auto endpoints = root->getArray("endpoints");
  REQUIRE(endpoints->size() == 2);
  auto child = endpoints->getObject(1);
  CHECK(child->getValue<std::string>("name") == "survey_responses");
  CHECK(child->getObject("parent")->getValue<std::string>("endpoint") == "surveys");
  CHECK(child->getObject("slices")->getValue<std::string>("how") == "about");
  CHECK(child->getObject("slices")->getValue<int>("value") == 20);
  CHECK(child->getArray("governed_by")->size() == 2);
  CHECK(root->getObject("requests")->getValue<int>("value") == 28);
  CHECK(root->getValue<std::int64_t>("time_us") == 150'000);
  CHECK(root->getValue<int>("probes_sent") == 2);
  CHECK(root->getArray("streams")->size() == 2);
  CHECK(root->getArray("policies")->getObject(0)->getValue<int>("limit") == 120);
}

TEST_CASE("a plan masks secrets where the manifest puts them into URLs, and nothing else") {
  planned p{two_streams()};
  auto q = *p.facts.plan;
  q.endpoints[0].request.url_base = "https://api.example/k-000-name/true/";
  p.facts.plan = std::make_shared<const plan>(std::move(q));
  auto secrets = std::make_shared<redactor>();
  for (const auto* secret : {"k-000-name", "true", "name", "200", "surveys"})
    secrets->add(secret);
  p.facts.secrets = secrets;
  p.probe(account());
  auto x = p.estimate();
  auto json = plan_json(p.facts, x);
  auto root = json_object(json);
  auto first = root->getArray("endpoints")->getObject(0);
  CHECK(first->getValue<std::string>("name") == "surveys");
  CHECK(first->getValue<std::string>("request") == "GET https://api.example/****/****/v3/****");
  CHECK(plan_text(p.facts, x).find("GET https://api.example/****/****/v3/****") != std::string::npos);
  auto mermaid = plan_mermaid(p.facts, x);
  CHECK(mermaid.find("GET /v3/****") != std::string::npos);
  CHECK(read_mermaid(mermaid).nodes == read_dot(plan_dot(p.facts, x)).nodes);
}

TEST_CASE("a limit on records is said, because the numbers are those of a read without it") {
  run_case c;
  c.streams = {"surveys"};
  c.change_plan = [](plan& p) { p.record_limit = 1200; };
  const planned limited{c};
  const auto text = plan_text(limited.facts, estimate_plan(limited.facts), true);
  INFO(text);
  CHECK(text.find("No stream has 1,200 records") != std::string::npos);
}
