#include "app/validation.hpp"

#include "actors/core/clock.hpp"
#include "app/text/lines.hpp"
#include "app/text/numbers.hpp"
#include "config/language/value.hpp"
#include "config/manifest/compile.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

/// `did you mean 'x'?` at a text's end, taken off it.
std::string take_suggestion(std::string& what) {
  const auto at = what.find("; did you mean ");
  if (at != std::string::npos) {
    constexpr std::string_view joint = "; did";
    auto result = "D" + what.substr(at + joint.size() - 2);
    what.erase(at);
    return result;
  }
  const auto needs = what.find("needs the field '");
  return needs == std::string::npos ? std::string{} : "Add it, or give it by $parameters.";
}

finding finding_of(const manifest_fault& x, finding::weight how) {
  finding result{how, x.path, x.line, x.what, {}};
  result.suggestion = take_suggestion(result.what);
  return result;
}

/// A warning of the loader: `at streams[0]: ... (line 7); did you mean ...`.
finding warning_of(const std::string& text) {
  finding result{finding::weight::warning, {}, 0, text, {}};
  result.suggestion = take_suggestion(result.what);
  constexpr std::string_view place = "at ";
  if (const auto colon = result.what.find(": "); result.what.starts_with(place) && colon != std::string::npos) {
    result.path = result.what.substr(place.size(), colon - place.size());
    result.what.erase(0, colon + 2);
  }
  constexpr std::string_view line = " (line ";
  if (const auto at = result.what.find(line); at != std::string::npos) {
    const auto close = result.what.find(')', at);
    std::from_chars(result.what.data() + at + line.size(), result.what.data() + result.what.size(), result.line);
    if (close != std::string::npos)
      result.what.erase(at, close + 1 - at);
  }
  return result;
}

/// A value that a JSON schema describes.
value sample_of(const value& schema) {
  for (const auto* key : {"default", "const"})
    if (const auto* given = schema.find(key))
      return *given;
  for (const auto* key : {"enum", "examples"})
    if (const auto* given = schema.find(key);
        given != nullptr && given->as_list() != nullptr && !given->as_list()->empty())
      return given->as_list()->front();
  for (const auto* key : {"oneOf", "anyOf"})
    if (const auto* given = schema.find(key);
        given != nullptr && given->as_list() != nullptr && !given->as_list()->empty())
      return sample_of(given->as_list()->front());
  const auto* type = schema.find("type");
  const auto* word = type == nullptr ? nullptr : type->as_string();
  const std::string kind = word != nullptr ? *word : schema.find("properties") != nullptr ? "object" : "string";
  if (kind == "object") {
    value_dict result;
    if (const auto* properties = schema.find("properties"); properties != nullptr && properties->as_dict() != nullptr)
      for (const auto& [name, below] : *properties->as_dict())
        result.emplace_back(name, sample_of(below));
    return value{std::move(result)};
  }
  if (kind == "integer" || kind == "number")
    return value{std::int64_t{1}};
  if (kind == "boolean")
    return value{false};
  if (kind == "array")
    return value{value_list{}};
  const auto* format = schema.find("format");
  const auto* pattern = schema.find("pattern");
  auto has = [](const value* x, std::string_view part) {
    return x != nullptr && x->as_string() != nullptr && x->as_string()->find(part) != std::string::npos;
  };
  if (has(format, "date-time") || has(pattern, "T"))
    return value{std::string{"2024-01-01T00:00:00Z"}};
  if (has(format, "date") || has(pattern, "[0-9]{4}"))
    return value{std::string{"2024-01-01"}};
  return value{std::string{"sample"}};
}

value sample_config(const manifest& m) {
  auto schema = language::parse_json(m.connection_specification);
  auto sample = schema ? sample_of(*schema) : value{value_dict{}};
  return sample.as_dict() != nullptr ? std::move(sample) : value{value_dict{}};
}

stream_verdict judge(const manifest& m, const stream_definition& stream, const value& config, bool is_sample) {
  stream_verdict result;
  result.name = stream.name;
  auto faults = stream.faults;
  if (faults.empty()) {
    compile_input input;
    input.config = config;
    input.streams = {{stream.name, "", false, ""}};
    input.now = system_wall_clock();
    faults = plan_faults(m, input);
    for (const auto& x : m.request_faults)
      std::erase_if(faults, [&x](const auto& y) { return x.path == y.path && x.what == y.what; });
    if (is_sample)
      std::erase_if(faults, [](const manifest_fault& x) { return x.code == errc::bad_config; });
  }
  if (faults.empty())
    return result;
  const bool gaps = std::all_of(faults.begin(), faults.end(), [](const auto& x) { return x.is_gap; });
  result.what = gaps ? stream_verdict::state::needs_python : stream_verdict::state::cannot;
  for (const auto& x : faults)
    result.reasons.push_back(finding_of(x, finding::weight::error));
  return result;
}

void sort_by_line(std::vector<finding>& list) {
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
}

std::string_view to_string(finding::weight x) {
  return x == finding::weight::error ? "error" : "warning";
}

std::string text_of(const finding& x) {
  std::string text = "  " + std::string{to_string(x.how)};
  text += x.line > 0 ? " in line " + std::to_string(x.line) : "";
  text += x.path.empty() ? "" : ", at " + x.path;
  text += ": " + x.what;
  if (!text.ends_with('.') && !text.ends_with('?'))
    text += '.';
  return text + (x.suggestion.empty() ? "" : " " + x.suggestion) + "\n";
}

value json_of(const finding& x) {
  value_dict result{{"severity", value{std::string{to_string(x.how)}}}};
  if (x.line > 0)
    result.emplace_back("line", value{static_cast<std::int64_t>(x.line)});
  if (!x.path.empty())
    result.emplace_back("path", value{x.path});
  result.emplace_back("message", value{x.what});
  if (!x.suggestion.empty())
    result.emplace_back("suggestion", value{x.suggestion});
  return value{std::move(result)};
}

value json_of(const std::vector<finding>& list) {
  value_list result;
  for (const auto& x : list)
    result.push_back(json_of(x));
  return value{std::move(result)};
}

std::string counted(std::size_t n, const std::string& what) {
  return count_text(n) + " " + what + (n == 1 ? "" : "s");
}

} // namespace

std::size_t validation::errors() const {
  auto result = static_cast<std::size_t>(
    std::count_if(findings.begin(), findings.end(), [](const auto& x) { return x.how == finding::weight::error; }));
  for (const auto& s : streams)
    result += s.reasons.size();
  return result;
}

std::size_t validation::warnings() const {
  return static_cast<std::size_t>(
    std::count_if(findings.begin(), findings.end(), [](const auto& x) { return x.how == finding::weight::warning; }));
}

std::string_view to_string(stream_verdict::state x) noexcept {
  switch (x) {
    case stream_verdict::state::runs:
      return "runs";
    case stream_verdict::state::needs_python:
      return "needs_python";
    case stream_verdict::state::cannot:
      break;
  }
  return "cannot_run";
}

validation validate(const manifest& m, const connector_config* config) {
  validation result;
  for (const auto* list : {&m.check_faults, &m.request_faults})
    for (const auto& x : *list)
      result.findings.push_back(finding_of(x, finding::weight::error));
  for (const auto& x : m.warnings)
    result.findings.push_back(warning_of(x));
  for (const auto& x : m.unlisted_streams) {
    auto found = finding_of(x, finding::weight::warning);
    found.suggestion = "The streams that it makes are not read here; the others are.";
    result.findings.push_back(std::move(found));
  }
  const auto values = config != nullptr ? config->values : sample_config(m);
  for (const auto& stream : m.streams) {
    for (const auto& x : stream.schema_gaps)
      result.findings.push_back(finding_of(x, finding::weight::warning));
    result.streams.push_back(judge(m, stream, values, config == nullptr));
  }
  sort_by_line(result.findings);
  return result;
}

validation validation_of(const error& problem, const std::vector<manifest_fault>& faults) {
  validation result;
  for (const auto& x : faults)
    result.findings.push_back(finding_of(x, finding::weight::error));
  if (faults.empty())
    result.findings.push_back(warning_of(problem.message));
  for (auto& x : result.findings)
    x.how = finding::weight::error;
  sort_by_line(result.findings);
  return result;
}

std::string validation_text(const std::string& origin, const validation& x) {
  std::string out = origin + ": " + counted(x.errors(), "error") + ", " + counted(x.warnings(), "warning") + "\n";
  for (const auto& found : x.findings)
    out += text_of(found);
  if (!x.streams.empty())
    out += "Streams:\n";
  std::size_t width = 0;
  for (const auto& s : x.streams)
    width = std::max(width, columns_of(s.name));
  for (const auto& s : x.streams) {
    const auto* words = s.what == stream_verdict::state::runs           ? "runs"
                        : s.what == stream_verdict::state::needs_python ? "needs Python"
                                                                        : "cannot run";
    out += "  " + s.name + std::string(width - columns_of(s.name) + 2, ' ') + words + "\n";
    for (const auto& reason : s.reasons)
      out += "  " + text_of(reason);
  }
  return out;
}

std::string validation_json(const std::string& origin, const validation& x) {
  value_list streams;
  for (const auto& s : x.streams)
    streams.emplace_back(value_dict{
      {"name", value{s.name}}, {"status", value{std::string{to_string(s.what)}}}, {"reasons", json_of(s.reasons)}});
  return language::to_json(value{value_dict{{"manifest", value{origin}},
                                            {"errors", value{static_cast<std::int64_t>(x.errors())}},
                                            {"warnings", value{static_cast<std::int64_t>(x.warnings())}},
                                            {"findings", json_of(x.findings)},
                                            {"streams", value{std::move(streams)}}}})
         + "\n";
}

} // namespace sluice
