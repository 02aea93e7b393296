#include "config/manifest/components/table.hpp"

#include "config/manifest/read/dict_builder.hpp"
#include "config/manifest/read/field_values.hpp"
#include "config/nearest.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

constexpr std::string_view parameters_key = "$parameters";

const value* find_in(const value_dict& dict, std::string_view key) noexcept {
  auto i = std::find_if(dict.begin(), dict.end(), [key](const auto& x) { return x.first == key; });
  return i == dict.end() ? nullptr : &i->second;
}

value_dict without(const value_dict& dict, std::string_view key) {
  value_dict result;
  for (const auto& x : dict)
    if (x.first != key)
      result.push_back(x);
  return result;
}

/// The only member of a dict that stands for a faulty component.
constexpr std::string_view faults_key = "$faults";

value keep_faults(const std::vector<manifest_fault>& faults) {
  value_list all;
  for (const auto& x : faults)
    all.push_back(value{value_list{value{x.path}, value{x.what}, value{x.line}, value{x.is_gap}}});
  return value{value_dict{{std::string{faults_key}, value{std::move(all)}}}};
}

/// Walks a resolved manifest from the root and builds the checked tree. Faults are collected; what is faulty is left
/// out. Only a manifest that expands too far, or has far too many faults, ends the walk.
class checker {
public:
  explicit checker(const line_table& lines) : lines_{lines} {}

  /// `allowed` is a rule's detail: which types may stand here.
  value component(const value& x, std::string_view allowed, const value_dict& inherited, const std::string& path) {
    const auto* dict = x.as_dict();
    if (failed() || !count(path, 1 + (dict != nullptr ? dict->size() : 0)))
      return {};
    if (dict == nullptr)
      return refuse(path, x,
                    "must be a component (" + listed(split_words(allowed)) + "), but is " + std::string{kind_of(x)});
    const auto* rule = rule_of(*dict, x, allowed, path);
    if (rule == nullptr) {
      // So much of it as the usual component has, for those who only want to know what the stream is called and the
      // like. What else is wrong with it cannot be known.
      quiet below{*this};
      return fields_of(*dict, x, *find_component(split_words(allowed).front()), inherited, path);
    }
    return fields_of(*dict, x, *rule, inherited, path);
  }

  bool failed() const noexcept { return hopeless_; }
  std::vector<manifest_fault> take_faults() { return std::move(faults_); }
  std::vector<std::string> take_warnings() { return std::move(warnings_); }
  line_table take_lines() { return std::move(checked_lines_); }

private:
  /// While one exists, faults and warnings are not reported.
  class quiet {
  public:
    explicit quiet(checker& c) : c_{c} { ++c_.quiet_; }
    ~quiet() { --c_.quiet_; }
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;

  private:
    checker& c_;
  };

  value fields_of(const value_dict& dict, const value& x, const component_rule& rule, const value_dict& inherited,
                  const std::string& path) {
    if (!count_parameters(inherited, path))
      return {};
    value_dict parameters = inherited;
    if (const auto* own = find_in(dict, parameters_key)) {
      if (own->as_dict() == nullptr)
        return refuse(path, x, "$parameters must be a dict, but is " + std::string{kind_of(*own)});
      if (!count_parameters(*own->as_dict(), path))
        return {};
      dict_builder all{std::move(parameters)};
      for (const auto& [key, y] : *own->as_dict())
        all.put(key, y);
      parameters = all.take();
    }
    if (rule.extension)
      parameters.clear();

    value_dict result;
    if (!rule.extension)
      result.emplace_back("type", value{std::string{rule.type}});
    for (const auto& field : rule.fields) {
      const auto* given = find_in(dict, field.name);
      if (given == nullptr || !truthy(*given))
        if (const auto* parameter = find_in(parameters, field.name))
          given = parameter;
      if (given != nullptr && !given->is_none())
        add_field(result, rule, field, *given, parameters, x, path);
      else if (field.required)
        refuse(path, x, "needs the field '" + std::string{field.name} + "'", rule.type);
      if (failed())
        return {};
    }
    if (rule.open)
      keep_unknown(result, dict, rule, path);
    else
      report_unknown(dict, rule, x, path);
    if (!parameters.empty())
      result.emplace_back(std::string{parameters_key}, value{std::move(parameters)});
    value checked{std::move(result)};
    if (auto line = lines_.find(x); line > 0)
      checked_lines_.set(checked, line);
    return checked;
  }

  const component_rule* rule_of(const value_dict& dict, const value& x, std::string_view allowed,
                                const std::string& path) {
    const auto words = split_words(allowed);
    const auto* extension = words.size() == 1 ? find_component(words.front()) : nullptr;
    if (extension != nullptr && extension->extension)
      return extension;
    std::string type;
    if (const auto* given = find_in(dict, "type")) {
      if (given->as_string() == nullptr) {
        refuse(path, x, "'type' must be text, but is " + std::string{kind_of(*given)});
        return nullptr;
      }
      type = *given->as_string();
    } else if (find_in(dict, "class_name") != nullptr) {
      type = "Custom component";
    } else if (auto mark = allowed.find('='); mark != std::string_view::npos) {
      type = split_words(allowed.substr(mark)).front();
    } else {
      refuse(path, x, "has no 'type'; supported here: " + listed(words));
      return nullptr;
    }
    if (std::find(words.begin(), words.end(), type) != words.end())
      return find_component(type);
    if (type.compare(0, 6, "Custom") == 0) {
      refuse_gap(path, x,
                 in_quotes(type)
                   + " is not supported: custom components are Python code, which is not run here; supported here: "
                   + listed(words));
    } else if (is_reference_component(type)) {
      refuse_gap(path, x, "the component " + in_quotes(type) + " is not supported here; supported: " + listed(words));
    } else {
      auto meant = nearest(type, words);
      refuse(
        path, x,
        "unknown component " + in_quotes(type)
          + (meant.empty() ? "; supported here: " + listed(words) : "; did you mean '" + std::string{meant} + "'?"));
    }
    return nullptr;
  }

  void add_field(value_dict& result, const component_rule& rule, const field_rule& field, const value& x,
                 const value_dict& parameters, const value& parent, const std::string& path) {
    const std::string here = path.empty() ? std::string{field.name} : path + "." + std::string{field.name};
    switch (field.kind) {
      case field_kind::ignored:
        return;
      case field_kind::unsupported:
        if (truthy(x))
          refuse_gap(here, parent, "the field is not supported: leaving it out would change what is read", rule.type);
        return;
      case field_kind::component:
      case field_kind::components:
      case field_kind::component_or_components:
      case field_kind::text_or_component:
      case field_kind::component_map:
        if (field.kind == field_kind::text_or_component && x.as_dict() == nullptr)
          break;
        // A component does not get its own place's parameter.
        if (find_in(parameters, field.name) != nullptr)
          result.emplace_back(std::string{field.name}, below(x, field, without(parameters, field.name), parent, here));
        else
          result.emplace_back(std::string{field.name}, below(x, field, parameters, parent, here));
        return;
      default:
        break;
    }
    std::string problem;
    if (!count_tree(x, here))
      return;
    auto y = field_value(field, x, problem);
    if (!y)
      refuse(here, parent, problem, rule.type);
    else
      result.emplace_back(std::string{field.name}, std::move(*y));
  }

  value below(const value& x, const field_rule& field, const value_dict& parameters, const value& parent,
              const std::string& path) {
    if (field.kind == field_kind::component_map)
      return component_map(x, field, parameters, parent, path);
    const bool is_list = field.kind == field_kind::components
                         || (field.kind == field_kind::component_or_components && x.as_list() != nullptr);
    return is_list ? components(x, field, parameters, parent, path) : component(x, field.detail, parameters, path);
  }

  value components(const value& x, const field_rule& field, const value_dict& parameters, const value& parent,
                   const std::string& path) {
    const auto* list = x.as_list();
    if (list == nullptr)
      return refuse(path, parent,
                    "must be a list of " + listed(split_words(field.detail)) + ", but is " + std::string{kind_of(x)});
    value_list result;
    result.reserve(list->size());
    for (std::size_t i = 0; i < list->size() && !failed(); ++i)
      result.push_back(component((*list)[i], field.detail, parameters, path + "[" + std::to_string(i) + "]"));
    return value{std::move(result)};
  }

  /// What is wrong with one of them waits until somebody chooses it.
  value component_map(const value& x, const field_rule& field, const value_dict& parameters, const value& parent,
                      const std::string& path) {
    const auto* dict = x.as_dict();
    if (dict == nullptr)
      return refuse(path, parent,
                    "must be a dict of " + listed(split_words(field.detail)) + ", but is " + std::string{kind_of(x)});
    value_dict result;
    for (const auto& [key, member] : *dict) {
      auto before = std::exchange(faults_, {});
      auto checked = component(member, field.detail, parameters, path + "." + key);
      if (failed())
        return {};
      auto found = std::exchange(faults_, std::move(before));
      result.emplace_back(key, found.empty() ? std::move(checked) : keep_faults(found));
    }
    return value{std::move(result)};
  }

  void keep_unknown(value_dict& result, const value_dict& dict, const component_rule& rule, const std::string& path) {
    for (const auto& [name, x] : dict)
      if (name != "type" && name != parameters_key && rule.find(name) == nullptr && count_tree(x, path))
        result.emplace_back(name, x);
  }

  void report_unknown(const value_dict& dict, const component_rule& rule, const value& x, const std::string& path) {
    std::vector<std::string_view> names;
    for (const auto& field : rule.fields)
      names.push_back(field.name);
    for (const auto& entry : dict) {
      const auto& name = entry.first;
      if (name == "type" || name == parameters_key || rule.find(name) != nullptr)
        continue;
      auto meant = nearest(name, names);
      std::string hint = meant.empty() ? "" : "; did you mean '" + std::string{meant} + "'?";
      const int line = lines_.find(x);
      if (rule.closed) {
        refuse(path, x, "unknown field " + in_quotes(name) + (hint.empty() ? "; known: " + listed(names) : hint),
               rule.type);
        continue;
      }
      constexpr std::size_t most_warnings = 100;
      // A component that several references lead to is one place in the file: one warning.
      if (quiet_ == 0 && warnings_.size() < most_warnings && (line == 0 || warned_.emplace(line, name).second))
        warnings_.push_back(at(path) + std::string{rule.type} + " has no field " + in_quotes(name) + "; it is ignored"
                            + in_line(line) + hint);
    }
  }

  /// Parameters are copied into every component below.
  bool count_parameters(const value_dict& parameters, const std::string& path) {
    return std::all_of(parameters.begin(), parameters.end(), [&](const auto& x) {
      return count(path, nodes_of_text(x.first)) && count_tree(x.second, path);
    });
  }

  /// Everything in a field that is taken as it is: a schema may be shared so often that nobody could print it.
  bool count_tree(const value& x, const std::string& path) {
    bool ok = count(path, nodes_of(x));
    if (const auto* list = x.as_list()) {
      for (std::size_t i = 0; ok && i < list->size(); ++i)
        ok = count_tree((*list)[i], path);
    } else if (const auto* dict = x.as_dict()) {
      for (std::size_t i = 0; ok && i < dict->size(); ++i)
        ok = count_tree((*dict)[i].second, path);
    }
    return ok;
  }

  bool count(const std::string& path, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > max_manifest_nodes && !failed()) {
      hopeless_ = true;
      faults_ = {{path, "the manifest expands to more than " + std::to_string(max_manifest_nodes) + " nodes"}};
    }
    return !failed();
  }

  static std::string at(const std::string& path) { return path.empty() ? std::string{} : "at " + path + ": "; }
  static std::string in_line(int line) { return line > 0 ? " (line " + std::to_string(line) + ")" : std::string{}; }

  value refuse(const std::string& path, const value& where, std::string what, std::string_view type = {}) {
    constexpr std::size_t far_too_many_faults = 10'000;
    if (faults_.size() >= far_too_many_faults)
      hopeless_ = true;
    if (quiet_ == 0 && !failed())
      faults_.push_back({path, (type.empty() ? "" : std::string{type} + ": ") + std::move(what), lines_.find(where)});
    return {};
  }

  void refuse_gap(const std::string& path, const value& where, std::string what, std::string_view type = {}) {
    refuse(path, where, std::move(what), type);
    if (quiet_ == 0 && !failed())
      faults_.back().is_gap = true;
  }

  const line_table& lines_;
  std::vector<manifest_fault> faults_;
  /// Above 0: see `quiet`.
  int quiet_ = 0;
  bool hopeless_ = false;
  line_table checked_lines_;
  std::vector<std::string> warnings_;
  std::set<std::pair<int, std::string>> warned_;
  std::size_t nodes_ = 0;
};

} // namespace

std::vector<manifest_fault> kept_faults(const value& x) {
  std::vector<manifest_fault> result;
  const auto* dict = x.as_dict();
  if (dict == nullptr || dict->size() != 1 || dict->front().first != faults_key)
    return result;
  for (const auto& fault : *dict->front().second.as_list()) {
    const auto& parts = *fault.as_list();
    result.push_back({*parts[0].as_string(), *parts[1].as_string(), static_cast<int>(*parts[2].as_int())});
    result.back().is_gap = *parts[3].as_bool();
  }
  return result;
}

expected<checked_components> check_components(const value& root, const line_table& lines, std::string_view origin) {
  checker c{lines};
  checked_components result;
  result.root = c.component(root, "=DeclarativeSource", {}, "");
  result.faults = c.take_faults();
  if (c.failed() || result.root.as_dict() == nullptr)
    return tl::unexpected(error_of(origin, result.faults));
  result.warnings = c.take_warnings();
  result.lines = c.take_lines();
  return result;
}

} // namespace sluice
