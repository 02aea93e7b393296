#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <filesystem>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A read whose files are all good until one is replaced.
struct file_case {
  simulated_account account;
  std::map<std::string, std::string> paths;

  file_case() {
    paths["--config"] = account.config();
    paths["--catalog"] = account.catalog({"surveys"});
    paths["--state"] = account.files().write(
      "state.json",
      R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},"stream_state":{"date_modified":1600000000}}}])");
    paths["--tuning"] = account.files().write("tuning.yaml", "fetchers:\n  pool_size: 3\n");
  }

  sync_result run() {
    std::vector<std::string> arguments{SLUICE_BINARY, "read"};
    for (const auto& [flag, path] : paths) {
      arguments.push_back(flag);
      arguments.push_back(path);
    }
    return sync_result{run_program(arguments)};
  }
};

/// One config_error on stdout and nothing else, before any request.
void check_refused(file_case& c, const std::vector<std::string>& words) {
  auto r = c.run();
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.bad_lines.empty());
  CHECK(r.messages.states.empty());
  CHECK(c.account.server().statistics().requests == 0);
  REQUIRE(r.messages.errors.size() == 1);
  const auto& e = r.messages.errors[0];
  CHECK(e.failure_type == "config_error");
  for (const auto& word : words) {
    INFO("expected: " << word);
    CHECK(e.message.find(word) != std::string::npos);
  }
}

} // namespace

TEST_CASE("a file that cannot be read or understood is one config_error that names it") {
  auto flag = GENERATE(as<std::string>{}, "--config", "--catalog", "--state", "--tuning", "--manifest");
  INFO(flag);
  file_case c;
  auto bad = c.account.files().path("bad-file");
  auto write = [&](std::string_view content) { c.paths[flag] = c.account.files().write("bad-file", content); };

  SECTION("missing") {
    c.paths[flag] = bad;
  }
  SECTION("a directory") {
    std::filesystem::create_directory(bad);
    c.paths[flag] = bad;
  }
  SECTION("empty") {
    write("");
  }
  SECTION("truncated") {
    write(R"({"streams": [{"a)");
  }
  SECTION("not UTF-8") {
    write("{\"streams\": \"\xff\xfe\xfa\"}");
  }
  SECTION("of the wrong type") {
    write("\"just a text\"");
  }
  SECTION("a list of numbers") {
    write("[1, 2, 3]");
  }
  SECTION("zeros") {
    write(std::string(64, '\0'));
  }
  SECTION("absurdly large") {
    write("{");
    std::filesystem::resize_file(bad, std::uintmax_t{5} << 30); // sparse: takes no room
  }
  SECTION("nested deeper than any stack") {
    write(std::string(200'000, '['));
  }
  check_refused(c, {"bad-file"});
}

TEST_CASE("a config that the spec forbids names the path, what was expected and what was found, but no secret") {
  struct row {
    std::string members;
    std::vector<std::string> words;
  };
  auto [members, words] = GENERATE(values<row>({
    {R"("num_workers":"many")", {"num_workers", "integer", "many"}},
    {R"("num_workers":0)", {"num_workers", "1", "0"}},
    {R"("page_size":1001)", {"page_size", "1000", "1001"}},
    {R"("origin":"Mars")", {"origin", "USA", "Mars"}},
    {R"("start_date":"yesterday")", {"start_date", "yesterday"}},
    {R"("slice_range_days":null)", {"slice_range_days", "integer", "null"}},
    {R"("api_url":"ftp://x")", {"api_url"}},
  }));
  INFO(members);
  file_case c;
  c.paths["--config"] = c.account.files().write("config.json", R"({"access_token":"tell-nobody",)" + members + "}");
  check_refused(c, words);
  CHECK(c.run().out.find("tell-nobody") == std::string::npos);
}

TEST_CASE("a secret of the wrong type is not echoed") {
  file_case c;
  c.paths["--config"] = c.account.files().write("config.json", R"({"access_token":["tell-nobody"]})");
  check_refused(c, {"access_token", "string"});
  CHECK(c.run().out.find("tell-nobody") == std::string::npos);
  c.paths["--config"] = c.account.files().write("config.json", R"({"acess_token":"tell-nobody"})");
  check_refused(c, {"access_token"});
  CHECK(c.run().out.find("tell-nobody") == std::string::npos);
}

TEST_CASE("tuning keys that are unknown, out of range or without a unit are explained") {
  struct row {
    std::string text;
    std::vector<std::string> words;
  };
  auto [text, words] = GENERATE(values<row>({
    {"fetchers.pool_sise: 3", {"fetchers.pool_sise", "fetchers.pool_size"}},
    {"fetchers:\n  pool_size: 0", {"fetchers.pool_size", "1 to 1000"}},
    {"http.read_timeout: 30", {"http.read_timeout", "30", "s"}},
    {"emitter.mailbox_bytes: 1KiB", {"emitter.mailbox_bytes", "64KiB"}},
    {"emitter.mailbox_bytes: lots", {"emitter.mailbox_bytes", "lots"}},
    {"http: [1]", {"list"}},
  }));
  INFO(text);
  SECTION("in the file") {
    file_case c;
    c.paths["--tuning"] = c.account.files().write("tuning.yaml", text + "\n");
    words.push_back("tuning.yaml");
    check_refused(c, words);
  }
  SECTION("on the command line") {
    if (text.find('\n') != std::string::npos || text.find('[') != std::string::npos)
      return;
    file_case c;
    c.paths["--set"] = text.substr(0, text.find(':')) + "=" + text.substr(text.find(' ') + 1);
    check_refused(c, words);
  }
}

TEST_CASE("a pool beyond the largest allowed is capped with a warning") {
  simulated_account a;
  auto r = a.read({"surveys"}, R"("num_workers":100)", {"--set", "fetchers.max_pool_size=2"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.logged("WARN", "fetchers.max_pool_size"));
  CHECK(a.server().statistics().peak_in_flight <= 2);
}

TEST_CASE("a stream that the source does not have is INCOMPLETE with a warning that names the known ones") {
  simulated_account a;
  auto r = a.read({"surveys", "nonsense", "survey_pages"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.statuses["nonsense"] == std::vector<std::string>{"INCOMPLETE"});
  CHECK(r.messages.last_state("nonsense"));
  for (const auto& stream : all_streams())
    CHECK(r.messages.logged("WARN", stream));
  for (const auto* stream : {"surveys", "survey_pages"}) {
    CHECK(r.messages.last_status(stream) == "COMPLETE");
    CHECK(r.messages.record_set(stream) == a.expected(stream));
  }
}

TEST_CASE("a state that is no time is refused with the stream's name") {
  file_case c;
  c.paths["--state"] = c.account.files().write(
    "state.json",
    R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},"stream_state":{"date_modified":"tomorrow"}}}])");
  check_refused(c, {"surveys", "tomorrow"});
}

TEST_CASE("a trace file that cannot be written is refused before any request") {
  file_case c;
  c.paths["--trace"] = c.account.files().path("no-such-directory/trace.jsonl");
  check_refused(c, {"no-such-directory/trace.jsonl"});
}
