#include "app/text/tables.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

using namespace sluice;

namespace {

std::string text(const std::vector<styled_line>& lines) {
  std::string all;
  for (const auto& line : lines)
    all += rendered(line, false) + "\n";
  return all;
}

text_table sample() {
  text_table t;
  t.columns = {{"name", false, 0, 4}, {"a", true, 1}, {"long title", true, 2}, {"state", false, 3, 5}};
  t.rows = {{{"first"}, {"1"}, {"22"}, {"x=1 y=2"}}, {{"the second one"}, {""}, {"3"}, {""}}};
  t.utf8 = true;
  return t;
}

} // namespace

TEST_CASE("columns of a table give way in their order") {
  CHECK(text(sample().lines(80))
        == "  name            a  long title  state\n"
           "  first           1          22  x=1 y=2\n"
           "  the second one              3\n");
  CHECK(text(sample().lines(38))
        == "  name            a  long title  state\n"
           "  first           1          22  x=1 …\n"
           "  the second one              3\n");
  CHECK(text(sample().lines(35))
        == "  name            a  long title\n"
           "  first           1          22\n"
           "  the second one              3\n");
  CHECK(text(sample().lines(25))
        == "  name            a\n"
           "  first           1\n"
           "  the second one\n");
  CHECK(text(sample().lines(10))
        == "  name\n"
           "  first\n"
           "  the sec…\n");
  CHECK(text(sample().lines(5))
        == "  na…\n"
           "  fi…\n"
           "  th…\n");
}

TEST_CASE("a table without titles is as wide as its cells") {
  auto t = sample();
  t.titles = false;
  t.indent = 0;
  CHECK(text(t.lines(80))
        == "first           1  22  x=1 y=2\n"
           "the second one      3\n");
}

TEST_CASE("a column that has enough with less is narrowed before others are dropped, and takes back what is left") {
  text_table t;
  t.columns = {{"at"}, {"page", true, 1}, {"detail", false, 0, 2, 2, 6}};
  t.rows = {{{"1"}, {"2"}, {"0123456789"}}};
  t.indent = 0;
  auto row = [&t](std::size_t width) { return rendered(t.lines(width).back(), false); };
  CHECK(row(20) == " 1     2  0123456789");
  CHECK(row(19) == " 1     2  01234567~");
  CHECK(row(16) == " 1     2  01234~");
  CHECK(row(15) == " 1  0123456789");
  CHECK(row(10) == " 1  01234~");
  CHECK(row(6) == " 1  0~");
}

TEST_CASE("no line of a table is wider than it may be") {
  CHECK(rc::check("whatever stands in it", [] {
    text_table t = sample();
    auto width = *rc::gen::inRange<std::size_t>(0, 60);
    const std::vector<std::string> cells{"", "x", "回答回答回答", "a longer text that goes on", "\xff", "e\xCC\x81"};
    for (auto& row : t.rows)
      for (auto& cell : row)
        cell.text = cells[*rc::gen::inRange<std::size_t>(0, cells.size())];
    t.titles = *rc::gen::arbitrary<bool>();
    t.columns[3].enough = *rc::gen::inRange<std::size_t>(0, 12);
    for (const auto& line : t.lines(width)) {
      RC_ASSERT(columns_of(line) <= width);
      auto plain = rendered(line, false);
      RC_ASSERT((plain.empty() || plain.find_first_not_of(' ') == std::string::npos || plain.back() != ' '));
    }
  }));
}
