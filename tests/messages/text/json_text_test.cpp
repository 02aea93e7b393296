#include "messages/text/json_text.hpp"

#include "messages/text/utf8.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"
#include "tests/support/random_bytes.hpp"

#include <rapidcheck.h>

#include <string>

using namespace sluice;

namespace {

std::string decoded(const std::string& json) {
  return test::json_document(json).extract<std::string>();
}

} // namespace

TEST_CASE("a JSON string escapes quotes, backslashes and control characters") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("plain") == R"("plain")");
  CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_string("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(json_string(std::string_view{"\0\x01\x1f\x7f", 4}) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(json_string("/") == R"("/")");
}

TEST_CASE("a JSON string leaves text beyond ASCII as it is") {
  for (std::string text : {"\u00e4", "\u20ac", "\U0001F600", "\u2028"})
    CHECK(json_string(text) == '"' + text + '"');
}

TEST_CASE("bytes that are not UTF-8 become replacement characters") {
  const std::string r = "\uFFFD";
  CHECK(json_string("a\xff"
                    "b")
        == "\"a" + r + "b\"");
  CHECK(json_string("\xc3") == '"' + r + '"');                         // cut
  CHECK(json_string("\xc0\xaf") == '"' + r + r + '"');                 // overlong
  CHECK(json_string("\xe0\x80\xaf") == '"' + r + r + r + '"');         // overlong
  CHECK(json_string("\xed\xa0\x80") == '"' + r + r + r + '"');         // surrogate
  CHECK(json_string("\xf4\x90\x80\x80") == '"' + r + r + r + r + '"'); // beyond U+10FFFF
  CHECK(json_string("\xe2\x82\"") == '"' + r + r + "\\\"\"");
}

TEST_CASE("any valid text survives the way through JSON, any other becomes valid") {
  CHECK(rc::check("JSON strings of random bytes decode again", [] {
    auto text = *test::random_text();
    auto back = decoded(json_string(text));
    RC_ASSERT(valid_utf8_prefix(back) == back.size());
    if (valid_utf8_prefix(text) == text.size())
      RC_ASSERT(back == text);
  }));
}
