// How fast pages become RECORD lines on one core: records with a cursor, validated. `bench_cut [shape [pages]]`:
// without a shape all of them; with a number of pages each page is cut so often and nothing is timed, for callgrind.

#include "actors/core/json_scan.hpp"
#include "actors/core/page_cutter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
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

std::string page_of(std::size_t records, std::string (*record)(std::size_t)) {
  std::string page = R"({"data":[)";
  for (std::size_t i = 0; i < records; ++i) {
    page += (i > 0 ? "," : "") + record(i);
  }
  return page
         + R"(],"per_page":1000,"page":1,"total":1000,"links":{"self":"https://api.surveymonkey.com/v3/surveys?page=1"}})";
}

std::string head_of(std::size_t i) {
  return R"({"id":")" + std::to_string(300'000'000 + i)
         + R"(","title":"Customer survey","date_modified":"2021-06-10T11:07:00",)";
}

/// About 1 KB.
std::string nested_record(std::size_t i) {
  auto text = head_of(i);
  for (int k = 0; k < 18; ++k)
    text += R"("field_)" + std::to_string(k) + R"(":{"text":"something a person wrote","score":)"
            + std::to_string(k * 7) + "},";
  return text + R"("response_count":20})";
}

/// 20 fields, their kinds and lengths without a pattern.
std::string tiny_record(std::size_t i) {
  auto text = head_of(i);
  auto random = static_cast<std::uint32_t>(i) * 2654435761U;
  for (int k = 0; k < 17; ++k) {
    random = random * 1664525U + 1013904223U;
    text += (k > 0 ? ",\"f" : "\"f") + std::to_string(k) + "\":";
    auto x = random >> 8;
    switch (x % 8) {
      case 0:
        text += "null";
        break;
      case 1:
        text += x & 64U ? "true" : "false";
        break;
      case 2:
      case 3:
        text += "\"" + std::string((x >> 6) % 12, 'x') + "\"";
        break;
      case 4:
        text += std::to_string(x % 1000) + "." + std::to_string(x >> 17);
        break;
      default:
        text += std::to_string((x >> 3) >> (x >> 4) % 20);
    }
  }
  return text + "}";
}

std::string escaped_record(std::size_t i) {
  auto text = head_of(i);
  for (int k = 0; k < 12; ++k)
    text += R"("field_)" + std::to_string(k)
            + R"(":{"text":"a \"word\" with \u00e9\u00e8 and\na line, C:\\x \ud83d\ude00","score":)" + std::to_string(k)
            + "},";
  return text + R"("response_count":20})";
}

/// With a blank behind each comma and colon, or with a line for each value.
std::string spread(const std::string& page, bool pretty) {
  std::string result;
  std::size_t depth = 0;
  auto line = [&] { result += pretty ? "\n" + std::string(depth * 2, ' ') : ""; };
  auto end = page.data() + page.size();
  for (auto p = page.data(); p < end;) {
    if (*p == '"') {
      auto behind = json::skip_string(p, end);
      result.append(p, behind);
      p = behind;
      continue;
    }
    depth -= *p == '}' || *p == ']' ? 1 : 0;
    if (*p == '}' || *p == ']')
      line();
    result += *p;
    depth += *p == '{' || *p == '[' ? 1 : 0;
    if (*p == '{' || *p == '[' || *p == ',')
      line();
    if (*p == ':' || (*p == ',' && !pretty))
      result += ' ';
    ++p;
  }
  return result;
}

std::size_t tokens_of(const std::string& page) {
  std::size_t count = 0;
  auto end = page.data() + page.size();
  for (auto p = json::skip_space(page.data(), end); p < end; p = json::skip_space(p, end), ++count)
    p = std::string_view{"{}[]:,"}.find(*p) == std::string_view::npos ? json::skip_value(p, end) : p + 1;
  return count;
}

struct shape {
  const char* name;
  std::string page;
};

constexpr std::size_t records = 1000;
constexpr int rounds = 9;
constexpr int pages_a_round = 40;

bool cut(page_cutter& cutter, const endpoint& e, std::string& page, std::size_t& bytes_out) {
  if (!cutter.read_response(e, page))
    return false;
  auto result = cutter.cut(e, slice{}, page, 1'700'000'000'000);
  bytes_out = result ? result->lines.size() : 0;
  return result && result->records == records;
}

} // namespace

int main(int argc, char** argv) {
  auto p = one_endpoint();
  page_cutter cutter{p};
  const auto& e = p->endpoints[0];
  auto compact = page_of(records, nested_record);
  std::vector<shape> shapes{{"compact", compact},
                            {"blanks", spread(compact, false)},
                            {"pretty", spread(compact, true)},
                            {"tiny", page_of(records, tiny_record)},
                            {"escapes", page_of(records, escaped_record)}};
  for (auto& s : shapes) {
    std::size_t bytes_out = 0;
    if (argc > 1 && std::string_view{s.name} != argv[1])
      continue;
    auto tokens = static_cast<double>(tokens_of(s.page)) / records;
    if (argc > 2) {
      std::printf("%s: %zu bytes, %.1f tokens a record\n", s.name, s.page.size(), tokens);
      for (int i = std::atoi(argv[2]); i > 0; --i)
        if (!cut(cutter, e, s.page, bytes_out))
          return 1;
      continue;
    }
    std::vector<double> ns_a_record;
    for (int round = 0; round < rounds; ++round) {
      auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < pages_a_round; ++i)
        if (!cut(cutter, e, s.page, bytes_out))
          return 1;
      auto took = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
      ns_a_record.push_back(took / pages_a_round / records);
    }
    std::sort(ns_a_record.begin(), ns_a_record.end());
    auto median = ns_a_record[rounds / 2];
    std::printf("cutting pages, %s: %.0f ns a record (best %.0f, worst %.0f), %.0f records/s, %.0f MB/s in, %.2f ns a "
                "token; page %zu bytes, lines %zu bytes\n",
                s.name, median, ns_a_record.front(), ns_a_record.back(), 1e9 / median,
                static_cast<double>(s.page.size()) / records / median * 1000, median / tokens, s.page.size(),
                bytes_out);
  }
  return 0;
}
