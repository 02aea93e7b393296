#include "config/language/unknown_names.hpp"

#include "config/language/signature.hpp"

#include <algorithm>
#include <array>

namespace sluice::language::detail {

namespace {

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  auto like = nearest(name, known);
  return like ? ", did you mean '" + std::string{*like} + "'?" : "";
}

/// What the reference has and this engine has not.
bool is_unsupported_filter(std::string_view name) {
  static constexpr std::array names = {"attr",        "base64binascii_decode",
                                       "batch",       "center",
                                       "dictsort",    "e",
                                       "escape",      "filesizeformat",
                                       "forceescape", "format",
                                       "groupby",     "hash",
                                       "hmac",        "indent",
                                       "items",       "map",
                                       "max",         "min",
                                       "pprint",      "random",
                                       "reject",      "rejectattr",
                                       "reverse",     "safe",
                                       "select",      "selectattr",
                                       "slice",       "sort",
                                       "striptags",   "sum",
                                       "truncate",    "unique",
                                       "urlize",      "wordcount",
                                       "wordwrap",    "xmlattr"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_unsupported_function(std::string_view name) {
  static constexpr std::array names = {"today_with_timezone", "namespace", "dict", "cycler", "joiner", "lipsum"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Methods that change their object, which templates cannot do here.
bool is_mutator(std::string_view name) {
  static constexpr std::array names
    = {"append", "extend", "insert", "pop", "popitem", "remove", "update", "clear", "setdefault", "reverse", "sort"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

std::string unknown_filter(const std::string& name) {
  if (is_unsupported_filter(name))
    return "the filter '" + name + "' is not supported";
  return "the filter '" + name + "' is not known" + suggestion(name, filter_names());
}

std::string unknown_method(const std::string& name) {
  if (is_mutator(name))
    return "the method '" + name + "' is not supported: templates cannot change values";
  return "the method '" + name + "' is not known" + suggestion(name, method_names());
}

std::string unknown_test(const std::string& name) {
  return "the test '" + name + "' is not known" + suggestion(name, test_names());
}

std::string unknown_name(const std::string& name, const std::vector<std::string>& allowed) {
  if (name == "stream_state")
    return "'stream_state' cannot be used in templates any more, use 'stream_interval'";
  if (is_unsupported_function(name))
    return "the function '" + name + "' is not supported";
  auto known = function_names();
  known.insert(known.end(), allowed.begin(), allowed.end());
  std::string here;
  for (auto& variable_name : allowed)
    here += (here.empty() ? "" : ", ") + variable_name;
  return "the name '" + name + "' is not known here" + suggestion(name, known)
         + (here.empty() ? " (there are no variables here)" : " (the variables here are " + here + ")");
}

} // namespace sluice::language::detail
