#include "actors/core/requests/request_body.hpp"

#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/partition.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using language::value;

namespace {

struct body_fixture : page_fixture {
  page_request request;

  body_fixture() {
    the_plan->config = *language::parse_json(R"({"token":"s3cret","n":5,"none":null,"list":[1,"a"],"o":{"p":1.5}})");
    request.slice = slice;
    request.slice.partition = make_partition("id", "7", {});
    endpoint().request.method = "POST";
  }

  built_request build() {
    auto built = build_request(*the_plan, endpoint(), request);
    INFO((built ? "" : built.error().message));
    REQUIRE(built);
    return std::move(*built);
  }

  std::string refusal() {
    auto built = build_request(*the_plan, endpoint(), request);
    REQUIRE_FALSE(built);
    return built.error().message;
  }

  request_template& shape() { return endpoint().request; }
};

json_template text(const std::string& source) {
  return {parse_template(source)};
}

request_body object(json_template::members members) {
  return json_body{{std::move(members)}};
}

header_list typed(const char* type) {
  return {{"Content-Type", type}};
}

credential known(credential_fields fields) {
  return static_credential{std::move(fields)};
}

} // namespace

TEST_CASE("a body in JSON is evaluated member by member, and what is nothing is left out of objects") {
  body_fixture f;
  f.shape().body = object({
    {parse_template("number"), text("{{ config.n }}")},
    {parse_template("words"), text("n is {{ config.n }}")},
    {parse_template("digits"), text("{{ '007' }}")},
    {parse_template("none"), text("{{ config.none }}")},
    {parse_template("missing"), text("{{ config.x }}")},
    {parse_template("deep"), text("{{ config.x.y }}")},
    {parse_template("empty"), text("{{ '' }}")},
    {parse_template("object"), text("{{ config.o }}")},
    {parse_template("{{ config.token }}"), json_template{value{true}}},
    {parse_template("list"), json_template{json_template::list{text("{{ config.list }}"), text("{{ config.x }}")}}},
    {parse_template("inner"), json_template{json_template::members{{parse_template("a"), text("{{ none }}")}}}},
    {parse_template("slice"), text("{{ stream_partition.id }}{{ stream_interval.start_time }}")},
  });
  const auto built = f.build();
  CHECK(built.body
        == R"({"number":5,"words":"n is 5","digits":"007","object":{"p":1.5},"s3cret":true,)"
           R"("list":[[1,"a"],null],"inner":{},"slice":7})");
  CHECK(built.headers == typed("application/json"));
}

TEST_CASE("a body in JSON may be a text that renders as a dict") {
  body_fixture f;
  f.shape().body = json_body{text("{{ {'a': config.n, 'b': none} }}")};
  CHECK(f.build().body == R"({"a":5,"b":null})");
  for (const auto* source : {"{{ 'x' }}", R"({"a": true})", "{{ [1] }}", "{{ config.x }}"}) {
    f.shape().body = json_body{text(source)};
    CAPTURE(source);
    CHECK(contains(f.refusal(), "Python's notation"));
  }
}

TEST_CASE("an empty object is no body") {
  body_fixture f;
  f.shape().body = object({{parse_template("a"), text("{{ none }}")}});
  CHECK(f.build().body.empty());
  CHECK(f.build().headers.empty());
}

TEST_CASE("form data is url-encoded, with a field for each element of a list") {
  body_fixture f;
  f.shape().body = form_body{{{"a b", parse_template("x&y=é/:~")},
                              {"list", parse_template("{{ config.list }}")},
                              {"none", parse_template("{{ config.x.y }}")},
                              {"n", parse_template("{{ config.n }}")}}};
  const auto built = f.build();
  CHECK(built.body == "a+b=x%26y%3D%C3%A9%2F%3A~&list=1&list=a&n=5");
  CHECK(built.headers == typed("application/x-www-form-urlencoded"));
}

TEST_CASE("a text is sent as it is, without a content type, or as the form that it means") {
  body_fixture f;
  f.shape().body = text_body{parse_template("<q>{{ config.n }} & é</q>")};
  CHECK(f.build().body == "<q>5 & é</q>");
  CHECK(f.build().headers.empty());
  f.shape().body = text_body{parse_template("{{ {'a': 'b c', 'd': [1, 2], 'e': none} }}")};
  CHECK(f.build().body == "a=b+c&d=1&d=2");
  CHECK(f.build().headers == typed("application/x-www-form-urlencoded"));
}

TEST_CASE("the content type of the manifest goes before the usual one") {
  body_fixture f;
  f.shape().headers = {{"content-type", text_template::literal("application/graphql+json")}};
  f.shape().body = object({{parse_template("a"), json_template{value{1}}}});
  CHECK(f.build().headers == header_list{{"content-type", "application/graphql+json"}});
}

TEST_CASE("pages, partitions, windows and credentials go into the body as what they are") {
  body_fixture f;
  auto& e = f.endpoint();
  f.shape().body
    = object({{parse_template("filter"),
               json_template{json_template::members{{parse_template("kind"), json_template{value{"x"}}}}}}});
  f.shape().credential = known({{credential_field::place::body_json, "auth", "00123", {"key"}}});
  f.shape().partition_options = {{{inject_into::body_json, "filter", {"id"}}, "id"}};
  e.pages.strategy = offset_increment{};
  e.pages.page_size = 2;
  e.pages.page_size_option = request_option{inject_into::body_json, "page", {"size"}};
  e.pages.token_option = request_option{inject_into::body_json, "page", {"token"}};
  datetime_cursor cursor;
  cursor.start_option = request_option{inject_into::body_json, "since", {}};
  e.cursor = cursor;
  f.request.slice.has_window = true;
  f.request.slice.lower_text = "1577836800";
  f.request.token = "4";
  CHECK(f.build().body
        == R"({"filter":{"kind":"x","id":7},"auth":{"key":"00123"},"since":"1577836800","page":{"size":2,"token":4}})");
  f.request.token = "1e5";
  CHECK(contains(f.build().body, R"("token":"1e5")"));
  f.request.token = "0012";
  CHECK(contains(f.build().body, R"("token":"0012")"));
  // The slice is said once.
  e.pages.first_page_has_slice = true;
  CHECK(f.build().body == R"({"filter":{"kind":"x"},"auth":{"key":"00123"},"page":{"size":2,"token":"0012"}})");
}

TEST_CASE("the same goes into forms as text") {
  body_fixture f;
  auto& e = f.endpoint();
  f.shape().body = form_body{{{"a", text_template::literal("b")}}};
  f.shape().credential = known({{credential_field::place::body_data, "key", "s 3"}});
  f.shape().partition_options = {{{inject_into::body_data, "id", {}}, "id"}, {{inject_into::header, "X-No", {}}, "no"}};
  e.pages.page_size = 2;
  e.pages.page_size_option = request_option{inject_into::body_data, "size", {}};
  CHECK(f.build().body == "a=b&key=s+3&id=7&size=2");
}

TEST_CASE("one field of a body with two values is an error; with the same value only in a form") {
  body_fixture f;
  f.shape().body = object({{parse_template("a"), text("{{ config.n }}")}});
  f.shape().credential = known({{credential_field::place::body_json, "a", "6", {}}});
  CHECK(contains(f.refusal(), "`a`"));
  f.shape().credential = no_credential{};
  f.endpoint().pages.page_size = 5;
  f.endpoint().pages.page_size_option = request_option{inject_into::body_json, "a", {}};
  CHECK(f.build().body == R"({"a":5})");
  f.endpoint().pages.page_size_option->inner = {"b"};
  CHECK(contains(f.refusal(), "`a`"));
  f.shape().body = form_body{{{"a", parse_template("{{ config.n }}")}}};
  f.endpoint().pages.page_size_option = request_option{inject_into::body_data, "a", {}};
  CHECK(contains(f.refusal(), "`a` twice"));
}

TEST_CASE("two kinds of body at once are an error, also where only a page shows it") {
  body_fixture f;
  f.shape().body = form_body{{{"a", text_template::literal("b")}}};
  f.endpoint().pages.token_option = request_option{inject_into::body_json, "page", {}};
  CHECK(f.build().body == "a=b");
  f.request.token = "2";
  CHECK(contains(f.refusal(), "more than one of"));
}

TEST_CASE("an object is no parameter") {
  body_fixture f;
  f.request.slice.partition = make_partition("id", R"({"a":1})", {});
  f.shape().partition_options = {{{inject_into::parameter, "id", {}}, "id"}};
  CHECK(contains(f.refusal(), "`id` is an object"));
  f.shape().partition_options[0].option.into = inject_into::body_json;
  CHECK(f.build().body == R"({"id":{"a":1}})");
}

TEST_CASE("a shape has no secrets in its body") {
  body_fixture f;
  f.shape().credential = known({{credential_field::place::body_data, "key", "s3cret"}});
  auto shape = build_shape(*f.the_plan, f.endpoint(), f.request);
  REQUIRE(shape);
  CHECK(shape->body.empty());
  CHECK(f.build().body == "key=s3cret");
}
