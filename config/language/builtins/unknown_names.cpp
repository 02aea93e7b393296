#include "config/language/builtins/unknown_names.hpp"

#include "config/language/signature.hpp"

namespace sluice::language::detail {

namespace {

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  auto like = nearest(name, known);
  return like ? ", did you mean '" + std::string{*like} + "'?" : "";
}

} // namespace

std::string unknown_filter(const std::string& name) {
  if (name == "urlize" || name == "wordwrap" || name == "pprint")
    return "the filter '" + name + "' is not supported: it lays text out for people";
  return "the filter '" + name + "' is not known" + suggestion(name, filter_names());
}

std::string unknown_test(const std::string& name) {
  return "the test '" + name + "' is not known" + suggestion(name, test_names());
}

std::string unknown_name(const std::string& name, const std::vector<std::string>& allowed) {
  if (name == "stream_state")
    return "'stream_state' cannot be used in templates any more, use 'stream_interval'";
  if (name == "lipsum")
    return "the function 'lipsum' is not supported: it makes text without meaning";
  auto known = function_names();
  known.insert(known.end(), allowed.begin(), allowed.end());
  std::string here;
  for (auto& variable_name : allowed)
    here += (here.empty() ? "" : ", ") + variable_name;
  return "the name '" + name + "' is not known here" + suggestion(name, known)
         + (here.empty() ? " (there are no variables here)" : " (the variables here are " + here + ")");
}

} // namespace sluice::language::detail
