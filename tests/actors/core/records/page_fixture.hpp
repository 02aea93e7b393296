#pragma once

#include "actors/core/records/page_cutter.hpp"
#include "tests/support/catch2.hpp"

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A template for tests; may use any variable that a manifest may.
inline text_template parse_template(std::string_view source) {
  auto parsed = text_template::parse(source, {"config", "stream_slice", "stream_partition", "stream_interval", "record",
                                              "response", "headers", "last_record", "last_page_size", "page_size",
                                              "request_url"});
  INFO(source << ": " << (parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

inline condition parse_condition(std::string_view source) {
  auto parsed
    = condition::parse(source, {"config", "stream_slice", "stream_partition", "stream_interval", "record", "response",
                                "headers", "last_record", "last_page_size", "page_size", "request_url"});
  INFO(source << ": " << (parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

/// A plan with one endpoint and one output at `data` that feeds stream `surveys`, for tests to change.
struct page_fixture {
  std::shared_ptr<plan> the_plan = std::make_shared<plan>();
  sluice::slice slice;
  std::string body;

  page_fixture() {
    the_plan->streams.push_back({"surveys", "", 0, 0, false, ""});
    sluice::endpoint e;
    e.name = "surveys";
    e.request.url_base = "https://api.example.com/v3/";
    e.request.path = text_template::literal("surveys");
    e.outputs.push_back(make_output(0, "surveys", {"data"}));
    the_plan->endpoints.push_back(std::move(e));
    slice.label = "surveys all";
  }

  static output make_output(stream_index stream, std::string name, std::vector<std::string> path) {
    output o;
    o.stream = stream;
    o.stream_name = std::move(name);
    o.record_path = std::move(path);
    return o;
  }

  sluice::endpoint& endpoint() { return the_plan->endpoints.front(); }
  output& first() { return endpoint().outputs.front(); }

  /// Adds a child that takes its partition from `key` of the records of output `index`.
  void add_child(std::vector<std::string> key, std::string partition_field, std::uint32_t index = 0) {
    edge child;
    child.parent_output = index;
    child.parent_key = std::move(key);
    child.partition_field = std::move(partition_field);
    endpoint().child_edges.push_back(static_cast<std::uint32_t>(the_plan->edges.size()));
    the_plan->edges.push_back(std::move(child));
  }

  expected<cut_page> cut(std::string_view page) {
    page_cutter cutter{the_plan};
    body = page;
    return cutter.cut(endpoint(), slice, body, 1700000000123);
  }

  /// The data of the page's RECORD lines; fails the test if the page is refused or a line has another form.
  std::vector<std::string> records(std::string_view page, const std::string& stream = "surveys") {
    auto result = cut(page);
    INFO(page << ": " << (result ? "" : result.error().message));
    REQUIRE(result);
    return records_of(result->lines, stream);
  }

  static std::vector<std::string> records_of(const std::string& lines, const std::string& stream = "surveys") {
    const std::string prefix = R"({"type":"RECORD","record":{"stream":")" + stream + R"(","data":)";
    const std::string suffix = R"(,"emitted_at":1700000000123}})";
    std::vector<std::string> result;
    std::istringstream in{lines};
    for (std::string line; std::getline(in, line);) {
      REQUIRE(line.size() > prefix.size() + suffix.size());
      if (line.compare(0, prefix.size(), prefix) != 0) {
        continue; // another stream's
      }
      REQUIRE(line.compare(line.size() - suffix.size(), suffix.size(), suffix) == 0);
      result.push_back(line.substr(prefix.size(), line.size() - prefix.size() - suffix.size()));
    }
    return result;
  }

  /// The message of the error with which a page is refused.
  std::string refusal(std::string_view page) {
    auto result = cut(page);
    INFO(page);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == errc::bad_page);
    return result.error().message;
  }
};

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace sluice::test
