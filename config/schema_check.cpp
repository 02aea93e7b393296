#include "config/schema_check.hpp"

#include "config/schema_words.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

// Without it the library ends the process where it should report.
#define VALIJSON_USE_EXCEPTIONS 1
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <valijson/adapters/poco_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;
using Poco::Dynamic::Var;

/// Bounds the work: the validator compares values pairwise in the worst case.
constexpr std::size_t max_leaves = 10000;

/// The validator takes 10.0 for no integer; a schema may write a length so. Beyond 2^53 nothing is exact anyway.
Var number(double x) {
  if (std::floor(x) == x && std::abs(x) <= 9007199254740992.0)
    return Poco::Int64{static_cast<Poco::Int64>(x)};
  return x;
}

/// Built from our own values, not parsed by Poco: its parser refuses integers beyond 64 bits.
Var to_poco(const value& x) {
  if (auto b = x.as_bool())
    return *b;
  if (auto i = x.as_int())
    return Poco::Int64{*i};
  if (auto n = x.number())
    return number(*n);
  if (auto s = x.as_string())
    return *s;
  if (auto list = x.as_list()) {
    Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
    for (const auto& item : *list)
      array->add(to_poco(item));
    return array;
  }
  if (auto dict = x.as_dict()) {
    Poco::JSON::Object::Ptr object = new Poco::JSON::Object;
    for (const auto& [key, child] : *dict)
      object->set(key, to_poco(child));
    return object;
  }
  return {};
}

void collect_leaves(const value& x, std::vector<std::string>& strings, std::vector<double>& numbers) {
  if (auto text = x.as_string())
    strings.push_back(*text);
  if (auto number = x.number())
    numbers.push_back(*number);
  if (auto list = x.as_list())
    for (const auto& item : *list)
      collect_leaves(item, strings, numbers);
  if (auto dict = x.as_dict())
    for (const auto& member : *dict)
      collect_leaves(member.second, strings, numbers);
}

template <class T>
void make_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

/// A `type` with "number" in the place of "integer"; nothing if it asks for no integers, or for all numbers anyway.
std::optional<value> number_for_integer(const value& type) {
  auto kinds = type.as_list() ? *type.as_list() : value_list{type};
  if (std::find(kinds.begin(), kinds.end(), value{"number"}) != kinds.end())
    return std::nullopt;
  auto integer = std::find(kinds.begin(), kinds.end(), value{"integer"});
  if (integer == kinds.end())
    return std::nullopt;
  *integer = value{"number"};
  return value{std::move(kinds)};
}

/// Rewrites `pattern`, `multipleOf` and the type "integer" for the validator, and drops `format`. It matches with
/// std::regex, which overflows the stack on long texts, throws on the format of something that is no string, applies
/// `multipleOf` to what is no number, and takes no integer beyond 64 bits for one. So they are decided here, for the
/// leaves that the document has: `{"pattern": P}` becomes
/// `{"not": {"enum": [the document's strings without a match]}}`.
class schema_rewriter {
public:
  explicit schema_rewriter(const value& document) {
    collect_leaves(document, strings_, numbers_);
    make_unique(strings_);
    make_unique(numbers_);
  }

  std::size_t leaf_count() const noexcept { return strings_.size() + numbers_.size(); }

  value schema(const value& x) {
    auto dict = x.as_dict();
    if (!dict)
      return x;
    value_dict result;
    value_list conditions;
    for (const auto& [key, child] : *dict) {
      auto text = child.as_string();
      if (text && key == "pattern") {
        if (!detail::is_pattern(*text))
          refuse("its pattern " + language::to_json(child) + " is not a regular expression in RE2's syntax");
        conditions.push_back(none_of(strings_, [text](const auto& s) { return !detail::matches_pattern(s, *text); }));
      } else if (text && key == "format") {
        continue; // says what is meant, and forbids nothing: as in the reference
      } else if (key == "multipleOf" && child.number()) {
        auto divisor = *child.number();
        if (!(divisor > 0))
          refuse("its multipleOf " + language::to_json(child) + " is not above 0");
        conditions.push_back(none_of(numbers_, [divisor](double n) { return !detail::is_multiple(n, divisor); }));
      } else if (auto type = key == "type" ? number_for_integer(child) : std::nullopt) {
        result.emplace_back(key, std::move(*type));
        conditions.push_back(none_of(numbers_, [](double n) { return std::floor(n) != n; }));
      } else if (key == "$ref" || key == "patternProperties") {
        refuse("it uses " + key + ", which is not supported there");
      } else if (key == "allOf" && child.as_list()) {
        for (const auto& part : *child.as_list())
          conditions.push_back(schema(part));
      } else {
        result.emplace_back(key, keyword(key, child));
      }
    }
    if (!conditions.empty())
      result.emplace_back("allOf", value{std::move(conditions)});
    return value{std::move(result)};
  }

  /// What in the schema cannot be used, or an empty text.
  const std::string& refusal() const noexcept { return refusal_; }

private:
  value keyword(const std::string& key, const value& x) {
    // Data, not schemas.
    if (key == "enum" || key == "const" || key == "default" || key == "examples")
      return x;
    if (auto dict = x.as_dict(); dict && (key == "properties" || key == "definitions" || key == "dependencies")) {
      value_dict result;
      for (const auto& [name, child] : *dict)
        result.emplace_back(name, schema(child));
      return value{std::move(result)};
    }
    if (auto list = x.as_list()) {
      value_list result;
      for (const auto& item : *list)
        result.push_back(schema(item));
      return value{std::move(result)};
    }
    return schema(x);
  }

  template <class T, class Predicate>
  static value none_of(const std::vector<T>& leaves, Predicate breaks) {
    value_list broken;
    for (const auto& leaf : leaves)
      if (breaks(leaf))
        broken.push_back(value{leaf});
    if (broken.empty())
      return value{value_dict{}};
    return value{value_dict{{"not", value{value_dict{{"enum", value{std::move(broken)}}}}}}};
  }

  void refuse(std::string why) {
    if (refusal_.empty())
      refusal_ = std::move(why);
  }

  std::vector<std::string> strings_;
  std::vector<double> numbers_;
  std::string refusal_;
};

tl::unexpected<error> unusable_schema(const std::string& why, std::string detail = {}) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest's connection_specification cannot be used to check a config: " + why
                + ". Correct the manifest.",
              std::move(detail));
}

/// The validator's path `<root>`, `[a]`, `[0]`; its words name keys, never values.
schema_fault to_fault(const valijson::ValidationResults::Error& e) {
  schema_fault result;
  for (std::size_t i = 1; i < e.context.size(); ++i) {
    std::string_view part = e.context[i];
    if (part.size() >= 2 && part.front() == '[')
      part = part.substr(1, part.size() - 2);
    result.path = detail::child_path(result.path, part);
  }
  result.text = e.description;
  while (!result.text.empty() && result.text.back() == '.')
    result.text.pop_back();
  return result;
}

} // namespace

expected<std::vector<schema_fault>> check_schema(const language::value& document, const language::value& schema,
                                                 std::size_t max_faults) {
  schema_rewriter rewriter{document};
  if (rewriter.leaf_count() > max_leaves)
    return std::vector<schema_fault>{{"", "has more than " + std::to_string(max_leaves) + " different values in it"}};
  auto rewritten = rewriter.schema(schema);
  if (!rewriter.refusal().empty())
    return unusable_schema(rewriter.refusal());
  std::vector<schema_fault> faults;
  try {
    valijson::Schema compiled;
    valijson::SchemaParser parser;
    // The adapters keep references to what they are given.
    auto schema_var = to_poco(rewritten);
    auto document_var = to_poco(document);
    parser.populateSchema(valijson::adapters::PocoJsonAdapter{schema_var}, compiled);
    valijson::ValidationResults results;
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    if (validator.validate(compiled, valijson::adapters::PocoJsonAdapter{document_var}, &results))
      return faults;
    faults = detail::name_faults(document, schema);
    if (faults.empty())
      std::transform(results.begin(), results.end(), std::back_inserter(faults), to_fault);
    if (faults.empty())
      faults.push_back({"", "does not fit the connection_specification"});
  } catch (const std::exception& e) {
    return unusable_schema("it is not a valid JSON schema", e.what());
  }
  if (faults.size() > max_faults) {
    auto more = faults.size() - max_faults;
    faults.resize(max_faults);
    faults.back().text += " (and " + std::to_string(more) + " more)";
  }
  return faults;
}

} // namespace sluice
