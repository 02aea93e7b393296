#include "config/manifest/compile.hpp"

#include "config/embedded_files.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <rapidcheck.h>

#include <algorithm>

using namespace sluice;
using namespace sluice::testing;
using language::value;
using language::value_dict;

namespace {

// 2023-11-14T22:13:20Z
const language::instant now{std::chrono::seconds{1'700'000'000}};

compile_input input(const std::vector<std::string>& names, value config) {
  compile_input result;
  result.config = std::move(config);
  result.now = now;
  for (const auto& name : names) {
    selected_stream s;
    s.name = name;
    result.streams.push_back(s);
  }
  return result;
}

value small_config() {
  return value{value_dict{{"url", "http://127.0.0.1:8080/api"}}};
}

plan compile(const manifest& m, const compile_input& in) {
  auto p = compile_plan(m, in);
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  return std::move(*p);
}

error compile_error(std::string_view yaml, value config, const std::vector<std::string>& names = {"children"}) {
  auto m = load(yaml);
  auto p = compile_plan(*m, input(names, std::move(config)));
  REQUIRE_FALSE(p);
  return p.error();
}

/// `url` of the request for a slice whose partition field has this value.
std::string url_of(const endpoint& e, const std::string& field, const std::string& id, const value& config) {
  language::scope s;
  s.set("config", config);
  value slice{value_dict{{field, id}}};
  s.set("stream_slice", slice);
  s.set("stream_partition", slice);
  auto path = e.request.path.render(s);
  REQUIRE(path);
  std::string result = e.request.url_base + *path;
  char separator = '?';
  for (const auto& p : e.request.parameters) {
    auto text = p.value.render(s);
    REQUIRE(text);
    result += separator + p.name + "=" + *text;
    separator = '&';
  }
  return result;
}

std::string header_of(const credential& x, std::string_view name) {
  for (const auto& h : known_fields(x))
    if (h.where == credential_field::place::header && h.name == name)
      return h.value;
  return {};
}

} // namespace

TEST_CASE("a child brings its parent along, and the parent is not printed") {
  auto m = load(small_manifest);
  auto p = compile(*m, input({"children"}, small_config()));
  REQUIRE(p.endpoints.size() == 2);
  REQUIRE(p.edges.size() == 1);
  const auto& parent = p.endpoints[0];
  const auto& child = p.endpoints[1];
  CHECK(parent.name == "parents");
  CHECK(parent.depth == 0);
  CHECK_FALSE(parent.slices.has_parents());
  CHECK_FALSE(parent.slices.has_partitions());
  CHECK(parent.child_edges == std::vector<std::uint32_t>{0});
  REQUIRE(parent.outputs.size() == 1);
  CHECK_FALSE(parent.outputs[0].emit);
  CHECK(child.depth == 1);
  CHECK(child.slices.feeding_edges() == std::vector<std::uint32_t>{0});
  CHECK(child.slices.has_partitions());
  CHECK(leading_field(p, child) == "parent_id");
  REQUIRE(child.outputs.size() == 1);
  CHECK(child.outputs[0].emit);
  CHECK(p.edges[0].parent == 0);
  CHECK(p.edges[0].child == 1);
  CHECK(p.edges[0].parent_key == std::vector<std::string>{"id"});
  CHECK(p.edges[0].partition_field == "parent_id");
  CHECK(url_of(parent, "", "", p.config) == "http://127.0.0.1:8080/api/parents?limit=100");
  CHECK(url_of(child, "parent_id", "7", p.config) == "http://127.0.0.1:8080/api/parents/7/children");
  REQUIRE(p.streams.size() == 1);
  CHECK(p.streams[0].endpoint == 1U);
  CHECK_FALSE(p.concurrency);
}

TEST_CASE("the catalogue decides what is compiled and printed") {
  auto m = load(small_manifest);
  SECTION("only what is needed") {
    auto p = compile(*m, input({"parents"}, small_config()));
    CHECK(p.endpoints.size() == 1);
    CHECK(p.edges.empty());
    CHECK(p.endpoints[0].outputs[0].emit);
  }
  SECTION("a selected parent is read once, whatever the order") {
    for (const auto& names : {std::vector<std::string>{"parents", "children"}, {"children", "parents"}}) {
      auto p = compile(*m, input(names, small_config()));
      REQUIRE(p.endpoints.size() == 2);
      CHECK(p.endpoints[0].outputs.size() == 1);
      CHECK(p.endpoints[0].outputs[0].emit);
      CHECK(p.streams[p.endpoints[0].outputs[0].stream].name == "parents");
      CHECK(p.streams[p.endpoints[1].outputs[0].stream].name == "children");
    }
  }
  SECTION("an unknown stream has no endpoint, the others have") {
    auto p = compile(*m, input({"nobody", "parents"}, small_config()));
    REQUIRE(p.streams.size() == 2);
    CHECK_FALSE(p.streams[0].endpoint);
    CHECK(p.streams[1].endpoint == 0U);
    CHECK(p.endpoints[0].outputs[0].stream == 1);
  }
  SECTION("a stream selected twice is an error") {
    auto p = compile_plan(*m, input({"parents", "parents"}, small_config()));
    REQUIRE_FALSE(p);
    CHECK(p.error().code == errc::bad_catalog);
    CHECK(contains(p.error().message, "'parents'"));
  }
  SECTION("nothing selected, nothing to do") {
    CHECK(compile(*m, input({}, small_config())).endpoints.empty());
  }
  SECTION("state, namespace and mode are carried along") {
    auto in = input({"parents"}, small_config());
    in.streams[0].name_space = "n";
    in.streams[0].incremental = true;
    in.streams[0].initial_state = R"({"a":1})";
    auto p = compile(*m, in);
    CHECK(p.streams[0].name_space == "n");
    CHECK(p.streams[0].incremental);
    CHECK(p.streams[0].initial_state == R"({"a":1})");
  }
}

TEST_CASE("streams share an endpoint only if they send the same request") {
  const std::string twin
    = "  - name: twin\n    primary_key: id\n    retriever:\n"
      "      $ref: '#/streams/0/retriever'\n      record_selector: {extractor: {field_path: [other]}}\n"
      "    schema_loader: {schema: {type: object}}\n";
  auto endpoints = [&](const std::string& yaml) {
    return compile(*load(yaml), input({"parents", "twin"}, small_config())).endpoints;
  };
  const std::string base = std::string{small_manifest} + twin;
  SECTION("same request, other records") {
    auto e = endpoints(base);
    REQUIRE(e.size() == 1);
    REQUIRE(e[0].outputs.size() == 2);
    CHECK(e[0].name == "parents");
    CHECK(e[0].outputs[1].stream_name == "twin");
    CHECK(e[0].outputs[1].record_path == std::vector<std::string>{"other"});
  }
  auto twin_requester = [&](const std::string& requester) {
    return endpoints(base + "definitions: {}\n")[0].outputs.size() == 2
             ? endpoints(
                 with("      record_selector: {extractor: {field_path: [other]}}",
                      "      record_selector: {extractor: {field_path: [other]}}\n      requester: " + requester, base))
                 .size()
             : 0;
  };
  CHECK(twin_requester("{url_base: \"{{ config['url'] }}\", path: parents, request_parameters: {limit: '100'}}") == 1);
  CHECK(twin_requester("{url_base: \"{{ config['url'] }}\", path: /parents, request_parameters: {limit: 100}}") == 1);
  CHECK(twin_requester("{url_base: \"{{ config['url'] }}\", path: parents, request_parameters: {limit: 99}}") == 2);
  CHECK(twin_requester("{url_base: \"{{ config['url'] }}\", path: parents}") == 2);
  CHECK(twin_requester("{url_base: \"{{ config['url'] }}\", path: other, request_parameters: {limit: 100}}") == 2);
  CHECK(twin_requester("{$ref: '#/streams/0/retriever/requester', http_method: POST}") == 2);
  CHECK(twin_requester("{$ref: '#/streams/0/retriever/requester', request_headers: {a: b}}") == 2);
  CHECK(twin_requester("{$ref: '#/streams/0/retriever/requester', authenticator: {type: NoAuth}}") == 1);
  CHECK(twin_requester(
          "{$ref: '#/streams/0/retriever/requester', authenticator: {type: BearerAuthenticator, api_token: x}}")
        == 2);
  CHECK(twin_requester("{$ref: '#/streams/0/retriever/requester', error_handler: {max_retries: 1}}") == 2);
  CHECK(twin_requester("{$ref: '#/streams/0/retriever/requester', $parameters: {a: b}}") == 1);
}

TEST_CASE("authenticators become headers") {
  auto auth = [](const std::string& component, value config) {
    auto m = load(with("path: parents", "path: parents\n        authenticator: " + component));
    return compile(*m, input({"parents"}, std::move(config))).endpoints[0].request.credential;
  };
  value config{value_dict{{"url", "http://h"}, {"token", "t 1"}, {"name", "Aladdin"}, {"password", "open sesame"}}};
  CHECK(header_of(auth("{type: BearerAuthenticator, api_token: \"{{ config['token'] }}\"}", config), "Authorization")
        == "Bearer t 1");
  CHECK(header_of(auth("{type: BasicHttpAuthenticator, username: \"{{ config['name'] }}\", "
                       "password: \"{{ config['password'] }}\"}",
                       config),
                  "Authorization")
        == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(header_of(auth("{type: BasicHttpAuthenticator, username: a}", config), "Authorization") == "Basic YTo=");
  CHECK(header_of(auth("{type: BasicHttpAuthenticator, username: ab}", config), "Authorization") == "Basic YWI6");
  CHECK(header_of(auth("{type: ApiKeyAuthenticator, api_token: k, header: X-Key}", config), "X-Key") == "k");
  CHECK(header_of(auth("{type: ApiKeyAuthenticator, api_token: k, inject_into: {inject_into: header, field_name: X-K}}",
                       config),
                  "X-K")
        == "k");
  CHECK(std::holds_alternative<no_credential>(auth("{type: NoAuth}", config)));
}

TEST_CASE("what cannot be compiled is an error that names the place and never echoes a secret") {
  struct row {
    const char* what;
    const char* replacement;
    errc code;
    std::vector<const char*> parts;
  };
  const row rows[] = {
    {"path: /parents/{{ stream_partition.parent_id }}/children",
     "path: '{{ stream_partition.parent_id'",
     errc::bad_template,
     {"streams[1].retriever.requester.path"}},
    {"path: /parents/{{ stream_partition.parent_id }}/children",
     "path: '{{ record.id }}'",
     errc::bad_template,
     {"streams[1].retriever.requester.path", "record"}},
    {"parent_key: id", "parent_key: '*'", errc::bad_manifest, {"parent_key", "'*'"}},
    {"parent_key: id", "parent_key: a//b", errc::bad_manifest, {"parent_key"}},
    {"field_path: [data]", "field_path: ['**']", errc::bad_manifest, {"field_path"}},
    {"path: parents",
     "path: parents\n        authenticator: {type: BearerAuthenticator, api_token: '{{ config.token }}'}",
     errc::bad_config,
     {"authenticator.api_token", "empty"}},
    {"path: parents",
     "path: parents\n        authenticator: {type: BearerAuthenticator, api_token: \"s3cret\\nX: y\"}",
     errc::bad_config,
     {"authenticator.api_token", "control character"}},
    {"path: parents",
     "path: parents\n        error_handler: {response_filters: [{http_codes: [99], action: FAIL}]}",
     errc::bad_manifest,
     {"error_handler.response_filters[0].http_codes", "'99'"}},
    {"path: parents",
     "path: parents\n        error_handler: {max_retries: many}",
     errc::bad_manifest,
     {"max_retries", "'many'"}},
    {"path: parents",
     "path: parents\n        error_handler: {backoff_strategies: [{type: WaitTimeFromHeader, header: h, regex: '(('}]}",
     errc::bad_manifest,
     {"regex"}},
    {"type: NoPagination",
     "type: DefaultPaginator\n        pagination_strategy: {cursor_value: '{{ response.next }}'}\n"
     "        page_token_option: {type: RequestPath}\n        page_size_option: {inject_into: header, field_name: x}",
     errc::bad_manifest,
     {"page_size_option", "page_size"}},
  };
  for (const auto& [what, replacement, code, parts] : rows) {
    INFO(replacement);
    auto e = compile_error(with(what, replacement), small_config());
    INFO(e.message);
    CHECK(e.code == code);
    CHECK(e.failure == failure_type::config_error);
    CHECK_FALSE(contains(e.message + e.internal_message, "s3cret"));
    for (const auto* part : parts)
      CHECK(contains(e.message, part));
  }
}

TEST_CASE("a described plan shows templates, not what the config makes of them") {
  auto m = load(with("limit: 100", "key: '{{ config.key }}'"));
  auto p = compile(*m, input({"parents"}, value{value_dict{{"url", "http://h"}, {"key", "s3cret"}}}));
  CHECK(contains(describe_plan(p), "GET http://h/parents?key={{ config.key }}"));
  CHECK_FALSE(contains(describe_plan(p), "s3cret"));
}

TEST_CASE("url_base must be an http or https URL") {
  auto m = load(small_manifest);
  for (const char* url : {"http://h", "https://h.example:8443/a/b/", "http://[::1]:80", "http://127.0.0.1:1"}) {
    INFO(url);
    CHECK(compile_plan(*m, input({"parents"}, value{value_dict{{"url", url}}})));
  }
  for (const char* url :
       {"", "h", "ftp://h", "http://", "http:///x", "http://h:0", "http://h:99999", "http://h h", "http://h?a=1",
        "http://h#a", "http://user:s3cret@h", "http://h\nX: y", "file:///etc/passwd"}) {
    INFO(url);
    auto e = compile_error(small_manifest, value{value_dict{{"url", url}}});
    CHECK(e.code == errc::bad_config);
    CHECK(contains(e.message, "url_base"));
    CHECK_FALSE(contains(e.message, "s3cret"));
  }
}

TEST_CASE("parameters are filled in when the plan is made") {
  auto m = load(with("- name: parents", "- $parameters: {part: p/q}\n    name: parents",
                     with("path: parents", "path: 'x/{{ parameters.part }}'")));
  auto p = compile(*m, input({"parents"}, small_config()));
  CHECK(p.endpoints[0].request.path.is_literal());
  CHECK(url_of(p.endpoints[0], "", "", p.config) == "http://127.0.0.1:8080/api/x/p/q?limit=100");
}

TEST_CASE("the parts of the response that templates read are known") {
  auto needs = [](const std::string& cursor_value) {
    auto m = load(with("type: NoPagination", "type: DefaultPaginator\n        pagination_strategy: {cursor_value: \""
                                               + cursor_value + "\"}\n        page_token_option: {type: RequestPath}"));
    return compile(*m, input({"parents"}, small_config())).endpoints[0];
  };
  CHECK(needs("{{ response.links.next }}").response_keys == std::vector<std::string>{"links"});
  CHECK_FALSE(needs("{{ response.links.next }}").needs_whole_response);
  CHECK(needs("{{ response['a'] or response.b }}").response_keys == std::vector<std::string>{"a", "b"});
  CHECK(needs("{{ response }}").needs_whole_response);
  CHECK(needs("{{ response.get('next') }}").response_keys == std::vector<std::string>{"next"});
  CHECK(needs("{{ response.keys() | join(',') }}").needs_whole_response);
  CHECK(needs("{{ response[0].next }}").needs_whole_response);
  CHECK(needs("{{ last_record.id }}").needs_last_record);
  CHECK_FALSE(needs("{{ last_record.id }}").needs_headers);
  CHECK(needs("{{ headers.next }}").needs_headers);
  CHECK_FALSE(needs("{{ headers.next }}").needs_last_record);
  CHECK(needs("{{ headers.next }}").response_keys.empty());
}

TEST_CASE("a cursor is compiled with its bounds, steps and options") {
  const std::string sync = "- incremental_sync:\n      cursor_field: changed\n      datetime_format: '%Y-%m-%d'\n"
                           "      start_datetime: {datetime: '2020-01-01', min_datetime: '{{ config.least }}'}\n"
                           "      end_datetime: '2021-01-01'\n      step: P1M\n      cursor_granularity: P1D\n"
                           "      lookback_window: PT2H\n"
                           "      start_time_option: {inject_into: header, field_name: since}\n    name: parents";
  auto cursor = [](const std::string& yaml, value config) {
    auto e = compile(*load(yaml), input({"parents"}, std::move(config))).endpoints[0];
    REQUIRE(e.cursor);
    return *e.cursor;
  };
  const auto yaml = with("- name: parents", sync);
  auto c = cursor(yaml, small_config());
  using namespace std::chrono;
  CHECK(c.cursor_field == "changed");
  CHECK(c.record_formats == std::vector<std::string>{"%Y-%m-%d"});
  CHECK(c.start == sys_days{year{2020} / 1 / 1});
  CHECK(c.end == sys_days{year{2021} / 1 / 1});
  CHECK(c.step == language::duration{1, microseconds{0}});
  CHECK(c.granularity == microseconds{hours{24}});
  CHECK(c.lookback == language::duration{0, hours{2}});
  REQUIRE(c.start_option);
  CHECK(c.start_option->into == inject_into::header);
  CHECK(c.start_option->name == "since");
  CHECK_FALSE(c.end_option);
  CHECK(c.state == state_format::text);
  value later{value_dict{{"url", "http://h"}, {"least", "2020-06-01"}}};
  CHECK(cursor(yaml, later).start == sys_days{year{2020} / 6 / 1});
  CHECK(cursor(with("      end_datetime: '2021-01-01'\n", "", yaml), small_config()).end == now);

  auto failure = [&](const char* what, const char* replacement) {
    return compile_error(with(what, replacement, yaml), small_config(), {"parents"}).message;
  };
  CHECK(contains(failure("      step: P1M\n", ""), "step and cursor_granularity belong together"));
  CHECK(contains(failure("step: P1M", "step: monthly"), "incremental_sync.step"));
  CHECK(contains(failure("step: P1M", "step: P0D"), "zero"));
  CHECK(contains(failure("datetime: '2020-01-01'", "datetime: 'someday'"), "start_datetime.datetime"));
  CHECK(contains(failure("cursor_granularity: P1D", "cursor_granularity: P1M"), "cursor_granularity"));
}

TEST_CASE("the cursor field that CATALOG names may come from the config") {
  auto field = [](const std::string& name) {
    auto m = load(with("- name: parents", "- incremental_sync: {cursor_field: \"" + name
                                            + "\", datetime_format: '%s', start_datetime: '0'}\n    name: parents"));
    return default_cursor_field(*m, m->streams[0], value{value_dict{{"field", "changed"}}});
  };
  CHECK(field("t").value() == "t");
  CHECK(field("{{ config.field }}").value() == "changed");
  REQUIRE_FALSE(field("{{ record.t }}"));
  CHECK(contains(field("{{ record.t }}").error().message, "streams[0].incremental_sync.cursor_field"));
}

TEST_CASE("the concurrency of the extension stands in place of both fields and may be nothing") {
  auto concurrency = [](const std::string& fields, value_dict config) {
    config.emplace_back("url", "http://h");
    auto m = load("concurrency_level: {" + fields + "}\n" + std::string{small_manifest});
    return compile(*m, input({"parents"}, value{std::move(config)})).concurrency;
  };
  const std::string both = "default_concurrency: \"{{ config.get('n') or 10 }}\", max_concurrency: 15";
  CHECK(concurrency(both, {}) == 10U);
  CHECK(concurrency(both, {{"n", 20}}) == 15U);
  const auto extended = both + ", x-sluice: {concurrency: '{{ config.n }}'}";
  CHECK_FALSE(concurrency(extended, {}));
  CHECK(concurrency(extended, {{"n", 20}}) == 20U);
}

TEST_CASE("rate policies are compiled, the reference's header names are the default") {
  const std::string head
    = "concurrency_level: {default_concurrency: '{{ config.n or 20 }}', max_concurrency: 15}\napi_budget:\n"
      "  ratelimit_reset_header: X-Reset\n  status_codes_for_ratelimit_hit: [420, '429']\n  policies:\n";
  const std::string moving
    = "    - type: MovingWindowCallRatePolicy\n      rates: [{limit: '{{ config.limit }}', interval: PT1S},"
      " {limit: 50, interval: PT1M}]\n"
      "      matchers: [{method: get, url_base: 'http://h/', url_path_pattern: '^/a', weight: 2, params: {p: 1}}]\n";
  value config{value_dict{{"url", "http://h"}, {"limit", 3}}};
  auto p = compile(*load(head + moving + std::string{small_manifest}), input({"parents"}, config));
  CHECK(p.concurrency == 15U);
  CHECK(p.budget.status_codes_for_ratelimit_hit == std::vector<int>{420, 429});
  REQUIRE(p.budget.policies.size() == 1);
  const auto& policy = p.budget.policies[0];
  CHECK(policy.name == "policy 1");
  CHECK(policy.what == rate_policy::kind::moving_window);
  REQUIRE(policy.rates.size() == 2);
  CHECK(policy.rates[0].limit == 3);
  CHECK(policy.rates[0].interval == std::chrono::seconds{1});
  CHECK(policy.reset_header == "X-Reset");
  CHECK(policy.remaining_header == "ratelimit-remaining");
  CHECK(policy.reset == rate_policy::reset_kind::detect);
  REQUIRE(policy.matchers.size() == 1);
  CHECK(policy.matchers[0].method == "GET");
  CHECK(policy.matchers[0].url_base == "http://h/");
  CHECK(policy.matchers[0].path_pattern == "^/a");
  CHECK(policy.matchers[0].weight == 2);
  CHECK(policy.matchers[0].parameters == std::vector<std::pair<std::string, std::string>>{{"p", "1"}});

  auto failure = [&](const std::string& what, const std::string& replacement, const value& c) {
    auto text = head + moving + std::string{small_manifest};
    return compile_error(with(what, replacement, text), c, {"parents"});
  };
  CHECK(failure("PT1S", "P1M", config).code == errc::bad_manifest);
  CHECK(contains(failure("PT1S", "PT0S", config).message, "api_budget.policies[0].rates[0].interval"));
  CHECK(contains(failure("'^/a'", "'('", config).message, "url_path_pattern"));
  value zero{value_dict{{"url", "http://h"}, {"limit", 0}}};
  CHECK(failure("PT1S", "PT2S", zero).code == errc::bad_config);
  value negative{value_dict{{"url", "http://h"}, {"limit", 3}, {"n", -1}}};
  CHECK(contains(failure("PT1S", "PT2S", negative).message, "default_concurrency"));
}
