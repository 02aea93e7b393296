#include "actors/core/decode/decoder.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("JSON stays where it is") {
  std::string body = "{\"a\": 1}" + std::string(100, ' ');
  const auto* where = body.data();
  const auto before = body;
  REQUIRE(decode_body(json_decoder{}, body, 1 << 20));
  CHECK(body == before);
  CHECK(body.data() == where);
}

TEST_CASE("a byte order mark in front of JSON is left out, once") {
  std::string body = "\xEF\xBB\xBF[1]";
  REQUIRE(decode_body(json_decoder{}, body, 1 << 20));
  CHECK(body == "[1]");
  body = "\xEF\xBB\xBF\xEF\xBB\xBF[1]";
  REQUIRE(decode_body(json_decoder{}, body, 1 << 20));
  CHECK(body == "\xEF\xBB\xBF[1]"); // no JSON, which the index says
  body = "\xEF\xBB";
  REQUIRE(decode_body(json_decoder{}, body, 1 << 20));
  CHECK(body == "\xEF\xBB");
}

TEST_CASE("what is no JSON is not for the decoder to say") {
  for (const std::string text : {"", "<html>", "[1"}) {
    auto body = text;
    CHECK(decode_body(json_decoder{}, body, 1 << 20));
    CHECK(body == text);
  }
}
