#include "app/commands.hpp"

#include "app/console.hpp"
#include "messages/protocol.hpp"

namespace sluice {

int run_spec(const command_line& cl) {
  console c{cl};
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  if (auto settings = load_settings(cl); !settings)
    return c.fail(settings.error());
  const auto& m = **connector;
  return c.print(spec_line(m.connection_specification, m.documentation_url, m.advanced_auth)) ? 0 : 1;
}

} // namespace sluice
