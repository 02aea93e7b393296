#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_components(options& to, command_line& cl) {
  auto forms = to.at_most_one_of("Output");
  forms.flag(
    "--markdown", [] {}, "Tables in Markdown, as in docs/manifest.md: the default");
  forms.flag("--json", cl.json, "The same as one JSON object");
  forms.flag(
    "--json-schema", [&cl] { cl.schema = schema_of::manifest; }, "A JSON Schema of manifests, for editors");
  forms.flag(
    "--tuning-schema", [&cl] { cl.schema = schema_of::tuning; }, "A JSON Schema of the tuning file");
  add_common(to, cl);
}

} // namespace sluice::cli
