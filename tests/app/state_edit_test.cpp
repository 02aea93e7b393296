#include "app/state_edit.hpp"

#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

std::string text_of(const std::vector<stream_state>& states) {
  std::string result;
  for (const auto& s : states)
    result += s.name_space + "." + s.name + "=" + s.json + ";";
  return result;
}

} // namespace

TEST_CASE("newer states replace those of the same streams, namespaces apart, and the others stay") {
  CHECK(text_of(merged({{"a", "", "1"}, {"b", "", "2"}}, {{"b", "", "3"}, {"b", "x", "4"}, {"c", "", "5"}}))
        == ".a=1;.b=3;x.b=4;.c=5;");
}

TEST_CASE("streams are taken out by name or pattern; one that is not there is wrong arguments") {
  const std::vector<stream_state> states{{"orders", "", "1"}, {"order_lines", "", "2"}, {"items", "", "3"}};
  CHECK(text_of(without_streams(states, {"order*"}).value()) == ".items=3;");
  CHECK(text_of(without_streams(states, {"items,orders"}).value()) == ".order_lines=2;");
  auto unknown = without_streams(states, {"item"});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == errc::bad_arguments);
  CHECK(unknown.error().message.find(R"(Did you mean "items"?)") != std::string::npos);
}

TEST_CASE("a list of states reads as the same states") {
  const std::vector<stream_state> states{{"a \"quoted\"", "", R"({"x":1.50})"}, {"b", "space", "{}"}};
  auto read = parse_state(state_list(states));
  REQUIRE(read);
  CHECK(text_of(*read) == text_of(states));
  CHECK(parse_state(state_list({}))->empty());
}

TEST_CASE("the table of states fits the terminal and counts partitions") {
  screen on;
  on.columns = 60;
  const auto text = state_table({{"bulk", "", R"({"states":[{"partition":{}},{"partition":{}}]})"},
                                 {"long", "", "{\"x\":\"" + std::string(500, 'y') + "\"}"}},
                                on);
  INFO(text);
  CHECK(text.find(" 2 ") != std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    CHECK(end - at <= 60);
    at = end + 1;
  }
}
