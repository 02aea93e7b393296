#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("an interrupted read drains, writes the state of every stream and ends by the signal") {
  auto signal = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGXCPU);
  simulated_account a;
  a.server().hold("/details");
  program p{a.read_command(all_streams(), R"("page_size":5,"num_workers":4)", {"--set", "shutdown.grace=1h"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  REQUIRE(p.wait_for_text(R"({"type":"RECORD")"));
  p.send(signal);
  REQUIRE(p.wait_for_text("received: no further requests"));
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.signal == signal);
  CHECK(r.messages.bad_lines.empty());
  for (const auto& stream : all_streams()) {
    INFO(stream);
    CHECK(r.messages.last_state(stream));
    auto status = r.messages.last_status(stream);
    CHECK((status == "INCOMPLETE" || status == "COMPLETE"));
  }
  CHECK(r.messages.last_status("survey_details") == "INCOMPLETE");
  CHECK(!r.messages.last_state("survey_details")->json.empty());

  // What was stopped goes on from the state.
  auto rest
    = a.read(all_streams(), R"("page_size":5)", {"--state", a.files().write("state.json", r.messages.state_file())});
  INFO(describe(rest));
  CHECK(rest.exit_code == 0);
  auto surveys = r.messages.ids("surveys");
  for (const auto& id : rest.messages.ids("surveys"))
    surveys.insert(id);
  CHECK(surveys == a.survey_ids());
  auto details = r.messages.record_set("survey_details");
  details.merge(rest.messages.record_set("survey_details"));
  CHECK(details == a.expected("survey_details"));
}

TEST_CASE("the request in flight when the signal comes is finished and its records are printed") {
  auto o = small_account();
  o.account.surveys = 1;
  simulated_account a{o};
  a.server().hold("/details");
  program p{a.read_command({"survey_details"}, R"("slice_range_days":100000)", {"--set", "shutdown.grace=1h"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGTERM);
  REQUIRE(p.wait_for_text("received: no further requests"));
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK((r.signal == SIGTERM || r.exit_code == 0)); // nothing was left to do
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
}

TEST_CASE("a shell sees 128 and the signal's number, also of a program that is process 1") {
  const bool is_first = GENERATE(false, true);
  if (is_first && ::geteuid() != 0) {
    WARN("not tried: a namespace of processes needs root");
    return;
  }
  simulated_account a;
  a.server().hold("/details"); // for good
  const std::string start = is_first ? "unshare --pid --fork " : "";
  const std::string child = is_first ? "$(cat /proc/$!/task/$!/children)" : "$!";
  // The first `wait` ends when the trap has been taken.
  std::vector<std::string> all{"/bin/sh", "-c",
                               start + "\"$0\" \"$@\" & trap 'kill -TERM " + child + "' USR1; wait $!; wait $!"};
  auto command = a.read_command({"survey_details"}, {}, {"--set", "shutdown.grace=100ms"});
  all.insert(all.end(), command.begin(), command.end());
  program p{all};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGUSR1);
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.exit_code == 143);
  CHECK(r.messages.last_state("survey_details"));
}

TEST_CASE("a second signal ends the program at once") {
  simulated_account a;
  a.server().hold("/details"); // for good
  program p{a.read_command({"survey_details"}, {}, {"--set", "shutdown.grace=1h"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGINT);
  p.send(SIGTERM);
  auto r = p.wait();
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.signal == SIGTERM);
}

TEST_CASE("requests that do not end within the grace are cut off, and the read ends cleanly all the same") {
  simulated_account a;
  a.server().hold("/details"); // for good
  program p{a.read_command({"surveys", "survey_details"}, {}, {"--set", "shutdown.grace=100ms"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGTERM);
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.signal == SIGTERM);
  CHECK(r.messages.bad_lines.empty());
  CHECK(r.messages.last_status("survey_details") == "INCOMPLETE");
  CHECK(r.messages.last_state("surveys"));
  CHECK(r.messages.last_state("survey_details"));
}

TEST_CASE("templates of a page that take for ever are cut off with the requests in flight") {
  auto o = small_account();
  simulated_account a{o};
  // A minute for the page, though each template is within its bounds.
  std::string fields
    = "      - &heavy {type: AddedFieldDefinition, path: [x], value: \"{{ ('x' * 1000 * 1000) | upper | lower | "
      "upper | lower | upper | length }}\"}\n";
  for (int i = 0; i < 2000; ++i)
    fields += "      - *heavy\n";
  auto manifest = a.files().write("manifest.yaml", R"(
type: DeclarativeSource
version: 6.48.6
check: {type: CheckStream, stream_names: [surveys]}
streams:
- type: DeclarativeStream
  name: surveys
  primary_key: id
  schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
  retriever:
    type: SimpleRetriever
    requester:
      type: HttpRequester
      url_base: "{{ config['api_url'] }}/v3"
      path: surveys
      authenticator: {type: BearerAuthenticator, api_token: "{{ config['access_token'] }}"}
    record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [data]}}
    partition_router: {type: ListPartitionRouter, values: [a, b, c, d], cursor_field: part}
  transformations:
  - type: AddFields
    fields:
)" + fields);
  // More pages than there are threads for them: whoever ends the run must not wait for one.
  a.server().hold("/surveys");
  program p{a.read_command({"surveys"}, {}, {"--manifest", manifest, "--set", "shutdown.grace=1s"})};
  REQUIRE(a.server().wait_until_held(4, patience));
  a.server().release();
  p.send(SIGTERM);
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.signal == SIGTERM);
  CHECK(r.messages.bad_lines.empty());
  // Without its final state the process would have been ended by force.
  CHECK(r.messages.last_status("surveys") == "INCOMPLETE");
  CHECK(r.messages.last_state("surveys"));
}

TEST_CASE("signals that the system repeats do not cut the drain short") {
  auto signal = GENERATE(SIGHUP, SIGXCPU);
  simulated_account a;
  a.server().hold("/details");
  program p{a.read_command({"survey_details"}, {}, {"--set", "shutdown.grace=1h"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGUSR1); // nobody's business
  p.send(signal);
  REQUIRE(p.wait_for_text("received: no further requests"));
  p.send(signal);
  p.send(SIGQUIT);
  REQUIRE(p.wait_for_error_text("---- end of the report")); // so that one has been taken
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.signal == signal);
  CHECK(r.messages.last_state("survey_details"));
}

TEST_CASE("a hang-up that the parent ignores is ignored") {
  simulated_account a;
  a.server().hold("/details");
  auto command = a.read_command({"survey_details"});
  std::vector<std::string> all{"/bin/sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""};
  all.insert(all.end(), command.begin(), command.end());
  program p{all};
  REQUIRE(a.server().wait_until_held(1, patience));
  p.send(SIGHUP);
  p.send(SIGQUIT);
  REQUIRE(p.wait_for_error_text("---- end of the report"));
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.last_status("survey_details") == "COMPLETE");
}

namespace {

/// A read whose configuration comes when the test has opened this pipe: until then it is still reading its files.
struct slow_start {
  simulated_account account;
  std::string pipe = account.files().path("pipe");
  program started{command()};

  std::vector<std::string> command() {
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    auto read = account.read_command({"surveys"});
    auto config = std::next(std::find(read.begin(), read.end(), "--config"));
    // An anonymous pipe; named ones are refused.
    std::vector<std::string> all{"/bin/bash", "-c", "exec \"$@\" --config <(cat \"$0\" 2>/dev/null)", pipe};
    read.erase(std::prev(config), std::next(config));
    all.insert(all.end(), read.begin(), read.end());
    return all;
  }
};

} // namespace

TEST_CASE("SIGQUIT is no end while the files are read") {
  slow_start s;
  REQUIRE(s.started.wait_until_held(SIGQUIT));
  s.started.send(SIGQUIT);
  std::ofstream{s.pipe} << std::ifstream{s.account.config()}.rdbuf();
  auto r = s.started.wait();
  INFO(describe(r));
  CHECK(r.exit_code == 0);
}

TEST_CASE("a signal that comes while the files are read ends the program at once") {
  auto signal = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGXCPU);
  slow_start s;
  REQUIRE(s.started.wait_until_held(SIGQUIT));
  s.started.send(signal);
  auto r = s.started.wait();
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.signal == signal);
  std::ofstream{s.pipe}.flush(); // so that the other end of the pipe ends
}
