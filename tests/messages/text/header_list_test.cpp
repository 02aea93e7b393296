#include "messages/text/header_list.hpp"

#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

TEST_CASE("a header is found whatever its case, the first of several") {
  const header_list headers{{"X-A", "1"}, {"x-b", ""}, {"X-A", "3"}};
  CHECK(find_header(headers, "x-a") == "1");
  CHECK(find_header(headers, "X-B") == "");
  CHECK_FALSE(find_header(headers, "X-C"));
  CHECK(has_header(headers, "X-b"));
  CHECK_FALSE(has_header(headers, "X"));
}

TEST_CASE("names are words of letters, digits and a few signs") {
  for (auto text : {"X-A", "GET", "!#$%&'*+-.^_`|~", "0"}) {
    INFO(text);
    CHECK(is_token(text));
  }
  for (auto text : {"", " ", "a b", "a:", "a\r\n", "\xC3\xA4", "(a)", "a,b", "a\"b"}) {
    INFO(text);
    CHECK_FALSE(is_token(text));
  }
}

TEST_CASE("a list's elements are what stands between its separators, if anything does") {
  auto elements = [](std::string_view list, std::string_view separators) {
    std::vector<std::string> result;
    for_each_element(list, separators, [&](std::string_view element) { result.emplace_back(element); });
    return result;
  };
  using texts = std::vector<std::string>;
  CHECK(elements("gzip, br;q=1 ,,\tx,", ",") == texts{"gzip", "br;q=1", "x"});
  CHECK(elements("a b,c", ", ") == texts{"a", "b", "c"});
  CHECK(elements("", ",").empty());
  CHECK(elements(" , ", ",").empty());
}
