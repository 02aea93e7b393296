#include "actors/emitter.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Notes each write in the fixture's journal, between what the probes have got.
class noting_writer final : public line_writer {
public:
  explicit noting_writer(std::vector<std::string>& journal) : journal_(journal) {}
  expected<void> write(std::string_view text) override {
    if (broken)
      return fail(errc::output_closed, failure_type::system_error, "the reader went away");
    if (!text.empty())
      journal_.push_back("write");
    written += text;
    return {};
  }
  std::string written;
  bool broken = false;

private:
  std::vector<std::string>& journal_;
};

/// An emitter of two streams, `a` and `b`, among probes.
struct emitter_case {
  emitter_case() {
    auto secrets = std::make_shared<redactor>();
    secrets->add("hush-hush-secret");
    plan p;
    p.streams.resize(2);
    p.streams[0].name = "a";
    p.streams[1].name = "b";
    p.config = *language::parse_json(R"({"id":"me","token":"hush-hush-secret","n":1.50,"list":[{"a":1}]})");
    under_test = f.spawn(emitter, std::make_shared<const plan>(std::move(p)), std::shared_ptr<line_writer>{out},
                         std::shared_ptr<const redactor>{secrets}, std::shared_ptr<log_backlog>{}, supervisor.handle(),
                         f.wall());
    f.send(under_test, atom::join_v, governor.handle(), aggregator.handle());
  }

  static record_batch batch(stream_index stream, std::uint64_t records, std::string lines, std::uint32_t page = 1) {
    record_batch x;
    x.receipt.page = page;
    x.receipt.counts = {{stream, records, lines.size()}};
    x.lines = std::move(lines);
    return x;
  }

  actor_fixture f;
  probe<governor_actor> governor = f.probe_of<governor_actor>("governor");
  probe<state_aggregator_actor> aggregator = f.probe_of<state_aggregator_actor>("state_aggregator");
  probe<read_supervisor_actor> supervisor = f.probe_of<read_supervisor_actor>("read_supervisor");
  std::shared_ptr<noting_writer> out = std::make_shared<noting_writer>(f.journal);
  emitter_actor under_test;
};

} // namespace

TEST_CASE("a page is reported as written after its lines, and its credit and memory come back") {
  emitter_case c;
  c.f.send(c.under_test, emitter_case::batch(0, 2, "one\ntwo\n", 7));
  // The stream's RUNNING, the lines, and then the news.
  REQUIRE(c.f.journal.size() == 4);
  CHECK(c.f.journal[0] == "write");
  CHECK(c.f.journal[1] == "write");
  CHECK(std::vector<std::string>(c.f.journal.begin() + 2, c.f.journal.end())
        == std::vector<std::string>{"governor bytes_written", "state_aggregator page_written"});
  CHECK(c.out->written.find("RUNNING") < c.out->written.find("one\ntwo\n"));
  auto credit = c.governor.all<bytes_written>();
  REQUIRE(credit.size() == 1);
  CHECK(credit[0].bytes == 8);
  CHECK(credit[0].buffer == "one\ntwo\n");
  CHECK(c.aggregator.all<page_written>()[0].receipt.page == 7);
}

TEST_CASE("credit comes back in the order of the requests, and a request without a page has its turn") {
  emitter_case c;
  caf::anon_send(c.under_test, emitter_case::batch(0, 1, "first\n", 1));
  caf::anon_send(c.under_test, no_page{});
  caf::anon_send(c.under_test, emitter_case::batch(1, 1, "a longer second\n", 2));
  caf::anon_send(c.under_test, no_page{});
  c.f.run();
  std::vector<std::uint64_t> bytes;
  for (const auto& x : c.governor.all<bytes_written>())
    bytes.push_back(x.bytes);
  CHECK(bytes == std::vector<std::uint64_t>{6, 0, 16, 0});
  std::vector<std::uint32_t> pages;
  for (const auto& x : c.aggregator.all<page_written>())
    pages.push_back(x.receipt.page);
  CHECK(pages == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("after a failed write nothing is written or reported any more, and the supervisor hears of it once") {
  emitter_case c;
  c.out->broken = true;
  c.f.send(c.under_test, emitter_case::batch(0, 1, "lost\n"));
  c.out->broken = false;
  c.f.send(c.under_test, emitter_case::batch(0, 1, "too late\n"));
  c.f.send(c.under_test, state_update{0, R"({"ts":1})"});
  CHECK(c.out->written.empty());
  CHECK(c.governor.count<bytes_written>() == 0);
  CHECK(c.aggregator.count<page_written>() == 0);
  auto told = c.supervisor.all<output_closed>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].reason == "the reader went away");
  auto answer = c.f.ask<flushed>(c.under_test, flush_request{});
  REQUIRE(answer);
  CHECK(!answer->open);
}

TEST_CASE("a flush is answered when everything before it is written") {
  emitter_case c;
  caf::anon_send(c.under_test, emitter_case::batch(0, 1, "before\n"));
  auto answer = c.f.ask<flushed>(c.under_test, flush_request{});
  REQUIRE(answer);
  CHECK(answer->open);
  CHECK(c.out->written.find("before\n") != std::string::npos);
}

TEST_CASE("what comes after a stream's end is neither written nor reported: no state covers it") {
  emitter_case c;
  c.f.send(c.under_test, status_update{0, stream_status::incomplete});
  auto before = c.out->written;
  c.f.send(c.under_test, emitter_case::batch(0, 1, "late\n"));
  c.f.send(c.under_test, estimate{0, 100, 1000});
  CHECK(c.out->written == before);
  CHECK(c.aggregator.count<page_written>() == 0);
  c.f.send(c.under_test, emitter_case::batch(1, 1, "another stream\n"));
  CHECK(c.aggregator.count<page_written>() == 1);
}

TEST_CASE("RUNNING is printed before a stream's first record, and again after a wait for the rate limit") {
  emitter_case c;
  auto running = [&c] {
    std::size_t n = 0;
    for (auto at = c.out->written.find(R"("RUNNING")"); at != std::string::npos;
         at = c.out->written.find(R"("RUNNING")", at + 1))
      ++n;
    return n;
  };
  c.f.send(c.under_test, emitter_case::batch(0, 0, ""));
  CHECK(running() == 0);
  CHECK(c.aggregator.count<page_written>() == 1);
  c.f.send(c.under_test, emitter_case::batch(0, 1, "1\n"));
  c.f.send(c.under_test, emitter_case::batch(0, 1, "2\n"));
  CHECK(running() == 1);
  // The wait is told with a RUNNING of its own, which has the reason.
  c.f.send(c.under_test, status_update{0, stream_status::running, 1'700'000'060'000});
  CHECK(running() == 2);
  CHECK(c.out->written.find("1700000060000") != std::string::npos);
  c.f.send(c.under_test, emitter_case::batch(0, 1, "3\n"));
  CHECK(running() == 3);
  CHECK(c.out->written.rfind(R"("RUNNING")") < c.out->written.find("3\n", c.out->written.find("1700000060000") + 14));
}

TEST_CASE("a STATE counts its stream's records since the one before") {
  emitter_case c;
  c.f.send(c.under_test, emitter_case::batch(0, 2, "1\n2\n"));
  c.f.send(c.under_test, emitter_case::batch(1, 5, "x\n"));
  c.f.send(c.under_test, emitter_case::batch(0, 1, "3\n"));
  auto states = [&c] {
    std::vector<std::string> counts;
    const std::string key = R"("recordCount":)";
    for (auto at = c.out->written.find(key); at != std::string::npos; at = c.out->written.find(key, at + 1)) {
      auto from = at + key.size();
      counts.push_back(c.out->written.substr(from, c.out->written.find_first_of(",}", from) - from));
    }
    return counts;
  };
  c.f.send(c.under_test, state_update{0, R"({"ts":1})"});
  c.f.send(c.under_test, state_update{0, R"({"ts":2})"});
  c.f.send(c.under_test, state_update{1, R"({"ts":1})"});
  CHECK(states() == std::vector<std::string>{"3.0", "0.0", "5.0"});
}

TEST_CASE("secrets are masked in what is for people, never in records and states") {
  emitter_case c;
  error_trace x;
  x.error = error{errc::internal, failure_type::system_error, "the token hush-hush-secret was refused", ""};
  c.f.send(c.under_test, x);
  c.f.send(c.under_test, log_entry{log_level::info, "sending hush-hush-secret"});
  CHECK(c.out->written.find("hush-hush-secret") == std::string::npos);
  CHECK(c.out->written.find("the token **** was refused") != std::string::npos);
  c.f.send(c.under_test, emitter_case::batch(0, 1, "{\"note\":\"hush-hush-secret\"}\n"));
  c.f.send(c.under_test, state_update{0, R"({"cursor":"hush-hush-secret"})"});
  CHECK(c.out->written.find("{\"note\":\"hush-hush-secret\"}\n") != std::string::npos);
  CHECK(c.out->written.find(R"({"cursor":"hush-hush-secret"})") != std::string::npos);
}

TEST_CASE("a config that has changed is printed as a whole, and whoever changed it hears when it is out") {
  emitter_case c;
  auto answer
    = c.f.begin_asking<flushed>(c.under_test, config_update{0, {{{"token"}, "new-token"}, {{"a", "b"}, "x"}}});
  REQUIRE(*answer);
  CHECK((*answer)->open);
  CHECK(c.out->written.find(R"({"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":)") == 0);
  CHECK(c.out->written.find(R"("connectorConfig":{"config":{"id":"me","token":"new-token","n":1.5,"list":[{"a":1}],)"
                            R"("a":{"b":"x"}}}}})"
                            "\n")
        != std::string::npos);
  // Changes of others stay.
  c.out->written.clear();
  c.f.begin_asking<flushed>(c.under_test, config_update{1, {{{"list", "0", "a"}, "2"}}});
  CHECK(c.out->written.find(R"("token":"new-token","n":1.5,"list":[{"a":"2"}],"a":{"b":"x"}})") != std::string::npos);
}

TEST_CASE("a config that cannot be written is not kept, and whoever changed it hears that") {
  emitter_case c;
  c.out->broken = true;
  auto answer = c.f.begin_asking<flushed>(c.under_test, config_update{0, {{{"token"}, "new-token"}}});
  REQUIRE(*answer);
  CHECK_FALSE((*answer)->open);
}
