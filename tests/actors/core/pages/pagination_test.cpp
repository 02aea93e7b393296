#include "actors/core/pages/pagination.hpp"

#include "actors/core/requests/headers.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

#include <optional>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

struct pagination_fixture : page_fixture {
  header_list headers;
  std::string last_record;
  std::uint64_t records = 0;
  std::string previous;
  std::string request_url;

  explicit pagination_fixture(std::string_view cursor_value = "{{ response.links.next }}", std::string_view stop = "") {
    auto& cursor = endpoint().pages.strategy.emplace<cursor_pagination>();
    endpoint().needs_headers = true;
    cursor.cursor_value = parse_template(cursor_value);
    if (!stop.empty()) {
      cursor.stop_condition = parse_condition(stop);
    }
  }

  expected<std::optional<std::string>> next(std::string_view response) {
    auto value = language::parse_json(response);
    REQUIRE(value);
    return next_page_token(*the_plan, endpoint(), slice,
                           {*value, headers, last_record, records, records, previous, request_url});
  }

  std::optional<std::string> token(std::string_view response) {
    auto result = next(response);
    INFO((result ? "" : result.error().message));
    REQUIRE(result);
    return *result;
  }
};

} // namespace

TEST_CASE("the next page is what the cursor value says, none if it says nothing") {
  pagination_fixture f;
  CHECK(f.token(R"({"links":{"next":"https://h/?page=2"}})") == "https://h/?page=2");
  for (auto response : {R"({"links":{}})", R"({"links":{"next":null}})", R"({"links":{"next":""}})",
                        R"({"links":{"next":false}})", R"({"links":{"next":0}})", R"({"links":{"next":" "}})"}) {
    INFO(response);
    CHECK_FALSE(f.token(response));
  }
}

TEST_CASE("tokens keep their text") {
  pagination_fixture f;
  for (std::string token : {"1e5", "00123", "True", "[1]", "a b", "123456789012345678901234"}) {
    CHECK(f.token("{\"links\":{\"next\":\"" + token + "\"}}") == token);
  }
  CHECK(f.token(R"({"links":{"next":17}})") == "17");
}

TEST_CASE("blanks at the ends belong to a token, and nothing else is none") {
  pagination_fixture f;
  CHECK(f.token(R"({"links":{"next":" a\t"}})") == " a\t");
  CHECK(f.token(R"({"links":{"next":"a \n"}})") == "a \n");
  CHECK_FALSE(f.token(R"({"links":{"next":" \t\r\n"}})"));
}

TEST_CASE("links are resolved against the URL of the page that they stand in") {
  struct row {
    const char* link;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {"?page=2", "https://h/v3/list?page=2"},
    {"/x", "https://h/x"},
    {"x", "https://h/v3/x"},
    {"../x", "https://h/x"},
    {"//other/x", "https://other/x"},
    {"https://h/y?page=2#f", "https://h/y?page=2#f"},
    {" https://h/y?c=a \\n", "https://h/y?c=a "},
    {"\\t?c=a", "https://h/v3/list?c=a"},
  }));
  pagination_fixture f;
  f.endpoint().pages.token_is_url = true;
  f.request_url = "https://h/v3/list?page=1";
  INFO(r.link);
  CHECK(f.token(std::string{"{\"links\":{\"next\":\""} + r.link + "\"}}") == r.expected);
  // Both name the page itself.
  for (const auto* own : {"#top", "?page=1"}) {
    f.previous = f.request_url;
    CHECK_FALSE(f.next(std::string{"{\"links\":{\"next\":\""} + own + "\"}}"));
  }
}

TEST_CASE("of the last record only what a paginator reads is decoded") {
  pagination_fixture f{"{{ last_record.id }}"};
  f.last_record = R"({"id":"r9","x":[)" + std::string(1 << 20, '[') + std::string(1 << 20, ']') + "]}";
  CHECK(f.token("{}") == "r9");
}

TEST_CASE("the stop condition comes first") {
  pagination_fixture f{"{{ response.next }}", "{{ not response.more }}"};
  CHECK_FALSE(f.token(R"({"more":false,"next":"x"})"));
  CHECK(f.token(R"({"more":true,"next":"x"})") == "x");
}

TEST_CASE("paginators see headers, the last record and the size of the page") {
  pagination_fixture links{"{{ headers.link.next.url }}", "{{ 'next' not in headers.link }}"};
  CHECK_FALSE(links.token("{}"));
  links.headers = {{"Link", R"(<https://h/?a,b;c>; rel="next"; title="x, y", <https://h/last>; rel=last)"}};
  CHECK(links.token("{}") == "https://h/?a,b;c");

  pagination_fixture header{"{{ headers['X-Next'] }}{{ headers['x-next'] }}"};
  header.headers = {{"X-Next", "n"}};
  CHECK(header.token("{}") == "nn");
  pagination_fixture any_case{"{{ headers['X-NEXT'] }}{{ headers.get('x-nExt') }}{{ 'X-next' in headers }}"};
  any_case.headers = {{"x-next", "n"}};
  CHECK(any_case.token("{}") == "nnTrue");
  // In its own case `link` is what the reference has taken apart, otherwise it is the header.
  pagination_fixture raw{"{{ headers['Link'] }} {{ headers['LINK'] }} {{ headers['link'].next.url }}"};
  raw.headers = {{"Link", "<https://h/2>; rel=next"}};
  CHECK(raw.token("{}") == "<https://h/2>; rel=next <https://h/2>; rel=next https://h/2");

  pagination_fixture last{"{{ last_record.id }}", "{{ last_page_size < 2 }}"};
  last.last_record = R"({"id":"r9"})";
  last.records = 2;
  CHECK(last.token("{}") == "r9");
  last.records = 1;
  CHECK_FALSE(last.token("{}"));
}

TEST_CASE("an object is no token that a parameter could carry") {
  pagination_fixture f;
  const std::string body = R"({"links":{"next":{"a":1}}})";
  f.endpoint().pages.token_option = request_option{inject_into::header, "X-After", {}};
  CHECK(f.token(body) == "{'a': 1}");
  f.endpoint().pages.token_option = request_option{inject_into::parameter, "after", {}};
  auto token = f.next(body);
  REQUIRE_FALSE(token);
  CHECK(token.error().code == errc::bad_page);
  CHECK(contains(token.error().message, "object"));
}

// `last_record` of an empty page is None, which has no methods.
TEST_CASE("a stop condition that uses a method of nothing does not stop, one of the wrong type stops") {
  pagination_fixture method{"{{ response.next }}", "{{ last_record.get('done') }}"};
  CHECK(method.token(R"({"next":"x"})") == "x");
  pagination_fixture type{"{{ response.next }}", "{{ not 'next' in headers.get('X-Link') }}"};
  CHECK_FALSE(type.token(R"({"next":"x"})"));
  pagination_fixture none{"{{ response.next }}", "{{ response.stop }}"};
  CHECK(none.token(R"({"next":"x","stop":null})") == "x");
}

TEST_CASE("templates count the records that the steps left") {
  pagination_fixture f{"{{ last_page_size }}"};
  auto value = language::parse_json("{}");
  auto token = next_page_token(*f.the_plan, f.endpoint(), f.slice, {*value, f.headers, "", 3, 10, "", ""});
  REQUIRE(token);
  CHECK(*token == "3");
}

TEST_CASE("what a strategy reads of records decides who may share its pages") {
  CHECK_FALSE(pagination{}.reads_records());
  pagination p;
  auto& cursor = p.strategy.emplace<cursor_pagination>();
  cursor.cursor_value = parse_template("{{ response.next }}");
  CHECK_FALSE(p.reads_records());
  cursor.stop_condition = parse_condition("{{ last_page_size < 5 }}");
  CHECK(p.reads_records());
  cursor.stop_condition.reset();
  cursor.cursor_value = parse_template("{{ last_record.id }}");
  CHECK(p.reads_records());
}

TEST_CASE("a page that names the first one's token as the next is an error, too") {
  pagination_fixture f;
  f.endpoint().pages.first_token = "1";
  CHECK_FALSE(f.next(R"({"links":{"next":1}})"));
  CHECK(f.token(R"({"links":{"next":2}})") == "2");
}

TEST_CASE("an endpoint without paginator has one page") {
  pagination_fixture f;
  f.endpoint().pages.strategy = no_pagination{};
  CHECK_FALSE(f.token(R"({"links":{"next":"x"}})"));
}

TEST_CASE("a page that names itself as the next one is an error, not an endless loop") {
  pagination_fixture f;
  f.previous = "https://h/?page=2";
  auto result = f.next(R"({"links":{"next":"https://h/?page=2"}})");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == errc::bad_page);
  CHECK(f.token(R"({"links":{"next":"https://h/?page=3"}})") == "https://h/?page=3");
}

TEST_CASE("link headers are taken apart") {
  auto json = [](std::string_view text) { return language::to_json(parse_link_header(text)); };
  CHECK(json("") == "{}");
  CHECK(json("<u>; rel=\"next\"") == R"({"next":{"url":"u","rel":"next"}})");
  CHECK(json("<a>;rel=prev,<b>;rel=next") == R"({"prev":{"url":"a","rel":"prev"},"next":{"url":"b","rel":"next"}})");
  CHECK(json("<a>") == R"({"a":{"url":"a"}})");
  CHECK(json("<a; rel=next") == "{}");
  CHECK(json("<a>; rel=\"next  last\"")
        == R"({"next":{"url":"a","rel":"next  last"},"last":{"url":"a","rel":"next  last"},)"
           R"("next  last":{"url":"a","rel":"next  last"}})");
  CHECK(json("<a>; rel=\"prev next\", <b>; rel=next").find(R"("next":{"url":"a")") != std::string::npos);
  CHECK(json("<a>; rel=next, <b>; rel=next") == R"({"next":{"url":"a","rel":"next"}})");
}

TEST_CASE("headers of one name are joined, whatever its case") {
  header_list headers{{"X-A", "1"}, {"x-b", "2"}, {"X-A", "3"}};
  CHECK(language::to_json(headers_value(headers)) == R"({"X-A":"1, 3","x-b":"2","link":{}})");
}

TEST_CASE("a feed that has come to what is known has no next page, whatever the page names") {
  pagination_fixture f;
  const auto response = language::parse_json(R"({"links":{"next":"x"}})").value();
  page_view page{response, f.headers, {}, 1, 1, {}, {}};
  CHECK(*next_page_token(*f.the_plan, f.endpoint(), f.slice, page) == "x");
  page.feed_ends = true;
  CHECK_FALSE(*next_page_token(*f.the_plan, f.endpoint(), f.slice, page));
}
