#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// JSON taken apart as text, only as far as asked. Keeps number texts as they are, which parsing and printing again
/// would not. All texts given must be valid JSON (`find_json_fault`).
namespace sluice {

/// Members of an object in order: decoded key, value as text without white space around it. Of equal keys only the last
/// is there. Empty if `json` is no object.
std::vector<std::pair<std::string, std::string>> raw_members(std::string_view json);

/// Elements of a list, each as text without white space around it. Empty if `json` is no list.
std::vector<std::string> raw_elements(std::string_view json);

/// The text without white space between its tokens.
std::string minified(std::string_view json);

} // namespace sluice
