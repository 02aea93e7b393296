#include "config/schema_words.hpp"

#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>

#include <re2/re2.h>

namespace sluice::detail {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

bool is_integer(const value& x) {
  return x.as_int() != nullptr || x.as_big() != nullptr
         || (x.as_double() != nullptr && std::floor(*x.as_double()) == *x.as_double());
}

/// Equality as JSON schema has it: 1 and 1.0 are the same, the order of keys does not matter.
bool equal(const value& a, const value& b) {
  if (a.number() && b.number())
    return a == b;
  if (a.as_bool() || b.as_bool())
    return a.as_bool() && b.as_bool() && *a.as_bool() == *b.as_bool();
  if (auto x = a.as_list(), y = b.as_list(); x && y)
    return std::equal(x->begin(), x->end(), y->begin(), y->end(), equal);
  if (auto x = a.as_dict(), y = b.as_dict(); x && y)
    return x->size() == y->size() && std::all_of(x->begin(), x->end(), [&b](const auto& member) {
             auto other = b.find(member.first);
             return other != nullptr && equal(member.second, *other);
           });
  return a == b;
}

bool has_type(const value& x, std::string_view type) {
  if (type == "string")
    return x.as_string() != nullptr;
  if (type == "integer")
    return is_integer(x);
  if (type == "number")
    return x.number().has_value();
  if (type == "boolean")
    return x.as_bool() != nullptr;
  if (type == "object")
    return x.as_dict() != nullptr;
  if (type == "array")
    return x.as_list() != nullptr;
  return type == "null" && x.is_none();
}

std::string type_words(std::string_view type) {
  if (type == "integer" || type == "object")
    return "an " + std::string{type};
  if (type == "array")
    return "a list";
  if (type == "boolean")
    return "true or false";
  if (type == "null")
    return "null";
  return "a " + std::string{type};
}

std::string counted(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string{noun} + (n == 1 ? "" : "s");
}

/// Joins with commas and a last "or"; a long list is cut.
std::string joined(std::vector<std::string> items) {
  constexpr std::size_t longest = 12;
  if (items.size() > longest) {
    auto more = items.size() - longest + 1;
    items.resize(longest);
    items.back() = "one of " + std::to_string(more) + " more";
  }
  std::string result;
  for (std::size_t i = 0; i < items.size(); ++i)
    result += (i == 0 ? "" : i + 1 == items.size() ? " or " : ", ") + items[i];
  return result;
}

/// Words and dates are shown, anything that might be a key or a password in the wrong place is not.
bool is_harmless(std::string_view text) {
  auto letters = std::all_of(text.begin(), text.end(),
                             [](unsigned char c) { return std::isalpha(c) || c == ' ' || c == '_' || c == '-'; });
  auto date = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isdigit(c) || std::string_view{"-+:./, TZtz"}.find(static_cast<char>(c)) != std::string_view::npos;
  });
  return (letters && text.size() <= 20) || (date && text.size() <= 32);
}

std::string found_words(const value& x, bool secret) {
  if (x.is_none())
    return "null";
  if (auto text = x.as_string())
    return !secret && is_harmless(*text) ? json_string(*text)
                                         : "a string of " + counted(utf8_length(*text), "character");
  if (auto list = x.as_list())
    return "a list of " + counted(list->size(), "element");
  if (x.as_dict())
    return "an object";
  if (secret)
    return x.as_bool() ? "a boolean" : "a number";
  return language::to_json(x);
}

bool has_secret_inside(const value& schema) {
  if (auto list = schema.as_list())
    return std::any_of(list->begin(), list->end(), has_secret_inside);
  if (auto dict = schema.as_dict())
    return std::any_of(dict->begin(), dict->end(), [](const auto& member) {
      return (member.first == "airbyte_secret" && language::truthy(member.second)) || has_secret_inside(member.second);
    });
  return false;
}

const value_dict* dict_at(const value& schema, std::string_view key) {
  auto x = schema.find(key);
  return x ? x->as_dict() : nullptr;
}

const value_list* list_at(const value& schema, std::string_view key) {
  auto x = schema.find(key);
  return x ? x->as_list() : nullptr;
}

const std::string* string_at(const value& schema, std::string_view key) {
  auto x = schema.find(key);
  return x ? x->as_string() : nullptr;
}

/// The one value that a schema allows (`const`, or `enum` of one).
const value* only_value(const value& schema) {
  if (auto x = schema.find("const"))
    return x;
  auto list = list_at(schema, "enum");
  return list && list->size() == 1 ? &list->front() : nullptr;
}

/// One walk over document and schema.
class namer {
public:
  void visit(const value& x, const value& schema, const std::string& path, bool secret);

  std::vector<schema_fault> faults;

private:
  void add(const std::string& path, std::string text) { faults.push_back({path, std::move(text)}); }
  void mismatch(const std::string& path, const std::string& expected_words, const value& x, bool secret) {
    add(path, "expected " + expected_words + ", found " + found_words(x, secret));
  }

  bool visit_type(const value& x, const value& schema, const std::string& path, bool secret);
  void visit_choice(const value& x, const value& schema, const std::string& path, bool secret);
  void visit_number(const value& x, double number, const value& schema, const std::string& path, bool secret);
  void visit_string(const value& x, const std::string& text, const value& schema, const std::string& path, bool secret);
  void visit_list(const value& x, const value_list& list, const value& schema, const std::string& path, bool secret);
  void visit_dict(const value_dict& dict, const value& schema, const std::string& path, bool secret);
  void visit_alternatives(const value& x, const value_list& branches, bool exactly_one, const std::string& path,
                          bool secret);
};

bool namer::visit_type(const value& x, const value& schema, const std::string& path, bool secret) {
  auto type = schema.find("type");
  if (!type)
    return true;
  std::vector<std::string> types;
  if (auto name = type->as_string())
    types.push_back(*name);
  if (auto names = type->as_list())
    for (const auto& name : *names)
      if (auto text = name.as_string())
        types.push_back(*text);
  if (types.empty() || std::any_of(types.begin(), types.end(), [&x](const auto& t) { return has_type(x, t); }))
    return true;
  std::vector<std::string> words;
  std::transform(types.begin(), types.end(), std::back_inserter(words), type_words);
  mismatch(path, joined(words), x, secret);
  return false;
}

void namer::visit_choice(const value& x, const value& schema, const std::string& path, bool secret) {
  auto check = [&](const value_list& choices) {
    if (std::any_of(choices.begin(), choices.end(), [&x](const auto& choice) { return equal(x, choice); }))
      return;
    std::vector<std::string> words;
    std::transform(choices.begin(), choices.end(), std::back_inserter(words), language::to_json);
    mismatch(path, joined(words), x, secret);
  };
  if (auto list = list_at(schema, "enum"))
    check(*list);
  if (auto one = schema.find("const"))
    check({*one});
}

void namer::visit_number(const value& x, double number, const value& schema, const std::string& path, bool secret) {
  auto bound = [&](std::string_view key) {
    auto b = schema.find(key);
    return b ? b->number() : std::nullopt;
  };
  auto text = [&schema](std::string_view key) { return language::to_json(*schema.find(key)); };
  // Draft 4 has booleans here, which make the plain bound exclusive.
  auto is_flag = [&](std::string_view key) {
    auto flag = schema.find(key);
    return flag && flag->as_bool() && *flag->as_bool();
  };
  auto above = is_flag("exclusiveMinimum");
  auto below = is_flag("exclusiveMaximum");
  if (auto b = bound("minimum"); b && (number < *b || (above && number == *b)))
    mismatch(path, (above ? "a number above " : "a number of at least ") + text("minimum"), x, secret);
  if (auto b = bound("maximum"); b && (number > *b || (below && number == *b)))
    mismatch(path, (below ? "a number below " : "a number of at most ") + text("maximum"), x, secret);
  if (auto b = bound("exclusiveMinimum"); b && number <= *b)
    mismatch(path, "a number above " + text("exclusiveMinimum"), x, secret);
  if (auto b = bound("exclusiveMaximum"); b && number >= *b)
    mismatch(path, "a number below " + text("exclusiveMaximum"), x, secret);
  if (auto b = bound("multipleOf"); b && !is_multiple(number, *b))
    mismatch(path, "a multiple of " + text("multipleOf"), x, secret);
}

void namer::visit_string(const value& x, const std::string& text, const value& schema, const std::string& path,
                         bool secret) {
  auto bound = [&schema](std::string_view key) {
    auto b = schema.find(key);
    return b ? b->as_int() : nullptr;
  };
  auto length = static_cast<std::int64_t>(utf8_length(text));
  if (auto b = bound("minLength"); b && length < *b)
    mismatch(path, "a string of at least " + counted(static_cast<std::size_t>(*b), "character"), x, secret);
  if (auto b = bound("maxLength"); b && length > *b)
    mismatch(path, "a string of at most " + counted(static_cast<std::size_t>(*b), "character"), x, secret);
  if (auto pattern = string_at(schema, "pattern"); pattern && !matches_pattern(text, *pattern)) {
    auto words = string_at(schema, "pattern_descriptor");
    mismatch(path, words ? "a string like " + *words : "a string that matches " + *pattern, x, secret);
  }
}

void namer::visit_list(const value& x, const value_list& list, const value& schema, const std::string& path,
                       bool secret) {
  auto bound = [&schema](std::string_view key) {
    auto b = schema.find(key);
    return b ? b->as_int() : nullptr;
  };
  auto size = static_cast<std::int64_t>(list.size());
  if (auto b = bound("minItems"); b && size < *b)
    mismatch(path, "a list of at least " + counted(static_cast<std::size_t>(*b), "element"), x, secret);
  if (auto b = bound("maxItems"); b && size > *b)
    mismatch(path, "a list of at most " + counted(static_cast<std::size_t>(*b), "element"), x, secret);
  if (auto items = schema.find("items"); items && !items->as_list())
    for (std::size_t i = 0; i < list.size(); ++i)
      visit(list[i], *items, child_path(path, i), secret);
}

void namer::visit_dict(const value_dict& dict, const value& schema, const std::string& path, bool secret) {
  auto has = [&dict](const std::string& key) {
    return std::any_of(dict.begin(), dict.end(), [&key](const auto& member) { return member.first == key; });
  };
  if (auto required = list_at(schema, "required"))
    for (const auto& name : *required)
      if (auto text = name.as_string(); text && !has(*text))
        add(child_path(path, *text), "is required, but missing");
  auto properties = schema.find("properties");
  auto additional = schema.find("additionalProperties");
  for (const auto& [key, child] : dict) {
    auto declared = properties ? properties->find(key) : nullptr;
    if (declared) {
      visit(child, *declared, child_path(path, key), secret);
    } else if (additional && additional->as_bool() && !*additional->as_bool()) {
      add(child_path(path, key), "is not a known field");
    } else if (additional && additional->as_dict()) {
      visit(child, *additional, child_path(path, key), secret);
    }
  }
}

void namer::visit_alternatives(const value& x, const value_list& branches, bool exactly_one, const std::string& path,
                               bool secret) {
  std::vector<std::vector<schema_fault>> branch_faults;
  for (const auto& branch : branches) {
    namer inner;
    inner.visit(x, branch, path, secret);
    branch_faults.push_back(std::move(inner.faults));
  }
  auto valid = std::count_if(branch_faults.begin(), branch_faults.end(), [](const auto& list) { return list.empty(); });
  if (valid == 1 || (valid > 1 && !exactly_one))
    return;
  if (valid > 1) {
    add(path, "fits " + std::to_string(valid) + " of the alternatives, expected exactly one");
    return;
  }
  // Most specifications tell their alternatives apart by a field with one allowed value; that tells which was meant.
  std::string name;
  std::vector<value> choices;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    auto properties = dict_at(branches[i], "properties");
    if (!properties)
      continue;
    for (const auto& [key, property] : *properties) {
      auto only = only_value(property);
      if (!only)
        continue;
      auto actual = x.find(key);
      if (actual && equal(*actual, *only)) {
        faults.insert(faults.end(), branch_faults[i].begin(), branch_faults[i].end());
        return;
      }
      name = key;
      choices.push_back(*only);
      break;
    }
  }
  if (x.as_dict() && !name.empty() && choices.size() == branches.size()) {
    if (auto actual = x.find(name))
      visit_choice(*actual, value{value_dict{{"enum", value{choices}}}}, child_path(path, name), secret);
    else
      add(child_path(path, name), "is required, but missing");
    return;
  }
  std::vector<std::string> titles;
  for (const auto& branch : branches)
    if (auto title = string_at(branch, "title"))
      titles.push_back(*title);
  mismatch(path,
           titles.size() == branches.size() ? "what one of these needs: " + joined(titles)
                                            : "one of " + counted(branches.size(), "alternative"),
           x, secret);
}

void namer::visit(const value& x, const value& schema, const std::string& path, bool inside_secret) {
  if (auto allowed = schema.as_bool()) {
    if (!*allowed)
      add(path, "is not allowed");
    return;
  }
  auto flag = schema.find("airbyte_secret");
  inside_secret = inside_secret || (flag && language::truthy(*flag));
  // What stands in the place of something that has secrets inside may be one of them.
  auto secret = inside_secret || has_secret_inside(schema);
  if (!visit_type(x, schema, path, secret))
    return;
  visit_choice(x, schema, path, secret);
  if (auto number = x.number())
    visit_number(x, *number, schema, path, secret);
  if (auto text = x.as_string())
    visit_string(x, *text, schema, path, secret);
  if (auto list = x.as_list())
    visit_list(x, *list, schema, path, inside_secret);
  if (auto dict = x.as_dict())
    visit_dict(*dict, schema, path, inside_secret);
  if (auto all = list_at(schema, "allOf"))
    for (const auto& part : *all)
      visit(x, part, path, inside_secret);
  // What one alternative calls a secret is none of the others' business to show.
  if (auto any = list_at(schema, "anyOf"))
    visit_alternatives(x, *any, false, path, secret);
  if (auto one = list_at(schema, "oneOf"))
    visit_alternatives(x, *one, true, path, secret);
}

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

} // namespace

std::vector<schema_fault> name_faults(const language::value& document, const language::value& schema) {
  namer n;
  n.visit(document, schema, "", false);
  return std::move(n.faults);
}

bool matches_pattern(std::string_view text, const std::string& pattern) {
  return RE2::PartialMatch(std::string{text}, RE2{pattern, quiet()});
}

bool is_pattern(const std::string& pattern) {
  return RE2{pattern, quiet()}.ok();
}

bool is_multiple(double x, double divisor) noexcept {
  return std::abs(std::remainder(x, divisor)) <= 1e-9 * divisor;
}

std::string child_path(const std::string& path, std::string_view key) {
  auto plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  if (!plain || key.size() > 100)
    return path + '[' + json_string(utf8_prefix(key, 100)) + ']';
  return path.empty() ? std::string{key} : path + '.' + std::string{key};
}

std::string child_path(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

} // namespace sluice::detail
