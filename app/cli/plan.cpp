#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

namespace {

const choices<plan_format> format_names{{"text", plan_format::text},
                                        {"mermaid", plan_format::mermaid},
                                        {"dot", plan_format::dot},
                                        {"json", plan_format::json}};

} // namespace

void declare_plan(options& to, command_line& cl) {
  add_config(to, cl);
  add_connector(to, cl);
  add_selection(to, cl);
  add_state(to, cl, false);
  to.group("Output");
  to.choice("--as", cl.format, format_names, "What to print").fallback("text");
  to.flag("--probe", cl.probe, "Send one request for each endpoint to find out how many there will be");
  add_tuning(to, cl);
  add_common(to, cl);
}

} // namespace sluice::cli
