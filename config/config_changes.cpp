#include "config/config_changes.hpp"

#include "config/files.hpp"
#include "config/json_check.hpp"
#include "config/schema_check.hpp"
#include "messages/text/json_paths.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace sluice {

namespace {

using language::scope;
using language::value;
using language::value_dict;
using language::value_list;

tl::unexpected<error> refused_config(const std::string& text) {
  return fail(errc::bad_config, failure_type::config_error, "Config validation error: " + text);
}

tl::unexpected<error> cannot_change(const change_rule& rule, const std::string& why) {
  return refused_config("the manifest's rule at " + rule.place + " cannot be applied to the config: " + why
                        + " Nothing was read from the source, and nothing was changed.");
}

value list_of(const std::vector<std::string>& texts) {
  value_list result;
  for (const auto& text : texts)
    result.emplace_back(text);
  return value{std::move(result)};
}

expected<value> made(const value_or_template& x, const scope& s) {
  if (const auto* given = std::get_if<value>(&x))
    return *given;
  return std::get<language::text_template>(x).evaluate_given(s);
}

/// A config between two changes: as text, and as what templates see.
class changing_config {
public:
  explicit changing_config(std::string text) : text_(std::move(text)) { read(); }

  const scope& seen() const noexcept { return scope_; }
  scope& seen() noexcept { return scope_; }
  const value& whole() const noexcept { return whole_; }
  std::string take() { return std::move(text_); }

  /// What stands in the way, or nothing.
  std::string set(const std::vector<std::string>& path, const value& x) {
    std::string changed;
    auto problem = append_with(changed, text_, path, language::to_json(x));
    if (!problem.empty())
      return "the field `" + dotted(path) + "` cannot be set: " + problem + ".";
    // A rule that adds the config to itself doubles it.
    if (changed.size() > max_config_bytes)
      return "it would be larger than " + std::to_string(max_config_bytes) + " bytes.";
    text_ = std::move(changed);
    return read();
  }

  void remove(const std::vector<std::string>& path) {
    std::string changed;
    if (!append_without(changed, text_, path))
      return;
    text_ = std::move(changed);
    read();
  }

private:
  std::string read() {
    auto parsed = language::parse_json(text_);
    if (!parsed)
      return parsed.error().message;
    whole_ = std::move(*parsed);
    scope_.set("config", whole_);
    return {};
  }

  std::string text_;
  value whole_;
  scope scope_;
};

/// What keeps a change from being made: a sentence.
using obstacle = std::optional<std::string>;

obstacle apply(const add_config_fields& change, changing_config& config) {
  for (const auto& field : change.fields) {
    auto x = evaluate_as(field.kind, field.value, config.seen());
    if (!x)
      return x.error().message;
    if (change.when) {
      config.seen().set("value", *x);
      config.seen().set("path", list_of(field.path));
      auto holds = change.when->evaluate(config.seen());
      if (!holds)
        return holds.error().message;
      if (!*holds)
        continue;
    }
    if (auto problem = config.set(field.path, *x); !problem.empty())
      return problem;
  }
  return std::nullopt;
}

/// What the map has for `text`; nothing if it has nothing.
expected<std::optional<value>> mapped(const remap_config_field& change, const std::string& text, const scope& s) {
  if (const auto* whole = std::get_if<language::text_template>(&change.map)) {
    auto map = whole->evaluate_given(s);
    if (!map)
      return tl::unexpected(std::move(map.error()));
    if (map->as_dict() == nullptr)
      return fail(errc::bad_config, failure_type::config_error, "the text of `map` makes no dict.");
    const auto* found = map->find(text);
    return found == nullptr ? std::nullopt : std::optional{*found};
  }
  const value_or_template* becomes = nullptr;
  for (const auto& entry : std::get<std::vector<remap_config_field::entry>>(change.map)) {
    auto key = entry.key.render_string(s);
    if (!key)
      return tl::unexpected(std::move(key.error()));
    if (*key == text)
      becomes = &entry.becomes;
  }
  if (becomes == nullptr)
    return std::nullopt;
  return made(*becomes, s).map([](value x) { return std::optional{std::move(x)}; });
}

obstacle apply(const remap_config_field& change, changing_config& config) {
  std::vector<std::string> path;
  const auto* at = &config.whole();
  for (const auto& segment : change.path) {
    auto key = segment.render_string(config.seen());
    if (!key)
      return key.error().message;
    // Only dicts are walked: a list has no field.
    at = at != nullptr ? at->find(*key) : nullptr;
    path.push_back(std::move(*key));
  }
  if (at == nullptr || at->as_string() == nullptr)
    return std::nullopt;
  auto found = mapped(change, *at->as_string(), config.seen());
  if (!found)
    return found.error().message;
  if (!*found)
    return std::nullopt;
  auto problem = config.set(path, **found);
  return problem.empty() ? std::nullopt : obstacle{problem};
}

obstacle apply(const remove_config_fields& change, changing_config& config) {
  if (change.when) {
    auto holds = change.when->evaluate(config.seen());
    if (!holds)
      return holds.error().message;
    if (!*holds)
      return std::nullopt;
  }
  for (const auto& path : change.paths)
    config.remove(path);
  return std::nullopt;
}

// -- validations
// --------------------------------------------------------------------------------------------------------

/// `a.b` and `[1].c`: `a.b[1].c`.
std::string joined(const std::string& place, const std::string& below) {
  return place + (below.empty() || below.front() == '[' ? "" : ".") + below;
}

expected<void> check_value(const check_rule& check, const std::string& place, value x, const value& schema) {
  if (const auto* text = x.as_string()) {
    if (auto fault = find_json_fault(*text))
      return refused_config(place + ": must be JSON, or a text that is JSON: " + *fault + ".");
    auto parsed = language::parse_json(*text);
    if (!parsed)
      return refused_config(place + ": cannot be read as JSON: " + parsed.error().message);
    x = std::move(*parsed);
  }
  auto faults = check_schema(x, schema, 1);
  if (!faults)
    return fail(faults.error().code, faults.error().failure,
                "The schema of the manifest's validation at " + check.place
                  + " cannot be used: " + faults.error().message);
  if (!faults->empty())
    return refused_config(joined(place, faults->front().path) + ": " + faults->front().text + ".");
  return {};
}

expected<value> schema_of(const check_rule& check, const scope& s) {
  auto schema = made(check.schema, s);
  if (!schema)
    return refused_config("the schema of the manifest's validation at " + check.place
                          + " cannot be made: " + schema.error().message);
  if (const auto* text = schema->as_string())
    schema = language::parse_json(*text);
  if (!schema || schema->as_dict() == nullptr)
    return refused_config("the schema of the manifest's validation at " + check.place
                          + " is no JSON object once its template has been evaluated.");
  return schema;
}

/// The values that a check is about, each with where it is.
expected<std::vector<std::pair<std::string, value>>> subjects_of(const check_rule& check, std::string_view text,
                                                                 const scope& s) {
  std::vector<std::pair<std::string, value>> result;
  if (const auto* at = std::get_if<values_at_path>(&check.what)) {
    for (auto found : find_matches(text, at->path, std::numeric_limits<std::size_t>::max()))
      if (auto x = language::parse_json(found))
        result.emplace_back(dotted(at->path), std::move(*x));
    return result;
  }
  auto x = made(std::get<value_or_template>(check.what), s);
  if (!x)
    return refused_config("the value of the manifest's validation at " + check.place
                          + " cannot be made: " + x.error().message);
  result.emplace_back("the value of the validation at " + check.place, std::move(*x));
  return result;
}

} // namespace

expected<std::string> change_config(std::string text, const std::vector<change_rule>& changes) {
  if (changes.empty())
    return text;
  changing_config config{std::move(text)};
  for (const auto& change : changes) {
    auto problem = std::visit([&](const auto& what) { return apply(what, config); }, change.what);
    if (problem)
      return cannot_change(change, *problem);
  }
  return config.take();
}

expected<void> check_config(std::string_view text, const std::vector<check_rule>& checks) {
  if (checks.empty())
    return {};
  auto config = language::parse_json(text);
  if (!config)
    return tl::unexpected(std::move(config.error()));
  scope s;
  s.set("config", std::move(*config));
  for (const auto& check : checks) {
    auto subjects = subjects_of(check, text, s);
    if (!subjects)
      return tl::unexpected(std::move(subjects.error()));
    if (subjects->empty())
      continue;
    auto schema = schema_of(check, s);
    if (!schema)
      return tl::unexpected(std::move(schema.error()));
    for (auto& [place, x] : *subjects)
      if (auto good = check_value(check, place, std::move(x), *schema); !good)
        return good;
  }
  return {};
}

} // namespace sluice
