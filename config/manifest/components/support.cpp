#include "config/manifest/components/support.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace sluice::compiling {

bool is_template(std::string_view source) {
  return source.find("{{") != std::string_view::npos;
}

/// A second fault of a place mostly follows from the first.
void context::add(manifest_fault x) {
  auto known = std::any_of(faults_.begin(), faults_.end(), [&x](const manifest_fault& y) { return x.path == y.path; });
  if (!known)
    add_fault(faults_, std::move(x));
}

void context::refuse(const field_ref& field, const std::string& what) {
  add({field.path(), what, line_of(field.component())});
}

void context::refuse(const component_view& c, const std::string& what) {
  add({c.path(), what, line_of(c.whole())});
}

void context::refuse(const std::string& path, const std::string& what) {
  add({path, what});
}

void context::refuse_config(const field_ref& field, const std::string& what) {
  add({field.path(), what, line_of(field.component()), errc::bad_config});
}

void context::refuse_config(const component_view& c, const std::string& what) {
  add({c.path(), what, line_of(c.whole()), errc::bad_config});
}

void context::refuse_stream(const field_ref& field, const std::string& what) {
  add({field.path(), what, line_of(field.component()), errc::bad_config, {}, false, true});
}

void context::refuse_template(const field_ref& field, const std::string& path, const error& why) {
  add({path, why.message, line_of(field.component()), errc::bad_template, why.internal_message});
}

value context::parameters_of(const field_ref& field) {
  const auto* own = field.component().find("$parameters");
  return own != nullptr ? *own : value{language::value_dict{}};
}

language::scope context::fixed_scope(const field_ref& field) const {
  language::scope s;
  s.set("config", input_.config);
  s.set("parameters", parameters_of(field));
  s.set_now(input_.now);
  return s;
}

std::optional<text_template> context::parse(const field_ref& field, std::string_view source, const std::string& path,
                                            const std::vector<std::string>& variables) {
  auto allowed = variables;
  allowed.insert(allowed.end(), {"config", "parameters"});
  auto result = text_template::parse(source, allowed);
  if (!result) {
    refuse_template(field, path, result.error());
    return std::nullopt;
  }
  if (result->references("parameters").empty())
    return std::move(*result);
  if (std::any_of(variables.begin(), variables.end(),
                  [&](const auto& name) { return !result->references(name).empty(); }))
    return result->with_parameters(parameters_of(field));
  auto rendered = result->render(fixed_scope(field));
  if (!rendered) {
    refuse_template(field, path, rendered.error());
    return std::nullopt;
  }
  return text_template::literal(std::move(*rendered));
}

std::string context::fixed_text(const field_ref& field, const std::string& source, const std::string& path) {
  if (!is_template(source))
    return source;
  auto x = parse(field, source, path, {});
  if (!x)
    return {};
  auto rendered = x->render(fixed_scope(field));
  if (!rendered) {
    refuse_template(field, path, rendered.error());
    return {};
  }
  return std::move(*rendered);
}

std::string context::fixed(const text_ref& field) {
  return fixed_text(field, field.text(), field.path());
}

std::optional<value> context::fixed_value(const text_ref& field) {
  return fixed_value(field, field.text(), field.path());
}

std::optional<value> context::fixed_value(const field_ref& field, const std::string& source, const std::string& path) {
  auto x = parse(field, source, path, {});
  if (!x)
    return std::nullopt;
  auto result = x->evaluate(fixed_scope(field));
  if (!result) {
    refuse_template(field, path, result.error());
    return std::nullopt;
  }
  return std::move(*result);
}

std::optional<std::int64_t> context::fixed_integer(const text_ref& field, std::int64_t least, std::int64_t most) {
  if (!field.has())
    return std::nullopt;
  auto text = fixed(field);
  std::int64_t number = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec == std::errc{} && end == text.data() + text.size() && number >= least && number <= most)
    return number;
  std::string what = "must be a whole number of at least " + std::to_string(least);
  if (most != std::numeric_limits<std::int64_t>::max())
    what += " and at most " + std::to_string(most);
  what += ", but is '" + text + "'";
  if (is_template(field.text()))
    refuse_config(field, what);
  else
    refuse(field, what);
  return std::nullopt;
}

std::optional<double> context::fixed_number(const text_ref& field) {
  if (!field.has())
    return std::nullopt;
  auto text = fixed(field);
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  constexpr double most = 1e9; // seconds; three decades
  if (!text.empty() && end == text.c_str() + text.size() && std::isfinite(number) && number >= 0 && number <= most)
    return number;
  refuse(field, "must be a number from 0 to 1000000000, but is '" + text + "'");
  return std::nullopt;
}

text_template context::dynamic(const field_ref& field, std::string_view source, const std::string& path,
                               const std::vector<std::string>& variables) {
  auto x = parse(field, source, path, variables);
  return x ? std::move(*x) : text_template{};
}

std::optional<condition> context::dynamic_condition(const text_ref& field, std::vector<std::string> variables) {
  const auto source = field.text();
  if (source.empty())
    return std::nullopt;
  variables.insert(variables.end(), {"config", "parameters"});
  auto x = condition::parse(source, variables);
  if (!x) {
    refuse_template(field, field.path(), x.error());
    return std::nullopt;
  }
  return x->references("parameters").empty() ? std::move(*x) : x->with_parameters(parameters_of(field));
}

bool is_far_position(const std::string& segment) {
  constexpr std::size_t digits = 4;
  auto number = segment.find_first_not_of('0');
  return segment.find_first_not_of("0123456789") == std::string::npos && number != std::string::npos
         && (segment.size() - number > digits
             || (segment.size() - number == digits && segment.substr(number) > "1000"));
}

std::vector<std::string> checked_path(context& x, const field_ref& field, std::vector<std::string> path,
                                      bool any_depth) {
  constexpr std::size_t most = 60;
  const auto deep = std::count(path.begin(), path.end(), "**");
  if (path.size() > most)
    x.refuse(field, "the path has more than 60 segments");
  if (!any_depth && deep > 0)
    x.refuse(field, "the pattern '**' is not supported here");
  else if (deep > 1)
    x.refuse(field, "only one '**' may be in a path");
  if (std::find(path.begin(), path.end(), "") != path.end())
    x.refuse(field, "a segment of the path is empty");
  return path;
}

bool is_pattern(const std::string& pattern, std::string& why) {
  re2::RE2 compiled{pattern, re2::RE2::Quiet};
  why = compiled.error();
  return compiled.ok();
}

} // namespace sluice::compiling
