#include "config/connector_config.hpp"

#include "config/files.hpp"
#include "config/json_check.hpp"
#include "config/schema_check.hpp"
#include "messages/text/redaction.hpp"

#include <algorithm>
#include <array>
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

/// Keywords that hold schemas for the same value: one, or a list.
constexpr std::array<std::string_view, 6> in_place_keywords{"allOf", "anyOf", "oneOf", "if", "then", "else"};

tl::unexpected<error> invalid_config(const std::string& text) {
  return fail(errc::bad_config, failure_type::config_error, "Config validation error: " + text);
}

/// There is no config at all, as opposed to one with a wrong setting.
tl::unexpected<error> unusable(const std::string& text) {
  return fail(errc::unreadable_file, failure_type::config_error, "Config validation error: " + text);
}

value without_reserved_keys(const value_dict& dict) {
  value_dict result;
  for (const auto& member : dict)
    if (std::find(reserved_keys.begin(), reserved_keys.end(), member.first) == reserved_keys.end())
      result.push_back(member);
  return value{std::move(result)};
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
  for (auto keyword : in_place_keywords) {
    auto part = schema.find(keyword);
    if (!part)
      continue;
    if (auto branches = part->as_list()) {
      for (const auto& branch : *branches)
        collect_secrets(x, branch, out);
    } else {
      collect_secrets(x, *part, out);
    }
  }
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

std::vector<std::string> secrets_of(const value& x, const value& schema) {
  std::vector<std::string> result;
  collect_secrets(x, schema, result);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  result.erase(std::remove(result.begin(), result.end(), std::string{}), result.end());
  return result;
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

expected<connector_config> validate_config(std::string_view text, std::string_view connection_specification) {
  auto schema = language::parse_json(connection_specification);
  if (!schema || !schema->as_dict())
    return fail(errc::bad_manifest, failure_type::config_error,
                "The manifest's connection_specification is not a JSON object. Correct the manifest.",
                schema ? std::string{} : schema.error().message);
  if (auto fault = find_json_fault(text))
    return unusable("it is not valid JSON: " + *fault + ".");
  auto parsed = language::parse_json(text);
  if (!parsed)
    return unusable("it cannot be read: " + parsed.error().message);
  if (!parsed->as_dict())
    return unusable("expected a JSON object like {\"key\": \"value\"}, found "
                    + std::string{parsed->as_list() ? "a list" : "a single value"} + ".");
  auto values = without_reserved_keys(*parsed->as_dict());
  auto faults = check_schema(values, *schema, max_faults);
  if (!faults)
    return tl::unexpected<error>(faults.error());
  if (!faults->empty()) {
    // The words show no secret; should one have been repeated in a field that is not secret, it goes here.
    redactor redact;
    for (auto& secret : secrets_of(values, *schema))
      redact.add(std::move(secret));
    return invalid_config(redact.apply(violation_text(*faults)));
  }
  auto secrets = secrets_of(values, *schema);
  return connector_config{std::move(values), std::move(secrets)};
}

expected<connector_config> load_connector_config(const std::string& path, std::string_view connection_specification) {
  auto text = read_text_file(path, "config file", max_config_bytes);
  if (!text)
    return tl::unexpected<error>(text.error());
  auto result = validate_config(*text, connection_specification);
  if (!result && result.error().code == errc::unreadable_file)
    result.error().message = "The config file \"" + path + "\" cannot be used. " + result.error().message;
  return result;
}

language::value with_changes(const language::value& config, const std::vector<config_change>& changes) {
  auto result = config;
  for (const auto& x : changes)
    result = with_text(result, x.path, x.value);
  return result;
}

} // namespace sluice
