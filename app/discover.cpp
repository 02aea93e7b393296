#include "app/commands.hpp"

#include "actors/core/last_words.hpp"
#include "app/config.hpp"
#include "app/console.hpp"
#include "config/manifest/compile.hpp"
#include "config/schema_completion.hpp"
#include "messages/protocol.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

namespace sluice {

namespace {

/// The default cursor field of a stream; none, with a warning, if it cannot be known.
std::vector<std::string> cursor_field_of(const manifest& m, const stream_definition& stream,
                                         const language::value& config) {
  auto field = default_cursor_field(m, stream, config);
  if (field)
    return field->empty() ? std::vector<std::string>{} : std::vector<std::string>{std::move(*field)};
  spdlog::warn("The cursor field of the stream \"{}\" is not known. {}", stream.name, field.error().message);
  return {};
}

/// What a catalogue does not tell: which streams it lists although they cannot be read, and which it does not list.
void warn_of_gaps(const manifest& m) {
  std::vector<std::string> unreadable;
  std::vector<std::string> without_schema;
  for (const auto& stream : m.streams) {
    if (!stream.faults.empty())
      unreadable.push_back(stream.name);
    if (!stream.schema_gaps.empty())
      without_schema.push_back(stream.name);
  }
  if (!unreadable.empty())
    spdlog::warn("{} of {} streams cannot be read: they use something that is wrong or not supported here. What it is "
                 "is said when one of them is asked for. They are: {}.",
                 unreadable.size(), m.streams.size(), listed(unreadable));
  if (!without_schema.empty())
    spdlog::warn("The schema of {} of {} streams is not known, because its loader is not supported here: {{}} stands "
                 "for it. They are: {}.",
                 without_schema.size(), m.streams.size(), listed(without_schema));
  if (!m.unlisted_streams.empty())
    spdlog::warn("The source has more streams than are listed here: {}.", text_of(m.unlisted_streams));
}

} // namespace

int run_discover(const command_line& cl) {
  console c{cl};
  auto connector = load_connector(cl);
  if (!connector)
    return c.fail(connector.error());
  auto config = load_config(cl, **connector, c, migrated_config::kept);
  if (!config)
    return c.fail(config.error());
  auto settings = load_settings(cl, config->on_quota);
  if (!settings)
    return c.fail(settings.error());
  const bool completes = settings->catalog.schemas == schema_style::complete;
  const auto& m = **connector;
  if (m.streams.empty())
    return c.fail(error_of(m.origin, m.unlisted_streams));
  warn_of_gaps(m);
  std::vector<catalog_stream> streams;
  for (const auto& s : m.streams) {
    catalog_stream entry;
    entry.name = s.name;
    entry.json_schema = completes ? complete_schema(s.json_schema) : s.json_schema;
    entry.incremental = s.supports_incremental;
    entry.resumable = s.has_parent;
    entry.cursor_field = cursor_field_of(m, s, config->values);
    entry.primary_key = s.primary_key;
    streams.push_back(std::move(entry));
  }
  return c.print(cl.configured ? configured_catalog(streams) : catalog_line(streams)) ? 0 : 1;
}

} // namespace sluice
