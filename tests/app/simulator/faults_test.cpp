#include "app/simulator/faults.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::simulator;
using namespace std::chrono_literals;

namespace {

fault_rule rule(const std::string& text) {
  auto result = parse_fault(text);
  INFO(text);
  REQUIRE(result);
  return *result;
}

fault_plan plan(const std::vector<std::string>& texts, std::uint64_t seed = 1) {
  std::vector<fault_rule> rules;
  for (const auto& text : texts)
    rules.push_back(rule(text));
  auto result = fault_plan::make(rules, seed);
  REQUIRE(result);
  return std::move(*result);
}

/// Which of `requests` equal requests get a fault, counted from 1.
std::vector<int> hits(fault_plan p, int requests, const std::string& target = "/v3/surveys") {
  std::vector<int> result;
  for (int i = 1; i <= requests; ++i)
    if (p.next(target))
      result.push_back(i);
  return result;
}

} // namespace

TEST_CASE("a fault rule is read word by word") {
  auto r = rule("status=503 path=/details every=10 times=3 retry_after=7");
  CHECK(r.kind == fault_kind::status);
  CHECK(r.code == 503);
  CHECK(r.path == "/details");
  CHECK(r.every == 10);
  CHECK(r.times == 3);
  CHECK(r.retry_after == "7");
  CHECK(r.probability == 1);
  CHECK_FALSE(r.per_path);

  r = rule("  probability=0.25\tstall=1500ms  regex=\"a b=c\" per_path after=0");
  CHECK(r.kind == fault_kind::stall);
  CHECK(r.duration == 1500ms);
  CHECK(r.pattern == "a b=c");
  CHECK(r.probability == 0.25);
  CHECK(r.per_path);

  CHECK(rule("drop nth=4").after == 3);
  CHECK(rule("drop nth=4").times == 1);
  CHECK(rule("error_body").code == 1050);
  CHECK(rule("error_body=1010").code == 1010);
  CHECK(rule("drip=100").rate == 100);
  CHECK(rule("redirect=http://other.example/x?a=b").text == "http://other.example/x?a=b");
  CHECK(rule("status=500 body=\"a body\"").text == "a body");
  CHECK(rule("stall=2m").duration == 2min);
  CHECK(rule("stall=10us").duration == 10us);
  CHECK(rule("huge=1000").bytes == 1000);
  CHECK(rule("gzip_bomb=64KiB").bytes == 64 * 1024);
  CHECK(rule("huge_header=1GiB").bytes == 1024 * 1024 * 1024);
}

TEST_CASE("every fault has a name that is read back") {
  const std::vector<std::string> texts = {"status=500",
                                          "drop",
                                          "reset",
                                          "reset_head",
                                          "reset_body",
                                          "reset_chunk",
                                          "truncate",
                                          "cut_chunked",
                                          "no_last_chunk",
                                          "cut_close",
                                          "cut_gzip",
                                          "bad_gzip",
                                          "long_length",
                                          "short_length",
                                          "extra_answer",
                                          "bad_length",
                                          "two_lengths",
                                          "length_and_chunked",
                                          "bad_chunk",
                                          "bad_head",
                                          "huge_header=1KiB",
                                          "garbage",
                                          "html",
                                          "empty",
                                          "error_body",
                                          "huge=1KiB",
                                          "gzip_bomb=1KiB",
                                          "redirect=http://x",
                                          "no_data",
                                          "foreign_link=http://x",
                                          "self_link",
                                          "duplicate_page",
                                          "short_page",
                                          "stall=1s",
                                          "stall_head=1s",
                                          "stall_body=1s",
                                          "drip=1"};
  REQUIRE(texts.size() == fault_kind_count);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(rule(texts[i]).kind == static_cast<fault_kind>(i));
    CHECK(fault_names().find(texts[i].substr(0, texts[i].find('='))) != std::string::npos);
  }
}

TEST_CASE("a fault rule that makes no sense is refused with its reason") {
  struct row {
    std::string text;
    std::string reason;
  };
  for (const auto& [text, reason] : std::vector<row>{
         {"", "names no fault"},
         {"path=/x", "names no fault"},
         {"stattus=500", "unknown word `stattus`"},
         {"status", "HTTP status from 200 to 599"},
         {"status=99", "HTTP status from 200 to 599"},
         {"status=600", "HTTP status from 200 to 599"},
         {"status=5x3", "HTTP status from 200 to 599"},
         {"status=503 drop", "two faults"},
         {"drop=1", "takes none"},
         {"drop per_path=1", "takes none"},
         {"drop path", "needs a value for `path`"},
         {"drop every=0", "count of at least 1"},
         {"drop nth=0", "count of at least 1"},
         {"drop times=-1", "count of at least 1"},
         {"drop every=x", "count of at least 1"},
         {"drop nth=2 times=3", "say the same"},
         {"drop path=a path=b", "twice"},
         {"drop probability=1.5", "from 0 to 1"},
         {"drop probability=nan", "from 0 to 1"},
         {"drop body=x", "belongs to `status` only"},
         {"stall", "time with a unit"},
         {"stall=5", "time with a unit"},
         {"stall=5h", "time with a unit"},
         {"stall=-5s", "time with a unit"},
         {"stall=1e300s", "time with a unit"},
         {"drip=0", "bytes a second"},
         {"huge", "number of bytes"},
         {"huge=0", "number of bytes"},
         {"huge=1TiB", "number of bytes"},
         {"huge=2000GiB", "number of bytes"},
         {"huge_header=x", "number of bytes"},
         {"redirect=/x", "absolute URL"},
         {"error_body=x", "error number"},
         {"drop regex=(", "regular expression"},
         {"drop path=\"x", "not closed"},
       }) {
    INFO(text);
    auto result = parse_fault(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == errc::bad_config);
    CHECK(result.error().message.find(reason) != std::string::npos);
  }
}

TEST_CASE("any text is read or refused, never more") {
  CHECK(rc::check("random words", [](const std::string& text) { (void)parse_fault(text); }));
  CHECK(rc::check("random values", [](const std::string& value) {
    for (const char* name : {"status=", "drop every=", "stall=", "drop regex=", "drop probability=", "drip="})
      (void)parse_fault(name + value);
  }));
}

TEST_CASE("a rule hits the requests it names") {
  using list = std::vector<int>;
  CHECK(hits(plan({"drop"}), 3) == list{1, 2, 3});
  CHECK(hits(plan({"drop nth=2"}), 5) == list{2});
  CHECK(hits(plan({"drop every=3"}), 10) == list{3, 6, 9});
  CHECK(hits(plan({"drop every=3 times=2"}), 10) == list{3, 6});
  CHECK(hits(plan({"drop after=4 times=2"}), 10) == list{5, 6});
  CHECK(hits(plan({"drop after=4 every=2"}), 10) == list{6, 8, 10});
  CHECK(hits(plan({"drop path=/details"}), 3).empty());
  CHECK(hits(plan({"drop regex=^/v3/surveys$"}), 2) == list{1, 2});
  CHECK(hits(plan({"drop regex=^/surveys"}), 2).empty());
  CHECK(hits(plan({"drop probability=0"}), 100).empty());
}

TEST_CASE("a rule can count for each path by itself, whatever the query") {
  auto p = plan({"drop nth=1 per_path"});
  CHECK(p.next("/v3/surveys/1/details"));
  CHECK(p.next("/v3/surveys/2/details?x=1"));
  CHECK_FALSE(p.next("/v3/surveys/1/details?y=1"));
  CHECK_FALSE(p.next("/v3/surveys/2/details"));
}

TEST_CASE("the first rule that fires wins, and all rules count") {
  auto p = plan({"status=500 every=2", "status=503 every=3"});
  std::vector<int> codes;
  for (int i = 1; i <= 6; ++i) {
    auto fault = p.next("/");
    codes.push_back(fault ? fault->code : 0);
  }
  CHECK(codes == std::vector<int>{0, 500, 503, 500, 0, 500});
}

TEST_CASE("chance depends on the seed alone") {
  auto first = hits(plan({"drop probability=0.3"}, 1), 1000);
  CHECK(first == hits(plan({"drop probability=0.3"}, 1), 1000));
  CHECK(first != hits(plan({"drop probability=0.3"}, 2), 1000));
  CHECK(first.size() > 230);
  CHECK(first.size() < 370);
}

TEST_CASE("a regular expression that explodes on a long path does not take the server down") {
  auto p = plan({"drop regex=(a|b|ab)*c"});
  CHECK_FALSE(p.next("/" + std::string(100, 'x') + std::string(16'000, ' ')));
}
