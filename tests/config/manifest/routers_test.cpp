// Partition routers, compiled.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace sluice;
using namespace sluice::testing;
using language::value;
using language::value_dict;
using language::value_list;

namespace {

constexpr std::string_view substream = R"(
        parent_stream_configs:
          - stream: '#/streams/0'
            parent_key: id
            partition_field: parent_id
)";

/// The small manifest, the children's router replaced.
std::string with_router(const std::string& router) {
  auto text = with(std::string{substream}.substr(1), "        " + router + "\n");
  // What the path reads may be missing now.
  return with("/parents/{{ stream_partition.parent_id }}/children", "children", std::move(text));
}

expected<plan> compiled(const std::string& yaml) {
  compile_input in;
  in.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"},
                               {"regions", value{value_list{value{"eu"}, value{std::int64_t{7}}}}},
                               {"name", "x"},
                               {"none", value{}}}};
  selected_stream s;
  s.name = "children";
  s.incremental = true;
  in.streams.push_back(s);
  return compile_plan(*load(yaml), in);
}

plan plan_of(const std::string& yaml) {
  auto p = compiled(yaml);
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  return std::move(*p);
}

std::string refusal(const std::string& yaml) {
  auto p = compiled(yaml);
  REQUIRE_FALSE(p);
  return p.error().message;
}

using texts = std::vector<std::string>;

texts values_of(const plan& p) {
  return std::get<list_values>(p.endpoints.back().slices.factors.at(0)).values;
}

const std::string list_router = "{type: ListPartitionRouter, values: [a, b], cursor_field: letter}";
const std::string parent_router
  = "{type: SubstreamPartitionRouter, parent_stream_configs: [{stream: '#/streams/0', parent_key: id, "
    "partition_field: parent_id}]}";

} // namespace

TEST_CASE("the values of a list are texts as they stand there, or what a template makes of them") {
  const struct {
    const char* values;
    texts expected;
  } rows[] = {
    {"[a, 7, \"{{ config['name'] }}\"]", {"\"a\"", "\"7\"", "\"{{ config['name'] }}\""}},
    {"\"{{ config['regions'] }}\"", {"\"eu\"", "7"}},
    {"\"{{ ['a', {'b': 1}] }}\"", {"\"a\"", "{\"b\":1}"}},
    {"\"{{ 'a,b'.split(',') }}\"", {"\"a\"", "\"b\""}},
    {"\"['a', 2]\"", {"\"a\"", "2"}},
    {"\"{{ config.get('other') or '' }}\"", {}},
    {"[]", {}},
  };
  for (const auto& [values, expected] : rows) {
    INFO(values);
    CHECK(values_of(plan_of(
            with_router("type: ListPartitionRouter\n        cursor_field: x\n        values: " + std::string{values})))
          == expected);
  }
}

TEST_CASE("a list without parents has partitions from the start") {
  const auto p = plan_of(with_router(list_router));
  REQUIRE(p.endpoints.size() == 1);
  const auto& e = p.endpoints[0];
  CHECK_FALSE(e.slices.has_parents());
  CHECK(e.slices.has_partitions());
  CHECK_FALSE(e.slices.is_product);
  CHECK_FALSE(names_parents(e.slices));
  CHECK_FALSE(e.slices.has_parent_state());
  CHECK(leading_field(p, e) == "letter");
  CHECK(p.edges.empty());
}

TEST_CASE("what partitions put into requests is there for each router") {
  const auto p = plan_of(with_router(
    "[{type: ListPartitionRouter, values: [a], cursor_field: x, request_option: {inject_into: request_parameter, "
    "field_name: of}}, {type: ListPartitionRouter, values: [a], cursor_field: y, request_option: {inject_into: "
    "body_json, field_path: [of, y]}}]"));
  const auto& options = p.endpoints[0].request.partition_options;
  REQUIRE(options.size() == 2);
  CHECK(options[0].field == "x");
  CHECK(options[0].option.name == "of");
  CHECK(options[1].field == "y");
  CHECK(options[1].option.into == inject_into::body_json);
  CHECK(options[1].option.inner == texts{"y"});
}

TEST_CASE("a list of routers is their product, of which states hold nothing of parents") {
  const auto p = plan_of(with_router("[" + list_router + ", " + parent_router + "]"));
  REQUIRE(p.endpoints.size() == 2);
  const auto& e = p.endpoints[1];
  REQUIRE(e.slices.factors.size() == 2);
  CHECK(std::holds_alternative<list_values>(e.slices.factors[0]));
  CHECK(std::get<parent_records>(e.slices.factors[1]).edges == std::vector<std::uint32_t>{0});
  CHECK(e.slices.is_product);
  CHECK(names_parents(e.slices));
  CHECK_FALSE(e.slices.has_parent_state());
  CHECK(partition_fields(p, e.slices) == texts{"letter", "parent_id"});
  CHECK(e.depth == 1);
  CHECK(plan_of(with_router("[" + parent_router + "]")).endpoints[1].slices.is_product);
}

TEST_CASE("several parents of one router feed one factor, each with its own field") {
  const auto p = plan_of(with_router(
    "{type: SubstreamPartitionRouter, parent_stream_configs: [{stream: '#/streams/0', parent_key: id, partition_field: "
    "a}, {stream: '#/streams/0', parent_key: x/y, partition_field: b, extra_fields: [[name], [owner, id]]}]}"));
  REQUIRE(p.endpoints.size() == 2);
  CHECK(p.endpoints[1].slices.feeding_edges() == std::vector<std::uint32_t>{0, 1});
  CHECK(p.endpoints[0].child_edges == std::vector<std::uint32_t>{0, 1});
  CHECK(p.edges[1].parent_key == texts{"x", "y"});
  CHECK(p.edges[1].extra_fields == std::vector<texts>{{"name"}, {"owner", "id"}});
  CHECK(partition_fields(p, p.endpoints[1].slices) == texts{"a", "b"});
}

TEST_CASE("groups and unions say what they are made of") {
  const auto grouped = plan_of(
    with_router("{type: GroupingPartitionRouter, group_size: 3, underlying_partition_router: " + parent_router + "}"));
  const auto& group = std::get<partition_groups>(grouped.endpoints[1].slices.factors[0]);
  CHECK(group.size == 3);
  CHECK(group.once);
  CHECK(std::holds_alternative<parent_records>(group.of));
  CHECK(grouped.endpoints[1].slices.has_groups());
  CHECK(grouped.endpoints[1].slices.has_parent_state());

  const auto united = plan_of(with_router(
    "{type: UnionPartitionRouter, partition_field: parent_id, partition_routers: [{type: ListPartitionRouter, values: "
    "[a], cursor_field: parent_id}, {type: UnionPartitionRouter, partition_field: parent_id, partition_routers: ["
    + parent_router + ", {type: ListPartitionRouter, values: [b], cursor_field: parent_id}]}]}"));
  const auto& all = std::get<united_partitions>(united.endpoints[1].slices.factors[0]);
  CHECK(all.field == "parent_id");
  CHECK(all.of.size() == 3);
  CHECK_FALSE(names_parents(united.endpoints[1].slices));
  CHECK(united.endpoints[1].slices.has_parent_state());
  CHECK(partitioned_parent_of(united, united.endpoints[1]) == nullptr);
}

TEST_CASE("routers that make no sense are refused, with the place") {
  const struct {
    std::string router;
    std::vector<const char*> parts;
  } rows[] = {
    {"{type: ListPartitionRouter, values: [a], cursor_field: ''}", {"cursor_field", "plain name"}},
    {"[" + list_router + ", " + list_router + "]", {"partition_router", "'letter'"}},
    {"{type: SubstreamPartitionRouter, parent_stream_configs: []}", {"parent_stream_configs", "at least one"}},
    {"{type: SubstreamPartitionRouter, parent_stream_configs: [{stream: '#/streams/0', parent_key: id, "
     "partition_field: p, extra_fields: [['a*']]}]}",
     {"extra_fields", "'a*'"}},
    {"{type: GroupingPartitionRouter, group_size: 0, underlying_partition_router: " + list_router + "}",
     {"group_size", "at least 1"}},
    {"{type: GroupingPartitionRouter, group_size: 2, underlying_partition_router: {type: ListPartitionRouter, values: "
     "[a], cursor_field: x, request_option: {inject_into: header, field_name: X}}}",
     {"request_option", "GroupingPartitionRouter"}},
    {"{type: UnionPartitionRouter, partition_field: letter, partition_routers: [" + list_router + "]}",
     {"partition_routers", "two"}},
    {"{type: UnionPartitionRouter, partition_field: letter, partition_routers: [" + list_router + ", " + parent_router
       + "]}",
     {"partition_routers", "'parent_id'"}},
  };
  for (const auto& [router, parts] : rows) {
    INFO(router);
    const auto message = refusal(with_router(router));
    INFO(message);
    for (const auto* part : parts)
      CHECK(contains(message, part));
  }
}

// -- parents that are known -----------------------------------------------------------

namespace {

std::string with_known(const std::string& keys) {
  const auto router = "        x-sluice: {known_keys: " + keys + "}\n";
  return with(std::string{substream}.substr(1), router + std::string{substream}.substr(1));
}

} // namespace

TEST_CASE("parents whose keys are known are not read") {
  const auto p = plan_of(with_known("\"{{ config.regions }}\""));
  REQUIRE(p.endpoints.size() == 1);
  CHECK(p.edges.empty());
  CHECK(values_of(p) == texts{"\"eu\"", "7"});
  // Partitions are the same as those that the parents would make.
  CHECK(names_parents(p.endpoints[0].slices));
  CHECK(leading_field(p, p.endpoints[0]) == "parent_id");
}

TEST_CASE("where no keys are known, the parents are read as ever") {
  for (const std::string keys : {"\"{{ config.get('missing') or [] }}\"", "[]"}) {
    CAPTURE(keys);
    const auto p = plan_of(with_known(keys));
    CHECK(p.edges.size() == 1);
  }
}

TEST_CASE("keys can be known on a stream's own router with one parent only") {
  const auto no_list = plan_of(with_known("\"{{ config.name }}\""));
  const auto& of = no_list.streams.at(0);
  CHECK_FALSE(of.endpoint);
  CHECK(contains(of.refusal ? of.refusal->message : std::string{}, "known_keys"));
  const auto two = "        x-sluice: {known_keys: [a]}\n" + std::string{substream}.substr(1)
                   + "          - {stream: '#/streams/0', parent_key: id, partition_field: parent_id}\n";
  CHECK(contains(refusal(with(std::string{substream}.substr(1), two)), "known_keys"));
}

TEST_CASE("values that become no list keep their stream alone from being read") {
  compile_input in;
  in.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"}}};
  for (const auto* name : {"children", "parents"}) {
    selected_stream s;
    s.name = name;
    in.streams.push_back(s);
  }
  for (const auto* values : {"\"{{ config.get('none') }}\"", "\"{{ 'some text' }}\"", "\"{{ 5 }}\""}) {
    CAPTURE(values);
    // Beside a parent, which is not read for nothing.
    auto p = compile_plan(
      *load(with_router("- " + parent_router
                        + "\n        - {type: ListPartitionRouter, cursor_field: x, values: " + values + "}")),
      in);
    REQUIRE(p);
    CHECK_FALSE(p->streams[0].endpoint);
    REQUIRE(p->streams[0].refusal);
    CHECK(p->streams[0].refusal->code == errc::bad_config);
    CHECK(contains(p->streams[0].refusal->message, "partition_router[1].values: must become a list"));
    CHECK(p->endpoints.size() == 1);
    CHECK(p->edges.empty());
    CHECK(p->endpoints[0].child_edges.empty());
    CHECK(p->streams[1].endpoint == endpoint_id{0});
  }
}

TEST_CASE("a parent's record holds the first page where its router stands alone, and there is no state") {
  const auto lazy = [](const std::string& router, const std::string& state = {}) {
    compile_input in;
    in.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"}}};
    in.streams.push_back({"children", "", false, state});
    auto p = compile_plan(*load(with_router(router)), in);
    INFO((p ? std::string{} : p.error().message));
    REQUIRE(p);
    return p->edges.at(0).first_page;
  };
  const std::string configs
    = "parent_stream_configs: [{stream: '#/streams/0', parent_key: id, partition_field: parent_id, "
      "lazy_read_pointer: [a, \"{{ config.url[:4] }}\"]}]";
  const auto alone = "type: SubstreamPartitionRouter\n        " + configs;
  const auto one = "{type: SubstreamPartitionRouter, " + configs + "}";
  CHECK(lazy(alone) == texts{"a", "http"});
  CHECK(lazy(alone, "{}") == texts{"a", "http"});
  CHECK_FALSE(lazy(alone, R"({"x":1})"));
  CHECK_FALSE(lazy("- " + one));
  CHECK_FALSE(
    lazy("type: GroupingPartitionRouter\n        group_size: 2\n        underlying_partition_router: " + one));
}
