// Answers that are unusual as a whole: what they cost, and what is made of them.
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/gzip.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <sys/resource.h>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string answer(const std::string& body, const std::string& headers = {}, int status = 200) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"
         + headers + "\r\n" + body;
}

/// A read of `surveys`, in one slice and by one fetcher, of a server that gives these answers.
struct scripted_read {
  temporary_directory files;
  std::vector<std::string> requests;
  sync_result result;

  explicit scripted_read(const std::vector<std::string>& answers, std::vector<std::string> more = {})
    : scripted_read(scripts_of(answers), std::move(more)) {}

private:
  static std::vector<script> scripts_of(const std::vector<std::string>& answers) {
    script all;
    for (const auto& text : answers) {
      all.push_back(receive());
      all.push_back(send(text));
    }
    return {all};
  }

  scripted_read(std::vector<script> scripts, std::vector<std::string> more) : result{program_result{}} {
    const scripted_server server{std::move(scripts)};
    auto config = files.write("config.json", R"({"access_token":")" + std::string{secret_token} + R"(","api_url":")"
                                               + server.url("") + R"(","num_workers":1,"slice_range_days":100000})");
    auto catalog = files.write(
      "catalog.json",
      R"({"streams":[{"stream":{"name":"surveys","json_schema":{},"supported_sync_modes":["full_refresh"]},)"
      R"("sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
    std::vector<std::string> command{SLUICE_BINARY, "read",  "--config",           config,  "--catalog",
                                     catalog,       "--set", "http.max_retries=0", "--set", "errors.slice_retries=0"};
    command.insert(command.end(), more.begin(), more.end());
    result = sync_result{run_program(command)};
    requests = server.requests();
  }
};

std::string target_of(const std::string& request) {
  auto first = request.find(' ') + 1;
  return request.substr(first, request.find(' ', first) - first);
}

} // namespace

TEST_CASE("an answer that has no content by definition is a success without records") {
  auto status = GENERATE(204, 205, 304);
  INFO(status);
  const auto head = "HTTP/1.1 " + std::to_string(status) + " X\r\n" + (status == 205 ? "Content-Length: 0\r\n" : "");
  const scripted_read r{{head + "\r\n"}};
  INFO(describe(r.result));
  CHECK(r.result.exit_code == 0);
  CHECK(r.requests.size() == 1);
  CHECK(r.result.messages.record_set("surveys").empty());
  CHECK(r.result.messages.errors.empty());
  CHECK(r.result.messages.last_status("surveys") == "COMPLETE");
}

TEST_CASE("an empty body with a status that has content is a failure") {
  const scripted_read r{{answer("")}};
  INFO(describe(r.result));
  CHECK(r.result.exit_code == 1);
  CHECK(r.result.messages.last_status("surveys") == "INCOMPLETE");
}

TEST_CASE("pages are read behind byte order marks, codings that are none and links with blanks") {
  const std::string headers = "Content-Encoding: utf-8\r\n";
  const scripted_read r{{
    answer(
      "\xEF\xBB\xBF{\"data\":[{\"id\":\"1\"}],\"links\":{\"next\":\"?page=2&per_page=1000&include=a b\\tc\\u00e9\"}}",
      headers),
    answer("{\"data\":[{\"id\":\"2\"}],\"links\":{\"next\":\"/v3/elsewhere?page=3&per_page=1000&include=x\"}}",
           headers),
    answer("{\"data\":[{\"id\":\"3\"}],\"links\":{\"next\":\"more?page=4&per_page=1000&include=x\"}}", headers),
    answer("{\"data\":[{\"id\":\"4\"}],\"links\":{}}", headers),
  }};
  INFO(describe(r.result));
  CHECK(r.result.exit_code == 0);
  CHECK(r.result.messages.records.at("surveys")
        == std::vector<std::string>{R"({"id":"1"})", R"({"id":"2"})", R"({"id":"3"})", R"({"id":"4"})"});
  REQUIRE(r.requests.size() == 4);
  CHECK(target_of(r.requests[1]) == "/v3/surveys?page=2&per_page=1000&include=a%20b%09c%C3%A9");
  CHECK(target_of(r.requests[2]) == "/v3/elsewhere?page=3&per_page=1000&include=x");
  CHECK(target_of(r.requests[3]) == "/v3/more?page=4&per_page=1000&include=x");
  const auto& logs = r.result.messages.logs;
  CHECK(std::count_if(logs.begin(), logs.end(),
                      [](const auto& log) {
                        return log.level == "WARN" && log.message.find("Content-Encoding utf-8") != std::string::npos;
                      })
        == 1);
}

TEST_CASE("a coding that exists and is not supported is an error that names it") {
  const scripted_read r{{answer("?", "Content-Encoding: br\r\n")}};
  INFO(describe(r.result));
  CHECK(r.result.exit_code == 1);
  REQUIRE_FALSE(r.result.messages.errors.empty());
  CHECK(r.result.messages.errors.front().message.find("Content-Encoding br") != std::string::npos);
}

TEST_CASE("a few packed bytes cannot fill the memory, whatever is in them") {
  struct row {
    int status;
    const char* open;
    const char* item;
    const char* close;
  };
  auto r = GENERATE(values<row>({
    {200, R"({"data":[],"error":[)", "0", "]}"},
    {400, R"({"error":[)", "0", "]}"},
    {500, R"({"error":[)", R"({"message":"a"})", "]}"},
    {200, R"({"data":[)", "{}", "]}"},
    {200, R"({"data":[],"links":{)", R"("":0)", "}}"},
  }));
  INFO(r.status << " " << r.open << r.item);
  constexpr std::size_t bytes = 30'000'000;
  std::string body = r.open;
  body.reserve(bytes + 1000);
  while (body.size() < bytes)
    body.append(r.item).append(",");
  body.append(r.item).append(r.close);
  const auto packed = pack(body, wrapper::gzip);
  body = {};
  CHECK(packed.size() < 100'000);
  const scripted_read read{{answer(packed, "Content-Encoding: gzip\r\n", r.status)}};
  INFO(describe(read.result));
  CHECK(read.result.exit_code >= 0);
  rusage usage{};
  REQUIRE(::getrusage(RUSAGE_CHILDREN, &usage) == 0);
  // Of the largest child so far. A body of 30 MB was decoded into 57 times its size.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // it keeps freed memory, and shadows all of it
  CHECK(usage.ru_maxrss < 1000 * 1024);
#endif
}
