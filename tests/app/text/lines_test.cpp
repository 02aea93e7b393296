#include "app/text/lines.hpp"

#include "tests/support/catch2.hpp"

using namespace sluice;

namespace {

std::string text(const std::vector<styled_line>& lines) {
  std::string all;
  for (const auto& line : lines)
    all += rendered(line, false) + "\n";
  return all;
}

} // namespace

TEST_CASE("columns are counted, not bytes") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("é✓") == 2);
  CHECK(columns_of("e\xCC\x81") == 1);
  CHECK(columns_of("回答") == 4);
  CHECK(columns_of("🙂") == 2);
  CHECK(columns_of("\xff\xfe") == 2);
}

TEST_CASE("text is cut with a mark, never inside a character") {
  CHECK(clip("abcdef", 6, true) == "abcdef");
  CHECK(clip("abcdef", 4, true) == "abc…");
  CHECK(clip("abcdef", 4, false) == "abc~");
  CHECK(clip("回答回答", 4, true) == "回…");
  CHECK(clip("abc", 0, true).empty());
  CHECK(text({clip(styled_line{{"ab"}, {"cd"}, {"ef"}}, 4, true)}) == "abc…\n");
  CHECK(text({clip(styled_line{{"ab"}, {"cd"}, {"ef"}}, 5, true)}) == "abcd…\n");
}

TEST_CASE("what would move the cursor is replaced") {
  CHECK(printable("a\033[2J\r\n\tb", true) == "a?[2J???b");
  CHECK(printable("caf\xC3\xA9 \xff", true) == "café ?");
  CHECK(printable("caf\xC3\xA9", false) == "caf?");
  CHECK(printable("\xE2\x80\xAE", true) == "?");
}

TEST_CASE("long texts are broken at blanks") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("a-very-long-word is here", 5) == std::vector<std::string>{"a-very-long-word", "is", "here"});
  CHECK(wrap("", 5).empty());
}

TEST_CASE("styles are codes around the text, and none around blanks") {
  styled_line line{{"a", look::good}, {"  ", look::dim}, {"b"}};
  CHECK(rendered(line, true) == "\033[32ma\033[0m  b");
  CHECK(rendered(line, false) == "a  b");
}
