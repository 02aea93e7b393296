#include "actors/core/decode/page_index.hpp"

#include "tests/support/catch2.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <simdjson.h>

using namespace sluice;

namespace {

/// A valid document with blanks, escapes and numbers of all forms.
rc::Gen<std::string> json_text(int depth) {
  static const std::vector<std::string> scalars{
    "0",
    "-0",
    "7",
    "42",
    "1234567",
    "12345678",
    "123456789012345678901234567890",
    "-1.5",
    "1e400",
    "0.1E-7",
    "10e+2",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"a\\\"]\"",
    "\"\\\\\"",
    "\"\\ud800\"",
    "\"\\u00e9\\n\\/\"",
    "\"\xC3\xA9\xF0\x9F\x98\x80\"",
    "\"{[,:]}\"",
    "\"a text that is longer than one of the blocks in which texts are read, \\t with an escape\""};
  static const std::vector<std::string> blanks{"", "", "", "", " ", "\n", "\r\n  ", "\t"};
  return rc::gen::exec([depth] {
    auto blank = [] { return *rc::gen::elementOf(blanks); };
    auto kind = depth == 0 ? 0 : *rc::gen::inRange(0, 5);
    if (kind < 2) {
      return *rc::gen::elementOf(scalars);
    }
    auto object = kind == 2;
    std::string text = object ? "{" : "[";
    auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      text += (i > 0 ? "," : "") + blank();
      text += object ? *rc::gen::element<std::string>("\"\"", "\"key\"", "\"\\u006b\"") + blank() + ":" + blank() : "";
      text += *json_text(depth - 1) + blank();
    }
    return text + blank() + (object ? "}" : "]");
  });
}

/// A text that is nearly valid: what faults have in common.
rc::Gen<std::string> nearly_json() {
  static const std::vector<std::string> pieces{"{",
                                               "}",
                                               "[",
                                               "]",
                                               ",",
                                               ":",
                                               "\"",
                                               "\\",
                                               " ",
                                               "\n",
                                               "0",
                                               "1",
                                               "01",
                                               "-",
                                               ".",
                                               "e",
                                               "E",
                                               "+",
                                               "tru",
                                               "e",
                                               "true",
                                               "nul",
                                               "null",
                                               "\\u",
                                               "12",
                                               "x",
                                               "\"a\"",
                                               "\"a",
                                               "\x01",
                                               "\x0C",
                                               "\x1A",
                                               "\xFF",
                                               "'",
                                               "/",
                                               "\xC3\xA9",
                                               std::string(1, '\0'),
                                               "\xEF\xBB\xBF",
                                               "12345678",
                                               "\"a\":",
                                               "[]",
                                               "{}",
                                               ",1",
                                               "\"\\u00e9\""};
  return rc::gen::exec([] {
    auto text = *json_text(4);
    auto faults = *rc::gen::inRange(0, 4);
    for (int i = 0; i < faults && !text.empty(); ++i) {
      auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      auto removed = *rc::gen::inRange<std::size_t>(0, 3);
      text.replace(at, removed, *rc::gen::elementOf(pieces));
    }
    return text;
  });
}

/// Fails unless both agree on `text`.
bool is_page(const std::string& text) {
  auto body = text;
  page_index page;
  auto quick = page.read(body);
  auto strict = check_json(text);
  INFO(text);
  REQUIRE(quick.has_value() == strict.has_value());
  if (quick) {
    CHECK(quick->what == strict->what);
    CHECK(quick->offset == strict->offset);
  }
  return !quick;
}

/// The token behind the value at `t`, found by counting brackets.
page_index::token counted(const page_index& page, page_index::token t) {
  int depth = 0;
  do {
    auto kind = page.kind(t++);
    depth += kind == '{' || kind == '[' ? 1 : 0;
    depth -= kind == '}' || kind == ']' ? 1 : 0;
  } while (depth > 0);
  return t;
}

} // namespace

TEST_CASE("the index takes what the strict checker takes and nothing else") {
  CHECK(rc::check("valid documents", [] { RC_ASSERT(is_page(*json_text(5))); }));
  CHECK(rc::check("documents with faults", [] { is_page(*nearly_json()); }));
  CHECK(rc::check("JSON's characters", [] {
    const std::string alphabet = "{}[]:,\"\"\"aabtruefalsenull0123.eE-+\\ \x0C\x1A";
    is_page(*rc::gen::container<std::string>(rc::gen::elementOf(alphabet)));
  }));
  CHECK(rc::check("JSON's characters in a list", [] {
    const std::string alphabet = "{}[]:,\"0129.eE-+\\u \n";
    is_page("[" + *rc::gen::container<std::string>(rc::gen::elementOf(alphabet)) + "]");
  }));
}

TEST_CASE("the index and the strict checker agree on what stands where a value should") {
  auto value = GENERATE(values<std::string>({
    // Valid, but each would not be if an escape were seen where none begins.
    R"("\\x")",
    R"("\\u")",
    R"("\\\\x\\\"")",
    R"("\\\\\u00e9\\u")",
    // An escape at the end of a block of 64 bytes, then a broken one at the beginning of the block after the next.
    "\"\\n" + std::string(63, 'x') + "\\x\"",
    "\"\\n" + std::string(127, 'x') + "\\x\"",
    "tru",
    "truex",
    "true1",
    "true\"a\"",
    "nul",
    "nulll",
    "fals",
    "falsey",
    "True",
    "NaN",
    "-",
    "--1",
    "+1",
    "01",
    "-01",
    "00",
    "1.",
    "1.e1",
    ".5",
    "1e",
    "1e+",
    "1e1.5",
    "0x10",
    "1 2",
    "1\"a\"",
    "\"a\"1",
    "\"a\"b",
    "\"a\"\"b\"",
    "\"a\" \"b\"",
    "1[",
    "1]",
    "1{}",
    "[]1",
    "{}[]",
    "[]\"a\"",
    "\\\"a\"",
    "\\",
    "1\\",
    "\"\\",
    "\"\\\"",
    "\"a",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u123\"",
    "\"\\U0041\"",
    "12345678",
    "12345678x",
    "1234567x",
    "1234567.",
    "012345678",
    "1\x0C",
    "\x0C",
    "\x1A",
    "\"a\"\x0C",
    "\"a\"\x1A"
    "1",
    "1\x01",
    "'a'",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{:1}",
    "{1:2}",
    "{\"a\":1:2}",
    "{\"a\",1}",
    "[1,]",
    "[,1]",
    "[,]",
    "[:]",
    "[1:2]",
    "[}",
    "{]",
    "[1}",
    "{\"a\":1]",
    "\xEF\xBB\xBF"
    "1",
    "\xFF",
    "\"\xFF\"",
    "\"\\\xC3\xA9\"",
    "1\xC2\xA0",
    "",
    ",",
    ":",
    "]",
    "}",
    "\"\n\"",
    "\"\\\n\"",
    "1\n",
    "\v1",
    "/**/1",
  }));
  value += GENERATE(values<std::string>({"", std::string(1, '\0')}));
  // Blocks of simdjson are 64 bytes long: the faults are seen at all their borders.
  for (std::size_t shift = 0; shift < 70; ++shift) {
    std::string blanks(shift, ' ');
    is_page(blanks + value);
    is_page(blanks + "[" + value + "]");
    is_page("{\"a\":" + blanks + value + "}");
    is_page("[{\"" + blanks + "\":[" + value + ",2]}]");
    is_page(blanks + "[" + value);
    is_page(blanks + "[1]" + value);
  }
}

TEST_CASE("the index takes the nesting that the strict checker takes") {
  for (auto depth : {std::size_t{1}, max_json_depth, max_json_depth + 1, 3 * max_json_depth}) {
    std::string objects;
    for (std::size_t i = 0; i < depth; ++i) {
      objects += "{\"a\":";
    }
    CHECK(is_page(std::string(depth, '[') + std::string(depth, ']')) == (depth <= max_json_depth));
    CHECK(is_page(objects + "1" + std::string(depth, '}')) == (depth <= max_json_depth));
    CHECK_FALSE(is_page(std::string(depth, '[') + std::string(depth - 1, ']')));
    CHECK_FALSE(is_page(std::string(depth, '[') + std::string(depth + 1, ']')));
  }
}

TEST_CASE("a scalar alone is a page of one token") {
  for (std::string text : {"1", "\"a\\u0041\"", " null ", "\n\"x\"\n", "-1e400"}) {
    page_index page;
    auto body = text;
    INFO(text);
    REQUIRE_FALSE(page.read(body));
    auto first = text.find_first_not_of(" \n");
    CHECK(page.value_text(0) == text.substr(first, text.find_last_not_of(" \n") + 1 - first));
  }
}

TEST_CASE("each value is found as a whole, also after line breaks were removed") {
  CHECK(rc::check("values", [] {
    auto body = *json_text(6);
    auto original = body;
    page_index page;
    RC_ASSERT(!page.read(body));
    std::string expected = original;
    if (original.find_first_of("\r\n") != std::string::npos) {
      std::size_t size = 0;
      expected.resize(original.size() + simdjson::SIMDJSON_PADDING);
      RC_ASSERT(simdjson::minify(original.data(), original.size(), expected.data(), size) == simdjson::SUCCESS);
      expected.resize(size);
    }
    RC_ASSERT(std::string{page.text()} == expected);
    RC_ASSERT(page.is_of(body));
    for (page_index::token t = 0; page.position(t) < page.text().data() + page.text().size(); ++t) {
      auto kind = page.kind(t);
      if (std::string_view{",:]}"}.find(kind) == std::string_view::npos) {
        RC_ASSERT(page.behind(t) == counted(page, t));
        RC_ASSERT(!check_json(page.value_text(t)));
      }
    }
  }));
}

TEST_CASE("pages that are open at the same time keep their own tokens") {
  std::string first = R"({"a":[1,2,{"b":3}],"c":4})";
  std::string second = "[\n1,\n[2]\n]";
  page_index one;
  page_index two;
  REQUIRE_FALSE(one.read(first));
  REQUIRE_FALSE(two.read(second));
  CHECK(one.value_text(3) == R"([1,2,{"b":3}])");
  CHECK(two.text() == "[1,[2]]");
  one.release();
  CHECK_FALSE(one.is_of(first));
  CHECK(two.value_text(3) == "[2]");
  std::string third = "[" + std::string(100000, ' ') + "]";
  REQUIRE_FALSE(one.read(third));
  CHECK(two.value_text(3) == "[2]");
}

namespace {

/// Counts what it is given and asked for.
struct counting_store final : index_memory_store {
  std::unique_ptr<index_memory> take() override {
    ++taken;
    return std::exchange(spare, nullptr);
  }
  void give(std::unique_ptr<index_memory> memory) override {
    ++given;
    REQUIRE(memory);
    spare = std::move(memory);
  }
  std::unique_ptr<index_memory> spare;
  int taken = 0;
  int given = 0;
};

} // namespace

TEST_CASE("an index that has no page leaves its memory to the next one, whoever that is") {
  auto store = std::make_shared<counting_store>();
  page_index one{store};
  page_index two{store};
  std::string body = "[1,2,3]";
  REQUIRE_FALSE(one.read(body));
  CHECK(store->given == 0);
  one.release();
  CHECK(store->given == 1);
  const auto* memory = store->spare.get();
  REQUIRE_FALSE(two.read(body));
  CHECK(store->taken == 2);
  CHECK_FALSE(store->spare);
  one.release(); // has none
  CHECK(store->given == 1);
  std::string broken = "[1,";
  CHECK(two.read(broken));
  CHECK(store->spare.get() == memory);
}

TEST_CASE("the memory of a very large page is not kept") {
  auto store = std::make_shared<counting_store>();
  page_index index{store};
  std::string body = "[0";
  while (body.size() < (std::size_t{4} << 20))
    body += ",0";
  body += "]";
  REQUIRE_FALSE(index.read(body));
  index.release();
  CHECK(store->given == 0);
}
