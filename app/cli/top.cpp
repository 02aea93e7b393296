#include "app/cli/declare.hpp"
#include "config/language/datetime.hpp"

namespace sluice::cli {

void declare_top(options& to, command_line& cl) {
  to.argument("PATH", cl.control, "The socket that --control of the read made").required();
  const auto once = to.flag("--once", cl.once, "Print it once; so it is where stdout is no terminal");
  const auto json = to.flag("--json", cl.json, "Print the status as JSON, one object a line");
  auto read_interval = [&cl](const std::string& text) {
    auto parsed = language::parse_setting_duration(text);
    if (!parsed || *parsed < std::chrono::milliseconds{100} || *parsed > std::chrono::hours{1})
      return "'" + text + "' is no duration from 100ms to 1h";
    cl.interval = *parsed;
    return std::string{};
  };
  const auto interval = to.parsed("--interval", "DURATION", read_interval, "Time between two looks");
  option{interval}.fallback("1s");
  to.repeated("--set", cl.settings, "Change the run: pool_size=20, or a rate policy's limit: minute=60", "NAME=VALUE")
    .excludes(once)
    .excludes(json)
    .excludes(interval);
}

} // namespace sluice::cli
