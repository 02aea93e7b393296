#include "messages/text/glob.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("patterns match as Python's fnmatchcase does it") {
  struct row {
    const char* pattern;
    const char* text;
    bool matches;
  };
  auto r = GENERATE(values<row>({
    {"", "", true},           {"", "a", false},       {"abc", "abc", true},
    {"abc", "abcd", false},   {"*", "", true},        {"*", "äbc", true},
    {"a*", "a", true},        {"a*c", "abbc", true},  {"a*c", "abcd", false},
    {"*a*b*", "xaxbx", true}, {"*a*b*", "xb", false}, {"?", "ä", true},
    {"?", "", false},         {"??", "a", false},     {"[ab]", "b", true},
    {"[ab]", "c", false},     {"[!ab]", "c", true},   {"[!ab]", "a", false},
    {"[a-c]x", "bx", true},   {"[a-c]", "d", false},  {"[ä-ö]", "é", true},
    {"[]]", "]", true},       {"[]]", "a", false},    {"[!]]", "a", true},
    {"[", "[", true},         {"[a", "[a", true},     {"[a]", "[a]", false},
    {"a[", "a", false},       {"[-a]", "-", true},    {"[a-]", "-", true},
    {"A", "a", false},        {"**", "ab", true},     {"*.json", "a.json", true},
  }));
  INFO(r.pattern << " and " << r.text);
  CHECK(glob_matches(r.pattern, r.text) == r.matches);
}

TEST_CASE("a pattern of many stars does not take forever") {
  std::string pattern;
  for (int i = 0; i < 50; ++i)
    pattern += "*a";
  CHECK_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
}

TEST_CASE("what has something to match with is a pattern") {
  CHECK(is_glob("*"));
  CHECK(is_glob("a?"));
  CHECK(is_glob("[a"));
  CHECK_FALSE(is_glob("a]-!.b"));
}
