#include "actors/fetcher.hpp"

#include "tests/actors/core/records/page_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using answer = tl::expected<net::response, net::transport_failure>;

/// Gives the answers that it was told to give, one a request.
class scripted_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override { return std::make_unique<session>(*this); }
  void abort_all() noexcept override { aborted = true; }

  std::deque<answer> answers;
  std::vector<net::request> requests;
  std::atomic<bool> aborted{false};

private:
  class session final : public net::http_session {
  public:
    explicit session(scripted_transport& script) : script_(script) {}
    answer send(const net::request& r) override {
      script_.requests.push_back(r);
      REQUIRE_FALSE(script_.answers.empty());
      auto next = std::move(script_.answers.front());
      script_.answers.pop_front();
      return next;
    }
    const std::atomic<bool>* aborted() const noexcept override { return &script_.aborted; }

  private:
    scripted_transport& script_;
  };
};

/// Answers when it is told to, as a server does.
class late_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override { return nullptr; }
  std::unique_ptr<net::async_session> open_async_session() override {
    struct late final : net::async_session {
      explicit late(late_transport& t) : under(t) {}
      void start(net::request r, std::function<void()> done) override {
        under.requests.push_back(std::move(r));
        under.done = std::move(done);
      }
      answer take() override { return std::move(under.came); }
      late_transport& under;
    };
    return std::make_unique<late>(*this);
  }
  void abort_all() noexcept override {
    // nop: nothing is in flight
  }

  std::vector<net::request> requests;
  std::function<void()> done;
  answer came;
};

answer no_answer(errc code, bool sent) {
  return tl::unexpected(net::transport_failure{{code, failure_type::transient_error, "No answer.", ""}, sent});
}

/// A fetcher among probes; its endpoint has two edges below it.
struct fetcher_fixture : page_fixture {
  actor_fixture actors;
  std::shared_ptr<scripted_transport> transport = std::make_shared<scripted_transport>();
  probe<governor_actor> governor = actors.probe_of<governor_actor>("governor");
  probe<emitter_actor> emitter = actors.probe_of<emitter_actor>("emitter");
  probe<fan_out_actor> first_child = actors.probe_of<fan_out_actor>("first");
  probe<fan_out_actor> second_child = actors.probe_of<fan_out_actor>("second");
  page_request request;

  fetcher_fixture() {
    auto& pages = endpoint().pages;
    pages.strategy = cursor_pagination{parse_template("{{ response.next }}"), std::nullopt};
    endpoint().response_keys = {"next"};
    add_child({"id"}, "survey_id");
    add_child({"group"}, "group_id");
    endpoint().child_edges = {1, 0};
    request.slice = slice;
  }

  page_outcome work(answer with) {
    transport->answers.push_back(std::move(with));
    return send();
  }

  fetcher_actor make(std::shared_ptr<net::transport> with) {
    fetcher_links links;
    links.governor = governor.handle();
    links.emitter = emitter.handle();
    links.fan_outs = {first_child.handle(), second_child.handle()};
    return actors.spawn(fetcher, 7U, plan_ptr{the_plan}, std::move(with), std::move(links), retry_limits{},
                        std::uint64_t{1} << 20, actors.wall());
  }

  page_outcome send() {
    if (!under_test_)
      under_test_ = make(transport);
    actors.journal.clear();
    const auto before = governor.count<page_outcome>();
    permit p;
    p.request = request;
    p.ticket = 42;
    actors.send(under_test_, std::move(p));
    auto outcomes = governor.all<page_outcome>();
    REQUIRE(outcomes.size() == before + 1);
    return std::move(outcomes.back());
  }

private:
  fetcher_actor under_test_;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a page is sent on as parents in the order of the edges, then "
          "records, then the outcome") {
  fetcher_fixture f;
  auto outcome = f.work(json_response(200, R"({"data":[{"id":"1","group":2}],"next":"n"})"));
  CHECK(f.actors.journal
        == texts{"second parent_batch", "first parent_batch", "emitter record_batch", "governor page_outcome"});
  CHECK(outcome.fetcher == 7);
  CHECK(outcome.ticket == 42);
  CHECK(outcome.sent);
  CHECK(outcome.result == page_result::next_page);
  CHECK(outcome.request.page == 2);
  CHECK(outcome.page_bytes > 0);
  CHECK(f.transport->requests.at(0).url == "https://api.example.com/v3/surveys");
  auto batch = f.emitter.all<record_batch>().at(0);
  CHECK(outcome.batch_bytes == batch.lines.size());
  CHECK(contains(batch.lines, R"("data":{"id":"1","group":2},"emitted_at":1700000000000)"));
  CHECK(f.first_child.all<parent_batch>().at(0).records.size() == 1);
}

TEST_CASE("a request that ends without a page is sent on as no page, then the "
          "outcome") {
  struct row {
    const char* what;
    answer came;
    page_result result;
    bool sent;
  };
  const row rows[] = {
    {"refused", json_response(403, "{}"), page_result::failed, true},
    {"tried again", json_response(503, "{}"), page_result::retry, true},
    {"not JSON", json_response(200, "{"), page_result::retry, true},
    {"no answer", no_answer(errc::timed_out, true), page_result::retry, true},
    {"no connection", no_answer(errc::connection_failed, false), page_result::retry, false},
  };
  for (const auto& r : rows) {
    INFO(r.what);
    fetcher_fixture f;
    auto outcome = f.work(r.came);
    CHECK(f.actors.journal == texts{"emitter no_page", "governor page_outcome"});
    CHECK(outcome.result == r.result);
    CHECK(outcome.sent == r.sent);
    CHECK(outcome.page == 1);
  }
}

TEST_CASE("a request that cannot be built is not sent") {
  fetcher_fixture f;
  f.endpoint().request.url_base = "no URL";
  auto outcome = f.send();
  CHECK(f.transport->requests.empty());
  CHECK(f.actors.journal == texts{"emitter no_page", "governor page_outcome"});
  CHECK(outcome.result == page_result::failed);
  CHECK_FALSE(outcome.sent);
  CHECK(outcome.fetcher == 7);
  CHECK(outcome.ticket == 42);
}

TEST_CASE("an answer that comes while the run is cut off is no page, and no "
          "failure of anybody") {
  fetcher_fixture f;
  f.transport->abort_all();
  auto outcome = f.work(json_response(200, R"({"data":[{"id":"1"}]})"));
  CHECK(f.actors.journal == texts{"emitter no_page", "governor page_outcome"});
  CHECK(outcome.result == page_result::failed);
  CHECK(outcome.error.code == errc::interrupted);
}

TEST_CASE("the governor sees the headers that its policies read, and no others") {
  fetcher_fixture f;
  auto& policy = f.the_plan->budget.policies.emplace_back();
  policy.remaining_header = "X-Left";
  auto outcome = f.work(
    json_response(429, "{}", {{"x-left", "0"}, {"Retry-After", "3"}, {"Date", "d"}, {"Set-Cookie", "secret"}}));
  CHECK(outcome.result == page_result::retry);
  CHECK(outcome.feedback.status == 429);
  CHECK(outcome.feedback.rate_limited);
  texts names;
  for (const auto& [name, value] : outcome.feedback.headers)
    names.push_back(name);
  CHECK(names == texts{"x-left", "Retry-After", "Date"});
}

TEST_CASE("whatever comes, each permit ends with one message to the emitter "
          "and one outcome, the outcome last") {
  fetcher_fixture f;
  std::mt19937_64 random{1};
  const texts bodies{R"({"data":[{"id":"1"}],"next":"n"})", R"({"data":[]})", R"({"data":7})", "", "[", "null",
                     R"({"error":{"message":"no"}})"};
  for (int i = 0; i < 300; ++i) {
    const int statuses[] = {200, 200, 200, 204, 301, 400, 401, 404, 429, 500, 503};
    const auto status = statuses[random() % std::size(statuses)];
    auto came = random() % 8 == 0 ? no_answer(errc::timed_out, random() % 2 == 0)
                                  : answer{json_response(status, bodies[random() % bodies.size()])};
    f.work(std::move(came));
    const auto& journal = f.actors.journal;
    INFO("answer " << i);
    CHECK(journal.back() == "governor page_outcome");
    REQUIRE(journal.size() >= 2);
    const auto& before = journal[journal.size() - 2];
    CHECK((before == "emitter record_batch" || before == "emitter no_page"));
    for (std::size_t k = 0; k + 2 < journal.size(); ++k)
      CHECK(contains(journal[k], "parent_batch"));
  }
}

TEST_CASE("a first page that the parent brought is read without a request; those behind it are asked for") {
  fetcher_fixture f;
  f.request.slice.first_page = R"({"data":[{"id":"1"}],"next":"n"})";
  auto outcome = f.send();
  CHECK(f.transport->requests.empty());
  CHECK_FALSE(outcome.sent);
  CHECK(outcome.result == page_result::next_page);
  CHECK(contains(f.emitter.all<record_batch>().at(0).lines, R"("data":{"id":"1"})"));
  f.request = outcome.request;
  outcome = f.work(json_response(200, R"({"data":[{"id":"2"}]})"));
  CHECK(f.transport->requests.size() == 1);
  CHECK(outcome.result == page_result::slice_done);
}

TEST_CASE("while an answer is awaited the fetcher is free, its record says for what it waits, and only its own answer "
          "ends it") {
  fetcher_fixture f;
  const auto later = std::make_shared<late_transport>();
  const auto fetcher = f.make(later);
  const auto record = [&] {
    for (const auto& view : f.actors.recorder()->views())
      if (view.name == "fetcher")
        return view;
    return flight_view{};
  };
  permit p;
  p.request = f.request;
  p.ticket = 42;
  f.actors.send(fetcher, std::move(p));
  REQUIRE(later->requests.size() == 1);
  CHECK(f.governor.count<page_outcome>() == 0);
  CHECK_FALSE(record().busy());
  CHECK(record().waits_for == outside::answer);
  CHECK(record().awaits);
  CHECK(contains(record().wait_text, "page 1, try 1"));
  f.actors.send(fetcher, answer_arrived{41});
  CHECK(f.governor.count<page_outcome>() == 0);
  later->came = json_response(200, R"({"data":[{"id":"1"}]})");
  later->done();
  f.actors.run();
  REQUIRE(f.governor.count<page_outcome>() == 1);
  CHECK(f.governor.all<page_outcome>().front().ticket == 42);
  CHECK(record().waits_for == outside::nothing);
  // Told twice, it has nothing to take.
  later->done();
  f.actors.run();
  CHECK(f.governor.count<page_outcome>() == 1);
}

TEST_CASE("a transport that answers when the fetcher has ended tells nobody") {
  fetcher_fixture f;
  const auto later = std::make_shared<late_transport>();
  {
    auto fetcher = f.make(later);
    permit p;
    p.request = f.request;
    f.actors.send(fetcher, std::move(p));
    f.actors.kill(fetcher);
  }
  later->done();
  f.actors.run();
  CHECK(f.governor.count<page_outcome>() == 0);
}
