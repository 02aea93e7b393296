// RecordFilter, as manifests declare it.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

namespace {

expected<plan> compiled(const std::string& selector, const std::string& transformations = {}) {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com"})");
  input.streams = {{"parents", "", false, ""}};
  auto yaml = with("field_path: [data]", "field_path: [data]\n" + selector);
  return compile_plan(*load(with("    schema_loader:\n", transformations + "    schema_loader:\n", yaml)), input);
}

/// What the first stream's steps say of themselves.
std::vector<std::string> steps_of(const std::string& selector, const std::string& transformations = {}) {
  auto p = compiled(selector, transformations);
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  std::vector<std::string> result;
  for (const auto& step : p->endpoints.at(0).outputs.at(0).steps)
    result.push_back(std::visit([](const auto& x) { return x.description(); }, step));
  return result;
}

constexpr const char* removal = "    transformations: [{type: RemoveFields, field_pointers: [[a]]}]\n";
constexpr const char* filter = "        record_filter: {condition: '{{ record.a }}'}\n";

} // namespace

TEST_CASE("records are filtered before they are transformed, unless the manifest says otherwise") {
  CHECK(steps_of(filter, removal) == std::vector<std::string>{"where {{ record.a }}", "without a"});
  CHECK(steps_of(std::string{filter} + "        transform_before_filtering: false\n", removal)
        == std::vector<std::string>{"where {{ record.a }}", "without a"});
  CHECK(steps_of(std::string{filter} + "        transform_before_filtering: true\n", removal)
        == std::vector<std::string>{"without a", "where {{ record.a }}"});
  CHECK(steps_of("        transform_before_filtering: true\n", removal) == std::vector<std::string>{"without a"});
}

TEST_CASE("a filter without a condition is one that drops everything") {
  CHECK(steps_of("        record_filter: {type: RecordFilter}\n") == std::vector<std::string>{"where nothing"});
}

TEST_CASE("a condition that the configuration makes hold for every record costs nothing") {
  using steps = std::vector<std::string>;
  auto of = [](const std::string& condition) {
    return steps_of("        record_filter: {condition: \"" + condition + "\"}\n");
  };
  CHECK(of("{{ not config.get('ids') or record.id in config.ids }}") == steps{});
  CHECK(of("{{ config.url }}") == steps{});
  CHECK(of("true") == steps{});
  // It is looked at, or it might change, or it does not hold.
  for (const std::string condition :
       {"{{ record.id in config.get('ids', []) }}", "{{ record.id or config.url }}", "{{ now_utc() }}",
        "{{ not config.get('ids') and today_utc() }}", "{{ config.get('ids') }}", "{{ stream_slice or true }}"}) {
    CAPTURE(condition);
    CHECK(of(condition) == steps{"where " + condition});
  }
}

TEST_CASE("a condition that reads what there is not is refused with its place") {
  auto p = compiled("        record_filter: {condition: '{{ recrd.a }}'}\n");
  REQUIRE_FALSE(p);
  CHECK(contains(p.error().message, "record_filter.condition"));
  CHECK(contains(p.error().message, "did you mean 'record'"));
}
