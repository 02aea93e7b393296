#include "config/connector_config.hpp"

#include "config/config_changes.hpp"
#include "config/config_keys.hpp"
#include "config/json_check.hpp"
#include "config/schema_check.hpp"
#include "config/schema_parts.hpp"
#include "messages/text/redaction.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

constexpr std::size_t max_faults = 5;

/// Airbyte's own: limits that a platform adds to a config, which no specification declares.
constexpr std::array<std::string_view, 2> reserved_keys{"_limit", "_page_size"};

tl::unexpected<error> invalid_config(const std::string& text) {
  return fail(errc::bad_config, failure_type::config_error, "Config validation error: " + text);
}

/// There is no config at all, as opposed to one with a wrong setting.
tl::unexpected<error> unusable(const std::string& text) {
  return fail(errc::unreadable_file, failure_type::config_error, "Config validation error: " + text);
}

value_dict without_reserved_keys(const value_dict& dict) {
  value_dict result;
  for (const auto& member : dict)
    if (std::find(reserved_keys.begin(), reserved_keys.end(), member.first) == reserved_keys.end())
      result.push_back(member);
  return result;
}

/// Adds all texts and numbers in `x`. Booleans and null hide nothing, and masking `true` everywhere would.
void add_leaves(const value& x, std::vector<std::string>& out) {
  if (auto list = x.as_list()) {
    for (const auto& item : *list)
      add_leaves(item, out);
  } else if (auto dict = x.as_dict()) {
    for (const auto& member : *dict)
      add_leaves(member.second, out);
  } else if (auto text = x.as_string()) {
    out.push_back(*text);
  } else if (x.number()) {
    out.push_back(language::to_json(x));
  }
}

/// Follows every alternative, also those that do not apply: one secret too many does no harm.
void collect_secrets(const value& x, const value& schema, std::vector<std::string>& out) {
  if (auto flag = schema.find("airbyte_secret"); flag && language::truthy(*flag)) {
    add_leaves(x, out);
    return;
  }
  each_in_place(schema, [&](const value& branch) { collect_secrets(x, branch, out); });
  if (auto dict = x.as_dict()) {
    auto properties = schema.find("properties");
    auto additional = schema.find("additionalProperties");
    for (const auto& [key, child] : *dict) {
      if (auto declared = properties ? properties->find(key) : nullptr)
        collect_secrets(child, *declared, out);
      else if (additional)
        collect_secrets(child, *additional, out);
    }
  }
  if (auto list = x.as_list()) {
    auto items = schema.find("items");
    auto tuple = items ? items->as_list() : nullptr;
    for (std::size_t i = 0; items && i < list->size(); ++i) {
      if (!tuple)
        collect_secrets((*list)[i], *items, out);
      else if (i < tuple->size())
        collect_secrets((*list)[i], (*tuple)[i], out);
    }
  }
}

/// Sorted, each once, without the empty one.
std::vector<std::string> united(std::vector<std::string> result, std::vector<std::string> more) {
  result.insert(result.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  result.erase(std::remove(result.begin(), result.end(), std::string{}), result.end());
  return result;
}

std::vector<std::string> secrets_of(const value& x, const value& schema) {
  std::vector<std::string> result;
  collect_secrets(x, schema, result);
  return united(std::move(result), {});
}

/// `x` with `text` where the keys from `key` on lead to.
value with_text(const value& x, std::span<const std::string> keys, const std::string& text) {
  if (keys.empty())
    return value{text};
  if (const auto* list = x.as_list(); list != nullptr) {
    auto changed = *list;
    for (std::size_t at = 0; at < changed.size(); ++at)
      if (std::to_string(at) == keys.front()) {
        changed[at] = with_text(changed[at], keys.subspan(1), text);
        return value{std::move(changed)};
      }
  }
  auto dict = x.as_dict() != nullptr ? *x.as_dict() : value_dict{};
  auto found
    = std::find_if(dict.begin(), dict.end(), [&keys](const auto& member) { return member.first == keys.front(); });
  if (found == dict.end())
    found = dict.insert(dict.end(), {keys.front(), value{}});
  found->second = with_text(found->second, keys.subspan(1), text);
  return value{std::move(dict)};
}

std::string violation_text(const std::vector<schema_fault>& faults) {
  std::string result;
  for (const auto& fault : faults) {
    if (!result.empty())
      result += "; ";
    result += fault.path.empty() ? "the config" : fault.path;
    result += ": " + fault.text;
  }
  return result + ".";
}

} // namespace

expected<std::string> read_config_object(std::string_view text) {
  if (auto fault = find_json_fault(text))
    return unusable("it is not valid JSON: " + *fault + ".");
  auto parsed = language::parse_json(text);
  if (!parsed)
    return unusable("it cannot be read: " + parsed.error().message);
  if (!parsed->as_dict())
    return unusable("expected a JSON object like {\"key\": \"value\"}, found "
                    + std::string{parsed->as_list() ? "a list" : "a single value"} + ".");
  const auto begin = text.find('{');
  return std::string{text.substr(begin, text.rfind('}') + 1 - begin)};
}

expected<std::optional<std::string>> migrate_config(const std::string& config, const config_rules& rules) {
  if (rules.migrations.empty())
    return std::nullopt;
  auto changed = change_config(config, rules.migrations);
  if (!changed)
    return tl::unexpected(std::move(changed.error()));
  const auto before = language::parse_json(config);
  const auto after = language::parse_json(*changed);
  if (before && after && *before == *after)
    return std::nullopt;
  return std::optional{std::move(*changed)};
}

std::vector<std::string> secrets_in(std::string_view config, std::string_view connection_specification) {
  const auto values = language::parse_json(config);
  const auto schema = language::parse_json(connection_specification);
  return values && schema ? secrets_of(*values, *schema) : std::vector<std::string>{};
}

expected<connector_config> validate_config(std::string_view text, std::string_view connection_specification,
                                           const config_rules& rules) {
  auto schema = language::parse_json(connection_specification);
  if (!schema || !schema->as_dict())
    return fail(errc::bad_manifest, failure_type::config_error,
                "The manifest's connection_specification is not a JSON object. Correct the manifest.",
                schema ? std::string{} : schema.error().message);
  auto given = read_config_object(text);
  if (!given)
    return tl::unexpected(std::move(given.error()));
  const auto before = language::parse_json(*given);
  auto as_given = without_reserved_keys(*before->as_dict());
  auto secrets = secrets_of(*before, *schema);
  // The words of errors show no secret; should one have been repeated in a field that is not secret, it goes here.
  auto masked = [&secrets](error e) {
    redactor redact;
    redact.add(secrets);
    e.message = redact.apply(e.message);
    return tl::unexpected(std::move(e));
  };
  auto transformed = change_config(std::move(*given), rules.transformations);
  if (!transformed)
    return masked(std::move(transformed.error()));
  auto on_quota = take_quota_word(as_given, *schema);
  if (!on_quota)
    return masked(std::move(on_quota.error()));
  auto members = without_reserved_keys(*language::parse_json(*transformed)->as_dict());
  (void)take_quota_word(members, *schema);
  const value values{std::move(members)};
  secrets = united(std::move(secrets), secrets_of(values, *schema));
  auto faults = check_schema(values, *schema, max_faults);
  if (!faults)
    return tl::unexpected<error>(faults.error());
  if (!faults->empty())
    return masked(std::move(invalid_config(violation_text(*faults)).value()));
  if (auto good = check_config(*transformed, rules.validations); !good)
    return masked(std::move(good.error()));
  return connector_config{values, std::move(secrets), std::move(*on_quota),
                          warnings_of_unknown_keys(as_given, *schema)};
}

language::value with_changes(const language::value& config, const std::vector<config_change>& changes) {
  auto result = config;
  for (const auto& x : changes)
    result = with_text(result, x.path, x.value);
  return result;
}

} // namespace sluice
