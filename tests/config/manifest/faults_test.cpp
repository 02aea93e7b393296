// What is wrong in a manifest, or not supported, concerns those who need it, and is said all at once.

#include "config/manifest/faults.hpp"

#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;
using language::value;
using language::value_dict;

namespace {

compile_input input(const std::vector<std::string>& names) {
  compile_input result;
  result.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"}}};
  for (const auto& name : names)
    result.streams.push_back({name, "", false, ""});
  return result;
}

/// Why these streams cannot be read; "" if they can.
std::string refusal(const manifest_ptr& m, const std::vector<std::string>& names) {
  auto p = compile_plan(*m, input(names));
  return p ? std::string{} : p.error().message;
}

std::string refusal(std::string_view yaml, const std::vector<std::string>& names) {
  return refusal(load(yaml), names);
}

/// A stream that asks for what is in `requester`.
std::string stream_with(const std::string& name, const std::string& requester) {
  return "  - name: " + name + "\n    retriever: {requester: {url_base: 'http://h', " + requester
         + "}, record_selector: {extractor: {field_path: []}}}\n    schema_loader: {schema: {type: object}}\n";
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t result = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++result;
  return result;
}

} // namespace

TEST_CASE("a stream that cannot be read does not stop the others") {
  const char* broken[] = {
    "authenticator: {type: RateLimitedMultipleTokenAuthenticator, header: a}",
    "authenticator: {type: CustomAuthenticator, class_name: x.Y}",
    "authenticator: {class_name: x.Y}",
    "authenticator: {type: Zebra}",
    "authenticator: {}",
    "authenticator: [1]",
    "authenticator: {type: BearerAuthenticator}",
    "query_properties: {a: 1}",
    "http_method: BREW",
    "path: {a: 1}",
    "$parameters: 5",
  };
  for (const auto* what : broken) {
    INFO(what);
    auto m = load(std::string{small_manifest} + stream_with("broken", what));
    REQUIRE(m->streams.size() == 3);
    CHECK(m->streams[0].faults.empty());
    CHECK(m->streams[1].faults.empty());
    CHECK(m->streams[2].name == "broken");
    CHECK(m->streams[2].json_schema == R"({"type":"object"})");
    CHECK_FALSE(m->streams[2].faults.empty());
    CHECK(refusal(m, {"parents", "children"}).empty());
    auto why = refusal(m, {"parents", "broken"});
    CHECK(contains(why, "The manifest m.yaml cannot be used: at streams[2].retriever.requester"));
    CHECK(contains(why, "(line "));
    CHECK(contains(why, "Nothing was read from the source."));
  }
}

TEST_CASE("a child cannot be read without its parent") {
  auto m = load(with("path: parents", "path: parents\n        query_properties: {a: 1}"));
  CHECK(contains(refusal(m, {"children"}), "parent_stream_configs[0].stream.retriever.requester.query_properties"));
  CHECK_FALSE(refusal(m, {"parents"}).empty());
  // What both need is one place of the file.
  CHECK(count(refusal(m, {"parents", "children"}), "query_properties") == 1);
}

TEST_CASE("a stream that is not asked for may have any fault") {
  auto m = load(with("- name: children", "- state_migrations: [{type: X}]\n    name: children"));
  CHECK(refusal(m, {"parents"}).empty());
  CHECK(contains(refusal(m, {"children"}), "state_migrations"));
  CHECK(refusal(m, {"nobody"}).empty());
}

TEST_CASE("all faults are named at once, each with its place") {
  auto yaml = with("path: parents", "path: parents\n        query_properties: {a: 1}\n        http_method: BREW")
              + stream_with("other", "path: a, authenticator: {type: RateLimitedMultipleTokenAuthenticator}");
  auto why = refusal(yaml, {"parents", "other"});
  CHECK(contains(why, "cannot be used for 3 reasons: 1) at streams[0].retriever.requester.http_method: "));
  CHECK(contains(why, "; 2) at streams[0].retriever.requester.query_properties: "));
  CHECK(contains(why, "; 3) at streams[2].retriever.requester.authenticator: the component 'RateLimitedMult"));

  SECTION("also what only the compiler finds, in the manifest and in the config") {
    yaml += stream_with("late", "path: '{{ record.id }}', authenticator: {type: BearerAuthenticator, api_token: "
                                "'{{ config.token }}'}, error_handler: {max_retries: many}");
    auto all = refusal(yaml, {"parents", "late"});
    CHECK(contains(all, "for 4 reasons"));
    CHECK(contains(all, "at streams[3].retriever.requester.path: "));
    CHECK(contains(all, "at streams[3].retriever.requester.error_handler.max_retries: "));
    CHECK(contains(all, "The configuration does not fit the manifest m.yaml: at "
                        "streams[3].retriever.requester.authenticator.api_token: "));
    CHECK(count(all, "Nothing was read from the source") == 2);
  }
  SECTION("many faults are counted") {
    std::string many{small_manifest};
    std::vector<std::string> names;
    for (int i = 0; i < 50; ++i) {
      names.push_back("s" + std::to_string(i));
      many += stream_with(names.back(), "query_properties: {a: 1}");
    }
    auto text = refusal(many, names);
    CHECK(contains(text, "for 50 reasons"));
    CHECK(contains(text, "and 30 more"));
    CHECK(text.size() < 6000);
  }
}

TEST_CASE("what all requests depend on stops every read, not the listing") {
  for (const auto* what : {"api_budget: {policies: [{type: CustomCallRatePolicy, matchers: []}]}\n",
                           "concurrency_level: {type: CustomLevel}\n", "stream_groups: {a: {streams: []}}\n",
                           "spec: {connection_specification: {}, config_normalization_rules: {a: 1}}\n"}) {
    INFO(what);
    auto m = load(what + std::string{small_manifest});
    CHECK(m->streams.size() == 2);
    CHECK_FALSE(m->request_faults.empty());
    CHECK_FALSE(refusal(m, {"parents"}).empty());
  }
}

TEST_CASE("what only check needs stops only check") {
  for (const auto* what : {"check: {type: CheckDynamicStream, stream_count: 1}", "check: {stream_names: [nobody]}",
                           "check: {stream_names: [parents], dynamic_streams_check_configs: [{a: 1}]}", "check: 5"}) {
    INFO(what);
    auto m = load(with("check:\n  stream_names: [parents]", what));
    CHECK_FALSE(m->check_faults.empty());
    CHECK(refusal(m, {"parents"}).empty());
  }
}

TEST_CASE("streams that the source makes when it runs are known to be missing") {
  auto m = load("dynamic_streams: [{type: DynamicDeclarativeStream}]\n" + std::string{small_manifest}
                + "  - {type: ConditionalStreams, condition: a, streams: []}\n");
  CHECK(m->streams.size() == 2);
  REQUIRE(m->unlisted_streams.size() == 2);
  CHECK(m->unlisted_streams[0].path == "streams[2]");
  CHECK(m->unlisted_streams[1].path == "dynamic_streams");
  CHECK(refusal(m, {"children"}).empty());
  CHECK(load("check: {stream_names: []}\ndynamic_streams: [{a: 1}]\n")->streams.empty());
}

TEST_CASE("what is wrong outside of streams is an error for everybody, all of it at once") {
  auto m = load_manifest("chek: {}\nstreams: [{name: a, retriever: 5}, {retriever: {}}]\n", "m.yaml");
  REQUIRE_FALSE(m);
  for (const auto* part :
       {"for 5 reasons", "needs the field 'check'", "unknown field 'chek'",
        "at streams[1]: DeclarativeStream: needs the field 'name'",
        "at streams[1].retriever: SimpleRetriever: needs the field 'requester'", "needs the field 'record_selector'"})
    CHECK(contains(m.error().message, part));
  CHECK_FALSE(contains(m.error().message, "at streams[0]"));
  CHECK_FALSE(load_manifest("check: {stream_names: []}\n", "m.yaml"));
  CHECK_FALSE(load_manifest("check: {stream_names: []}\nstreams: []\n", "m.yaml"));
  CHECK_FALSE(load_manifest("check: {stream_names: []}\nstreams: {}\n", "m.yaml"));
}

TEST_CASE("what a catalogue says of a stream is known, whatever it uses") {
  auto m = load(with("- name: parents",
                     "- incremental_sync: {type: IncrementingCountCursor, cursor_field: '{{ parameters.by }}'}\n"
                     "    $parameters: {by: number, name: ignored}\n    name: parents")
                + "  - type: StateDelegatingStream\n    name: delegating\n    incremental_stream: {type: X}\n"
                  "    full_refresh_stream: {name: delegating, primary_key: id, schema_loader: {type: "
                  "DynamicSchemaLoader}}\n"
                  "  - type: DeclarativeStream\n    $parameters: {name: listed}\n"
                  "    retriever: {type: AsyncRetriever, partition_router: {type: ListPartitionRouter, values: [a]}}\n"
                  "    schema_loader: {type: DynamicSchemaLoader}\n    primary_key: [a, b]\n");
  REQUIRE(m->streams.size() == 4);
  CHECK(m->streams[0].supports_incremental);
  CHECK(default_cursor_field(*m, m->streams[0], value{value_dict{}}) == "number");
  CHECK(m->streams[2].name == "delegating");
  CHECK(m->streams[2].primary_key == std::vector<std::vector<std::string>>{{"id"}});
  CHECK(m->streams[2].faults.size() == 2);
  REQUIRE(m->streams[2].schema_gaps.size() == 1);
  CHECK(m->streams[2].schema_gaps[0].path == "streams[2].full_refresh_stream.schema_loader");
  const auto& listed = m->streams[3];
  CHECK(listed.name == "listed");
  CHECK(listed.has_parent);
  CHECK(listed.json_schema == "{}");
  CHECK(listed.primary_key == std::vector<std::vector<std::string>>{{"a"}, {"b"}});
  REQUIRE(listed.faults.size() == 1);
  CHECK(listed.faults[0].path == "streams[3].retriever");
  REQUIRE(listed.schema_gaps.size() == 1);
  CHECK(listed.schema_gaps[0].path == "streams[3].schema_loader");
}

TEST_CASE("a schema that is not known keeps nobody from reading") {
  for (const auto* loader : {"schema_loader: {type: JsonFileSchemaLoader, file_path: x.json}",
                             "schema_loader: {type: CustomSchemaLoader, class_name: x.Y}"}) {
    INFO(loader);
    auto m = load(with("schema_loader:\n      schema: {type: object, properties: {id: {type: integer}}}", loader));
    CHECK(m->streams[0].json_schema == "{}");
    CHECK(m->streams[0].schema_gaps.size() == 1);
    CHECK(m->streams[1].schema_gaps.empty());
    CHECK(refusal(m, {"parents", "children"}).empty());
  }
  // What is misspelt is a fault, here as everywhere.
  auto m = load(with("schema_loader:\n      schema: {type", "schema_loader:\n      type: Zebra\n      schema: {type"));
  CHECK_FALSE(refusal(m, {"parents"}).empty());
}
