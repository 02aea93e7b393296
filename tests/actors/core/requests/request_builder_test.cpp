#include "actors/core/requests/request_builder.hpp"

#include "actors/core/slices/partition.hpp"

#include "tests/actors/core/records/page_fixture.hpp"

#include <string>
#include <string_view>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;

namespace {

struct request_fixture : page_fixture {
  page_request request;

  request_fixture() {
    the_plan->config = language::value_dict{{"token", "s3cret"}, {"page_size", 50}};
    request.slice = slice;
  }

  expected<built_request> build() { return build_request(*the_plan, endpoint(), request); }

  std::string url() {
    auto built = build();
    INFO((built ? "" : built.error().message));
    REQUIRE(built);
    return built->url;
  }

  /// Asks for the page that the link names.
  expected<built_request> follow(std::string link) {
    endpoint().pages.strategy = cursor_pagination{};
    endpoint().pages.token_is_url = true;
    request.page = 2;
    request.token = std::move(link);
    return build();
  }
};

credential known(credential_fields fields) {
  return static_credential{std::move(fields)};
}

} // namespace

TEST_CASE("a request is rendered from its template, with the window of its slice") {
  request_fixture f;
  auto& e = f.endpoint();
  e.request.path = text_template::literal("/surveys");
  e.request.parameters = {{"include", text_template::literal("response_count,date_created")},
                          {"empty", text_template::literal("")},
                          {"q", text_template::literal("a b&c")}};
  e.request.headers = {{"Accept", text_template::literal("application/json")}, {"X-Empty", text_template::literal("")}};
  e.request.credential = known({{credential_field::place::header, "Authorization", "Bearer s3cret"}});
  e.pages.page_size = 1000;
  e.pages.page_size_option = request_option{inject_into::parameter, "per_page"};
  datetime_cursor cursor;
  cursor.start_option = request_option{inject_into::parameter, "start_modified_at"};
  cursor.end_option = request_option{inject_into::header, "X-End"};
  e.cursor = cursor;
  f.request.slice.has_window = true;
  f.request.slice.lower_text = "2020-01-01T00:00:00Z";
  f.request.slice.upper_text = "2020-12-30T23:59:59Z";
  auto built = f.build();
  REQUIRE(built);
  CHECK(built->method == "GET");
  CHECK(built->url
        == "https://api.example.com/v3/surveys?include=response_count,date_created&q=a+b%26c"
           "&start_modified_at=2020-01-01T00:00:00Z&per_page=1000");
  CHECK(built->headers
        == header_list{
          {"Accept", "application/json"}, {"Authorization", "Bearer s3cret"}, {"X-End", "2020-12-30T23:59:59Z"}});
}

TEST_CASE("base and path are joined with one slash between segments") {
  struct row {
    const char* base;
    const char* path;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {"https://h/v3/", "surveys/", "https://h/v3/surveys/"},
    {"https://h/v3", "/surveys", "https://h/v3/surveys"},
    {"https://h", "surveys", "https://h/surveys"},
    {"https://h/v3/", "", "https://h/v3/"},
    {"https://h/v3", "", "https://h/v3"},
    {"https://h/v3", "?a=1", "https://h/v3?a=1"},
    {"https://h/", "a//b", "https://h/a/b"},
    {"https://h/root//x/", "a//b", "https://h/root/x/a/b"},
    {"https://h/root//x/", "", "https://h/root//x/"},
    {"https://h/v3/", "/", "https://h/v3/"},
    {"https://h/", "a b/é", "https://h/a%20b/%C3%A9"},
    {"https://h/", "https://h/other", "https://h/other"},
  }));
  request_fixture f;
  f.endpoint().request.url_base = r.base;
  f.endpoint().request.path = text_template::literal(r.path);
  CHECK(f.url() == r.expected);
}

TEST_CASE("a parameter that the path has already is not repeated") {
  request_fixture f;
  f.endpoint().request.path = text_template::literal("surveys?a=1&b=x%20y");
  f.endpoint().request.parameters
    = {{"a", text_template::literal("1")}, {"b", text_template::literal("x y")}, {"c", text_template::literal("3")}};
  CHECK(f.url() == "https://api.example.com/v3/surveys?a=1&b=x%20y&c=3");
}

TEST_CASE("values of a slice cannot change the structure of the URL") {
  request_fixture f;
  f.endpoint().request.path = parse_template("surveys/{{ stream_partition.id }}/responses/");
  f.endpoint().request.parameters = {{"id", parse_template("{{ stream_slice.id }}")}};
  struct row {
    const char* json;
    const char* path;
    const char* query;
  };
  auto r = GENERATE(values<row>({
    {"\"307\"", "307", "307"},
    {"307", "307", "307"},
    {"123456789012345678901234", "123456789012345678901234", "123456789012345678901234"},
    {"12345678901234567890", "12345678901234567890", "12345678901234567890"},
    {"\"a/b?c\"", "a/b%3Fc", "a/b%3Fc"},
    {"\"..\"", "%2E%2E", ".."},
    {"\"../x/.\"", "%2E%2E/x/%2E", "../x/."},
    {"\"%2F\"", "%252F", "%252F"},
    {"\"a+b&c=d;e:f@g,h\"", "a+b&c=d;e:f@g,h", "a%2Bb%26c%3Dd%3Be:f@g,h"},
    {"\"a\\\\b|c^d`{}<>\\\"\"", "a%5Cb%7Cc%5Ed%60%7B%7D%3C%3E%22", "a%5Cb%7Cc%5Ed%60%7B%7D%3C%3E%22"},
    {"\"[x]\"", "%5Bx%5D", "%5Bx%5D"},
    {"[1,2]", "%5B1,%202%5D", "1&id=2"},
    {"{\"k\":\"v/w?\"}", "%7B'k':%20'v/w%3F'%7D", "%7B%27k%27:+%27v/w%3F%27%7D"},
    {"null", "None", ""},
    {"true", "True", "True"},
    {"1.5", "1.5", "1.5"},
    {"\"x#y z\"", "x%23y%20z", "x%23y+z"},
    {"\"100%\"", "100%25", "100%25"},
    // Empty segments are left out, as in the reference.
    {"\"https://evil.example\"", "https:/evil.example", "https://evil.example"},
    {"\"\\u00e9\"", "%C3%A9", "%C3%A9"},
  }));
  f.request.slice.partition = make_partition("id", r.json, {});
  auto query = *r.query == '\0' ? std::string{} : std::string{"?id="} + r.query;
  CHECK(f.url() == std::string{"https://api.example.com/v3/surveys/"} + r.path + "/responses/" + query);
}

TEST_CASE("a path template may lead to a whole URL, and computes with values as they are") {
  struct row {
    const char* path;
    const char* json;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    // The whole path is the value.
    {"{{ stream_partition.id }}", R"("https://api.example.com/v9/x?y=1#z")", "https://api.example.com/v9/x?y=1"},
    {"{{ stream_partition.id }}/items?z=2", R"("https://api.example.com/v9/\u00e9")",
     "https://api.example.com/v9/%C3%A9/items?z=2"},
    {"{{ stream_partition.id }}", R"("/a/b")", "https://api.example.com/v3/a/b"},
    {"{{ stream_partition.id }}", R"("//other.example/x")", "https://api.example.com/v3/other.example/x"},
    {"{{ stream_partition.id }}", R"("a?b=c")", "https://api.example.com/v3/a%3Fb=c"},
    {"https://api.example.com/v1/{{ stream_partition.id }}", R"("a?b")", "https://api.example.com/v1/a%3Fb"},
    // As it is, though not alone.
    {"{{ 'x?id=' ~ stream_partition.id }}", R"("a?b#c")", "https://api.example.com/v3/x?id=a%3Fb%23c"},
    {"{{ stream_partition.id or 'all' }}", R"("a?b")", "https://api.example.com/v3/a%3Fb"},
    {"{{ stream_partition.id if stream_partition.id == 'a b' else 'no' }}", R"("a b")",
     "https://api.example.com/v3/a%20b"},
    // What is computed is taken as it is, like all that the manifest writes itself.
    {"x/{{ stream_partition.id.split('/')[-1] }}", R"("a/b c")", "https://api.example.com/v3/x/b%20c"},
    {"x/{{ stream_partition.id | urlencode }}", R"("a/b?c")", "https://api.example.com/v3/x/a/b%3Fc"},
    {"x/{{ sanitize_url(stream_partition.id) }}/y", R"("https://h/?a")",
     "https://api.example.com/v3/x/https%3A%2F%2Fh%2F%3Fa/y"},
    {"x/{{ stream_partition.id | replace('-', '?') }}", R"("a-b")", "https://api.example.com/v3/x/a?b"},
    // Literals.
    {"x/100%/[a]?f[0]=1&g=%zz%41", "1", "https://api.example.com/v3/x/100%25/%5Ba%5D?f%5B0%5D=1&g=%25zz%41"},
    {"{{ 'x' in none }}", "1", "https://api.example.com/v3/%7B%7B%20'x'%20in%20none%20%7D%7D"},
  }));
  request_fixture f;
  f.endpoint().request.path = parse_template(r.path);
  f.request.slice.partition = make_partition("id", r.json, {});
  CAPTURE(r.path, r.json);
  CHECK(f.url() == r.expected);
}

TEST_CASE("no value leads a path to another host") {
  request_fixture f;
  f.endpoint().request.path = parse_template("{{ stream_partition.id }}");
  for (auto* json : {R"("https://other.example/x")", R"("http://api.example.com/x")",
                     R"("https://api.example.com@other.example/")", R"("https://api.example.com:444/")"}) {
    CAPTURE(json);
    f.request.slice.partition = make_partition("id", json, {});
    auto built = f.build();
    REQUIRE_FALSE(built);
    CHECK(built.error().code == errc::foreign_url);
  }
}

TEST_CASE("parameters and headers are sent as the reference sends them, but None is left out") {
  request_fixture f;
  auto& request = f.endpoint().request;
  request.parameters = {{"list", parse_template("{{ [1, none, 'a b'] }}")},
                        {"none", parse_template("{{ none }}")},
                        {"missing", parse_template("{{ config.missing.x }}")},
                        {"when", parse_template("{{ format_datetime(config.missing, '%Y') }}")},
                        {"quoted", text_template::literal("'q'")},
                        {"float", text_template::literal("1e5")},
                        {"big", parse_template("{{ 12345678901234567890 }}")}};
  request.headers = {{"X-None", parse_template("{{ none }}")},
                     {"X-Quoted", text_template::literal("'q'")},
                     {"X-List", parse_template("{{ [1, 2] }}")}};
  request.credential = known(
    {{credential_field::place::header, "Authorization", "'1e5'"}, {credential_field::place::header, "X-Key", "None"}});
  auto built = f.build();
  REQUIRE(built);
  CHECK(built->url == "https://api.example.com/v3/surveys?list=1&list=a+b&quoted=q&float=1e5&big=12345678901234567890");
  CHECK(built->headers
        == header_list{{"X-Quoted", "q"}, {"X-List", "[1, 2]"}, {"Authorization", "'1e5'"}, {"X-Key", "None"}});
}

TEST_CASE("a partition that a parameter carries is sent as it is") {
  request_fixture f;
  f.endpoint().request.partition_options = {{{inject_into::parameter, "id", {}}, "id"}};
  f.request.slice.partition = make_partition("id", R"("'q'")", {});
  CHECK(f.url() == "https://api.example.com/v3/surveys?id=%27q%27");
  f.request.slice.partition = make_partition("id", R"(["a","b"])", {});
  CHECK(f.url() == "https://api.example.com/v3/surveys?id=a&id=b");
  for (const auto* nothing : {"0", "false", "null", "\"\"", "[]", "{}"}) {
    f.request.slice.partition = make_partition("id", nothing, {});
    CHECK(f.url() == "https://api.example.com/v3/surveys");
  }
}

TEST_CASE("a link of the server is used as it is, but for parameters that it lacks") {
  request_fixture f;
  auto& e = f.endpoint();
  e.request.parameters = {{"page", text_template::literal("1")}};
  e.request.credential = known({{credential_field::place::header, "Authorization", "Bearer t"}});
  struct row {
    const char* link;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {"https://api.example.com/v3/surveys?page=2&per_page=50", "https://api.example.com/v3/surveys?page=2&per_page=50"},
    {"https://API.example.com:443/v3/surveys?page=2", "https://API.example.com:443/v3/surveys?page=2"},
    {"https://api.example.com/elsewhere?a=%2C,+b&page", "https://api.example.com/elsewhere?a=%2C,+b&page"},
    {"https://api.example.com/v3/x#frag", "https://api.example.com/v3/x?page=1"},
    {"https://api.example.com/v3/x?a=b c\t&page=ä", "https://api.example.com/v3/x?a=b%20c%09&page=%C3%A4"},
    {"https://api.example.com/a b?page=2", "https://api.example.com/a%20b?page=2"},
    {"//api.example.com/x?page=2", "https://api.example.com/x?page=2"},
    {"/v3/surveys?page=2", "https://api.example.com/v3/surveys?page=2"},
    {"surveys?page=2", "https://api.example.com/v3/surveys?page=2"},
    {"?page=2", "https://api.example.com/v3/?page=2"},
    {"?p%61ge=2", "https://api.example.com/v3/?p%61ge=2"},
  }));
  auto built = f.follow(r.link);
  REQUIRE(built);
  CHECK(built->url == r.expected);
  CHECK(built->headers == header_list{{"Authorization", "Bearer t"}});
}

TEST_CASE("a link keeps to what the manifest says of pages after the first") {
  request_fixture f;
  auto& e = f.endpoint();
  e.request.parameters = {{"limit", text_template::literal("2")}, {"q", text_template::literal("a b")}};
  e.pages.page_size = 10;
  e.pages.page_size_option = request_option{inject_into::parameter, "size"};
  datetime_cursor c;
  c.start_option = request_option{inject_into::parameter, "since"};
  c.end_option = request_option{inject_into::header, "X-Until"};
  e.cursor = c;
  f.request.slice.has_window = true;
  f.request.slice.lower_text = "2020";
  f.request.slice.upper_text = "2021";
  auto built = f.follow("https://api.example.com/x?page=2&limit=5");
  REQUIRE(built);
  CHECK(built->url == "https://api.example.com/x?page=2&limit=5&q=a+b&since=2020&size=10");
  CHECK(built->headers == header_list{{"X-Until", "2021"}});
  e.pages.first_page_has_slice = true;
  built = f.follow("https://api.example.com/x?page=2&size=7");
  REQUIRE(built);
  CHECK(built->url == "https://api.example.com/x?page=2&size=7&limit=2&q=a+b");
  CHECK(built->headers.empty());
}

TEST_CASE("a link to anywhere else is refused before a credential leaves") {
  auto link = GENERATE(values<std::string>({
    "https://evil.example/v3/surveys",
    "http://api.example.com/v3/surveys",
    "https://api.example.com:8443/v3",
    "https://api.example.com.evil.example/",
    "https://user:pw@api.example.com/v3",
    "https://api.example.com@evil.example/",
    "//evil.example/v3",
    "ftp://api.example.com/",
    "javascript:1",
    "https://api.example.com\\@evil.example/",
    "https:\\\\evil.example/",
    "https://api.example.com/a\r\nX-Evil: 1",
    "https://api.example.com./v3",
    "\\\\evil.example/x",
    "/\\evil.example/x",
    "https:/evil.example",
    "data:text/plain,x",
    "https://[::1]/",
    "https://",
    "http://169.254.169.254/",
  }));
  request_fixture f;
  auto built = f.follow(link);
  INFO(link);
  REQUIRE_FALSE(built);
  CHECK(built.error().code == errc::foreign_url);
  CHECK(built.error().failure == failure_type::system_error);
  CHECK(contains(built.error().message, "no credentials were sent there"));
}

TEST_CASE("a refused link names both hosts, and no secret in it") {
  request_fixture f;
  auto built = f.follow("https://evil.example:444/v3?token=" + std::string(100, 's'));
  REQUIRE_FALSE(built);
  CHECK(contains(built.error().message, "https://evil.example:444"));
  CHECK(contains(built.error().message, "https://api.example.com"));
  CHECK_FALSE(contains(built.error().internal_message, std::string(61, 's')));
}

TEST_CASE("no link ever leads to another origin") {
  CHECK(rc::check("links", [] {
    request_fixture f;
    auto link
      = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"htps:/\\@.?#evil %:[]api.example.com"}));
    RC_PRE(!link.empty());
    auto prefix = *rc::gen::element<std::string>("", "https://api.example.com", "https://", "//", "/", "https:");
    auto built = f.follow(prefix + link);
    if (!built)
      return;
    const std::string origin = "https://api.example.com";
    RC_ASSERT(built->url.compare(0, origin.size(), origin) == 0);
    auto rest = built->url.substr(origin.size());
    for (const char* port : {":443", ":"}) // an empty port is the default one
      if (rest.rfind(port, 0) == 0) {
        rest.erase(0, std::string{port}.size());
        break;
      }
    RC_ASSERT(rest.find_first_not_of("/?#") != 0U);
  }));
}

TEST_CASE("a token that is no URL goes where the manifest says") {
  request_fixture f;
  f.endpoint().pages.strategy = cursor_pagination{};
  f.endpoint().pages.token_option = request_option{inject_into::parameter, "after"};
  CHECK(f.url() == "https://api.example.com/v3/surveys");
  f.request.page = 2;
  f.request.token = "a=b/c";
  CHECK(f.url() == "https://api.example.com/v3/surveys?after=a%3Db/c");
  f.request.token = "[1, 'x']";
  CHECK(f.url() == "https://api.example.com/v3/surveys?after=1&after=x");
}

TEST_CASE("a shape is the request without its credential") {
  request_fixture f;
  f.endpoint().request.headers = {{"Accept", text_template::literal("a")}};
  f.endpoint().request.parameters = {{"q", text_template::literal("1")}};
  f.endpoint().request.credential = known({{credential_field::place::header, "Authorization", "Bearer s3cret"},
                                           {credential_field::place::parameter, "key", "s3cret"}});
  auto shape = build_shape(*f.the_plan, f.endpoint(), f.request);
  REQUIRE(shape);
  CHECK(shape->url == "https://api.example.com/v3/surveys?q=1");
  CHECK(shape->headers == header_list{{"Accept", "a"}});
  auto built = f.build();
  REQUIRE(built);
  CHECK(built->url == shape->url + "&key=s3cret");
  CHECK(built->headers == header_list{{"Accept", "a"}, {"Authorization", "Bearer s3cret"}});
  // A link that has it already keeps it once.
  f.endpoint().pages.token_is_url = true;
  f.request.token = "https://api.example.com/v3/surveys?key=other&page=2";
  CHECK(f.url() == "https://api.example.com/v3/surveys?key=other&page=2&q=1");
}

TEST_CASE("the first page may have a token, too") {
  request_fixture f;
  f.endpoint().pages.strategy = cursor_pagination{};
  f.endpoint().pages.token_option = request_option{inject_into::parameter, "page"};
  f.endpoint().pages.first_token = "1";
  CHECK(f.url() == "https://api.example.com/v3/surveys?page=1");
  f.request.page = 2;
  f.request.token = "2";
  CHECK(f.url() == "https://api.example.com/v3/surveys?page=2");
}

TEST_CASE("a header value with a line break is refused without being shown") {
  request_fixture f;
  f.the_plan->config = language::value_dict{{"token", "s3cret\n"}};
  f.endpoint().request.headers = {{"X-Token", parse_template("Bearer {{ config.token }} x")}};
  auto refuses = [&](const char* name) {
    auto built = f.build();
    REQUIRE_FALSE(built);
    CHECK(built.error().failure == failure_type::config_error);
    CHECK(contains(built.error().message, name));
    CHECK_FALSE(contains(built.error().message + built.error().internal_message, "s3cret"));
  };
  refuses("X-Token");
  f.endpoint().request.headers.clear();
  f.endpoint().request.credential = known({{credential_field::place::header, "Authorization", "Bearer s3cret\n"}});
  refuses("Authorization");
}

TEST_CASE("a name that is given twice is an error of the manifest") {
  request_fixture f;
  f.endpoint().request.parameters = {{"per_page", text_template::literal("5")}};
  f.endpoint().pages.page_size_option = request_option{inject_into::parameter, "per_page"};
  for (auto size : {10, 5}) {
    f.endpoint().pages.page_size = size;
    auto built = f.build();
    REQUIRE_FALSE(built);
    CHECK(built.error().code == errc::bad_manifest);
    CHECK(contains(built.error().message, "`per_page` twice"));
  }
  f.endpoint().request.parameters = {{"per_page", parse_template("{{ config.missing }}")}};
  CHECK(f.url() == "https://api.example.com/v3/surveys?per_page=5");
}

TEST_CASE("of headers whose names differ in case the later one is sent") {
  request_fixture f;
  f.endpoint().request.headers = {{"authorization", text_template::literal("old")}};
  f.endpoint().request.credential = known({{credential_field::place::header, "Authorization", "Bearer t"}});
  auto built = f.build();
  REQUIRE(built);
  CHECK(built->headers == header_list{{"Authorization", "Bearer t"}});
}

TEST_CASE("templates see the slice under all of its names, and the token") {
  const auto with_token = [](const char* source) { return *text_template::parse(source, {"next_page_token"}); };
  request_fixture f;
  auto& e = f.endpoint();
  e.cursor = datetime_cursor{};
  e.cursor->end_name = "until";
  f.request.slice.partition = make_partition("id", "7", {});
  f.request.slice.extra_fields = R"({"name":"n"})";
  f.request.slice.has_window = true;
  f.request.slice.lower_text = "a";
  f.request.slice.upper_text = "b";
  e.request.parameters = {{"p", parse_template("{{ stream_interval.id }}{{ stream_slice['start_time'] }}"
                                               "{{ stream_partition.until }}{{ stream_slice.extra_fields.name }}")},
                          {"t", with_token("{{ next_page_token['next_page_token'] }}")},
                          {"first", with_token("{{ 'yes' if not next_page_token }}")}};
  CHECK(f.url() == "https://api.example.com/v3/surveys?p=7abn&first=yes");
  f.request.token = "t2";
  CHECK(f.url() == "https://api.example.com/v3/surveys?p=7abn&t=t2");
}

TEST_CASE("a base that depends on the slice leads nowhere else") {
  request_fixture f;
  auto& r = f.endpoint().request;
  r.path = text_template::literal("x");
  r.moving = moving_base{parse_template("https://{{ stream_partition.id }}.example.com/v1/{{ stream_partition.id }}"),
                         "", ".example.com"};
  const auto asked = [&f](const char* json) {
    f.request.slice.partition = make_partition("id", json, {});
    auto built = f.build();
    return built ? built->url : std::string{built.error().code == errc::foreign_url ? "refused" : "other error"};
  };
  CHECK(asked("\"eu\"") == "https://eu.example.com/v1/eu/x");
  for (const auto* json : {R"("evil.com/")", R"("evil.com?")", R"("evil.com#")", R"("u@evil.com:80/")", R"("")",
                           R"("evil.com\\")", R"("a b")"}) {
    CAPTURE(json);
    CHECK(asked(json) == "refused");
  }
  r.moving
    = moving_base{parse_template("https://api.example.com/{{ stream_slice.id }}/"), "https://api.example.com", ""};
  CHECK(asked("\"a/../b?c\"") == "https://api.example.com/a/%2E%2E/b%3Fc/x");
  r.moving
    = moving_base{parse_template("https://api.example.com{{ stream_slice.id }}/"), "https://api.example.com", ""};
  CHECK(asked("\".evil.com\"") == "refused");
  CHECK(asked("\":444\"") == "refused");
}

TEST_CASE("a base that is no URL is an error of the configuration") {
  request_fixture f;
  for (auto base : {"", "api.example.com/v3", "https://user:pw@h/", "https:///v3"}) {
    f.endpoint().request.url_base = base;
    auto built = f.build();
    INFO(base);
    REQUIRE_FALSE(built);
    CHECK(built.error().failure == failure_type::config_error);
    CHECK_FALSE(contains(built.error().message, "user:pw"));
  }
}
