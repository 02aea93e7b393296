#include "actors/core/pages/page_reader.hpp"

#include "tests/actors/core/records/page_fixture.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr language::instant now{std::chrono::milliseconds{1700000000123}};

/// A list at `data`, with its next page in `next` and its size in `total`.
struct reader_fixture : page_fixture {
  page_request request;
  retry_limits limits;
  header_list headers;
  std::string url = "https://api.example.com/v3/surveys";
  std::atomic<bool> aborted{false};
  std::chrono::microseconds took{0};

  reader_fixture() {
    auto& pages = endpoint().pages;
    pages.strategy = cursor_pagination{parse_template("{{ response.next }}"), std::nullopt};
    pages.total = parse_template("{{ response.total }}");
    endpoint().response_keys = {"next", "total"};
    request.slice = slice;
  }

  page_reading read(std::string answer, int status = 200) {
    page_reader reader{the_plan, limits};
    return reader.read_answer(request, {status, headers, answer, url, &aborted, false, took}, now);
  }

  response_filter& filter(response_action action) {
    auto& handler = endpoint().errors.emplace_back();
    auto& result = handler.filters.emplace_back();
    result.action = action;
    return result;
  }
};

std::string remarks_of(const page_reading& x) {
  std::string result;
  for (const auto& remark : x.remarks)
    result += (remark.warns ? "warning: " : "info: ") + remark.text + "\n";
  return result;
}

const char* const two_rows = R"({"data":[{"id":"1"},{"id":"2"}],"next":"p2","total":5})";

} // namespace

TEST_CASE("a page with a next one: its records, and the request for the next") {
  reader_fixture f;
  f.request.attempt = 2;
  f.request.retrying_us = 7;
  f.request.round = 1;
  auto x = f.read(two_rows);
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.page == 1);
  CHECK(x.outcome.request.page == 2);
  CHECK(x.outcome.request.token == "p2");
  CHECK(x.outcome.request.attempt == 0);
  CHECK(x.outcome.request.retrying_us == 0);
  CHECK(x.outcome.request.round == 0);
  CHECK(x.outcome.request.list.total == 5);
  CHECK(x.outcome.request.list.rows_read == 2);
  CHECK(x.outcome.request.list.trail == std::vector<std::string>{""});
  REQUIRE(x.batch);
  CHECK(page_fixture::records_of(x.batch->lines) == std::vector<std::string>{R"({"id":"1"})", R"({"id":"2"})"});
  CHECK(x.outcome.batch_bytes == x.batch->lines.size());
  CHECK_FALSE(x.batch->receipt.last);
  CHECK(x.batch->receipt.page == 1);
  CHECK(x.batch->receipt.rows == 2);
  CHECK(x.batch->receipt.total == 5);
  REQUIRE(x.batch->receipt.counts.size() == 1);
  CHECK(x.batch->receipt.counts[0].records == 2);
  CHECK(x.records == 2);
  CHECK(x.remarks.empty());
}

TEST_CASE("the last page ends its slice") {
  reader_fixture f;
  f.request.page = 3;
  f.request.list.rows_read = 4;
  auto x = f.read(R"({"data":[{"id":"5"}],"total":5})");
  CHECK(x.outcome.result == page_result::slice_done);
  CHECK(x.outcome.request.page == 3);
  REQUIRE(x.batch);
  CHECK(x.batch->receipt.last);
  CHECK(x.batch->receipt.page == 3);
}

TEST_CASE("an answer without content is an empty page") {
  reader_fixture f;
  auto x = f.read("", 204);
  CHECK(x.outcome.result == page_result::slice_done);
  REQUIRE(x.batch);
  CHECK(x.batch->receipt.last);
  CHECK(x.batch->lines.empty());
}

TEST_CASE("what becomes of answers that are no page") {
  struct row {
    const char* what;
    int status;
    const char* body;
    page_result result;
    bool lasting;
    errc code;
    const char* remark;
  };
  const auto r = GENERATE(values<row>({
    {"refused", 403, R"({"error":"no"})", page_result::failed, true, errc::http_status,
     "failed: HTTP Status Code: 403"},
    {"a server's hiccup", 503, "", page_result::retry, false, errc::http_status, "Waiting 1 s, then retrying (try 2)"},
    {"not JSON", 200, R"({"data":[)", page_result::retry, false, errc::bad_page, "not valid JSON"},
    {"another page than expected", 200, R"({"data":17})", page_result::retry, true, errc::bad_page, "not a list"},
    {"a page that follows itself", 200, R"({"data":[],"next":"self"})", page_result::retry, true, errc::bad_page,
     "never end"},
  }));
  INFO(r.what);
  reader_fixture f;
  f.request.page = 2;
  f.request.token = "self";
  auto x = f.read(r.body, r.status);
  CHECK(x.outcome.result == r.result);
  CHECK(x.outcome.error.code == r.code);
  CHECK_FALSE(x.batch);
  CHECK(x.parents.empty());
  CHECK_FALSE(x.rate_limited);
  REQUIRE(x.remarks.size() == 1);
  CHECK(contains(remarks_of(x), r.remark));
  CHECK(x.outcome.request.page == 2);
  CHECK(x.outcome.request.token == "self");
  if (r.result == page_result::retry) {
    CHECK(x.outcome.request.attempt == 1);
    CHECK(x.outcome.delay_us == 1'000'000);
    CHECK(x.outcome.request.retrying_us == 1'000'000);
    // The tries come to an end.
    f.request.attempt = f.limits.max_retries;
    auto last = f.read(r.body, r.status);
    CHECK(last.outcome.result == page_result::failed);
    CHECK(last.outcome.lasting == r.lasting);
  } else {
    CHECK(x.outcome.lasting == r.lasting);
  }
}

TEST_CASE("a rate limit's wait is for the whole budget, and no try") {
  reader_fixture f;
  f.headers = {{"Retry-After", "30"}};
  auto x = f.read("", 429);
  CHECK(x.outcome.result == page_result::retry);
  CHECK(x.rate_limited);
  CHECK(x.outcome.feedback.rate_limited);
  CHECK(x.outcome.feedback.wait_us >= 30'000'000);
  CHECK(x.outcome.request.attempt == 0);
  // Nobody waits for a probe; what was refused was refused for the rate all the same.
  f.limits.purpose = request_purpose::probe;
  f.limits.max_retries = 0;
  auto probed = f.read("", 429);
  CHECK(probed.outcome.result == page_result::failed);
  CHECK(probed.rate_limited);
  CHECK_FALSE(probed.outcome.feedback.rate_limited);
}

TEST_CASE("an ignored answer ends its slice without records") {
  reader_fixture f;
  f.filter(response_action::ignore).http_codes = {404};
  f.add_child({"id"}, "survey_id");
  auto x = f.read("not here", 404);
  CHECK(x.outcome.result == page_result::slice_done);
  REQUIRE(x.batch);
  CHECK(x.batch->receipt.last);
  CHECK(x.batch->lines.empty());
  REQUIRE(x.batch->receipt.counts.size() == 1);
  CHECK(x.batch->receipt.counts[0].records == 0);
  REQUIRE(x.parents.size() == 1);
  CHECK(x.parents[0].last);
  CHECK(x.outcome.parent_records.empty());
  CHECK(contains(remarks_of(x), "info: surveys all: answer 404 ignored"));
}

TEST_CASE("an ignored good answer is a page if it can be read as one, as in the reference") {
  reader_fixture f;
  f.filter(response_action::ignore).predicate = parse_condition("{{ True }}");
  CHECK(f.read(two_rows).outcome.result == page_result::next_page);
  CHECK(f.read("not JSON").outcome.result == page_result::slice_done);
  CHECK(f.read(R"({"data":17})").outcome.result == page_result::slice_done);
}

TEST_CASE("parents go to their edges, in the order of the edges") {
  reader_fixture f;
  f.add_child({"id"}, "survey_id");
  f.add_child({"group"}, "group_id");
  f.endpoint().child_edges = {1, 0};
  auto x = f.read(R"({"data":[{"id":"1","group":7},{"id":"2"},{"group":8}],"next":"p2"})");
  CHECK(x.outcome.parent_records == std::vector<std::uint32_t>{2, 2});
  REQUIRE(x.parents.size() == 2);
  CHECK(x.parents[0].edge == 1);
  CHECK(x.parents[1].edge == 0);
  CHECK(x.parents[0].without_key == 1);
  CHECK_FALSE(x.parents[0].last);
  CHECK_FALSE(x.parents[0].again);
  // A page without parents says something only if it is the last.
  auto none = f.read(R"({"data":[],"next":"p2"})");
  CHECK(none.parents.empty());
  CHECK(none.outcome.parent_records == std::vector<std::uint32_t>{0, 0});
  auto last = f.read(R"({"data":[]})");
  REQUIRE(last.parents.size() == 2);
  CHECK(last.parents[0].last);
  // Rows may come twice once pages were read again.
  f.request.list.rereads = 1;
  CHECK(f.read(R"({"data":[{"id":"1"}]})").parents.at(0).again);
}

TEST_CASE("a slice that is read for its children only prints nothing") {
  reader_fixture f;
  f.request.slice.children_only = true;
  f.add_child({"id"}, "survey_id");
  auto x = f.read(two_rows);
  REQUIRE(x.batch);
  CHECK(x.batch->lines.empty());
  CHECK(x.batch->receipt.counts.empty());
  CHECK(x.outcome.parent_records == std::vector<std::uint32_t>{2});
}

TEST_CASE("a list that shrank is read again from where rows may have moved") {
  reader_fixture f;
  f.request.page = 3;
  f.request.token = "p3";
  f.request.list.total = 6;
  f.request.list.rows_a_page = 2;
  f.request.list.rows_read = 4;
  f.request.list.trail = {"", "p2"};
  auto x = f.read(R"({"data":[{"id":"5"}],"total":5})");
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.request.page == 2);
  CHECK(x.outcome.request.token == "p2");
  REQUIRE(x.batch); // rows may come twice, but none is left out
  CHECK_FALSE(x.batch->receipt.last);
  CHECK_FALSE(x.batch->receipt.ascending);
  CHECK(contains(remarks_of(x), "the list shrank from 6 to 5 rows"));
  CHECK(contains(remarks_of(x), "going back from page 3 to page 2"));
}

TEST_CASE("a page that brings the rows of the one before is not printed again") {
  reader_fixture f;
  auto first = f.read(two_rows);
  f.request = first.outcome.request;
  auto x = f.read(R"({"data":[{"id":"1"},{"id":"2"}],"next":"p3","total":5})");
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.request.page == 1);
  CHECK_FALSE(x.batch);
  CHECK(contains(remarks_of(x), "brought the rows of the page before"));
}

TEST_CASE("pages that hold fewer rows than the list has are read again, unless that is accepted") {
  reader_fixture f;
  const auto* body = R"({"data":[{"id":"1"}],"total":5})";
  auto x = f.read(body);
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.request.list.recounts == 1);
  CHECK(contains(remarks_of(x), "fewer rows than the list of 5"));
  f.limits.accept_missing_rows = true;
  CHECK(f.read(body).outcome.result == page_result::slice_done);
}

TEST_CASE("a row of the second in which the run began is waited for") {
  reader_fixture f;
  auto& cursor = f.endpoint().cursor.emplace();
  cursor.cursor_field = "at";
  cursor.end = language::instant{1700000000s};
  f.request.slice.has_window = true;
  f.request.slice.upper_us = 1'700'000'000'000'000;
  f.request.page = 2;
  f.request.token = "p2";
  f.request.list.settled = false;
  f.request.list.trail = {""};
  auto x = f.read(R"({"data":[{"at":"2023-11-14T22:13:20Z"}]})");
  CHECK(x.outcome.result == page_result::retry);
  CHECK(x.outcome.delay_us == 1'000'000);
  CHECK(x.outcome.request.page == 1);
  REQUIRE(x.batch);
  CHECK_FALSE(x.batch->receipt.last);
}

TEST_CASE("a first page shows its list as it was when it was asked for, not when it came") {
  struct row {
    std::int64_t took_us;
    bool settled;
  };
  for (const auto& [took_us, settled] : {row{0, true}, {123'000, true}, {123'001, false}, {5'000'000, false}}) {
    reader_fixture f;
    auto& cursor = f.endpoint().cursor.emplace();
    cursor.cursor_field = "at";
    cursor.end = language::instant{1699999999s};
    f.request.slice.has_window = true;
    f.request.slice.upper_us = 1'699'999'999'000'000;
    f.took = std::chrono::microseconds{took_us};
    INFO("took " << took_us);
    CHECK(f.read(R"({"data":[{"at":"2023-11-14T22:13:18Z"}],"next":"p2"})").outcome.request.list.settled == settled);
  }
}

TEST_CASE("records without a readable cursor are counted, and told of at the end") {
  reader_fixture f;
  f.endpoint().cursor.emplace().cursor_field = "at";
  auto x = f.read(R"({"data":[{"at":"soon"},{}]})");
  REQUIRE(x.batch);
  CHECK(x.batch->receipt.records_without_cursor == 2);
  CHECK(x.remarks.empty());
}

TEST_CASE("an answer that came while the run was ended says nothing") {
  reader_fixture f;
  f.aborted = true;
  auto x = f.read(two_rows);
  CHECK(x.outcome.result == page_result::failed);
  CHECK(x.outcome.error.code == errc::interrupted);
  CHECK_FALSE(x.batch);
  CHECK(x.remarks.empty());
}

TEST_CASE("a request without an answer is tried again, unless only the user can help") {
  reader_fixture f;
  page_reader reader{f.the_plan, f.limits};
  auto later = reader.read_failure(
    f.request, {errc::timed_out, failure_type::transient_error, "No answer within 60 s.", ""}, f.url);
  CHECK(later.outcome.result == page_result::retry);
  CHECK(later.outcome.request.attempt == 1);
  CHECK(contains(remarks_of(later), "No answer within 60 s. Waiting 1 s"));
  auto never
    = reader.read_failure(f.request, {errc::bad_config, failure_type::config_error, "The token is empty.", ""}, f.url);
  CHECK(never.outcome.result == page_result::failed);
  CHECK(never.outcome.lasting);
}

TEST_CASE("a refused credential is no answer yet if another one may help") {
  reader_fixture f;
  // Whatever the manifest makes of a 401: the data is not to be lost to a credential that has ended.
  f.filter(response_action::ignore).http_codes = {401};
  f.request.attempt = 2;
  page_reader reader{f.the_plan, f.limits};
  std::string body = R"({"message":"who are you?"})";
  auto read = [&](int status, bool renewable) {
    return reader.read_answer(f.request, {status, f.headers, body, f.url, &f.aborted, renewable}, now);
  };
  auto x = read(401, true);
  CHECK(x.outcome.result == page_result::unauthorized);
  CHECK(x.outcome.request.attempt == 2); // no try is used up
  CHECK(x.outcome.error.code == errc::none);
  CHECK_FALSE(x.batch);
  CHECK(read(401, false).outcome.result == page_result::slice_done);
  CHECK(read(403, true).outcome.result == page_result::failed);
}

TEST_CASE("a page that came forgets that its credential had been refused") {
  reader_fixture f;
  f.request.renewed = true;
  CHECK_FALSE(f.read(two_rows).outcome.request.renewed);
  CHECK(f.read("", 500).outcome.request.renewed);
}

TEST_CASE("a filter that renews the credential asks for the same page with another one") {
  reader_fixture f;
  f.filter(response_action::renew_credential).http_codes = {403};
  f.request.attempt = 2;
  page_reader reader{f.the_plan, f.limits};
  std::string body = R"({"message":"expired"})";
  auto read = [&](bool renewable) {
    return reader.read_answer(f.request, {403, f.headers, body, f.url, &f.aborted, renewable}, now);
  };
  const auto x = read(true);
  CHECK(x.outcome.result == page_result::unauthorized);
  CHECK(x.outcome.request.attempt == 2);
  CHECK_FALSE(x.batch);
  CHECK(read(false).outcome.result == page_result::retry);
}

TEST_CASE("a filter that resets the pagination begins the slice anew") {
  reader_fixture f;
  f.filter(response_action::reset_pagination).http_codes = {500};
  f.request.page = 3;
  f.request.token = "p3";
  f.request.attempt = 1;
  f.request.list.rows_read = 4;
  f.request.list.trail = {"", "p2"};
  const auto x = f.read(R"({"error":"scroll expired"})", 500);
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.page == 3);
  CHECK(x.outcome.request.page == 1);
  CHECK(x.outcome.request.token.empty());
  CHECK(x.outcome.request.attempt == 0);
  CHECK(x.outcome.request.list.rows_read == 0);
  CHECK(x.outcome.request.list.trail.empty());
  CHECK(x.outcome.request.list.resets == 1);
  CHECK_FALSE(x.batch);
  CHECK(contains(remarks_of(x), "anew from its first page"));
  f.request.list.resets = 1;
  CHECK(f.read(R"({"error":"scroll expired"})", 500).outcome.result == page_result::failed);
}

TEST_CASE("a slice with enough records is begun anew from the newest cursor value on") {
  reader_fixture f;
  f.endpoint().pages.total = {};
  f.endpoint().pages.reset = pagination_reset{true, 4};
  auto& cursor = f.endpoint().cursor.emplace();
  cursor.cursor_field = "at";
  cursor.datetime_format = "%s";
  cursor.record_formats = {"%s"};
  f.request.slice.has_window = true;
  f.request.slice.lower_text = "100";
  auto x = f.read(R"({"data":[{"id":"1","at":110},{"id":"2","at":130}],"next":"p2"})");
  CHECK(x.outcome.request.token == "p2");
  CHECK(x.outcome.request.list.records == 2);
  f.request = x.outcome.request;
  x = f.read(R"({"data":[{"id":"3","at":120},{"id":"4","at":120}]})"); // though it is the last page
  CHECK(x.outcome.result == page_result::next_page);
  CHECK(x.outcome.request.page == 1);
  CHECK(x.outcome.request.token.empty());
  CHECK(x.outcome.request.list.lower_text == "130");
  CHECK(x.outcome.request.list.records == 0);
  REQUIRE(x.batch);
  CHECK_FALSE(x.batch->receipt.last);
  CHECK(x.batch->receipt.counts[0].records == 2);
  CHECK(contains(remarks_of(x), "4 records were read"));
  // It does not come further: that would never end.
  f.request = x.outcome.request;
  x = f.read(
    R"({"data":[{"id":"2","at":130},{"id":"5","at":130},{"id":"6","at":130},{"id":"7","at":130}],"next":"p2"})");
  CHECK(x.outcome.error.code == errc::bad_page);
  CHECK_FALSE(x.batch);
}

TEST_CASE("a page that names another one whose token goes nowhere ends its slice with an error") {
  reader_fixture f;
  f.endpoint().pages.token_is_unsent = true;
  const auto x = f.read(two_rows);
  CHECK(x.outcome.result == page_result::failed);
  CHECK(x.outcome.error.code == errc::bad_manifest);
  CHECK(contains(x.outcome.error.message, "page_token_option"));
  CHECK(f.read(R"({"data":[{"id":"1"}]})").outcome.result == page_result::slice_done);
}

TEST_CASE(
  "a next page that cannot be named matters to a read, limited or not, and not to a check that has its record") {
  reader_fixture f;
  f.endpoint().pages.token_is_unsent = true;
  const auto result_for
    = [&f](request_purpose purpose, const char* answer = R"({"data":[{"id":"1"},{"id":"2"}],"next":"p2"})") {
        f.limits.purpose = purpose;
        return f.read(answer).outcome.result;
      };
  CHECK(result_for(request_purpose::read) == page_result::failed);
  f.the_plan->record_limit = 2; // as many as the page has: there may be more, which a state must not promise
  CHECK(result_for(request_purpose::read) == page_result::failed);
  CHECK(result_for(request_purpose::check) == page_result::slice_done);
  CHECK(result_for(request_purpose::check, R"({"data":[],"next":"p2"})") == page_result::failed);
}
