// docs/manifest.md says what the program says.

#include "config/manifest/components/document.hpp"

#include "config/manifest/components/conformance.hpp"
#include "config/manifest/components/table.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace sluice;

namespace {

std::string file(const std::string& path) {
  std::ifstream in{test::source_directory() + path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE_FALSE(text.empty());
  return text;
}

/// The first text between `before` and `after`; "(nothing)" if it is not there.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  auto begin = text.find(before);
  auto end = begin == std::string::npos ? begin : text.find(after, begin + before.size());
  return end == std::string::npos ? "(nothing)" : text.substr(begin + before.size(), end - begin - before.size());
}

std::string project_version() {
  return between(file("/CMakeLists.txt"), "project(sluice VERSION ", " ");
}

} // namespace

TEST_CASE("the tables of docs/manifest.md are those that the program prints") {
  auto page = file("/docs/manifest.md");
  for (const auto& family : component_families()) {
    INFO("./run tables writes them anew; " << family.name);
    const auto name = std::string{family.name};
    CHECK(between(page, "<!-- components: " + name + " -->\n\n", "\n<!-- end -->")
          == components_markdown(family.name, project_version()));
  }
}

TEST_CASE("all components are printed once, as tables and as JSON") {
  auto markdown = components_markdown("1.2.3");
  auto json = language::parse_json(components_json("1.2.3"));
  REQUIRE(json);
  CHECK(*json->find("version") == language::value{"1.2.3"});
  std::set<std::string> types;
  for (const auto& c : *json->find("components")->as_list()) {
    const auto& type = *c.find("type")->as_string();
    INFO(type);
    CHECK(types.insert(type).second);
    CHECK(markdown.find("| `" + type + "` |") != std::string::npos);
    const auto* rule = find_component(type);
    REQUIRE(rule != nullptr);
    REQUIRE(c.find("fields")->as_list()->size() == rule->fields.size());
    for (std::size_t i = 0; i < rule->fields.size(); ++i) {
      const auto& field = (*c.find("fields")->as_list())[i];
      CHECK(*field.find("name") == language::value{rule->fields[i].name});
      CHECK(*field.find("required") == language::value{rule->fields[i].required});
      CHECK(field.find("kind")->as_string() != nullptr);
    }
  }
  std::size_t expected = 0;
  for (const auto& family : component_families())
    expected += family.rules.size();
  CHECK(types.size() == expected);
  for (auto type : unsupported_components())
    CHECK(markdown.find("- `" + std::string{type} + "`") != std::string::npos);
  CHECK(json->find("unsupported")->as_list()->size() == unsupported_components().size());
}

TEST_CASE("a row tells what a component's fields hold") {
  auto auth = components_markdown("auth", "1.2.3");
  CHECK(auth.find("| `ApiKeyAuthenticator` | **api_token**, header, inject_into (`RequestOption`) | | | 0.1.0 | ")
        != std::string::npos);
  CHECK(components_markdown("records", "1.2.3").find("value_type (`string`, `number`, `integer`, `boolean`)")
        != std::string::npos);
  CHECK(components_markdown("nothing", "1.2.3").empty());
}

TEST_CASE("conformance cases are about components that there are, and are named with them") {
  std::set<std::string> covered;
  for (const auto& x : conformance_cases()) {
    INFO(x.name << " covers " << x.component);
    CHECK(find_component(x.component) != nullptr);
    covered.emplace(x.component);
  }
  REQUIRE(covered.count("OffsetIncrement") == 1);
  auto pages = components_markdown("pages", "1.2.3");
  CHECK(between(pages, "| `OffsetIncrement` |", "\n").find("pages/offset-filtered") != std::string::npos);
  CHECK(between(pages, "| `DefaultPaginator.x-sluice` |", "\n").find(" - |") != std::string::npos);
}
