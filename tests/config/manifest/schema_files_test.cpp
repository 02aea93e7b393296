// Schemas in files beside a manifest.
#include "config/manifest/schema_files.hpp"

#include "config/manifest/manifest.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace sluice;
using namespace sluice::testing;

namespace {

namespace fs = std::filesystem;

/// A folder with a connector's files, `source_x` in it as the manifest's.
class connector {
public:
  connector() : root_(fs::temp_directory_path() / ("sluice_schemas_" + std::to_string(::getpid()))) {
    fs::create_directories(root_ / "source_x" / "schemas");
    write("source_x/schemas/parents.json", "{ \"type\": \"object\", \"b\": 1, \"a\": 2 }");
    write("source_x/schemas/list.json", "[]");
    write("source_x/schemas/broken.json", "{");
    write("outside.json", "{}");
  }
  ~connector() { fs::remove_all(root_); }
  connector(const connector&) = delete;
  connector& operator=(const connector&) = delete;

  std::string folder() const { return (root_ / "source_x").string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{root_ / name} << text; }

private:
  fs::path root_;
};

} // namespace

TEST_CASE("schema files are found as the reference's package would have them") {
  connector files;
  for (const char* path : {"schemas/parents.json", "./schemas/parents.json", "./source_x/schemas/parents.json",
                           "source_y/schemas/parents.json"}) {
    auto schema = read_schema_file(files.folder(), path);
    INFO(path);
    REQUIRE(schema);
    CHECK(*schema == R"({"type":"object","b":1,"a":2})");
  }
}

TEST_CASE("schema files that are not there, no objects, or elsewhere are refused") {
  connector files;
  for (const char* path : {"schemas/none.json", "schemas/list.json", "schemas/broken.json", "../outside.json",
                           "schemas", "/etc/hostname", "", "schemas/../../outside.json"}) {
    INFO(path);
    CHECK_FALSE(read_schema_file(files.folder(), path));
  }
  CHECK_FALSE(read_schema_file("", "schemas/parents.json"));
  fs::create_symlink("/etc/hostname", fs::path{files.folder()} / "schemas" / "link.json");
  CHECK_FALSE(read_schema_file(files.folder(), "schemas/link.json"));
}

TEST_CASE("a stream's schema comes from the file that its loader names, or that has its name") {
  connector files;
  const std::string inline_loader = "      schema: {type: object, properties: {id: {type: integer}}}\n";
  auto schema_of = [&](const std::string& yaml) {
    auto m = load_manifest(yaml, "test", files.folder());
    REQUIRE(m);
    const auto& stream = (*m)->streams.at(0);
    return stream.schema_gaps.empty() ? stream.json_schema : stream.schema_gaps[0].what;
  };
  const std::string expected = R"({"type":"object","b":1,"a":2})";
  CHECK(schema_of(with("    schema_loader:\n" + inline_loader, "")) == expected);
  CHECK(schema_of(with(inline_loader, "      type: JsonFileSchemaLoader\n")) == expected);
  CHECK(schema_of(with(inline_loader, "      type: JsonFileSchemaLoader\n      $parameters: {name: parents}\n"
                                      "      file_path: \"./source_x/schemas/{{ parameters['name'] }}.json\"\n"))
        == expected);
  CHECK(contains(schema_of(with(inline_loader, "      type: JsonFileSchemaLoader\n      file_path: schemas/x.json\n")),
                 "schemas/x.json is not there"));
  CHECK(
    contains(schema_of(with(inline_loader, "      type: JsonFileSchemaLoader\n      file_path: '{{ config.x }}'\n")),
             "'config'"));
  // Without a loader, a file that is not there is an empty schema.
  files.write("source_x/schemas/parents.json", "");
  fs::remove(fs::path{files.folder()} / "schemas" / "parents.json");
  CHECK(schema_of(with("    schema_loader:\n" + inline_loader, "")) == "{}");
}
