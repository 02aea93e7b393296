#include "actors/core/error_policy.hpp"

#include "config/language/value.hpp"

namespace sluice {

namespace {

/// `x or y or ...` of the reference: the first key with a value that Python calls true.
const language::value* told_by(const language::value& object) {
  constexpr const char* keys[] = {"message", "messages", "error",         "errors", "failures", "failure",
                                  "detail",  "err",      "error_message", "msg",    "reason",   "status_message"};
  for (auto key : keys) {
    if (auto found = object.find(key); found != nullptr && language::truthy(*found)) {
      return found;
    }
  }
  return nullptr;
}

std::string text_of(const language::value& x) {
  if (auto text = x.as_string()) {
    return *text;
  }
  if (auto list = x.as_list()) {
    std::string joined;
    for (const auto& item : *list) {
      auto text = text_of(item);
      joined += (joined.empty() || text.empty() ? "" : ", ") + text;
    }
    return joined;
  }
  auto told = x.as_dict() != nullptr ? told_by(x) : nullptr;
  return told != nullptr ? text_of(*told) : std::string{};
}

} // namespace

std::string error_text(std::string_view body) {
  auto parsed = language::parse_json(body);
  return parsed ? text_of(*parsed) : std::string{body};
}

} // namespace sluice
