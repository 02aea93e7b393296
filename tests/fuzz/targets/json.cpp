// The readers of JSON agree on what JSON is.
#include "config/json_check.hpp"
#include "config/language/value.hpp"
#include "config/raw_json.hpp"
#include "messages/text/json_check.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"
#include "tests/fuzz/target.hpp"

#include <string>

using namespace sluice;
using namespace sluice::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = text_of(data, size);
  auto fault = find_json_fault(text);
  auto problem = check_json(text);
  // Input files have tighter bounds than pages, nothing else.
  require(fault || !problem, "what a file may hold a page may hold");
  auto parsed = language::parse_json(text);
  require(fault || parsed, "what was checked can be read");
  if (parsed) {
    auto json = language::to_json(*parsed);
    require(!check_json(json), "a value is printed as JSON");
    auto back = language::parse_json(json);
    require(back && language::to_json(*back) == json, "a value survives its text");
  }
  if (!fault) {
    auto small = minified(text);
    require(!find_json_fault(small) && small.size() <= text.size(), "minified JSON is JSON");
    require(minified(small) == small, "there is nothing more to take away");
    for (const auto& [key, value] : raw_members(text)) {
      require(!find_json_fault(value), "a member is JSON");
      require(valid_utf8_prefix(key) == key.size(), "a key is text");
    }
    for (const auto& element : raw_elements(text))
      require(!find_json_fault(element), "an element is JSON");
  }
  require(!check_json(json_string(text)), "any bytes make a JSON string");
  return 0;
}
