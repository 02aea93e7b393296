// Transformations and schema_normalization, as manifests declare them.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <utility>
#include <variant>

using namespace sluice;
using namespace sluice::testing;

namespace {

using target = cast_rule::target;

expected<plan> compiled(const std::string& transformations, std::string yaml = std::string{small_manifest}) {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com","p":"x_"})");
  input.streams = {{"parents", "", false, ""}};
  if (!transformations.empty())
    yaml = with("    schema_loader:\n", "    transformations: [" + transformations + "]\n    schema_loader:\n",
                std::move(yaml));
  return compile_plan(*load(yaml), input);
}

std::vector<record_step> steps_of(const std::string& transformations, std::string yaml = std::string{small_manifest}) {
  auto p = compiled(transformations, std::move(yaml));
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->endpoints.at(0).outputs.at(0).steps;
}

std::string description_of(const record_step& step) {
  return std::visit([](const auto& x) { return x.description(); }, step);
}

std::string normalized(std::string_view schema) {
  auto yaml = with("{type: object, properties: {id: {type: integer}}}", schema);
  return with("extractor:\n          field_path: [data]",
              "schema_normalization: Default\n        extractor: {field_path: [data]}", std::move(yaml));
}

} // namespace

TEST_CASE("each transformation is a step, in the manifest's order") {
  struct row {
    const char* written;
    std::vector<std::string> steps;
  };
  auto r = GENERATE(values<row>({
    {"{type: RemoveFields, field_pointers: [[a, '*'], ['**', b]]}", {"without a.*", "without **.b"}},
    {"{type: RemoveFields, field_pointers: [[a], [b]], condition: '{{ property == 1 }}'}",
     {"without what is {{ property == 1 }}"}},
    {"{type: AddFields, fields: [{path: [a], value: '1'}], condition: '{{ record.b }}'}",
     {"with a = 1 where {{ record.b }}"}},
    {"{type: KeysToLower}, {type: KeysToSnakeCase}", {"with keys in lower case", "with keys in snake case"}},
    {"{type: KeysReplace, old: ' ', new: '{{ config.p }}'}", {"with '{{ config.p }}' for ' ' in keys"}},
    {"{type: FlattenFields}, {type: FlattenFields, flatten_lists: false}", {"flattened", "flattened but for lists"}},
    {"{type: DpathFlattenFields, field_path: [a, \"{{ config['p'] }}\"]}", {"with the fields of a.x_"}},
  }));
  std::vector<std::string> found;
  for (const auto& step : steps_of(r.written))
    found.push_back(description_of(step));
  CHECK(found == r.steps);
}

TEST_CASE("all fields of a flattened object reach its step") {
  auto steps = steps_of("{type: DpathFlattenFields, field_path: [a], delete_origin_value: true, replace_record: true,"
                        " key_transformation: {prefix: '{{ config.p }}', suffix: _s}}");
  CHECK(steps == std::vector<record_step>{flatten_object{{"a"}, true, true, "x_", "_s"}});
}

TEST_CASE("kinds of values are those that the manifest names") {
  for (auto [word, kind] : {std::pair{"string", value_kind::string}, std::pair{"number", value_kind::number},
                            std::pair{"integer", value_kind::integer}, std::pair{"boolean", value_kind::boolean}}) {
    auto steps
      = steps_of("{type: AddFields, fields: [{path: [a], value: '1', value_type: " + std::string{word} + "}]}");
    CHECK(std::get<add_field>(steps.at(0)).kind == kind);
  }
}

TEST_CASE("paths of fields are keys as they are written") {
  auto steps = steps_of("{type: AddFields, fields: [{path: ['{{ config.p }}', '*'], value: '1'}]}");
  CHECK(std::get<add_field>(steps.at(0)).path == std::vector<std::string>{"{{ config.p }}", "*"});
}

TEST_CASE("parameters are there for templates that read the record as well") {
  auto steps
    = steps_of("{type: AddFields, $parameters: {k: v}, fields: [{path: [a], value: '{{ record[parameters.k] }}'},"
               " {path: [b], value: '{{ parameters.k }}'}, {path: [c], value: '{{ record.x }}'}]}");
  language::scope scope;
  scope.set("record", language::value_dict{{"v", 7}});
  CHECK(std::get<add_field>(steps.at(0)).value.evaluate(scope) == language::value{7});
  CHECK(std::get<add_field>(steps.at(1)).value.source() == "v");
  CHECK(std::get<add_field>(steps.at(2)).value.source() == "{{ record.x }}");
  auto filter = steps_of("", with("field_path: [data]", "field_path: [data]\n        record_filter: {condition: "
                                                        "'{{ record[parameters.k] }}', $parameters: {k: v}}"));
  CHECK(std::get<record_filter>(filter.at(0)).predicate->evaluate(scope) == true);
}

TEST_CASE("what cannot be done to records is refused with its place") {
  struct row {
    const char* written;
    std::vector<std::string> told;
  };
  auto r = GENERATE(values<row>({
    {"{type: RemoveFields, field_pointers: [[]]}", {"field_pointers", "the whole record"}},
    {"{type: RemoveFields, field_pointers: [['**', a, '**']]}", {"field_pointers", "only one '**'"}},
    {"{type: RemoveFields, field_pointers: [[a, '']]}", {"field_pointers", "a segment of the path is empty"}},
    {"{type: RemoveFields, field_pointers: [[a]], condition: '{{ record }}'}", {"condition", "'record'"}},
    {"{type: AddFields, fields: [{path: [], value: '1'}]}", {"fields[0].path", "must not be empty"}},
    {"{type: AddFields, fields: [{path: [a], value: '{{ next_page_token }}'}]}",
     {"fields[0].value", "'next_page_token'"}},
    {"{type: AddFields, fields: [{path: [a], value: '1', value_type: list}]}", {"value_type", "'list'"}},
    {"{type: AddFields, fields: [{path: [a], value: '1'}], condition: '{{ reocrd }}'}", {"condition", "'reocrd'"}},
    {"{type: DpathFlattenFields, field_path: []}", {"field_path", "must not be empty"}},
    {"{type: KeysReplace, old: a}", {"needs the field 'new'"}},
    {"{type: KeysReplace, old: '{{ x }}', new: b}", {"old", "'x'"}},
  }));
  auto p = compiled(r.written);
  REQUIRE_FALSE(p);
  INFO(p.error().message);
  for (const auto& word : r.told)
    CHECK(contains(p.error().message, word));
}

TEST_CASE("patterns in field_path are compiled, but for the one of any depth") {
  auto p = compiled("", with("field_path: [data]", "field_path: ['d*', '[ab]']"));
  REQUIRE(p);
  CHECK(p->endpoints[0].outputs[0].record_path == std::vector<std::string>{"d*", "[ab]"});
  p = compiled("", with("field_path: [data]", "field_path: ['**', a]"));
  REQUIRE_FALSE(p);
  CHECK(contains(p.error().message, "'**' is not supported here"));
}

TEST_CASE("a schema says what values are cast to") {
  auto rule_of = [](std::string_view property) {
    auto steps = steps_of("", normalized("{properties: {a: " + std::string{property} + "}}"));
    return steps.empty() ? nullptr : std::get<cast_types>(steps.at(0)).record->fields.at(0).second;
  };
  CHECK(rule_of("{type: integer}")->to == target::integer);
  CHECK_FALSE(rule_of("{type: integer}")->keeps_null);
  CHECK(rule_of("{type: ['null', number]}")->to == target::number);
  CHECK(rule_of("{type: ['null', number]}")->keeps_null);
  CHECK(rule_of("{type: [string]}")->to == target::string);
  CHECK(rule_of("{type: [string, integer]}") == nullptr);
  CHECK(rule_of("{type: object}") == nullptr);
  CHECK(rule_of("{type: unknown}") == nullptr);
  CHECK(rule_of("{}") == nullptr);
  CHECK(rule_of("{type: object, properties: {b: {type: boolean}}}")->field("b")->to == target::boolean);
  CHECK(rule_of("{type: object, properties: {b: {type: boolean}}}")->field("c") == nullptr);
  // Single values become lists unless the elements have one type, or may be lists and objects.
  CHECK(rule_of("{type: array}")->to == target::array);
  CHECK(rule_of("{type: array, items: {}}")->to == target::array);
  CHECK(rule_of("{type: array, items: {type: ['null', string]}}")->to == target::array);
  CHECK(rule_of("{type: array, items: {type: string}}")->to == target::none);
  CHECK(rule_of("{type: array, items: {type: string}}")->items->to == target::string);
  CHECK(rule_of("{type: array, items: {type: [object]}}") == nullptr);
}

TEST_CASE("values are cast last, and only if the manifest says so") {
  const auto schema = normalized("{properties: {b: {type: string}, a: {type: integer}}}");
  auto steps = steps_of("{type: KeysToLower}", schema);
  REQUIRE(steps.size() == 2);
  CHECK(description_of(steps[1]) == "with values as the schema has them");
  CHECK(std::get<cast_types>(steps[1]).record->field("a")->to == target::integer);
  CHECK(steps_of("{type: KeysToLower}", with("Default", "None", schema)).size() == 1);
  CHECK(steps == steps_of("{type: KeysToLower}", schema));
  CHECK_FALSE(steps == steps_of("{type: KeysToLower}", with("string", "number", schema)));
}

TEST_CASE("values are not cast to a schema that is not known, nor to none") {
  auto yaml
    = with("      schema: {type: object, properties: {id: {type: integer}}}\n", "      type: JsonFileSchemaLoader\n",
           normalized("{type: object, properties: {id: {type: integer}}}"));
  auto p = compiled("", yaml);
  REQUIRE_FALSE(p);
  CHECK(contains(p.error().message, "schema_normalization: the stream's schema is not known"));
  yaml = with("    schema_loader:\n      type: JsonFileSchemaLoader\n", "", yaml);
  CHECK(steps_of("", yaml).empty());
}
