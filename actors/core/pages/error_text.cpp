#include "actors/core/pages/error_text.hpp"

#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace sluice {

namespace {

/// Errors inside of errors that are looked into. Each level looks at the text once more.
constexpr int most_levels = 32;

/// Whether Python calls the value true.
bool is_true(std::string_view text) {
  switch (text.front()) {
    case '{':
    case '[':
      return !json::is_empty(text);
    case '"':
      return text.size() > 2;
    case 't':
      return true;
    case 'f':
    case 'n':
      return false;
    default: // a number is zero if its digits before an exponent are
      return text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != std::string_view::npos;
  }
}

/// `x or y or ...` of the reference: the value of the first key that is true; empty if there is none.
std::string_view told_by(std::string_view object) {
  constexpr std::string_view keys[] = {"message", "messages", "error",         "errors", "failures", "failure",
                                       "detail",  "err",      "error_message", "msg",    "reason",   "status_message"};
  std::array<std::string_view, std::size(keys)> values;
  auto end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view raw, const char* p) {
    auto behind = json::skip_value(p, end);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (json::key_equals(raw, keys[i])) {
        values[i] = json::view(p, behind);
      }
    }
    return behind;
  });
  auto told = std::find_if(values.begin(), values.end(), [](auto text) { return !text.empty() && is_true(text); });
  return told == values.end() ? std::string_view{} : *told;
}

void append_told(std::string& out, std::string_view text, int levels) {
  auto kind = text.empty() || levels == 0 ? '\0' : text.front();
  if (kind == '"') {
    out += json::unescape(text.substr(1, text.size() - 2));
  } else if (kind == '{') {
    append_told(out, told_by(text), levels - 1);
  } else if (kind == '[') {
    auto end = text.data() + text.size();
    auto before = out.size();
    json::each_element(text.data(), end, [&](const char* p) {
      auto behind = json::skip_value(p, end);
      auto here = out.size();
      out += here > before ? ", " : "";
      auto start = out.size();
      append_told(out, json::view(p, behind), levels - 1);
      if (out.size() == start) {
        out.resize(here);
      }
      return behind;
    });
  }
}

} // namespace

std::string error_text(std::string_view body) {
  if (check_json(body)) {
    return std::string{body};
  }
  std::string result;
  auto end = body.data() + body.size();
  auto first = json::skip_space(body.data(), end);
  append_told(result, json::view(first, json::skip_value(first, end)), most_levels);
  return result;
}

} // namespace sluice
