#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <simdjson.h>

#include <fstream>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string text_of(simdjson::dom::element doc, const char* key) {
  std::string_view text;
  return doc[key].get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

std::int64_t number_of(simdjson::dom::element doc, const char* key) {
  std::int64_t number = -1;
  return doc[key].get(number) == simdjson::SUCCESS ? number : -1;
}

/// Several MiB of output, far more than a pipe holds.
simulator::options much_output() {
  auto o = small_account();
  o.account.surveys = 250;
  o.account.pages = {3, 3};
  o.account.questions = {5, 5};
  return o;
}

} // namespace

TEST_CASE("a reader that goes away ends the program with exit code 1 and no signal") {
  auto o = small_account();
  simulated_account a{o};
  a.server().hold("/details");
  program p{a.read_command({"surveys", "survey_questions"})};
  REQUIRE(p.wait_for_bytes(1));
  REQUIRE(a.server().wait_until_held(1, patience));
  p.close_stdout();
  a.server().release();
  auto r = p.wait();
  INFO(describe(r));
  CHECK(r.signal == 0);
  CHECK(r.exit_code == 1);
}

TEST_CASE("a reader that goes away stops the requests as well") {
  simulated_account a{much_output()};
  program p{a.read_command({"survey_questions", "survey_details"}, R"("num_workers":2)")};
  REQUIRE(p.wait_for_text(R"({"type":"RECORD")"));
  p.close_stdout();
  auto r = p.wait();
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(a.server().statistics().requests < 200);
}

TEST_CASE("a reader that pauses stops the requests at a bound, and nothing is lost when it goes on") {
  simulated_account a{much_output()};
  // What is set is the bound, however large the pool.
  const std::string workers = GENERATE("4", "400");
  CAPTURE(workers);
  program p{a.read_command({"survey_questions", "survey_details"}, R"("num_workers":)" + workers,
                           {"--set", "emitter.mailbox_bytes=64KiB"}),
            false};
  REQUIRE(a.server().wait_until_requests(20, patience));
  auto requests = a.server().statistics().requests;
  while (a.server().wait_until_requests(requests + 1, 2s))
    requests = a.server().statistics().requests;
  auto stopped = a.server().statistics();
  p.resume_stdout();
  sync_result r{p.wait()};
  INFO(describe(r));
  INFO("stopped after " << stopped.requests << " requests with " << stopped.body_bytes << " bytes; " << r.out.size()
                        << " bytes of output in all");
  CHECK(r.exit_code == 0);
  CHECK(r.messages.bad_lines.empty());
  CHECK(stopped.in_flight == 0);
  // What a pipe holds (1 MiB at most) and the credit, with a page for each of the fetchers on top.
  CHECK(stopped.requests < 150);
  for (const auto* stream : {"survey_questions", "survey_details"})
    CHECK(r.messages.record_set(stream) == a.expected(stream));
}

TEST_CASE("the smallest output mailbox slows a read down and never stops it") {
  auto o = small_account();
  o.account.surveys = 100;
  simulated_account a{o};
  // How often a page is written before its end is known to the governor is left to chance: several runs.
  for (int round = 0; round < 3; ++round) {
    auto r = a.read(all_streams(), R"("page_size":10,"num_workers":8)", {"--set", "emitter.mailbox_bytes=64KiB"});
    INFO(describe(r));
    REQUIRE(!r.timed_out);
    REQUIRE(r.exit_code == 0);
    for (const auto& stream : all_streams())
      CHECK(r.messages.record_set(stream) == a.expected(stream));
  }
}

TEST_CASE("the token appears in nothing that the program writes, whatever goes wrong") {
  auto o = small_account();
  simulated_account a{o};
  std::vector<simulator::fault_rule> faults;
  for (const auto* text : {"status=500 path=/collectors times=1", "drop path=/collectors nth=4",
                           "foreign_link=http://127.0.0.1:9 path=/v3/surveys?"})
    faults.push_back(*simulator::parse_fault(text));
  // An API that repeats the token in its error.
  simulator::fault_rule echo;
  echo.kind = simulator::fault_kind::status;
  echo.code = 400;
  echo.path = "/details";
  echo.text = std::string{R"({"error":{"id":"1000","message":"Bearer )"} + secret_token
              + R"( is odd","http_status_code":400}})";
  echo.times = 2;
  faults.push_back(echo);
  REQUIRE(a.server().set_faults(faults));
  auto trace = a.files().path("trace.json");
  auto summary = a.files().path("summary.json");
  auto r = a.read({"surveys", "survey_details", "survey_collectors"}, R"("page_size":5,"slice_range_days":1000)",
                  {"--debug", "--trace", trace, "--summary", summary});
  CHECK(r.exit_code == 1);
  CHECK(!r.messages.errors.empty());
  CHECK(r.messages.talk().find("is odd") != std::string::npos);
  CHECK(r.out.find(secret_token) == std::string::npos);
  CHECK(r.err.find(secret_token) == std::string::npos);
  CHECK(content_of(trace).find(secret_token) == std::string::npos);
  CHECK(!content_of(trace).empty());
  CHECK(content_of(summary).find(secret_token) == std::string::npos);
  CHECK(!content_of(summary).empty());
}

TEST_CASE("the trace tells of every page how it came and that it was written") {
  simulated_account a;
  auto trace = a.files().path("trace.json");
  auto r = a.read({"surveys", "survey_details", "survey_responses"}, R"("page_size":5)", {"--trace", trace});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  std::multiset<std::string> batches;
  std::multiset<std::string> written;
  std::set<std::string> to;
  simdjson::dom::parser parser;
  simdjson::dom::array events;
  REQUIRE(parser.parse(content_of(trace)).get(events) == simdjson::SUCCESS);
  std::int64_t records = 0;
  for (auto event : events) {
    simdjson::dom::element args;
    if (event["args"].get(args) != simdjson::SUCCESS)
      continue;
    if (text_of(event, "name") == "thread_name")
      to.insert(text_of(args, "name").substr(0, text_of(args, "name").find(' ')));
    auto page = text_of(args, "slice") + " #" + std::to_string(number_of(args, "page"));
    if (text_of(event, "name") == "record_batch") {
      CHECK(!text_of(args, "slice").empty());
      CHECK(number_of(args, "page") >= 1);
      batches.insert(page);
    } else if (text_of(event, "name") == "page_written") {
      written.insert(page);
      records += number_of(args, "records");
    }
  }
  std::size_t printed = 0;
  for (const auto& [stream, data] : r.messages.records)
    printed += data.size();
  CHECK(records == static_cast<std::int64_t>(printed));
  CHECK(!batches.empty());
  CHECK(batches == written);
  for (const auto* actor : {"governor", "fetcher", "fan_out", "state_aggregator", "emitter", "slice_generator"})
    CHECK(to.count(actor) == 1);

  auto shown = run_program({SLUICE_BINARY, "trace", "show", trace});
  INFO(describe(shown));
  CHECK(shown.exit_code == 0);
  CHECK(shown.out.find("record_batch") != std::string::npos);
  CHECK(shown.out.find("state_aggregator") != std::string::npos);
  auto slice = run_program({SLUICE_BINARY, "trace", "show", trace, "--slice", a.account().survey_id(3)});
  CHECK(slice.exit_code == 0);
  CHECK(slice.out.find(a.account().survey_id(3)) != std::string::npos);
  CHECK(slice.out.find(a.account().survey_id(4)) == std::string::npos);
}

TEST_CASE("a trace that is none or missing is refused with exit code 1") {
  temporary_directory files;
  for (const auto& path : {files.path("missing"), files.write("text", "hello\n"), files.write("empty", "")}) {
    auto r = run_program({SLUICE_BINARY, "trace", "show", path});
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    CHECK(r.err.find(path) != std::string::npos);
  }
}

TEST_CASE("the metrics file ends with the numbers of the whole run") {
  simulated_account a;
  auto path = a.files().path("sluice.prom");
  auto r = a.read({"surveys"}, "", {"--metrics", path});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  auto text = content_of(path);
  INFO(text);
  CHECK(text.find("\nsluice_exit_code{run=\"sluice\"} 0\n") != std::string::npos);
  CHECK(text.find("\nsluice_up{run=\"sluice\"} 0\n") != std::string::npos);
  CHECK(text.find("\nsluice_stream_status{stream=\"surveys\",status=\"complete\",run=\"sluice\"} 1\n")
        != std::string::npos);
  CHECK(text.find("\nsluice_requests_total{endpoint=\"surveys\",run=\"sluice\"} "
                  + std::to_string(a.server().statistics().requests) + "\n")
        != std::string::npos);
}

TEST_CASE("without a metrics file that can be written no run begins") {
  simulated_account a;
  auto r = a.read({"surveys"}, "", {"--metrics", "/nowhere/sluice.prom"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.out.find("The metrics file /nowhere/sluice.prom cannot be written: No such file or directory.")
        != std::string::npos);
  CHECK(r.out.find("config_error") != std::string::npos);
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("progress is painted where there is no terminal only if that is asked for, and never on stdout") {
  for (const char* mode : {"auto", "always"}) {
    auto r = run_program({SLUICE_BINARY, "demo", "--surveys", "20", "--progress", mode});
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    bool painted = r.err.find("\033[J") != std::string::npos;
    CHECK(painted == (std::string{mode} == "always"));
    // No colours: nobody knows who looks at it.
    CHECK(r.err.find("\033[3") == std::string::npos);
    CHECK(r.out.find('\033') == std::string::npos);
  }
}

TEST_CASE("the summary file counts what stdout got") {
  simulated_account a;
  auto path = a.files().path("summary.json");
  auto r = a.read(all_streams(), R"("page_size":5)", {"--summary", path});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  auto text = content_of(path);
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(text).get(doc) == simdjson::SUCCESS);
  CHECK(number_of(doc, "exit_code") == 0);
  CHECK(number_of(doc, "requests") == static_cast<std::int64_t>(a.server().statistics().requests));
  CHECK(number_of(doc, "states") == static_cast<std::int64_t>(r.messages.states.size()));
  simdjson::dom::array streams;
  REQUIRE(doc["streams"].get(streams) == simdjson::SUCCESS);
  CHECK(streams.size() == all_streams().size());
  for (auto s : streams) {
    auto name = text_of(s, "name");
    INFO(name);
    CHECK(number_of(s, "records") == static_cast<std::int64_t>(r.messages.records[name].size()));
    CHECK(text_of(s, "status") == "complete");
  }
}

TEST_CASE("debug logs more than the default, and fatal less") {
  simulated_account a;
  auto normal = a.read({"surveys"});
  auto debug = a.read({"surveys"}, {}, {"--debug"});
  auto quiet = a.read({"surveys"}, {}, {"--log-level", "fatal"});
  CHECK(!normal.messages.logs.empty());
  CHECK(debug.messages.logged("DEBUG", ""));
  CHECK(!normal.messages.logged("DEBUG", ""));
  CHECK(quiet.messages.logs.empty());
  CHECK(quiet.messages.record_set("surveys") == a.expected("surveys"));
}
