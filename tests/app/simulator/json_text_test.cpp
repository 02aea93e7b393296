#include "app/simulator/json_text.hpp"
#include "app/simulator/texts.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <set>

using namespace sluice::simulator;

TEST_CASE("a quoted text reads back as the same text in every escape style") {
  std::set<std::string> forms;
  CHECK(rc::check("quoted texts read back", [&](std::uint64_t dice) {
    auto text = phrase(dice, 12);
    for (auto style : {escape_style::minimal, escape_style::ascii, escape_style::slashes}) {
      auto json = "{\"t\":" + quoted(text, style) + "}";
      RC_ASSERT(testing::object(json)->getValue<std::string>("t") == text);
      if (style == escape_style::ascii)
        for (unsigned char c : json)
          RC_ASSERT(c < 0x80);
    }
  }));
  CHECK(quoted("a/\"\\\n\t\x01", escape_style::minimal) == R"("a/\"\\\n\t\u0001")");
  CHECK(quoted("a/b", escape_style::slashes) == R"("a\/b")");
  CHECK(quoted("é😀", escape_style::ascii) == R"("\u00e9\ud83d\ude00")");
}

TEST_CASE("restyling changes blanks outside of strings and nothing else") {
  const std::string compact = R"({"a":[1.0,-0.0,1e2],"b":{},"c":[],"d":"x, \"y\": {z} [","e":{"f":null}})";
  CHECK(restyle(compact, body_style::spaced)
        == R"({"a": [1.0, -0.0, 1e2], "b": {}, "c": [], "d": "x, \"y\": {z} [", "e": {"f": null}})");
  CHECK(restyle(compact, body_style::pretty) == R"({
  "a": [
    1.0,
    -0.0,
    1e2
  ],
  "b": {},
  "c": [],
  "d": "x, \"y\": {z} [",
  "e": {
    "f": null
  }
})");
  for (auto style : {body_style::compact, body_style::spaced, body_style::pretty})
    CHECK(restyle(restyle(compact, style), body_style::compact) == compact);
}

TEST_CASE("a time is written as the API writes it") {
  CHECK(time_text(0) == "1970-01-01T00:00:00");
  CHECK(time_text(1'623'348'420, "+00:00") == "2021-06-10T18:07:00+00:00");
  CHECK(time_text(1'709'251'199) == "2024-02-29T23:59:59");
}
