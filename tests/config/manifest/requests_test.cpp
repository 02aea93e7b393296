// Requests, as manifests declare them: places for options, bodies, methods, credentials, bases.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;
using language::value;
using language::value_dict;

namespace {

expected<plan> compiled(std::string_view yaml, const std::string& name = "parents") {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com/api","key":"s3cret","name":"n"})");
  input.streams = {{name, "", false, ""}};
  return compile_plan(*load(yaml), input);
}

/// The request of the parents, with more fields in its requester.
expected<plan> with_fields(const std::string& fields) {
  return compiled(with("path: parents", "path: parents\n        " + fields));
}

request_template request_of(const expected<plan>& p) {
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->endpoints.back().request;
}

std::string refusal_of(const expected<plan>& p) {
  REQUIRE_FALSE(p);
  CHECK(p.error().failure == failure_type::config_error);
  CHECK_FALSE(contains(p.error().message + p.error().internal_message, "s3cret"));
  return p.error().message;
}

expected<plan> with_key(const std::string& option) {
  return with_fields(
    "authenticator: {type: ApiKeyAuthenticator, api_token: \"{{ config['key'] }}\", inject_into: " + option + "}");
}

/// A base in place of the child's.
expected<plan> with_base(const std::string& base) {
  return compiled(
    with("url_base: \"{{ config['url'] }}\"\n        path: /parents/{{ stream_partition.parent_id }}/children",
         "url_base: \"" + base + "\"\n        path: children"),
    "children");
}

} // namespace

TEST_CASE("a request option names a place in any part of a request") {
  struct row {
    const char* option;
    credential_field field;
  };
  const auto r = GENERATE(values<row>({
    {"{inject_into: request_parameter, field_name: k}", {credential_field::place::parameter, "k", "s3cret"}},
    {"{inject_into: header, field_name: k}", {credential_field::place::header, "k", "s3cret"}},
    {"{inject_into: body_data, field_name: k}", {credential_field::place::body_data, "k", "s3cret"}},
    {"{inject_into: body_json, field_name: k}", {credential_field::place::body_json, "k", "s3cret"}},
    {"{inject_into: body_json, field_path: [a, \"{{ config['name'] }}\", k]}",
     {credential_field::place::body_json, "a", "s3cret", {"n", "k"}}},
    {"{inject_into: request_parameter, field_name: \"{{ config['name'] }}\"}",
     {credential_field::place::parameter, "n", "s3cret"}},
  }));
  CAPTURE(r.option);
  CHECK(known_fields(request_of(with_key(r.option)).credential) == credential_fields{r.field});
}

TEST_CASE("a request option that names no place is refused") {
  CHECK(contains(refusal_of(with_key("{inject_into: header}")), "either field_name or field_path"));
  CHECK(contains(refusal_of(with_key("{inject_into: body_json, field_name: a, field_path: [b]}")),
                 "either field_name or field_path"));
  CHECK(contains(refusal_of(with_key("{inject_into: header, field_path: [b]}")), "only a body in JSON"));
  CHECK(
    contains(refusal_of(with_key("{inject_into: header, field_name: \"{{ config['no'] }}\"}")), "must not be empty"));
  CHECK(contains(refusal_of(with_key("{inject_into: cookie, field_name: a}")), "'cookie' is not supported"));
  CHECK(contains(refusal_of(with_fields("authenticator: {type: ApiKeyAuthenticator, api_token: s3cret, header: X, "
                                        "inject_into: {inject_into: header, field_name: a}}")),
                 "both inject_into and header"));
}

TEST_CASE("a partition goes where its request_option says") {
  const auto p = compiled(with("partition_field: parent_id", "partition_field: parent_id\n            request_option: "
                                                             "{inject_into: body_json, field_path: [filter, parent]}"),
                          "children");
  const auto options = request_of(p).partition_options;
  REQUIRE(options.size() == 1);
  CHECK(options[0].field == "parent_id");
  CHECK(options[0].option == request_option{inject_into::body_json, "filter", {"parent"}});
}

TEST_CASE("bodies are compiled into forms, texts and objects") {
  const auto form
    = request_of(with_fields("http_method: POST\n        request_body_data: {a: 1, b: \"{{ config['name'] }}\"}"));
  CHECK(form.method == "POST");
  REQUIRE(std::holds_alternative<form_body>(form.body));
  CHECK(std::get<form_body>(form.body).fields[0].name == "a");
  CHECK(std::get<form_body>(form.body).fields[0].value.source() == "1");
  const auto typed_form = request_of(with_fields("request_body: {type: RequestBodyUrlEncodedForm, value: {a: b}}"));
  CHECK(std::get<form_body>(typed_form.body).fields.size() == 1);
  const auto text = request_of(with_fields("request_body_data: \"a={{ config['name'] }}\""));
  CHECK(std::get<text_body>(text.body).text.source() == "a={{ config['name'] }}");
  const auto plain = request_of(with_fields("request_body: {type: RequestBodyPlainText, value: hello}"));
  CHECK(std::get<text_body>(plain.body).text.source() == "hello");
}

TEST_CASE("what is known of a body in JSON is evaluated once") {
  const auto r = request_of(with_fields("request_body_json: {a: '1', b: [x, '', null], c: null, d: {e: '', f: true}, "
                                        "g: '[1, 2]', h: '00123', '7': i}"));
  const auto* known = std::get_if<value>(&std::get<json_body>(r.body).object.what);
  REQUIRE(known != nullptr);
  CHECK(language::to_json(*known) == R"({"a":1,"b":["x",null,null],"d":{"f":true},"g":[1,2],"h":"00123","7":"i"})");
  // What reads the configuration stays a template: a plan can be shown.
  const auto open
    = request_of(with_fields("request_body: {type: RequestBodyJsonObject, value: {a: \"{{ config['key'] }}\"}}"));
  CHECK(std::holds_alternative<json_template::members>(std::get<json_body>(open.body).object.what));
  const auto query = request_of(with_fields("request_body: {type: RequestBodyGraphQL, value: {query: '{ a }'}}"));
  CHECK(std::holds_alternative<value>(std::get<json_body>(query.body).object.what));
}

TEST_CASE("a request has one body, and a method that takes it") {
  CHECK(contains(refusal_of(with_fields("request_body_json: {a: 1}\n        request_body_data: {b: 2}")), "one body"));
  CHECK(contains(refusal_of(with_fields("request_body_json: {a: 1}\n        request_body: {type: RequestBodyPlainText, "
                                        "value: x}")),
                 "one body"));
  CHECK(contains(refusal_of(with_fields("request_body: {type: RequestBodyGraphQL, value: {a: b}}")), "`query`"));
  CHECK(contains(refusal_of(with_fields("http_method: DELETE\n        request_body_json: {a: 1}")), "without a body"));
  CHECK(contains(refusal_of(with_fields("http_method: TRACE")), "'TRACE' is not supported"));
  CHECK(contains(refusal_of(with_fields("request_body_json: {a: \"{{ record.x }}\"}")), "request_body_json.a"));
  CHECK(std::holds_alternative<no_body>(
    request_of(with_fields("request_body_json: {}\n        request_body_data: ''")).body));
  for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
    CHECK(request_of(with_fields(std::string{"http_method: "} + method)).method == method);
}

TEST_CASE("parameters may be a text that means a dict") {
  const auto yaml = with("request_parameters:\n          limit: 100",
                         "request_parameters: \"{{ {'type': 'a.*', 'n': 5, 'none': none} }}\"");
  const auto r = request_of(compiled(yaml));
  REQUIRE(r.parameters.size() == 2);
  CHECK(r.parameters[0].name == "type");
  CHECK(r.parameters[0].value.source() == "a.*");
  CHECK(r.parameters[1].value.source() == "5");
  CHECK(contains(refusal_of(compiled(with("request_parameters:\n          limit: 100", "request_parameters: a=b"))),
                 "renders as a dict"));
}

TEST_CASE("two parts of a request that fill the same place are refused") {
  const std::string key = "authenticator: {type: ApiKeyAuthenticator, api_token: s3cret, inject_into: ";
  CHECK(contains(refusal_of(with_fields(key + "{inject_into: request_parameter, field_name: limit}}")),
                 "parameter `limit` is given twice, by the requester and by the authenticator"));
  CHECK(contains(
    refusal_of(with_fields("request_headers: {X: a}\n        " + key + "{inject_into: header, field_name: X}}")),
    "header `X` is given twice"));
  CHECK(contains(
    refusal_of(with_fields("request_body_json: {a: b}\n        " + key + "{inject_into: body_data, field_name: k}}")),
    "JSON and form data at once"));
  // Names in headers differ in case, and JSON fields may say the same.
  CHECK(with_fields("request_headers: {x: a}\n        " + key + "{inject_into: header, field_name: X}}"));
  CHECK(with_fields("request_body_json: {a: b}\n        " + key + "{inject_into: body_json, field_name: a}}"));
  const std::string paginator
    = "type: DefaultPaginator\n        pagination_strategy: {type: PageIncrement, page_size: 5}\n"
      "        page_size_option: {inject_into: body_json, field_path: [page, size]}\n"
      "        page_token_option: {type: RequestOption, inject_into: body_json, ";
  CHECK(
    contains(refusal_of(compiled(with("type: NoPagination", paginator + "field_path: [page]}"))), "the same place"));
  CHECK(compiled(with("type: NoPagination", paginator + "field_path: [page, number]}")));
}

TEST_CASE("templates of a request read the slice under all of its names, also where there is none") {
  const auto r
    = request_of(with_fields("request_headers: {A: \"{{ stream_slice.x }}\", B: \"{{ stream_interval.start_time }}\", "
                             "C: \"{{ stream_partition['y'] }}\", D: \"{{ next_page_token['next_page_token'] }}\"}"));
  CHECK(r.headers.size() == 4);
  CHECK(contains(refusal_of(with_fields("request_headers: {A: \"{{ stream_state.x }}\"}")), "stream_state"));
}

TEST_CASE("a base may depend on the slice as far as the manifest names its host") {
  const auto path = request_of(with_base("https://a.example.com/{{ stream_partition.parent_id }}/v1"));
  REQUIRE(path.moving);
  CHECK(path.moving->origin == "https://a.example.com");
  const auto config = request_of(with_base("{{ config['url'] }}/{{ stream_partition.parent_id }}"));
  REQUIRE(config.moving);
  CHECK(config.moving->origin == "https://example.com");
  const auto host = request_of(with_base("https://{{ stream_slice['parent_id'] }}.Example.com/v1"));
  REQUIRE(host.moving);
  CHECK(host.moving->origin.empty());
  CHECK(host.moving->host_end == ".example.com");
  for (const auto* base :
       {"{{ stream_partition.parent_id }}", "{{ stream_partition.parent_id }}/v1",
        "https://{{ stream_partition.parent_id }}/v1", "https://{{ stream_partition.parent_id }}.com/",
        "https://a.example.com{{ stream_partition.parent_id }}", "https://{{ stream_partition.parent_id }}example.com/",
        "{{ stream_partition.parent_id }}.example.com/"}) {
    CAPTURE(base);
    CHECK(contains(refusal_of(with_base(base)), "the host depends on the slice"));
  }
}

TEST_CASE("a URL without a path may have a query") {
  const auto yaml = with("url_base: \"{{ config['url'] }}\"\n        path: parents", "url: https://example.com/x?a=1");
  CHECK(request_of(compiled(yaml)).url_base == "https://example.com/x?a=1");
  CHECK(contains(refusal_of(compiled(with("url_base: \"{{ config['url'] }}\"", "url: https://example.com/x?a=1"))),
                 "is not an http or https URL"));
}

TEST_CASE("parameters may stand beside what is known only at run time, in an expression of their own or in the same") {
  struct row {
    const char* path;
    const char* parameters;
    const char* rendered;
  };
  const auto r = GENERATE(values<row>({
    {"{{ parameters['a'] }}/{{ stream_slice.parent_id }}/{{ parameters.b ~ '}}' }}", "{a: x, b: y}", "x/7/y}}"},
    {"{{ parameters.a ~ stream_slice.parent_id }}", "{a: x}", "x7"},
    {"{{ parameters.a }}{{ stream_slice.parent_id }}", "{a: '{{ x }}'}", "{{ x }}7"},
    {"{{ parameters.none }}{{ stream_slice.parent_id }}", "{a: x}", "7"},
  }));
  CAPTURE(r.path);
  language::scope scope;
  scope.set("stream_slice", language::value_dict{{"parent_id", 7}});
  CHECK(request_of(compiled(with("path: /parents/{{ stream_partition.parent_id }}/children",
                                 std::string{"path: \""} + r.path + "\"\n        $parameters: " + r.parameters),
                            "children"))
          .path.render(scope)
        == r.rendered);
}
