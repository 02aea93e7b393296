#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_components(options& to, command_line& cl) {
  const auto json = to.flag("--json", cl.json, "Print them as one JSON object");
  to.flag(
      "--markdown", [] {}, "Print them as tables in Markdown (default), as in docs/manifest.md")
    .excludes(json);
  add_common(to, cl);
}

} // namespace sluice::cli
