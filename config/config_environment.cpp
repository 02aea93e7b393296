#include "config/config_environment.hpp"

#include "config/json_check.hpp"
#include "config/language/value.hpp"
#include "config/nearest.hpp"
#include "config/schema_parts.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/json_paths.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace sluice {

namespace {

using language::value;

tl::unexpected<error> refused_variable(const std::string& variable, const std::string& what) {
  return fail(errc::bad_config, failure_type::config_error,
              "Config validation error: the environment variable " + variable + " " + what);
}

/// As a variable would have it: in lower case, `_` in place of everything else.
std::string plain_name(std::string_view name) {
  auto result = lower_case(name);
  std::replace_if(
    result.begin(), result.end(), [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); }, '_');
  return result;
}

std::string as_variable(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name;
}

/// Also without the `_`: `clientId` is CLIENT_ID for most people.
std::string bare_name(std::string_view name) {
  auto result = plain_name(name);
  result.erase(std::remove(result.begin(), result.end(), '_'), result.end());
  return result;
}

/// All schemas that may hold for one value: alternatives are not chosen among before the whole config is known.
class schemas {
public:
  void add(const value& schema) {
    all_.push_back(&schema);
    each_in_place(schema, [this](const value& branch) { add(branch); });
  }

  /// In the specification's order; some may come twice.
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> result;
    each_property([&](const std::string& name, const value&) { result.push_back(name); });
    return result;
  }

  /// The schemas of a property.
  schemas below(std::string_view name) const {
    schemas result;
    each_property([&](const std::string& other, const value& schema) {
      if (name == other)
        result.add(schema);
    });
    return result;
  }

  bool wants(std::string_view type) const {
    return std::any_of(all_.begin(), all_.end(), [&](const value* schema) {
      const auto* types = schema->find("type");
      if (types == nullptr)
        return false;
      if (types->as_list() == nullptr)
        return *types == value{std::string{type}};
      return std::any_of(types->as_list()->begin(), types->as_list()->end(),
                         [&](const value& x) { return x == value{std::string{type}}; });
    });
  }

  /// An object of which nothing is known.
  bool open() const {
    return names().empty() && (wants("object") || std::none_of(all_.begin(), all_.end(), [](const value* schema) {
                                 return schema->find("type") != nullptr;
                               }));
  }

private:
  template <class F>
  void each_property(F f) const {
    for (const auto* schema : all_) {
      const auto* properties = schema->find("properties");
      if (properties != nullptr && properties->as_dict() != nullptr)
        for (const auto& [name, below] : *properties->as_dict())
          f(name, below);
    }
  }

  std::vector<const value*> all_;
};

/// The property that a part of a variable's name means; nothing if there is none.
std::optional<std::string> property_of(const schemas& at, std::string_view part) {
  std::optional<std::string> found;
  for (auto name : at.names()) {
    if (plain_name(name) == plain_name(part))
      return std::string{name};
    if (!found && bare_name(name) == bare_name(part))
      found = std::string{name};
  }
  return found;
}

std::vector<std::string_view> split_name(std::string_view name) {
  std::vector<std::string_view> result;
  for (auto end = name.find("__"); end != std::string_view::npos; end = name.find("__")) {
    result.push_back(name.substr(0, end));
    name.remove_prefix(end + 2);
  }
  result.push_back(name);
  return result;
}

/// What the specification has in place of a name that it does not have.
std::string known_instead(const schemas& at, std::string_view part) {
  std::vector<std::string> plain;
  for (auto name : at.names())
    plain.push_back(plain_name(name));
  std::sort(plain.begin(), plain.end());
  plain.erase(std::unique(plain.begin(), plain.end()), plain.end());
  const auto lower = plain_name(part);
  if (auto meant = nearest(lower, {plain.begin(), plain.end()}); !meant.empty())
    return "did you mean " + as_variable(std::string{meant}) + "?";
  constexpr std::size_t most = 20;
  std::string listed;
  for (std::size_t i = 0; i < plain.size() && i < most; ++i)
    listed += (listed.empty() ? "" : ", ") + as_variable(plain[i]);
  return listed.empty() ? "there are none here."
                        : "there are " + listed + (plain.size() > most ? ", and others." : ".");
}

/// The JSON text of a setting; nothing if it must be JSON and is not.
std::optional<std::string> json_of(const std::string& text, const schemas& at) {
  const bool is_json = !find_json_fault(text);
  if (at.wants("string"))
    return json_string(text);
  if (is_json && (at.wants("object") || at.wants("array")) && (text.front() == '{' || text.front() == '['))
    return text;
  if (at.wants("boolean"))
    if (auto word = lower_case(text); word == "true" || word == "false")
      return word;
  if (is_json && (at.wants("integer") || at.wants("number")))
    if (auto x = language::parse_json(text); x && x->number())
      return text;
  if (at.wants("null") && text == "null")
    return text;
  const bool scalar = at.wants("boolean") || at.wants("integer") || at.wants("number");
  if ((at.wants("object") || at.wants("array")) && !scalar)
    return std::nullopt;
  return json_string(text);
}

struct variable {
  std::string name;
  std::string value;
};

/// Those that have something to say, sorted by name, so that the same environment makes the same config.
std::vector<variable> variables_of(std::string_view prefix, const std::vector<std::string>& environment) {
  std::vector<variable> result;
  for (const auto& line : environment) {
    const auto end = line.find('=');
    if (end != std::string::npos && end > prefix.size() && line.starts_with(prefix) && end + 1 < line.size())
      result.push_back({line.substr(0, end), line.substr(end + 1)});
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return result;
}

} // namespace

expected<std::string> with_environment(std::string config, std::string_view prefix,
                                       const std::vector<std::string>& environment,
                                       std::string_view connection_specification) {
  const auto specification = language::parse_json(connection_specification);
  for (const auto& [name, text] : variables_of(prefix, environment)) {
    if (valid_utf8_prefix(text) < text.size())
      return refused_variable(name, "is not UTF-8.");
    schemas at;
    if (specification)
      at.add(*specification);
    std::vector<std::string> path;
    for (auto part : split_name(std::string_view{name}.substr(prefix.size()))) {
      auto property = at.open() ? std::optional{lower_case(part)} : property_of(at, part);
      if (!property || part.empty())
        return refused_variable(name, "names no setting of this connector: it has no "
                                        + (part.empty() ? std::string{"setting without a name"} : std::string{part})
                                        + "; " + known_instead(at, part));
      at = at.below(*property);
      path.push_back(std::move(*property));
    }
    const auto json = json_of(text, at);
    if (!json)
      return refused_variable(name, "must hold JSON, as the setting `" + path.back() + "` is a list or an object: "
                                      + find_json_fault(text).value_or("it is none") + ".");
    std::string changed;
    if (auto problem = append_with(changed, config, path, *json); !problem.empty())
      return refused_variable(name, "cannot be put into the config: " + problem + ".");
    config = std::move(changed);
  }
  return config;
}

} // namespace sluice
