#include "config/json_check.hpp"

#include "messages/text/json_check.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::string position(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto column = 1 + utf8_length(line_start == std::string_view::npos ? before : before.substr(line_start + 1));
  return " (line " + std::to_string(line) + ", column " + std::to_string(column) + ")";
}

} // namespace

std::optional<std::string> find_json_fault(std::string_view text) {
  auto problem = check_json(text, {max_file_json_depth, true});
  if (!problem)
    return std::nullopt;
  return "it " + problem->what + position(text, problem->offset);
}

} // namespace sluice
