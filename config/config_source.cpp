#include "config/config_source.hpp"

#include "config/config_environment.hpp"
#include "config/connector_config.hpp"
#include "config/files.hpp"

#include <utility>

namespace sluice {

namespace {

expected<std::string> read_given(const std::string& path) {
  if (path.empty())
    return "{}";
  const bool is_input = path == "-";
  auto text = is_input ? read_standard_input("config", max_config_bytes)
                       : read_text_file(path, "config file", max_config_bytes);
  if (!text)
    return text;
  auto result = read_config_object(*text);
  if (!result)
    result.error().message = (is_input ? "The config on standard input" : "The config file \"" + path + "\"")
                             + " cannot be used. " + result.error().message;
  return result;
}

} // namespace

expected<std::string> read_config(const config_source& from, const std::vector<std::string>& environment,
                                  std::string_view connection_specification) {
  auto given = read_given(from.path);
  if (!given || from.prefix.empty())
    return given;
  return with_environment(std::move(*given), from.prefix, environment, connection_specification);
}

} // namespace sluice
