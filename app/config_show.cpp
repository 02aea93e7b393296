#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/terminal.hpp"
#include "app/text/tables.hpp"
#include "config/language/value.hpp"

#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice {

namespace {

std::string as_json(const std::vector<tuning_value>& values) {
  using language::value;
  language::value_dict result;
  for (const auto& x : values)
    result.emplace_back(std::string{x.name},
                        value{language::value_dict{{"value", value{x.text}}, {"origin", value{x.origin}}}});
  return language::to_json(value{std::move(result)}) + "\n";
}

std::string as_table(const std::vector<tuning_value>& values, const screen& on) {
  text_table table;
  table.columns = {{"key", false}, {"value", false}, {"from", false}};
  table.utf8 = on.utf8;
  table.indent = 0;
  for (const auto& x : values) {
    const auto style = x.is_set ? look::bold : look::dim;
    table.rows.push_back(
      {{std::string{x.name}, style}, {printable(x.text, on.utf8), style}, {printable(x.origin, on.utf8), style}});
  }
  std::string result;
  for (const auto& line : table.lines(on.columns))
    result += rendered(line, on.colour) + "\n";
  return result;
}

} // namespace

int run_config_show(const command_line& cl) {
  console c{cl, console::audience::people};
  std::vector<tuning_value> values;
  if (auto loaded = load_settings(cl, {}, &values); !loaded)
    return c.fail(loaded.error());
  return c.print(cl.json ? as_json(values) : as_table(values, screen_for_tables(STDOUT_FILENO))) ? 0 : 1;
}

} // namespace sluice
