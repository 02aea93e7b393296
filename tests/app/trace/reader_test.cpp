#include "app/trace/reader.hpp"

#include "app/trace/statistics.hpp"
#include "tests/app/trace/trace_text.hpp"
#include "tests/support/temporary_file.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

using namespace sluice;
using namespace sluice::test;

namespace {

const trace::message& message_named(const trace::model& m, std::string_view name, std::size_t skip = 0) {
  for (const auto& x : m.messages)
    if (m.text(x.name) == name && skip-- == 0)
      return x;
  FAIL("no message " << name);
  return m.messages.front();
}

} // namespace

TEST_CASE("a trace file is read with its header, actors and end") {
  auto m = model_of(small_run().whole());
  REQUIRE(m.head.has_value());
  CHECK(m.head->version == "sluice 9");
  CHECK(m.head->epoch_us == 1600000000000000);
  CHECK(m.head->streams == std::vector<std::string>{"surveys", "survey_details"});
  REQUIRE(m.end.has_value());
  CHECK(m.end->messages == 9);
  CHECK(m.end->reason == "the run ended");
  CHECK(m.unreadable == 0);
  REQUIRE(m.actors.size() == 8);
  CHECK(m.actor_name(0) == "outside");
  CHECK(m.actor_name(3) == "fetcher #23");
  CHECK(m.kind_name(3) == "fetcher");
  CHECK(m.begin_ns == 0);
  CHECK(m.end_ns == 956'000'000);
}

TEST_CASE("messages come in the order in which handling began, with all that they tell") {
  auto m = model_of(small_run().whole());
  REQUIRE(m.messages.size() == 13);
  CHECK(std::is_sorted(m.messages.begin(), m.messages.end(),
                       [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; }));
  const auto& permit = message_named(m, "permit", 2);
  CHECK(permit.sent_ns == 900'000'000);
  CHECK(permit.begin_ns == 901'000'000);
  CHECK(permit.took_ns == 50'000'000);
  CHECK(m.actor_name(permit.from) == "governor #8");
  CHECK(m.actor_name(permit.to) == "fetcher #23");
  CHECK(m.text(permit.slice) == "survey_details survey_id=\"1\"");
  CHECK(permit.slice_id == 202);
  CHECK(permit.page == 1);
  const auto& args = std::get<trace::permit_args>(permit.args);
  CHECK(args.ticket == 3);
  CHECK(args.attempt == 1);
  CHECK(args.queued_ns == 708'000'000);

  const auto& page = std::get<trace::page_args>(message_named(m, "record_batch").args);
  CHECK(page.records == 2);
  CHECK(page.last);
  CHECK(page.upper_us == 1609372799000000);
  REQUIRE(page.keys == 2);
  CHECK(m.keys.at(page.first_key + 1) == key_fingerprint("surveys", "\"2\""));
  const auto& outcome = std::get<trace::outcome_args>(message_named(m, "page_outcome", 1).args);
  CHECK(m.text(outcome.result) == "retry");
  CHECK(outcome.delay_ns == 100'000'000);
  CHECK(m.text(outcome.error) == "HTTP 503");
  const auto& state = std::get<trace::state_args>(message_named(m, "state_update").args);
  CHECK(m.text(state.covers) == "windows");
  CHECK(state.through_us == 1609372799000000);
  const auto& offered = std::get<trace::note_args>(message_named(m, "slices_offered").args);
  CHECK(m.text(offered.endpoint) == "surveys");
  CHECK(offered.count == 1);
}

TEST_CASE("a request knows what the permit and the outcome say of it") {
  auto m = model_of(small_run().whole());
  REQUIRE(m.requests.size() == 3);
  const auto& refused = m.requests[1];
  CHECK(refused.status == 503);
  CHECK(refused.bytes == 20);
  CHECK(m.text(refused.error) == "HTTP 503");
  CHECK(refused.end_ns == 90'000'000);
  CHECK(refused.story.permit_sent_ns == 60'000'000);
  CHECK(m.text(refused.story.result) == "retry");
  CHECK(m.requests[2].story.quota_ns == 708'000'000);
  REQUIRE(m.quota_waits.size() == 1);
  CHECK(m.quota_waits[0].end_ns == 900'000'000);
  REQUIRE(m.counters.size() == 3);
  CHECK(m.counters[0].series == "in flight");
  CHECK(m.counters[0].samples == std::vector<std::pair<std::int64_t, double>>{{2'000'000, 1}, {950'000'000, 0}});
}

TEST_CASE("what a killed run leaves is read: a torn last line is counted, a request without an answer is open") {
  auto t = small_run();
  t.span('b', "http", "surveys", 24, 9, 960, of(window, 2).substr(1));
  auto m = model_of(t.cut() + R"({"ph":"X","pid":1,"tid":23,"cat":"mess)");
  CHECK(m.unreadable == 1);
  CHECK(!m.end);
  CHECK(m.messages.size() == 13);
  REQUIRE(m.requests.size() == 4);
  CHECK(!m.requests[3].end_ns);
  CHECK(m.end_of(m.requests[3]) == 960'000'000);
}

TEST_CASE("the end of a span may come before its begin") {
  trace_text t;
  t.message("tick", 8, 8, 0, 1, 1);
  t.span('e', "http", "surveys", 23, 1, 43, R"("status":200,"bytes":7)");
  t.span('b', "http", "surveys", 23, 1, 3, of(window).substr(1));
  auto m = model_of(t.whole());
  REQUIRE(m.requests.size() == 1);
  CHECK(m.requests[0].end_ns == 43'000'000);
  CHECK(m.requests[0].status == 200);
  CHECK(m.unreadable == 0);
}

TEST_CASE("an actor may be named after its messages, or never") {
  trace_text t;
  t.message("tick", 8, 9, 0, 1, 1);
  t.actor(9, "fetcher");
  auto m = model_of(t.whole());
  CHECK(m.actor_name(m.messages[0].to) == "fetcher #9");
  CHECK(m.actor_name(m.messages[0].from) == "actor #8");
}

TEST_CASE("what is no trace is refused with a reason") {
  for (const char* text : {"", "[\n]\n", "garbage\n{\"a\":1}\n", "\xff\xfe\x00", "{}"}) {
    auto read = read_text(text);
    REQUIRE(!read);
    CHECK(read.error().message.find("test.json holds no message trace") != std::string::npos);
  }
  auto filtered = read_text(trace_text{"actor=nobody"}.whole());
  REQUIRE(!filtered);
  CHECK(filtered.error().message.find("the filter 'actor=nobody' let none through") != std::string::npos);
}

TEST_CASE("a trace file that is not there or no file is an error") {
  temporary_directory directory;
  CHECK(trace::load_trace(directory.path("none")).error().message.find("No such file") != std::string::npos);
  CHECK(!trace::load_trace(directory.path("")));
  auto path = directory.write("t.json", small_run().whole());
  CHECK(trace::load_trace(path)->messages.size() == 13);
}

TEST_CASE("a line far too long is counted and not looked at") {
  auto text = small_run().cut() + "{\"x\":\"" + std::string(std::size_t{17} << 20, 'x') + "\"},\n";
  trace_text more;
  more.message("tick", 8, 8, 1, 2, 1);
  auto m = model_of(text + more.cut());
  CHECK(m.unreadable == 1);
  CHECK(m.messages.size() == 14);
}

TEST_CASE("absurd numbers stay within bounds") {
  trace_text t;
  t.event(
    R"({"ph":"X","pid":1,"tid":18446744073709551615,"cat":"message","name":"tick","args":{"from":-1,"sent":1e300,"page":99999999999},"ts":-1e300,"dur":1e308})");
  t.event(R"({"ph":"X","pid":1,"tid":1,"cat":"message","name":"tick","args":{"sent":7},"ts":5,"dur":-3})");
  auto m = model_of(t.whole());
  REQUIRE(m.messages.size() == 2);
  CHECK(m.messages[0].waited_ns() == 0);
  CHECK(m.messages[0].page == std::numeric_limits<std::uint32_t>::max());
  CHECK(m.messages[0].end_ns() == 0); // from -31 years for 31 years
  CHECK(m.messages[1].took_ns == 0);
  CHECK(m.messages[1].sent_ns == 5'000);
}

TEST_CASE("control characters never reach a terminal") {
  trace_text t;
  t.message("ti\\u001b[31mck\\u009b", 8, 8, 0, 1, 1, R"(,"slice":"a\nb\u007f")");
  auto m = model_of(t.whole());
  CHECK(m.text(m.messages[0].name) == "ti [31mck  ");
  CHECK(m.text(m.messages[0].slice) == "a b ");
}

TEST_CASE("a trace that is cut anywhere is read up to the cut") {
  auto text = small_run().whole();
  auto all = model_of(text).messages.size();
  CHECK(rc::check("a cut loses what comes after it, and counts at most one line", [&] {
    auto length = *rc::gen::inRange<std::size_t>(0, text.size());
    auto read = read_text(text.substr(0, length));
    if (!read)
      return;
    RC_ASSERT(read->messages.size() <= all);
    RC_ASSERT(read->unreadable <= 1u);
    std::size_t spans = 0;
    for (std::size_t at = text.find("\"ph\":\"X\""); at < length; at = text.find("\"ph\":\"X\"", at + 1))
      spans += text.find('\n', at) <= length ? 1 : 0;
    RC_ASSERT(read->messages.size() >= spans);
  }));
}

TEST_CASE("the time in which nobody reads stdout is waiting, not work") {
  trace_text t;
  t.actor(7, "emitter");
  t.message("record_batch", 0, 7, 0, 0, 100);
  t.span('b', "output", "stdout", 7, 1, 10, R"("bytes":5)");
  t.span('e', "output", "stdout", 7, 1, 90, "");
  t.span('e', "output", "stdout", 7, 2, 95, "");
  auto kinds = trace::kinds_of(model_of(t.whole()));
  REQUIRE(kinds.size() == 1);
  CHECK(kinds[0].waiting == Approx(0.8));
  CHECK(kinds[0].busy == Approx(0.2));
}
