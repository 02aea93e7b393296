#include "actors/core/state/full_refresh.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("streams with the end marker are complete if another stream of the sync was stopped on its way") {
  const std::string marker{full_refresh_marker};
  const std::string under_way = R"({"completed_partitions":{"survey_id":["1"]}})";
  const std::string ended = R"({"completed_partitions":{"survey_id":["1"]},"ended":"incomplete"})";
  struct row {
    std::string first;
    std::string second;
    bool first_skipped;
  };
  const row rows[] = {
    {marker, under_way, true},
    {marker, ended, false},  // that sync is over
    {marker, marker, false}, // so is this
    {marker, "", false},
    {marker, "{}", false},
    {marker, R"({"date_modified":1})", false},
    {"", under_way, false},
    {"{}", under_way, false},
    {under_way, under_way, false},
    {R"({"__ab_no_cursor_state_message":false})", under_way, false},
    {"not json", under_way, false},
  };
  for (const auto& r : rows) {
    INFO(r.first << " and " << r.second);
    std::vector<selected_stream> streams{{"a", "", false, r.first}, {"b", "", false, r.second}};
    skip_complete_streams(streams);
    CHECK(streams[0].already_complete == r.first_skipped);
    CHECK(!streams[1].already_complete);
  }
}

TEST_CASE("an incremental stream is never skipped") {
  std::vector<selected_stream> streams{{"a", "", true, std::string{full_refresh_marker}},
                                       {"b", "", false, R"({"completed_partitions":{"x":[]}})"}};
  skip_complete_streams(streams);
  CHECK(!streams[0].already_complete);
  CHECK(!streams[1].already_complete);
}

TEST_CASE("the state of a stream without cursor and partitions is a marker or nothing", "[full_refresh]") {
  for (const std::string good : {"", " \n", "{}", " { } ", R"({"__ab_no_cursor_state_message":true})",
                                 R"({"__ab_full_refresh_sync_complete":true})", R"({"next_page_token":3})"})
    CHECK(check_plain_state(good).has_value());
  for (const std::string bad :
       {"{", "[]", "7", "null", R"({"__ab_no_cursor_state_message":false})", R"({"__ab_no_cursor_state_message":1})",
        R"({"__ab_full_refresh_sync_complete":null})", R"({"date_modified":1})", R"({"survey_id":[1,null]})",
        R"({"completed_partitions":"x"})", R"({"completed_partitions":{"survey_id":[]}})",
        R"({"completed_parents":"x"})", R"({"ended":"incomplete"})", R"({"states":[]})"}) {
    INFO(bad);
    const auto checked = check_plain_state(bad);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == errc::bad_state);
  }
}
