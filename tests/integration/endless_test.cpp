// Servers that would keep a run, a check or a wait going for ever.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// An answer after which the connection ends.
script answered(const std::string& status, const std::string& headers, const std::string& body) {
  return {receive(), send("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nConnection: close\r\n" + headers
                          + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)};
}

/// The same answer to so many requests.
std::vector<script> always(std::size_t times, const std::string& status, const std::string& headers,
                           const std::string& body) {
  return std::vector<script>(times, answered(status, headers, body));
}

/// Page `i` (from 0) has so many rows and leads to page `next(i)`.
std::vector<script> pages(std::size_t count, int rows, const std::function<std::size_t(std::size_t)>& next,
                          const std::string& total = "") {
  std::vector<script> result;
  for (std::size_t at = 0; result.size() < count; at = next(at)) {
    std::string data;
    for (int r = 0; r < rows; ++r)
      data += (r == 0 ? "" : ",") + std::string{R"({"id":")"} + std::to_string(at) + "-" + std::to_string(r) + "\"}";
    result.push_back(answered("200 OK", "",
                              R"({"data":[)" + data + R"(],"next":"/rows?cursor=)" + std::to_string(next(at)) + "\""
                                + (total.empty() ? "" : R"(,"total":)" + total) + "}"));
  }
  return result;
}

std::size_t next_of_endless(std::size_t i) {
  return i + 1;
}

/// One stream `rows` with next links.
std::string manifest_of(const std::string& error_handler = "", bool has_total = false) {
  return R"(version: "6.0.0"
type: DeclarativeSource
check: {type: CheckStream, stream_names: [rows]}
streams:
  - type: DeclarativeStream
    name: rows
    primary_key: [id]
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "{{ config.api_url }}"
        path: rows
        http_method: GET
)" + error_handler
         + R"(      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [data]}}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestPath}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response.next }}"
          stop_condition: "{{ not response.next }}"
)" + (has_total ? "        x-sluice: {total: \"{{ response.total }}\"}\n" : "")
         + R"(spec:
  type: Spec
  connection_specification: {type: object, properties: {api_url: {type: string}}}
)";
}

struct connector {
  temporary_directory files;
  scripted_server server;
  std::string manifest;

  explicit connector(std::vector<script> scripts, const std::string& text = manifest_of())
    : server(std::move(scripts)), manifest(text) {}

  std::vector<std::string> command(const std::string& verb) const {
    return {SLUICE_BINARY, verb,
            "--manifest",  files.write("manifest.yaml", manifest),
            "--config",    files.write("config.json", R"({"api_url":")" + server.url() + "\"}")};
  }
  sync_result read(const std::vector<std::string>& more = {}) const {
    auto all = command("read");
    all.insert(all.end(),
               {"--catalog",
                files.write("catalog.json", R"({"streams":[{"stream":{"name":"rows","json_schema":{},)"
                                            R"("supported_sync_modes":["full_refresh"]},"sync_mode":"full_refresh",)"
                                            R"("destination_sync_mode":"append"}]})"),
                "--set", "http.max_retries=0"});
    all.insert(all.end(), more.begin(), more.end());
    return sync_result{run_program(all)};
  }
  sync_result check() const { return sync_result{run_program(command("check"))}; }
};

void check_failed_with(const sync_result& r, const std::string& words) {
  CHECK_FALSE(r.timed_out);
  CHECK(r.exit_code == 1);
  REQUIRE_FALSE(r.messages.errors.empty());
  CHECK(r.messages.errors.front().message.find(words) != std::string::npos);
  CHECK(r.messages.last_status("rows") == "INCOMPLETE");
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// A check is about credentials and settings; nobody has read anything.
void check_words_of_check(const std::string& text) {
  CHECK_FALSE(has(text, "state"));
  CHECK_FALSE(has(text, "slice"));
  CHECK_FALSE(has(text, "part of the stream"));
  CHECK_FALSE(has(text, "un again"));
}

} // namespace

TEST_CASE("empty pages with ever new links end their slice") {
  connector c{pages(40, 0, next_of_endless)};
  auto r = c.read({"--set", "errors.max_empty_pages=20"});
  INFO(describe(r));
  check_failed_with(r, "21 pages in a row had no rows");
  CHECK(c.server.requests().size() == 21);
}

TEST_CASE("a circle of links longer than any trail ends its slice") {
  connector c{pages(60, 2, [](std::size_t i) { return (i + 1) % 9; })};
  auto r = c.read();
  INFO(describe(r));
  check_failed_with(r, "read before");
  CHECK(c.server.requests().size() <= 3 * 9 + 3);
}

TEST_CASE("rows far beyond the total that the server tells end their slice") {
  connector c{pages(60, 5, next_of_endless, "12"), manifest_of("", true)};
  auto r = c.read();
  INFO(describe(r));
  check_failed_with(r, "12 rows");
  CHECK(c.server.requests().size() == 4);
}

TEST_CASE("a check of a list without an end is over after a few requests") {
  connector c{pages(40, 0, next_of_endless)};
  auto r = c.check();
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "SUCCEEDED"); // the API answered
  CHECK(c.server.requests().size() == 20);
}

TEST_CASE("a check says what the server asks for instead of waiting for it") {
  const auto status = GENERATE(as<std::string>{}, "429 Too Many Requests", "503 Service Unavailable");
  connector c{always(5, status, "Retry-After: 100000\r\n", R"({"message":"come back tomorrow"})")};
  auto r = c.check();
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.check_status == "FAILED");
  CHECK(has(r.messages.check_message, "27 h 46 min"));
  CHECK(has(r.messages.check_message, "come back tomorrow"));
  check_words_of_check(r.messages.check_message);
  CHECK(c.server.requests().size() == 1);
}

TEST_CASE("a check tries no more often than it may, whatever the server says and the manifest allows") {
  connector c{always(30, "429 Too Many Requests", "Retry-After: 1\r\n", "{}"), manifest_of(R"(        error_handler:
          type: DefaultErrorHandler
          max_retries: 500
)")};
  auto r = c.check();
  INFO(describe(r));
  CHECK(r.messages.check_status == "FAILED");
  check_words_of_check(r.messages.check_message);
  CHECK(c.server.requests().size() == 3);
}

TEST_CASE("a failed check has its own words") {
  const auto status = GENERATE(as<std::string>{}, "401 Unauthorized", "403 Forbidden", "404 Not Found");
  connector c{always(5, status, "", "{}")};
  auto r = c.check();
  INFO(describe(r));
  CHECK(r.messages.check_status == "FAILED");
  CHECK(has(r.messages.check_message, "heck again"));
  check_words_of_check(r.messages.check_message);
  CHECK(c.server.requests().size() == 1);
}

TEST_CASE("a rate limit with a manifest's own back-off ends") {
  connector c{always(30, "429 Too Many Requests", "", "{}"), manifest_of(R"(        error_handler:
          type: DefaultErrorHandler
          max_retries: 3
          backoff_strategies: [{type: ExponentialBackoffStrategy, factor: 0.02}]
)")};
  auto r = c.read({"--set", "errors.slice_retries=0", "--set", "budget.window=60ms"});
  INFO(describe(r));
  check_failed_with(r, "API rate limit exceeded.");
  CHECK(c.server.requests().size() == 4);
}

TEST_CASE("a wait that the manifest does not allow is not asked for again") {
  connector c{always(5, "429 Too Many Requests", "Retry-After: 3600\r\n", "{}"), manifest_of(R"(        error_handler:
          type: DefaultErrorHandler
          backoff_strategies: [{type: WaitTimeFromHeader, header: Retry-After, max_waiting_time_in_seconds: 300}]
)")};
  auto r = c.read();
  INFO(describe(r));
  check_failed_with(r, "longer than the connector is allowed to wait");
  CHECK(c.server.requests().size() == 1);
}

TEST_CASE("Retry-After is waited for and no longer, with signs of life, and the summary names the refusal") {
  const std::string quota = "X-Ratelimit-App-Global-Minute-Limit: 1000000\r\nX-Ratelimit-App-Global-Minute-Remaining: "
                            "999980\r\nX-Ratelimit-App-Global-Minute-Reset: 60\r\n";
  const auto reset = GENERATE(as<std::string>{}, "60", "1893456000", "2500000");
  const scripted_server server{
    {answered("429 Too Many Requests",
              "Retry-After: 3\r\nX-Ratelimit-App-Global-Minute-Limit: 1000000\r\n"
              "X-Ratelimit-App-Global-Minute-Remaining: 999980\r\nX-Ratelimit-App-Global-Minute-Reset: "
                + reset + "\r\n",
              R"({"error":{"id":"1040","message":"slow"}})"),
     answered("200 OK", quota, R"({"data":[{"id":"1","date_modified":"2024-01-01T00:00:00"}],"links":{},"total":1})")}};
  simulated_account a; // for its files
  auto config = a.files().write("other.json", R"({"access_token":"x","slice_range_days":100000,"api_url":")"
                                                + server.url("") + R"(","rate_limit_per_minute":1000000})");
  sync_result r{run_program({SLUICE_BINARY, "read", "--config", config, "--catalog", a.catalog({"surveys"}),
                             "--progress", "never", "--set", "state.heartbeat=200ms"})};
  INFO(describe(r));
  CHECK_FALSE(r.timed_out);
  CHECK(r.exit_code == 0);
  CHECK(r.messages.records["surveys"].size() == 1);
  std::size_t limited = 0;
  std::size_t signs_of_life = 0;
  for (const auto& line : r.messages.lines) {
    if (has(line, "\"type\":\"RECORD\""))
      break;
    limited += has(line, "RATE_LIMITED") && has(line, "quota_reset") ? 1 : 0;
    signs_of_life += line.rfind(R"({"type":"STATE")", 0) == 0 ? 1 : 0;
  }
  CHECK(limited == 1);
  CHECK(signs_of_life >= 2);
  CHECK(has(r.err, "Limited by refusals of the server"));
}

TEST_CASE("a dead endpoint costs a bounded number of requests, and the others are read") {
  auto o = small_account();
  o.account.surveys = 600;
  o.account.responses = {0, 1};
  simulated_account a{o};
  const auto fault = GENERATE(as<std::string>{}, "status=500", "status=401", "no_data");
  INFO(fault);
  auto rule = simulator::parse_fault(fault + (fault == "no_data" ? " path=/responses/" : " path=/details"));
  REQUIRE(rule);
  REQUIRE(a.server().set_faults({*rule}));
  const std::string dead = fault == "no_data" ? "survey_responses" : "survey_details";
  auto r = a.read({"surveys", dead}, R"("slice_range_days":100000)", {"--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.record_set("surveys") == a.expected("surveys"));
  CHECK(r.messages.last_status("surveys") == "COMPLETE");
  CHECK(r.messages.last_status(dead) == "INCOMPLETE");
  CHECK(a.server().statistics().requests <= 100 + 10 + 3);
  CHECK(has(r.out, "errors.max_failures_in_a_row"));
}
