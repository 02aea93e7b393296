#include "app/trace/views.hpp"
#include "tests/app/trace/trace_text.hpp"

#include <simdjson.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// The JSON in the page's data element.
std::string data_of(const std::string& page) {
  constexpr std::string_view begin = R"(<script id="data" type="application/json">)";
  auto at = page.find(begin);
  REQUIRE(at != std::string::npos);
  at += begin.size();
  return page.substr(at, page.find("</script>", at) - at);
}

} // namespace

TEST_CASE("the page holds the trace as JSON and needs nothing from elsewhere") {
  auto page = trace::html_view(model_of(small_run().whole()), "a<b.json");
  CHECK(page.find("<title>a&lt;b.json · sluice trace</title>") != std::string::npos);
  CHECK(page.find("{{") == std::string::npos);
  for (const char* outside : {" src=", "<link", "@import", "url(", "https://"})
    CHECK(page.find(outside) == std::string::npos);
  simdjson::dom::parser parser;
  auto data = parser.parse(data_of(page));
  CHECK(std::string_view{data["file"]} == "a<b.json");
  CHECK(std::int64_t{data["totals"]["requests"]} == 3);
  CHECK(std::int64_t{data["totals"]["retries"]} == 1);
  CHECK(std::int64_t{data["totals"]["records"]} == 3);
  CHECK(std::int64_t{data["totals"]["quotaTime"]} == 708'000);
  CHECK(std::int64_t{data["length"]} == 956'000);
  REQUIRE(simdjson::dom::array{data["slices"]}.size() == 2);
  auto slice = data["slices"].at(1);
  CHECK(std::string_view{slice.at(0)} == "survey_details survey_id=\"1\"");
  CHECK(std::string_view{slice.at(1)} == "1");
  CHECK(std::int64_t{slice.at(3)} == 55'000);
  CHECK(std::int64_t{slice.at(4)} == 956'000);
  CHECK(std::int64_t{slice.at(5)} == 1);
  CHECK(simdjson::dom::array{slice.at(8)}.size() == 15); // two waits in the queue, one for the quota, two requests
  CHECK(simdjson::dom::array{data["stories"].at(1)}.size() == 9 * 9);
}

TEST_CASE("names in a trace cannot end the page's script") {
  trace_text t;
  t.message("permit", 8, 23, 1, 2, 1, R"(,"slice":"a </script><script>alert(1)</script> <!--","slice_id":1)");
  auto page = trace::html_view(model_of(t.whole()), "</title><script>");
  auto data = data_of(page);
  CHECK(data.find('<') == std::string::npos);
  simdjson::dom::parser parser;
  CHECK(std::string_view{parser.parse(data)["slices"].at(0).at(0)} == "a </script><script>alert(1)</script> <!--");
  CHECK(page.find("</title><script>") == std::string::npos);
}

TEST_CASE("a page of more slices than a browser likes holds the longest ones") {
  trace_text t;
  for (int i = 0; i < 20'010; ++i) {
    auto slice = R"(,"slice":"surveys )" + std::to_string(i) + R"(","slice_id":)" + std::to_string(i + 1);
    t.message("permit", 8, 23, i, i + 1, i < 10 ? 0.5 : 2, slice);
  }
  auto page = trace::html_view(model_of(t.whole()), "many.json");
  simdjson::dom::parser parser;
  auto data = parser.parse(data_of(page));
  CHECK(simdjson::dom::array{data["slices"]}.size() == 20'000);
  CHECK(std::string_view{data["slices"].at(0).at(0)} == "surveys 10");
  CHECK(std::int64_t{data["totals"]["slices"]} == 20'010);
}

TEST_CASE("a counter of many samples keeps its highest and lowest values") {
  trace_text t;
  t.message("tick", 8, 8, 0, 1, 1);
  for (int i = 0; i < 50'000; ++i)
    t.counter("memory", i, R"("resident MiB":)" + std::to_string(i == 31'234 ? 900 : i == 17'111 ? 1 : 40));
  auto page = trace::html_view(model_of(t.whole()), "t.json");
  simdjson::dom::parser parser;
  auto points = simdjson::dom::array{parser.parse(data_of(page))["counters"].at(0).at(2)};
  CHECK(points.size() <= 2 * 1200);
  double least = 1e9;
  double most = 0;
  for (std::size_t i = 1; i < points.size(); i += 2) {
    least = std::min(least, double{points.at(i)});
    most = std::max(most, double{points.at(i)});
  }
  CHECK(least == 1);
  CHECK(most == 900);
}
