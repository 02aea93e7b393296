// How fast pages become RECORD lines on one core: records of about 1 KB, 1000 a page, with a cursor, validated.

#include "actors/core/page_cutter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

using namespace sluice;

namespace {

plan_ptr one_endpoint() {
  auto p = std::make_shared<plan>();
  endpoint e;
  e.name = "surveys";
  output out;
  out.stream_name = "surveys";
  out.record_path = {"data"};
  out.require_records = true;
  e.outputs.push_back(out);
  datetime_cursor c;
  c.cursor_field = "date_modified";
  c.record_formats = {"%Y-%m-%dT%H:%M:%S"};
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  e.cursor = c;
  e.response_keys = {"error", "links"};
  p->endpoints.push_back(e);
  p->streams.push_back({"surveys", "", 0, 0, true, ""});
  return p;
}

std::string make_page(std::size_t records) {
  std::string page = R"({"data":[)";
  for (std::size_t i = 0; i < records; ++i) {
    page += i > 0 ? "," : "";
    page += R"({"id":")" + std::to_string(300'000'000 + i)
            + R"(","title":"Customer survey","date_modified":"2021-06-10T11:07:00",)";
    for (int k = 0; k < 18; ++k)
      page += R"("field_)" + std::to_string(k) + R"(":{"text":"something a person wrote","score":)"
              + std::to_string(k * 7) + "},";
    page += R"("response_count":20})";
  }
  return page
         + R"(],"per_page":1000,"page":1,"total":1000,"links":{"self":"https://api.surveymonkey.com/v3/surveys?page=1"}})";
}

} // namespace

int main() {
  constexpr std::size_t records = 1000;
  constexpr int rounds = 9;
  constexpr int pages_a_round = 40;
  auto p = one_endpoint();
  page_cutter cutter{p};
  auto page = make_page(records);
  const auto& e = p->endpoints[0];
  std::vector<double> ns_a_record;
  std::size_t bytes_out = 0;
  for (int round = 0; round < rounds; ++round) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < pages_a_round; ++i) {
      if (!cutter.read_response(e, page))
        return 1;
      auto cut = cutter.cut(e, slice{}, page, 1'700'000'000'000);
      if (!cut || cut->records != records)
        return 1;
      bytes_out = cut->lines.size();
    }
    auto took = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
    ns_a_record.push_back(took / pages_a_round / records);
  }
  std::sort(ns_a_record.begin(), ns_a_record.end());
  auto median = ns_a_record[rounds / 2];
  std::printf("cutting pages: %.0f ns a record (best %.0f, worst %.0f), %.0f records/s, %.0f MB/s in; page %zu bytes, "
              "lines %zu bytes\n",
              median, ns_a_record.front(), ns_a_record.back(), 1e9 / median,
              static_cast<double>(page.size()) / records / median * 1000, page.size(), bytes_out);
  return 0;
}
