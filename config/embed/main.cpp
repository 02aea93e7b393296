// Build tool: writes a YAML manifest as C++ source that holds it as JSON, which is read many times faster.

#include "config/manifest/read/yaml_reader.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char* argv[]) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: embed_manifest MANIFEST.yaml SOURCE.cpp\n");
    return 2;
  }
  std::ifstream in{argv[1], std::ios::binary};
  const std::string yaml{std::istreambuf_iterator<char>{in}, {}};
  const auto document = sluice::read_yaml(yaml, argv[1]);
  if (!document) {
    std::fprintf(stderr, "%s\n", document.error().message.c_str());
    return 1;
  }
  std::ofstream out{argv[2], std::ios::binary};
  // The compiler itself refuses a text that ends the literal early or is too long for one.
  out << "#include \"config/embedded_files.hpp\"\n\n"
         "namespace sluice {\n\n"
         "std::string_view embedded_surveymonkey_json() noexcept {\n"
         "  return R\"embedded("
      << sluice::language::to_json(document->root)
      << ")embedded\";\n"
         "}\n\n"
         "} // namespace sluice\n";
  out.close();
  if (!out) {
    std::fprintf(stderr, "%s cannot be written\n", argv[2]);
    return 1;
  }
}
