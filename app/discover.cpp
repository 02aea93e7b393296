#include "app/commands.hpp"

#include "app/console.hpp"
#include "config/manifest/compile.hpp"
#include "messages/protocol.hpp"

#include <utility>
#include <vector>

namespace sluice {

int run_discover(const command_line& cl) {
  console c{cl};
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  auto config = load_connector_config(cl.config, (*connector)->connection_specification);
  if (!config)
    return c.fail(config.error());
  if (auto settings = load_settings(cl); !settings)
    return c.fail(settings.error());
  std::vector<catalog_stream> streams;
  for (const auto& s : (*connector)->streams) {
    catalog_stream entry;
    entry.name = s.name;
    entry.json_schema = s.json_schema;
    entry.incremental = s.supports_incremental;
    entry.resumable = s.has_parent;
    auto cursor_field = default_cursor_field(**connector, s, config->values);
    if (!cursor_field)
      return c.fail(cursor_field.error());
    if (!cursor_field->empty())
      entry.cursor_field = {std::move(*cursor_field)};
    entry.primary_key = s.primary_key;
    streams.push_back(std::move(entry));
  }
  return c.print(catalog_line(streams)) ? 0 : 1;
}

} // namespace sluice
