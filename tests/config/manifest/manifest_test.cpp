#include "config/manifest/manifest.hpp"

#include "config/embedded_files.hpp"
#include "config/manifest/compile.hpp"
#include "config/manifest/components/table.hpp"
#include "config/manifest/read/yaml_reader.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <rapidcheck.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

using namespace sluice;
using namespace sluice::testing;

TEST_CASE("a manifest gives the streams that CATALOG needs") {
  auto m = load(small_manifest);
  CHECK(m->origin == "m.yaml");
  CHECK(m->check_streams == std::vector<std::string>{"parents"});
  REQUIRE(m->streams.size() == 2);
  const auto& parents = m->streams[0];
  CHECK(parents.name == "parents");
  CHECK(parents.path == "streams[0]");
  CHECK(parents.json_schema == R"({"type":"object","properties":{"id":{"type":"integer"}}})");
  CHECK(parents.primary_key == std::vector<std::vector<std::string>>{{"id"}});
  CHECK_FALSE(parents.supports_incremental);
  CHECK(default_cursor_field(*m, parents, {}).value().empty());
  CHECK(m->streams[1].primary_key == std::vector<std::vector<std::string>>{{"id"}, {"sub", "key"}});
  CHECK(m->find_stream("children") == &m->streams[1]);
  CHECK(m->find_stream("nobody") == nullptr);
  CHECK(m->warnings == std::vector<std::string>{"it has no spec: every configuration is accepted"});
}

TEST_CASE("types are inferred and scalars coerced as the reference does") {
  auto m = load(small_manifest);
  const auto& retriever = *m->streams[0].component.find("retriever");
  CHECK(*retriever.find("type") == language::value{"SimpleRetriever"});
  CHECK(*retriever.find("requester")->find("type") == language::value{"HttpRequester"});
  CHECK(*retriever.find("record_selector")->find("extractor")->find("type") == language::value{"DpathExtractor"});
  CHECK(*retriever.find("requester")->find("request_parameters")->find("limit") == language::value{"100"});
}

TEST_CASE("a manifest that is wrong or asks for too much gets an error that names the place") {
  struct row {
    const char* what;
    const char* replacement;
    std::vector<const char*> parts;
  };
  const row rows[] = {
    {"type: NoPagination",
     "type: DefaultPaginatr",
     {"unknown component 'DefaultPaginatr'", "streams[0].retriever.paginator", "did you mean 'DefaultPaginator'",
      "line 17"}},
    {"type: NoPagination",
     "type: Zebra",
     {"unknown component 'Zebra'", "streams[0].retriever.paginator", "NoPagination"}},
    {"type: NoPagination", "type: CustomPaginator", {"'CustomPaginator'", "streams[0].retriever.paginator", "Python"}},
    {"type: NoPagination", "type: [x]", {"'type' must be text", "streams[0].retriever.paginator"}},
    {"type: NoPagination", "page_size: 1", {"has no 'type'", "streams[0].retriever.paginator"}},
    {"paginator:\n        type: NoPagination",
     "paginator: [1]",
     {"streams[0].retriever.paginator", "must be a component", "a list"}},
    {"path: parents",
     "path: parents\n        authenticator: {type: RateLimitedMultipleTokenAuthenticator}",
     {"'RateLimitedMultipleTokenAuthenticator' is not supported", "streams[0].retriever.requester.authenticator",
      "BearerAuthenticator"}},
    {"path: parents",
     "path: parents\n        authenticator: {class_name: source_x.Auth}",
     {"streams[0].retriever.requester.authenticator", "Python"}},
    {"path: parents",
     "path: parents\n        query_properties: {a: 1}",
     {"streams[0].retriever.requester.query_properties", "HttpRequester", "not supported"}},
    {"path: parents", "path: parents\n        http_method: BREW", {"http_method", "'BREW'", "GET, POST"}},
    {"path: parents", "path: {a: 1}", {"streams[0].retriever.requester.path", "must be text", "a dict"}},
    {"request_parameters:\n          limit: 100",
     "request_parameters: [text]",
     {"streams[0].retriever.requester.request_parameters", "a list"}},
    {"limit: 100", "limit: [1]", {"request_parameters", "must be text", "a list"}},
    {"field_path: [data]", "field_path: data", {"streams[0].retriever.record_selector.extractor.field_path", "a list"}},
    {"extractor:\n          field_path: [data]",
     "extractor: {field_path: [data], record_expander: {expand_records_from_field: [x], truncated_list_retriever: {a: "
     "1}}}",
     {"streams[0].retriever.record_selector.extractor.record_expander.truncated_list_retriever", "not supported"}},
    {"extractor:\n          field_path: [data]",
     "schema_normalization: Some\n        extractor: {field_path: [data]}",
     {"schema_normalization", "'Some' is not supported"}},
    {"extractor:\n          field_path: [data]",
     "x-sluice: {require_recods: true}\n        extractor: {field_path: [data]}",
     {"streams[0].retriever.record_selector.x-sluice", "'require_recods'", "did you mean 'require_records'"}},
    {"parent_key: id",
     "parent_key: id\n            lazy_read_pointer: x",
     {"streams[1].retriever.partition_router.parent_stream_configs[0].lazy_read_pointer", "must be a list"}},
    {"parent_key: id", "key: id", {"parent_stream_configs[0]", "needs the field 'parent_key'"}},
    {"- name: parents",
     "- state_migrations: [{type: X}]\n    name: parents",
     {"streams[0].state_migrations[0]", "unknown component 'X'"}},
    {"- name: parents",
     "- state_migrations: [{type: CustomStateMigration, class_name: a.B}]\n    name: parents",
     {"streams[0].state_migrations[0]", "'CustomStateMigration' is not supported", "Python code",
      "LegacyToPerPartitionStateMigration"}},
    {"- name: parents",
     "- file_uploader: {type: FileUploader}\n    name: parents",
     {"streams[0].file_uploader", "not supported"}},
    {"- name: parents",
     "- incremental_sync: {type: IncrementingCountCursor}\n    name: parents",
     {"streams[0].incremental_sync", "IncrementingCountCursor", "needs the field 'cursor_field'"}},
    {"- name: parents",
     "- incremental_sync: {cursor_field: x, datetime_format: '%s', start_datetime: '0', clamping: {a: 1}}\n"
     "    name: parents",
     {"streams[0].incremental_sync.clamping", "needs the field 'target'"}},
    {"- name: parents",
     "- incremental_sync: {cursor_field: x, datetime_format: '%s', start_datetime: '0', is_data_feed: x}\n"
     "    name: parents",
     {"streams[0].incremental_sync.is_data_feed", "must be true or false"}},
    {"name: children", "name: parents", {"streams[1]", "'parents' is already taken by streams[0]"}},
    {"name: children", "nam: children", {"streams[1]", "needs the field 'name'"}},
    {"stream_names: [parents]", "stream_names: [nobody]", {"check.stream_names", "'nobody'"}},
    {"check:", "chek:", {"needs the field 'check'"}},
    {"check:", "stream_group: {}\ncheck:", {"unknown field 'stream_group'", "did you mean 'stream_groups'"}},
    {"check:", "dynamic_streams: [{a: 1}]\ncheck:", {"dynamic_streams", "not supported"}},
    {"check:",
     "spec: {connection_specification: {}, advanced_auth: {auth_flow_type: saml}}\ncheck:",
     {"spec.advanced_auth.auth_flow_type", "'saml' is not supported", "oauth2.0"}},
    {"check:", "$parameters: 5\ncheck:", {"$parameters must be a dict"}},
    {"'#/streams/0'", "'#/streams/1'", {"circular reference"}},
    {"'#/streams/0'", "'#/streams/9'", {"leads nowhere", "line"}},
  };
  for (const auto& [what, replacement, parts] : rows) {
    INFO(replacement);
    auto message = load_error(with(what, replacement));
    INFO(message);
    CHECK(contains(message, "m.yaml"));
    for (const auto* part : parts)
      CHECK(contains(message, part));
  }
  CHECK(contains(load_error("[1, 2]"), "must be a component"));
  CHECK(contains(load_error("text"), "must be a component"));
}

TEST_CASE("neutral values of unsupported fields are accepted") {
  CHECK(load_error(with("parent_key: id", "parent_key: id\n            incremental_dependency: false\n"
                                          "            lazy_read_pointer: []\n            extra_fields: null"))
          .empty());
  CHECK(
    load_error(with("- name: parents", "- state_migrations: []\n    file_uploader: null\n    name: parents")).empty());
  CHECK(load_error(with("path: parents", "path: parents\n        use_cache: true")).empty());
}

TEST_CASE("advanced_auth is kept as the reference prints it") {
  auto auth = [](const std::string& yaml) {
    auto m = load(with("check:", "spec:\n  connection_specification: {}\n  advanced_auth: " + yaml + "\ncheck:"));
    return m->advanced_auth;
  };
  CHECK(load(small_manifest)->advanced_auth.empty());
  // Whole blobs stay as they are; fields that the reference does not know and those that are null go.
  CHECK(auth("{auth_flow_type: oauth2.0, predicate_value: Client, predicate_key: [credentials, auth_type], more: 1,"
             " oauth_config_specification: {token_url: x, complete_oauth_server_output_specification: null,"
             " complete_oauth_output_specification: {required: [t], properties: {t: null}}}}")
        == R"({"auth_flow_type":"oauth2.0","predicate_key":["credentials","auth_type"],"predicate_value":"Client",)"
           R"("oauth_config_specification":{"complete_oauth_output_specification":)"
           R"({"required":["t"],"properties":{"t":null}}}})");
  CHECK(auth("{auth_flow_type: oauth2.0, oauth_config_specification: {oauth_connector_input_specification:"
             " {consent_url: u, access_token_url: t, scopes: [{scope: a, why: [null]}], extract_output: [x],"
             " state: {min: 7, max: 9}, access_token_headers: {A: b, n: null}}}}")
        == R"({"auth_flow_type":"oauth2.0","oauth_config_specification":{"oauth_connector_input_specification":)"
           R"({"consent_url":"u","access_token_url":"t","scopes":[{"scope":"a","why":[null]}],)"
           R"("scopes_join_strategy":"space","access_token_headers":{"A":"b"},"extract_output":["x"],)"
           R"("state":{"min":7,"max":9}}}})");
  CHECK(auth("{oauth_config_specification: {oauth_connector_input_specification:"
             " {consent_url: u, access_token_url: t, scopes_join_strategy: comma}}}")
        == R"({"oauth_config_specification":{"oauth_connector_input_specification":)"
           R"({"consent_url":"u","access_token_url":"t","scopes_join_strategy":"comma"}}})");
}

TEST_CASE("unknown fields are ignored with one warning for each place in the file") {
  auto m = load(with("path: parents", "pth: x\n        path: parents"));
  // The child's parent is the same place: one warning, although the component is there twice.
  REQUIRE(m->warnings.size() == 2);
  CHECK(contains(m->warnings[0], "streams[0].retriever.requester"));
  CHECK(contains(m->warnings[0], "'pth'"));
  CHECK(contains(m->warnings[0], "did you mean 'path'"));
  CHECK(contains(m->warnings[0], "line 9"));
}

TEST_CASE("$parameters fill fields of their name that are missing or empty, the nearer wins") {
  auto path_of
    = [](const manifest& m) { return *m.streams[0].component.find("retriever")->find("requester")->find("path"); };
  using language::value;
  auto name = [](std::string_view parameters, std::string_view path) {
    return with("path: parents", path, with("- name: parents", std::string{parameters} + "\n    name: parents"));
  };
  CHECK(path_of(*load(name("- $parameters: {path: from_stream}", "x: 1"))) == value{"from_stream"});
  CHECK(path_of(*load(name("- $parameters: {path: from_stream}", "path: ''"))) == value{"from_stream"});
  CHECK(path_of(*load(name("- $parameters: {path: from_stream}", "path: own"))) == value{"own"});
  CHECK(path_of(*load(name("- $parameters: {path: from_stream}", "$parameters: {path: nearer}"))) == value{"nearer"});

  SECTION("they are kept for templates, but not in the field that has their name") {
    auto m = load(name("- $parameters: {retriever: x, kind: y}", "path: own"));
    const auto& stream = m->streams[0].component;
    CHECK(language::to_json(*stream.find("$parameters")) == R"({"retriever":"x","kind":"y"})");
    CHECK(language::to_json(*stream.find("retriever")->find("$parameters")) == R"({"kind":"y"})");
  }
  SECTION("they do not reach into schemas") {
    auto m = load(name("- $parameters: {title: x}", "path: own"));
    CHECK_FALSE(contains(m->streams[0].json_schema, "title"));
  }
  SECTION("a component may come from a parameter") {
    auto m = load(with("paginator:\n        type: NoPagination", "x: 1",
                       with("- name: parents", "- $parameters: {paginator: {type: NoPagination}}\n    name: parents")));
    CHECK(m->streams[0].component.find("retriever")->find("paginator") != nullptr);
  }
}

TEST_CASE("a manifest that expands too far when it is written out is refused") {
  // 2^30 error handlers, through shared nodes.
  std::string definitions = "definitions:\n  h0: {type: DefaultErrorHandler}\n";
  for (int i = 1; i <= 30; ++i) {
    auto last = "'#/definitions/h" + std::to_string(i - 1) + "'";
    definitions
      += "  h" + std::to_string(i) + ": {type: CompositeErrorHandler, error_handlers: [" + last + ", " + last + "]}\n";
  }
  auto message
    = load_error(definitions + with("path: parents", "path: parents\n        error_handler: '#/definitions/h30'"));
  CHECK(contains(message, "expands to more than"));
}

TEST_CASE("manifest files that cannot be read say why") {
  auto missing = load_manifest_file("/nonexistent/manifest.yaml");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::unreadable_file);
  CHECK(contains(missing.error().message, "/nonexistent/manifest.yaml"));
  auto directory = load_manifest_file("/");
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == errc::unreadable_file);

  const auto path
    = (std::filesystem::temp_directory_path() / ("sluice_manifest_test_" + std::to_string(::getpid()) + ".yaml"))
        .string();
  {
    std::ofstream out{path};
    out << small_manifest;
  }
  CHECK(load_manifest_file(path).has_value());
  {
    std::ofstream out{path};
    out << std::string(max_manifest_bytes + 1, '#');
  }
  auto large = load_manifest_file(path);
  std::remove(path.c_str());
  REQUIRE_FALSE(large);
  CHECK(large.error().code == errc::unreadable_file);
  CHECK(contains(large.error().message, "16 MiB"));
}

TEST_CASE("the table of components is consistent") {
  std::set<std::string> named{"DeclarativeSource"};
  for (const auto& family : component_families())
    for (const auto& rule : family.rules)
      for (const auto& field : rule.fields)
        if (field.kind != field_kind::choice)
          for (std::size_t at = 0, end = 0; !field.detail.empty() && end != std::string::npos; at = end + 1) {
            end = field.detail.find('|', at);
            auto type = field.detail.substr(at, end - at);
            named.insert(type.substr(type.front() == '=' ? 1 : 0));
          }
  for (const auto& type : named) {
    INFO(type);
    CHECK(find_component(type) != nullptr);
  }
  for (const auto& family : component_families())
    for (const auto& rule : family.rules) {
      INFO(rule.type);
      CHECK(find_component(rule.type) == &rule);
      CHECK(is_reference_component(rule.type) == !rule.extension);
      CHECK(named.count(std::string{rule.type}) == 1);
      for (const auto& field : rule.fields) {
        INFO(field.name);
        CHECK(rule.find(field.name) == &field);
        bool nested = field.kind == field_kind::component || field.kind == field_kind::components
                      || field.kind == field_kind::text_or_component
                      || field.kind == field_kind::component_or_components || field.kind == field_kind::component_map;
        CHECK((nested || field.kind == field_kind::choice) == !field.detail.empty());
      }
    }
  CHECK(is_reference_component("OAuthAuthenticator"));
  CHECK_FALSE(is_reference_component("Zebra"));
}

TEST_CASE("the built-in manifest is its YAML file, value for value") {
  auto yaml = read_yaml(built_in_yaml(), "surveymonkey.yaml");
  REQUIRE(yaml);
  // As text, because 1, 1.0 and true are equal values.
  CHECK(embedded_surveymonkey_json() == language::to_json(yaml->root));
  auto json = language::parse_json(embedded_surveymonkey_json());
  REQUIRE(json);
  CHECK(language::to_json(*json) == embedded_surveymonkey_json());
  CHECK(*json == yaml->root);
  auto built_in = load_built_in_manifest().value();
  auto from_file = load(built_in_yaml());
  CHECK(language::to_json(built_in->root) == language::to_json(from_file->root));
  CHECK(built_in->connection_specification == from_file->connection_specification);
  CHECK(built_in->origin == "the built-in SurveyMonkey connector");
}

TEST_CASE("the built-in manifest loads without warnings") {
  auto m = load_built_in_manifest().value();
  CHECK(m->warnings.empty());
  CHECK(m->check_streams == std::vector<std::string>{"surveys"});
  CHECK_FALSE(m->documentation_url.empty());
  std::vector<std::string> names;
  for (const auto& stream : m->streams) {
    names.push_back(stream.name);
    CHECK(stream.primary_key == std::vector<std::vector<std::string>>{{"id"}});
    auto schema = language::parse_json(stream.json_schema);
    REQUIRE(schema);
    CHECK(*schema->find("additionalProperties") == language::value{true});
    REQUIRE(schema->find("properties") != nullptr);
    for (const auto& [name, property] : *schema->find("properties")->as_dict()) {
      INFO(stream.name << "." << name);
      const auto* types = property.find("type");
      REQUIRE((types != nullptr && types->as_list() != nullptr));
      CHECK(types->as_list()->front() == language::value{"null"});
    }
    bool incremental = stream.name == "surveys" || stream.name == "survey_responses_bulk";
    CHECK(stream.supports_incremental == incremental);
    CHECK(default_cursor_field(*m, stream, {}).value() == (incremental ? "date_modified" : ""));
  }
  CHECK(names
        == std::vector<std::string>{"surveys", "survey_responses", "survey_details", "survey_pages", "survey_questions",
                                    "survey_collectors", "collectors", "survey_responses_bulk"});
}

namespace {

bool has_type(const language::value& schema, std::string_view wanted) {
  const auto* type = schema.find("type");
  if (type == nullptr || type->as_list() == nullptr)
    return type != nullptr && *type == language::value{std::string{wanted}};
  const auto& all = *type->as_list();
  return std::find(all.begin(), all.end(), language::value{std::string{wanted}}) != all.end();
}

/// Schemas below `schema`, itself included, which leave open what is inside. Singer's tools pass the streams of such
/// schemas over in silence.
void find_hollow(const language::value& schema, const std::string& path, std::vector<std::string>& out) {
  const auto* properties = schema.find("properties");
  const auto* items = schema.find("items");
  if (has_type(schema, "object") && (properties == nullptr || properties->as_dict() == nullptr))
    out.push_back(path + ": no properties");
  if (has_type(schema, "array") && (items == nullptr || items->as_dict() == nullptr))
    out.push_back(path + ": no items");
  if (properties != nullptr && properties->as_dict() != nullptr)
    for (const auto& [name, property] : *properties->as_dict())
      find_hollow(property, path + "." + name, out);
  if (items != nullptr && items->as_dict() != nullptr)
    find_hollow(*items, path + "[]", out);
}

} // namespace

TEST_CASE("every schema that the built-in manifest prints says what objects and arrays hold") {
  auto m = load_built_in_manifest().value();
  std::vector<std::string> hollow;
  for (const auto& stream : m->streams)
    find_hollow(language::parse_json(stream.json_schema).value(), stream.name, hollow);
  find_hollow(language::parse_json(m->connection_specification).value(), "spec", hollow);
  CHECK(hollow == std::vector<std::string>{});
}

TEST_CASE("the built-in manifest's specification documents every key of the contract") {
  auto m = load_built_in_manifest().value();
  auto spec = language::parse_json(m->connection_specification);
  REQUIRE(spec);
  using language::value;
  CHECK(*spec->find("type") == value{"object"});
  CHECK(*spec->find("required") == value{language::value_list{value{"access_token"}}});
  CHECK(*spec->find("additionalProperties") == value{true});
  const auto& properties = *spec->find("properties");
  std::int64_t order = 0;
  for (const auto& [name, property] : *properties.as_dict()) {
    INFO(name);
    CHECK(property.find("title") != nullptr);
    CHECK(property.find("description") != nullptr);
    CHECK(*property.find("order") == value{order++});
  }
  auto entry = [&](const char* key, const char* field) {
    const auto* property = properties.find(key);
    REQUIRE(property != nullptr);
    const auto* x = property->find(field);
    return x != nullptr ? language::to_json(*x) : std::string{};
  };
  CHECK(entry("access_token", "airbyte_secret") == "true");
  CHECK(entry("start_date", "default") == R"("2020-01-01T00:00:00Z")");
  CHECK(entry("num_workers", "default") == "10");
  CHECK(entry("num_workers", "minimum") == "1");
  CHECK(entry("origin", "enum") == R"(["USA","Europe","Canada"])");
  CHECK(entry("origin", "default") == R"("USA")");
  CHECK(entry("api_url", "type") == R"("string")");
  CHECK(entry("slice_range_days", "default") == "365");
  CHECK(entry("page_size", "default") == "1000");
  CHECK(entry("page_size", "minimum") == "1");
  CHECK(entry("page_size", "maximum") == "1000");
  CHECK(entry("rate_limit_per_minute", "default") == "120");
}

namespace {

/// Loads and compiles whatever can be.
bool survives(const std::string& text) {
  auto m = load_manifest(text, "m.yaml");
  if (!m)
    return m.error().code == errc::bad_manifest && !m.error().message.empty();
  compile_input input;
  input.config = language::value{language::value_dict{{"access_token", "x"}}};
  for (const auto& stream : (*m)->streams) {
    auto& selected = input.streams.emplace_back();
    selected.name = stream.name;
  }
  auto p = compile_plan(**m, input);
  return p ? !describe_plan(*p).empty() || p->endpoints.empty() : !p.error().message.empty();
}

} // namespace

// A mutated manifest may load or not; what counts is that nothing worse happens. The sanitizers see the rest.
TEST_CASE("a damaged manifest is loaded or refused, never more") {
  const auto text = built_in_yaml();
  CHECK(rc::check("damaged text", [&] {
    static const std::vector<std::string> pieces = {"",
                                                    "\n",
                                                    "  ",
                                                    "- ",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ": ",
                                                    "'#/",
                                                    "$ref: ",
                                                    "*a",
                                                    "&a ",
                                                    "{{ ",
                                                    " }}",
                                                    "null",
                                                    "0",
                                                    "type: ",
                                                    "$parameters: ",
                                                    "\xff",
                                                    "!!int "};
    auto damaged = text;
    auto cuts = *rc::gen::inRange(1, 6);
    for (int i = 0; i < cuts; ++i) {
      auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
      auto length = *rc::gen::elementOf(std::vector<std::size_t>{0, 1, 2, 10, 40, 400});
      damaged.replace(at, length, *rc::gen::elementOf(pieces));
    }
    RC_ASSERT(survives(damaged));
  }));
  CHECK(rc::check("exchanged lines", [&] {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      auto end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end == std::string::npos ? text.size() : end + 1;
    }
    auto swaps = *rc::gen::inRange(1, 5);
    for (int i = 0; i < swaps; ++i)
      std::swap(lines[*rc::gen::inRange<std::size_t>(0, lines.size())],
                lines[*rc::gen::inRange<std::size_t>(0, lines.size())]);
    std::string damaged;
    for (const auto& line : lines)
      damaged += line + '\n';
    RC_ASSERT(survives(damaged));
  }));
}

TEST_CASE("of several schema loaders the first one's properties win, and gaps leave the rest") {
  const auto schema_of = [](const std::string& loaders) {
    auto m = load(with("schema_loader:\n      schema: {type: object, properties: {id: {type: integer}}}",
                       "schema_loader: " + loaders));
    return std::pair{m->streams[0].json_schema, m->streams[0].schema_gaps.size()};
  };
  constexpr const char* head
    = R"({"$schema":"http://json-schema.org/draft-07/schema#","type":["null","object"],"properties":)";
  CHECK(schema_of("[{schema: {properties: {a: 1, b: 2}}}, {schema: {properties: {c: 3, a: 4}}}]")
        == std::pair{head + std::string{R"({"c":3,"a":1,"b":2}})"}, std::size_t{0}});
  CHECK(schema_of("[{schema: {title: x}}, {schema: {properties: 7}}]")
        == std::pair{head + std::string{"{}}"}, std::size_t{0}});
  CHECK(schema_of("[{type: DynamicSchemaLoader}, {schema: {properties: {a: 1}}}]")
        == std::pair{head + std::string{R"({"a":1}})"}, std::size_t{1}});
}
