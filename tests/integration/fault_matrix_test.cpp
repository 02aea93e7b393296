// Faults x phases x streams against the real program: an answer that goes wrong once costs nothing, one that goes wrong
// for ever costs its slice, is told truthfully, and costs nothing else.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

/// What one such answer does.
enum class once {
  heals,
  /// It is final: asking again cannot help.
  fails,
};

struct fault_row {
  std::string rule;
  once effect;
  /// What the error says of it, when it lasts.
  std::string words;
  bool lists_only = false;
  /// It can only happen on page 2.
  bool second_page_only = false;
};

const std::vector<fault_row> faults = {
  {"status=408", once::heals, "408"},
  {"status=429 retry_after=1", once::heals, "429"},
  {"status=429 retry_after=date+1", once::heals, "429"},
  {"status=500", once::heals, "500"},
  {"status=500 body=\"<html><body>Oops</body></html>\"", once::heals, "500"},
  {"status=503 retry_after=1", once::heals, "503"},
  {"status=504", once::heals, "504"},
  {"status=400", once::fails, "400"},
  {"status=403", once::fails, "access token"},
  {"status=404", once::fails, "404"},
  {"status=410", once::fails, "410"},
  {"drop", once::heals, "closed"},
  {"reset", once::heals, "reset"},
  {"reset_head", once::heals, "reset"},
  {"reset_body", once::heals, "reset"},
  {"reset_chunk", once::heals, "reset"},
  {"truncate", once::heals, "bytes"},
  {"cut_chunked", once::heals, "chunk"},
  {"no_last_chunk", once::heals, "chunk"},
  {"cut_close", once::heals, ""},
  {"cut_gzip", once::heals, "gzip"},
  {"bad_gzip", once::heals, "gzip"},
  {"long_length", once::heals, "http.read_timeout"},
  {"short_length", once::heals, ""},
  {"extra_answer", once::heals, ""},
  {"bad_length", once::heals, "Content-Length"},
  {"two_lengths", once::heals, "Content-Length"},
  {"length_and_chunked", once::heals, ""},
  {"bad_chunk", once::heals, "chunk"},
  {"bad_head", once::heals, ""},
  {"huge_header=1MiB", once::heals, "head"},
  {"huge_header=100GiB", once::heals, "head"},
  {"garbage", once::heals, "JSON"},
  {"html", once::heals, "JSON"},
  {"empty", once::heals, "empty"},
  {"error_body=1051", once::heals, "1051"},
  {"error_body=1020", once::fails, "1020"},
  {"huge=64MiB", once::fails, "http.max_body_bytes"},
  {"gzip_bomb=64MiB", once::fails, "http.max_body_bytes"},
  {"redirect=http://192.0.2.1/v3/surveys", once::fails, "redirect"},
  {"stall=1h", once::heals, "http.read_timeout"},
  {"stall_head=1h", once::heals, "http.read_timeout"},
  {"stall_body=1h", once::heals, "http.read_timeout"},
  {"drip=20", once::heals, "http.total_timeout"},
  {"no_data", once::heals, "data", true},
  {"foreign_link=http://192.0.2.1", once::fails, "192.0.2.1", true},
  {"self_link", once::fails, "", true},
  {"duplicate_page", once::heals, "", true, true},
  {"short_page", once::heals, "", true},
};

} // namespace

TEST_CASE("explore") {
  auto rule = GENERATE(from_range(faults));
  std::string text = rule.rule;
  simulator::options o = small_account();
  o.account.surveys = 8;
  o.account.responses = {120, 130};
  simulated_account a{o};
  struct target { std::string stream, path; };
  auto id = a.account().survey_id(3);
  for (auto [stream, path] : std::vector<target>{{"surveys", "path=/v3/surveys?"}, {"survey_responses", "path=/"+id+"/responses"}, {"survey_details", "path=/"+id+"/details"}}) {
    if (rule.lists_only && stream == "survey_details") continue;
    for (std::string times : {" times=1", ""}) {
      if (rule.rule.find("redirect=/") == 0) continue;
      auto r = simulator::parse_fault(text + " " + path + times + (rule.second_page_only ? " regex=page=2$" : ""));
      REQUIRE(r);
      REQUIRE(a.server().set_faults({*r}));
      auto result = a.read({"surveys", "survey_responses", "survey_details"}, R"("page_size":3,"slice_range_days":100000)", {"--set", "http.max_retries=1", "--set", "http.read_timeout=500ms", "--set", "http.total_timeout=2s", "--set", "http.max_body_bytes=32MiB"});
      std::printf("## %s | %s |%s -> exit %d signal %d%s\n", text.c_str(), stream.c_str(), times.c_str(), result.exit_code, result.signal, result.timed_out ? " TIMED OUT" : "");
      for (const char* s : {"surveys", "survey_responses", "survey_details"})
        std::printf("   %s %s %zu/%zu%s\n", s, result.messages.last_status(s).c_str(), result.messages.records[s].size(), a.expected(s).size(), result.messages.record_set(s) == a.expected(s) ? "" : " DIFFERENT");
      for (const auto& e : result.messages.errors)
        std::printf("   E %s [%s] %s || %s\n", e.stream.c_str(), e.failure_type.c_str(), e.message.c_str(), e.internal_message.c_str());
      if ((result.out + result.err).find(secret_token) != std::string::npos) std::printf("   TOKEN LEAKED\n");
      std::fflush(stdout);
    }
  }
}
