#include "config/config_changes.hpp"

#include "config/connector_config.hpp"
#include "config/manifest/compile.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"

#include <string>
#include <string_view>

using namespace sluice;

namespace {

manifest_ptr manifest_with(const std::string& rules) {
  auto m = load_manifest(R"yaml(
check: {stream_names: [rows]}
streams:
  - name: rows
    retriever:
      requester: {url_base: "http://api.test", path: rows}
      record_selector: {extractor: {field_path: []}}
    schema_loader: {schema: {type: object}}
spec:
  connection_specification:
    type: object
    properties:
      token: {type: string, airbyte_secret: true}
      kind: {type: string}
  config_normalization_rules: )yaml"
                           + rules + "\n",
                         "m.yaml");
  if (!m)
    FAIL(m.error().message);
  return *m;
}

config_rules rules_of(const std::string& rules) {
  auto result = compile_config_rules(*manifest_with(rules));
  if (!result)
    FAIL(result.error().message);
  return *result;
}

/// What one change, written as in a manifest, makes of a config: its text, or what is wrong.
std::string changed(const std::string& change, const std::string& config) {
  auto result = change_config(config, rules_of("{transformations: [" + change + "]}").transformations);
  return result ? *result : result.error().message;
}

std::string adding(const std::string& path, const std::string& value, const std::string& more = {}) {
  return "{type: ConfigAddFields, fields: [{path: " + path + ", value: \"" + value + "\"}]" + more + "}";
}

/// What a validation says of a config; empty: nothing.
std::string complaint(const std::string& check, const std::string& config) {
  auto result = check_config(config, rules_of("{validations: [" + check + "]}").validations);
  return result ? std::string{} : result.error().message;
}

std::string at_path(const std::string& path, const std::string& schema) {
  return "{type: DpathValidator, field_path: " + path
         + ", validation_strategy: {type: ValidateAdheresToSchema, base_schema: " + schema + "}}";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("ConfigAddFields sets what its templates make, and leaves all other bytes") {
  struct row {
    std::string change;
    std::string config;
    std::string expected;
  };
  auto r = GENERATE(values<row>({
    {adding("[a]", "x"), R"({"n": 1.50})", R"({"n": 1.50,"a":"x"})"},
    {adding("[a]", "{{ config.n + 1 }}"), R"({"n":1})", R"({"n":1,"a":2})"},
    {adding("[a]", "2"), "{}", R"({"a":2})"},
    {adding("[n]", "{{ config.n }}0"), R"({"n":1,"m":2})", R"({"n":10,"m":2})"},
    {adding("[a, b, c]", "x"), "{}", R"({"a":{"b":{"c":"x"}}})"},
    {adding("[a, b]", "x"), R"({"a":{"c":1}})", R"({"a":{"c":1,"b":"x"}})"},
    {adding("[a, '1']", "x"), R"({"b":0})", R"({"b":0,"a":[null,"x"]})"},
    {adding("[l]", "{{ config.text }}"), R"({"text":"[1, 2]"})", R"({"text":"[1, 2]","l":[1,2]})"},
    {adding("['a.*']", "x"), "{}", R"({"a.*":"x"})"},
    // Conditions see the config, the value and the path, and are asked for each field.
    {adding("[a]", "x", ", condition: \"{{ config.on }}\""), R"({"on":false})", R"({"on":false})"},
    {adding("[a]", "x", ", condition: \"{{ config.get('on', True) }}\""), "{}", R"({"a":"x"})"},
    {adding("[a]", "{{ config.n }}", ", condition: \"{{ value > 1 and path[0] == 'a' }}\""), R"({"n":2})",
     R"({"n":2,"a":2})"},
    {"{type: ConfigAddFields, fields: [{path: [a], value: '1'}, {path: [b], value: '{{ config.a + 1 }}'}]}", "{}",
     R"({"a":1,"b":2})"},
    {"{type: ConfigAddFields, fields: [{path: [a], value: '1', value_type: string}]}", "{}", R"({"a":"1"})"},
  }));
  CAPTURE(r.change, r.config);
  CHECK(changed(r.change, r.config) == r.expected);
}

TEST_CASE("ConfigRemapField gives a text the value that the map has for it") {
  auto remap = [](const std::string& path, const std::string& map) {
    return "{type: ConfigRemapField, field_path: " + path + ", map: " + map + "}";
  };
  struct row {
    std::string change;
    std::string config;
    std::string expected;
  };
  auto r = GENERATE_COPY(values<row>({
    {remap("[k]", "{old: new}"), R"({"k":"old"})", R"({"k":"new"})"},
    {remap("[k]", "{old: new}"), R"({"k":"other"})", R"({"k":"other"})"},
    {remap("[k]", "{old: new}"), R"({"l":"old"})", R"({"l":"old"})"},
    {remap("[a, k]", "{old: [1, null]}"), R"({"a":{"k":"old"}})", R"({"a":{"k":[1,null]}})"},
    {remap("[a, k]", "{old: new}"), R"({"a":["old"]})", R"({"a":["old"]})"},
    {remap("[a, k]", "{old: new}"), R"({"a":"k"})", R"({"a":"k"})"},
    {remap("['{{ config.which }}']", "{old: new}"), R"({"which":"k","k":"old"})", R"({"which":"k","k":"new"})"},
    {remap("[k]", "{'{{ config.from }}': '{{ config.n + 1 }}'}"), R"({"from":"old","n":1,"k":"old"})",
     R"({"from":"old","n":1,"k":2})"},
    {remap("[k]", "\"{{ config.map }}\""), R"({"map":{"old":"new"},"k":"old"})", R"({"map":{"old":"new"},"k":"new"})"},
    // Only texts are keys.
    {remap("[k]", "{'1': new}"), R"({"k":1})", R"({"k":1})"},
    {remap("[k]", "{'1': new}"), R"({"k":["1"]})", R"({"k":["1"]})"},
    {remap("[k]", "{'1': new}"), R"({"k":"1"})", R"({"k":"new"})"},
  }));
  CAPTURE(r.change, r.config);
  CHECK(changed(r.change, r.config) == r.expected);
}

TEST_CASE("ConfigRemoveFields takes out what its pointers lead to") {
  auto remove = [](const std::string& pointers, const std::string& more = {}) {
    return "{type: ConfigRemoveFields, field_pointers: " + pointers + more + "}";
  };
  struct row {
    std::string change;
    std::string config;
    std::string expected;
  };
  auto r = GENERATE_COPY(values<row>({
    {remove("[[a]]"), R"({"a":1,"b":2})", R"({"b":2})"},
    {remove("[[a], [b, c]]"), R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":3}})"},
    {remove("[[x], [b, y], []]"), R"({"a":1})", R"({"a":1})"},
    {remove("[['a*']]"), R"({"a1":1,"a2":2,"b":3})", R"({"b":3})"},
    {remove("[['**', secret]]"), R"({"a":{"secret":1},"secret":2})", R"({"a":{}})"},
    {remove("[[l, '0']]"), R"({"l":[1,2]})", R"({"l":[null,2]})"},
    {remove("[[l, '1']]"), R"({"l":[1,2]})", R"({"l":[1]})"},
    {remove("[[a]]", ", condition: \"{{ config.on }}\""), R"({"a":1,"on":0})", R"({"a":1,"on":0})"},
    {remove("[[a]]", ", condition: \"{{ config.on }}\""), R"({"a":1,"on":1})", R"({"on":1})"},
  }));
  CAPTURE(r.change, r.config);
  CHECK(changed(r.change, r.config) == r.expected);
}

TEST_CASE("a change that cannot be made says which, and why, and shows no value") {
  auto problem = changed(adding("[token, b]", "x"), R"({"token":"very-secret"})");
  CHECK(
    problem
    == "Config validation error: the manifest's rule at spec.config_normalization_rules.transformations[0] cannot be "
       "applied to the config: the field `token.b` cannot be set: the value above `b` is a text, not an object. "
       "Nothing was read from the source, and nothing was changed.");
  CHECK(contains(changed(adding("[a]", "{{ config.x.y }}"), R"({"token":"very-secret"})"), "cannot be applied"));
  CHECK(contains(changed("{type: ConfigRemapField, field_path: [k], map: '{{ config.k }}'}", R"({"k":"old"})"),
                 "the text of `map` makes no dict."));
  // Sixty doublings would fill any memory.
  std::string doubling = "{type: ConfigAddFields, fields: [";
  for (int i = 0; i < 60; ++i)
    doubling += "{path: [f" + std::to_string(i) + "], value: '{{ config }}'},";
  CHECK(contains(changed(doubling + "]}", R"({"a":"0123456789"})"), "it would be larger than 1048576 bytes."));
}

TEST_CASE("rules that cannot be meant are faults of the manifest") {
  auto fault = [](const std::string& rules) {
    auto result = compile_config_rules(*manifest_with(rules));
    return result ? std::string{} : result.error().message;
  };
  CHECK(contains(fault("{transformations: [" + adding("[]", "x") + "]}"), "must not be empty"));
  CHECK(contains(fault("{transformations: [" + adding("[a, '1001']", "x") + "]}"), "the position 1001"));
  CHECK(contains(fault("{transformations: [" + adding("[a]", "{{ record.x }}") + "]}"), "'record' is not known here"));
  CHECK(contains(fault("{validations: [" + at_path("[]", "{}") + "]}"), "must not be empty"));
  CHECK(contains(fault("{transformations: [{type: CustomConfigTransformation, class_name: x.y}]}"), "Python code"));
  CHECK(contains(fault("{config_migrations: [{transformations: [{type: ConfigAddField}]}]}"),
                 "did you mean 'ConfigAddFields'"));
  CHECK(contains(fault("{migrations: []}"), "unknown field 'migrations'"));
}

TEST_CASE("validations name the place, and pass over what is not there") {
  const std::string texts = "{type: array, items: {type: string, minLength: 2}}";
  CHECK(complaint(at_path("[l]", texts), R"({"l":["ab"]})").empty());
  CHECK(complaint(at_path("[l]", texts), R"({"m":[1]})").empty());
  CHECK(contains(complaint(at_path("[l]", texts), R"({"l":["ab","c"]})"), "Config validation error: l[1]: "));
  CHECK(contains(complaint(at_path("[a, '*', l]", texts), R"({"a":[{"l":["ab"]},{"l":["c"]},{}]})"),
                 "Config validation error: a.*.l[0]: "));
  // A text is JSON.
  CHECK(complaint(at_path("[l]", texts), R"({"l":"[\"ab\"]"})").empty());
  CHECK(
    contains(complaint(at_path("[l]", texts), R"({"l":"secret words"})"), "l: must be JSON, or a text that is JSON"));
  CHECK_FALSE(contains(complaint(at_path("[l]", texts), R"({"l":"secret words"})"), "secret"));
  CHECK(
    contains(complaint(at_path("[l]", "{type: nonsense}"), R"({"l":1})"), "The schema of the manifest's validation"));
  CHECK(complaint(at_path("[l]", "\"{{ config.schema }}\""), R"({"l":1,"schema":"{\"type\":\"integer\"}"})").empty());
  CHECK(contains(complaint(at_path("[l]", "\"{{ config.l }}\""), R"({"l":1})"), "is no JSON object"));
}

TEST_CASE("PredicateValidator checks a value of the manifest") {
  auto predicate = [](const std::string& x, const std::string& schema) {
    return "{type: PredicateValidator, value: " + x
           + ", validation_strategy: {type: ValidateAdheresToSchema, base_schema: " + schema + "}}";
  };
  CHECK(complaint(predicate("3", "{type: integer}"), "{}").empty());
  CHECK(complaint(predicate("\"{{ config.n }}\"", "{type: integer, minimum: 2}"), R"({"n":2})").empty());
  CHECK(contains(complaint(predicate("\"{{ config.n }}\"", "{type: integer, minimum: 2}"), R"({"n":1})"),
                 "the value of the validation at spec.config_normalization_rules.validations[0]: "));
}

TEST_CASE("a migration is told only if it changes something") {
  const auto rules = rules_of("{config_migrations: [{transformations: ["
                              + adding("[kind]", "{{ config.get('kind', 'new') }}") + "]}]}");
  CHECK(migrate_config(R"({"kind":"old"})", rules).value() == std::nullopt);
  CHECK(migrate_config("{}", rules).value() == R"({"kind":"new"})");
  // One that changes what is inside of an object, too.
  const auto inner = rules_of("{config_migrations: [{transformations: [" + adding("[a, b]", "x") + "]}]}");
  CHECK(migrate_config(R"({"a":{}})", inner).value() == R"({"a":{"b":"x"}})");
}

TEST_CASE("transformations come before the specification, validations behind it") {
  const auto rules
    = rules_of("{transformations: [" + adding("[kind]", "7") + "], validations: [" + at_path("[token]", "{}") + "]}");
  const auto specification = manifest_with("{}")->connection_specification;
  auto result = validate_config(R"({"token":"very-secret"})", specification, rules);
  REQUIRE(!result);
  CHECK(contains(result.error().message, "kind: expected"));
  const auto texts = rules_of("{transformations: [" + adding("[kind]", "x{{ config.token }}") + "]}");
  result = validate_config(R"({"token":"very-secret"})", specification, texts);
  REQUIRE(result);
  CHECK(language::to_json(result->values) == R"({"token":"very-secret","kind":"xvery-secret"})");
  CHECK(result->secrets == std::vector<std::string>{"very-secret"});
}

TEST_CASE("a secret that a transformation takes away stays a secret") {
  const auto rules = rules_of("{transformations: [" + adding("[kind]", "{{ config.token }}")
                              + ", {type: ConfigRemoveFields, field_pointers: [[token]]}], validations: ["
                              + at_path("[kind]", "{type: object, properties: {a: {enum: [b]}}}") + "]}");
  const auto specification = manifest_with("{}")->connection_specification;
  auto result = validate_config(R"({"token":"{\"a\":\"hidden\"}"})", specification, rules);
  REQUIRE(!result);
  result = validate_config(R"({"token":"{}hidden-secret"})", specification, rules);
  REQUIRE(!result);
  CHECK_FALSE(contains(result.error().message, "hidden-secret"));
  result = validate_config(R"({"token":"{}"})", specification, rules);
  REQUIRE(result);
  CHECK(result->secrets == std::vector<std::string>{"{}"});
}

TEST_CASE("no config breaks the rules") {
  const auto rules
    = rules_of("{config_migrations: [{transformations: [" + adding("[a, b]", "{{ config.get('x', 1) }}") + ", "
               + "{type: ConfigRemapField, field_path: [a, c], map: {x: y}}, "
               + "{type: ConfigRemoveFields, field_pointers: [['**', z], [l, '*', q]]}]}], validations: ["
               + at_path("[a, '*']", "{type: [string, number, object]}") + "]}");
  CHECK(rc::check("mutated configs end in a config or a clear error", [&] {
    const std::string sample = R"({"a": {"b": 1, "c": "x", "z": [1]}, "l": [{"q": 1}, 2], "x": "q9w8e7r6t5z4"})";
    auto text = *rc::gen::oneOf(test::random_bytes(), test::mutations_of(sample));
    auto object = read_config_object(text);
    if (!object)
      return;
    auto migrated = migrate_config(*object, rules);
    if (migrated && *migrated)
      RC_ASSERT(read_config_object(**migrated).has_value());
    if (!migrated)
      RC_ASSERT(migrated.error().code == errc::bad_config);
    (void)check_config(*object, rules.validations);
  }));
}
