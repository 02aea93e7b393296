#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <simdjson.h>

#include <csignal>
#include <tuple>

using namespace sluice;
using namespace sluice::test;

namespace {

program_result sluice_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SLUICE_BINARY);
  return run_program(arguments);
}

std::string text_at(simdjson::dom::element doc, const std::string& pointer) {
  std::string_view text;
  return doc.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string{text} : "(nothing)";
}

} // namespace

TEST_CASE("spec prints one SPEC line with every config key") {
  auto r = sluice_with({"spec"});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  CHECK(r.err.empty());
  REQUIRE(r.out.find('\n') == r.out.size() - 1);
  CHECK(r.out.rfind(R"({"type":"SPEC","spec":{"connectionSpecification":{)", 0) == 0);
  CHECK(r.out.find(R"(,"supportsIncremental":true,)") != std::string::npos);
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(r.out).get(doc) == simdjson::SUCCESS);
  const std::string properties = "/spec/connectionSpecification/properties/";
  for (const auto& [key, type] : std::map<std::string, std::string>{{"access_token", "string"},
                                                                    {"start_date", "string"},
                                                                    {"num_workers", "integer"},
                                                                    {"origin", "string"},
                                                                    {"api_url", "string"},
                                                                    {"slice_range_days", "integer"},
                                                                    {"page_size", "integer"},
                                                                    {"rate_limit_per_minute", "integer"}})
    CHECK(text_at(doc, properties + key + "/type") == type);
  bool secret = false;
  CHECK(doc.at_pointer(properties + "access_token/airbyte_secret").get(secret) == simdjson::SUCCESS);
  CHECK(secret);
  CHECK(text_at(doc, "/spec/connectionSpecification/required/0") == "access_token");
  CHECK(text_at(doc, properties + "start_date/default") == "2020-01-01T00:00:00Z");
  CHECK(text_at(doc, properties + "origin/default") == "USA");
}

TEST_CASE("check prints SUCCEEDED when a record can be read") {
  simulated_account a;
  sync_result r{sluice_with({"check", "--config", a.config()})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.bad_lines.empty());
  CHECK(r.messages.lines.back() == R"({"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}})");
  for (const auto& line : r.messages.lines)
    CHECK((line.rfind(R"({"type":"LOG")", 0) == 0 || line == r.messages.lines.back()));
}

TEST_CASE("check succeeds for an account without surveys") {
  auto o = small_account();
  o.account.surveys = 0;
  simulated_account a{o};
  sync_result r{sluice_with({"check", "--config", a.config()})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "SUCCEEDED");
}

TEST_CASE("check says FAILED with advice for a wrong token, and still exits with 0") {
  simulated_account a;
  sync_result r{sluice_with({"check", "--config", a.config({}, "not-the-token")})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "FAILED");
  CHECK(r.messages.check_message.find("Re-authenticate") != std::string::npos);
  CHECK(r.out.find("not-the-token") == std::string::npos);
  CHECK(
    r.messages.lines.back().rfind(R"({"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":")", 0)
    == 0);
}

TEST_CASE("check tells an unreachable API from bad credentials") {
  simulated_account a;
  a.server().stop();
  sync_result r{sluice_with({"check", "--config", a.config(R"("slice_range_days":100000)")})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "FAILED");
  CHECK(r.messages.check_message.find("could not be reached") != std::string::npos);
  CHECK(r.messages.check_message.find("Re-authenticate") == std::string::npos);
}

TEST_CASE("check answers FAILED for a config that the spec does not allow") {
  simulated_account a;
  sync_result r{sluice_with({"check", "--config", a.config(R"("num_workers":0)")})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "FAILED");
  CHECK(r.messages.check_message.find("num_workers") != std::string::npos);
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("discover prints one CATALOG of all streams without asking the API") {
  simulated_account a;
  auto r = sluice_with({"discover", "--config", a.config()});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  REQUIRE(r.out.find('\n') == r.out.size() - 1);
  CHECK(r.out.rfind(R"({"type":"CATALOG","catalog":{"streams":[{"name":"surveys","json_schema":{)", 0) == 0);
  CHECK(r.out.find(R"("supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,)"
                   R"("default_cursor_field":["date_modified"],"source_defined_primary_key":[["id"]],)"
                   R"("is_resumable":true,"is_file_based":false})")
        != std::string::npos);
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(r.out).get(doc) == simdjson::SUCCESS);
  auto streams = all_streams();
  for (std::size_t i = 0; i < streams.size(); ++i) {
    auto at = "/catalog/streams/" + std::to_string(i);
    CHECK(text_at(doc, at + "/name") == streams[i]);
    CHECK(text_at(doc, at + "/source_defined_primary_key/0/0") == "id");
    CHECK(text_at(doc, at + "/json_schema/type") == "object");
  }
  CHECK(text_at(doc, "/catalog/streams/" + std::to_string(streams.size()) + "/name") == "(nothing)");
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("a read of one survey prints exactly these lines") {
  auto o = small_account();
  o.account.surveys = 1;
  simulated_account a{o};
  auto r = a.read({"surveys"}, R"("slice_range_days":100000)");
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  std::vector<std::string> protocol; // LOG lines may stand anywhere between the others
  std::multiset<std::string> logs;
  for (const auto& line : r.messages.lines) {
    if (line.rfind(R"({"type":"LOG")", 0) == 0)
      logs.insert(line);
    else
      protocol.push_back(mask_times(line));
  }
  auto status = [](const std::string& word) {
    return R"({"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":0,"stream_status":{"stream_descriptor":{"name":"surveys"},"status":")"
           + word + R"("}}})";
  };
  auto modified = std::to_string(a.account().survey_modified(0));
  std::string state = R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},)"
                      R"("stream_state":{"date_modified":)"
                      + modified + R"(}},"sourceStats":{"recordCount":)";
  REQUIRE(protocol.size() >= 5);
  CHECK(protocol[0] == status("STARTED"));
  CHECK(protocol[1] == status("RUNNING"));
  CHECK(protocol[2]
        == R"({"type":"RECORD","record":{"stream":"surveys","data":)" + a.account().expected_records("surveys")[0]
             + R"(,"emitted_at":0}})");
  CHECK(protocol[3] == state + "1.0}}}");
  // A final STATE may repeat it, then without records.
  for (std::size_t i = 4; i + 1 < protocol.size(); ++i)
    CHECK(protocol[i] == state + "0.0}}}");
  CHECK(protocol.back() == status("COMPLETE"));
  for (const auto* text :
       {"Marking stream surveys as STARTED", "Syncing stream: surveys", "Marking stream surveys as RUNNING",
        "Marking stream surveys as STOPPED", "Finished syncing surveys", "Finished syncing"})
    CHECK(logs.count(R"({"type":"LOG","log":{"level":"INFO","message":")" + std::string{text} + R"("}})") == 1);
}

TEST_CASE("a failed read prints a TRACE ERROR of this shape") {
  auto o = small_account();
  o.account.surveys = 1;
  simulated_account a{o};
  a.server().set_token("changed");
  auto r = a.read({"surveys"}, R"("slice_range_days":100000)");
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  bool seen = false;
  for (const auto& line : r.messages.lines) {
    auto masked = mask_times(line);
    bool error = masked.rfind(R"({"type":"TRACE","trace":{"type":"ERROR","emitted_at":0,"error":{"message":")", 0) == 0;
    seen |= error && masked.find(R"(","internal_message":")") != std::string::npos
            && masked.find(R"("failure_type":"config_error","stream_descriptor":{"name":"surveys"}}}})")
                 != std::string::npos;
  }
  CHECK(seen);
}

TEST_CASE("an ESTIMATE tells the size of a list from the total that its first page carries") {
  auto o = small_account();
  o.account.surveys = 40;
  simulated_account a{o};
  auto r = a.read({"surveys"}, R"("slice_range_days":100000,"page_size":10)");
  INFO(describe(r));
  REQUIRE(!r.messages.estimates.empty());
  const auto& first = r.messages.estimates.front();
  const auto& records = r.messages.records["surveys"];
  CHECK(first.stream == "surveys");
  CHECK(first.records == static_cast<std::int64_t>(records.size()));
  // Lines are a little longer than their records.
  std::size_t bytes = 0;
  for (const auto& x : records)
    bytes += x.size();
  CHECK(first.bytes > static_cast<std::int64_t>(bytes) / 2);
  CHECK(first.bytes < static_cast<std::int64_t>(bytes) * 2);
}

TEST_CASE("help and version go to stdout with exit code 0") {
  auto version = sluice_with({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.rfind("sluice ", 0) == 0);
  const std::vector<std::pair<std::vector<std::string>, std::string>> expected{
    {{}, "discover"},        {{"spec"}, "--manifest"}, {{"check"}, "--config"},       {{"discover"}, "--config"},
    {{"read"}, "--catalog"}, {{"plan"}, "--probe"},    {{"demo"}, "--latency"},       {{"simulate"}, "--port"},
    {{"top"}, "--interval"}, {{"trace"}, "show"},      {{"trace", "show"}, "--gantt"}};
  for (const auto& [command, part] : expected) {
    auto arguments = command;
    arguments.emplace_back("--help");
    auto help = sluice_with(arguments);
    INFO(part);
    CHECK(help.exit_code == 0);
    CHECK(help.out.find("--help") != std::string::npos);
    CHECK(help.out.find(part) != std::string::npos);
    CHECK(help.err.empty());
  }
}

TEST_CASE("wrong arguments exit with 2, say so on stderr and print nothing on stdout") {
  std::vector<std::vector<std::string>> wrong{{},
                                              {"frob"},
                                              {"read"},
                                              {"read", "--config", "x"},
                                              {"check"},
                                              {"spec", "--nonsense"},
                                              {"spec", "--log-level", "loud"},
                                              {"demo", "--num-workers", "0"},
                                              {"demo", "--latency", "5"},
                                              {"demo", "--fault", "status=9999"},
                                              {"simulate", "--port", "70000"},
                                              {"trace"},
                                              {"trace", "show"},
                                              {"read", "--config", "c", "--catalog", "k", "--progress", "sometimes"},
                                              {"read", "--config"}};
  for (const auto& arguments : wrong) {
    auto r = sluice_with(arguments);
    std::string words;
    for (const auto& a : arguments)
      words += a + " ";
    INFO(words << "\n" << describe(r));
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK(!r.err.empty());
  }
}

TEST_CASE("demo reads all streams of its own account and prints messages into a pipe") {
  sync_result r{sluice_with({"demo", "--surveys", "4", "--responses", "0..5", "--latency", "1ms"})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.bad_lines.empty());
  simulator::account_sizes sizes;
  sizes.surveys = 4;
  sizes.responses = {0, 5};
  sizes.tame = true;
  simulator::account account{sizes};
  for (const auto& stream : all_streams()) {
    INFO(stream);
    auto expected = account.expected_records(stream);
    CHECK(r.messages.record_set(stream) == std::multiset<std::string>(expected.begin(), expected.end()));
    CHECK(r.messages.last_status(stream) == "COMPLETE");
  }
  auto count = std::to_string(all_streams().size());
  CHECK(r.err.find(count + " of " + count + " streams complete") != std::string::npos);
}

TEST_CASE("demo shows a scaled rate limit and faults at work") {
  sync_result r{sluice_with({"demo", "--surveys", "6", "--responses", "1", "--latency", "0ms", "--rate-limit", "30",
                             "--rate-window", "500ms", "--fault", "status=503 path=/details times=2"})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.ids("survey_details").size() == 6);
  CHECK(r.err.find("2 retried") != std::string::npos);
}

TEST_CASE("the demo's account can be made large and change while it is read") {
  sync_result r{sluice_with({"demo", "--surveys", "3", "--responses", "2", "--latency", "0ms", "--response-bytes",
                             "5000", "--gzip", "all", "--mutate", "add-response path=/responses"})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  REQUIRE(r.messages.ids("survey_responses").size() >= 6);
  CHECK(r.messages.records["survey_responses"][0].size() == 5000);
  for (auto [flag, value, words] :
       {std::tuple{"--mutate", "rename-survey", "add-survey"}, std::tuple{"--fault", "vanish", "huge_header"},
        std::tuple{"--response-bytes", "20MB", "64KiB"}}) {
    auto refused = sluice_with({"simulate", flag, value});
    INFO(describe(refused));
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find(words) != std::string::npos);
  }
}

TEST_CASE("the simulator runs alone, serves a read and says what it served when it is interrupted") {
  program p{{SLUICE_BINARY, "simulate", "--surveys", "3", "--token", "abc", "--latency", "0ms"}};
  REQUIRE(p.wait_for_text("}\n"));
  REQUIRE(p.wait_for_error_text("/lists/items\n"));
  temporary_directory files;
  const auto config = files.write("config.json", p.output_text());
  sync_result checked{sluice_with({"check", "--config", config})};
  INFO(describe(checked));
  CHECK(checked.messages.check_status == "SUCCEEDED");
  p.send(SIGINT);
  auto r = p.wait();
  INFO(describe(r));
  CHECK(r.signal == SIGINT);
  CHECK(r.out.find(R"("rate_limit_per_minute": 1000000)") != std::string::npos);
  CHECK(r.err.find("Served ") != std::string::npos);
}
