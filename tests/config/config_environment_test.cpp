#include "config/config_environment.hpp"

#include "config/config_source.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace sluice;

namespace {

const std::string spec = R"({
  "type": "object",
  "properties": {
    "access_token": {"type": "string", "airbyte_secret": true},
    "num_workers": {"type": "integer"},
    "ratio": {"type": ["number", "null"]},
    "strict": {"type": "boolean"},
    "ids": {"type": "array", "items": {"type": "string"}},
    "accountId": {"type": "string"},
    "start-date": {"type": "string"},
    "anything": {},
    "labels": {"type": "object"},
    "credentials": {"type": "object", "oneOf": [
      {"properties": {"kind": {"const": "oauth", "type": "string"}, "client_id": {"type": "string"}}},
      {"properties": {"kind": {"const": "key", "type": "string"}, "key": {"type": "string", "airbyte_secret": true}}}]}
  }
})";

std::string made(const std::vector<std::string>& environment, const std::string& config = "{}",
                 const std::string& specification = spec) {
  auto result = with_environment(config, "SHOP_", environment, specification);
  if (!result) {
    CHECK(result.error().code == errc::bad_config);
    CHECK(result.error().failure == failure_type::config_error);
  }
  return result ? *result : result.error().message;
}

} // namespace

TEST_CASE("variables are settings of the types that the specification wants") {
  CHECK(made({}) == "{}");
  CHECK(made({"SHOP_ACCESS_TOKEN=12345"}) == R"({"access_token":"12345"})");
  CHECK(made({"SHOP_ACCESS_TOKEN=a=\"b\""}) == R"({"access_token":"a=\"b\""})");
  CHECK(made({"SHOP_NUM_WORKERS=4"}) == R"({"num_workers":4})");
  CHECK(made({"SHOP_RATIO=0.50"}) == R"({"ratio":0.50})");
  CHECK(made({"SHOP_RATIO=null"}) == R"({"ratio":null})");
  CHECK(made({"SHOP_STRICT=TRUE"}) == R"({"strict":true})");
  CHECK(made({"SHOP_IDS=[\"1\", \"2\"]"}) == R"({"ids":["1", "2"]})");
  CHECK(made({"SHOP_LABELS={\"a\": 1}"}) == R"({"labels":{"a": 1}})");
  CHECK(made({"SHOP_ANYTHING=12"}) == R"({"anything":"12"})");
}

TEST_CASE("names are those of the settings, in any case, with __ into objects") {
  CHECK(made({"SHOP_CREDENTIALS__KIND=oauth", "SHOP_CREDENTIALS__CLIENT_ID=x"})
        == R"({"credentials":{"client_id":"x","kind":"oauth"}})");
  CHECK(made({"SHOP_CREDENTIALS__KEY=k"}) == R"({"credentials":{"key":"k"}})");
  CHECK(made({"SHOP_ACCOUNTID=7"}) == R"({"accountId":"7"})");
  CHECK(made({"SHOP_ACCOUNT_ID=7"}) == R"({"accountId":"7"})");
  CHECK(made({"SHOP_START_DATE=2020"}) == R"({"start-date":"2020"})");
  CHECK(made({"SHOP_access_token=x"}) == R"({"access_token":"x"})");
  CHECK(made({"SHOP_LABELS__Team=x"}) == R"({"labels":{"team":"x"}})");
  CHECK(made({"SHOP_HOST=x", "SHOP_DB__PORT=1"}, "{}", R"({"type":"object"})") == R"({"db":{"port":"1"},"host":"x"})");
}

TEST_CASE("variables go before what the config has, and others mean nothing") {
  CHECK(made({"SHOP_ACCESS_TOKEN=new", "OTHER_NUM_WORKERS=1", "SHOP_=x", "SHOP_NUM_WORKERS=", "PATH"},
             R"({"access_token":"old","num_workers":3})")
        == R"({"access_token":"new","num_workers":3})");
  CHECK(made({"SHOP_CREDENTIALS__KEY=k"}, R"({"credentials":{"kind":"key"}})")
        == R"({"credentials":{"kind":"key","key":"k"}})");
}

TEST_CASE("a variable that means nothing is an error that helps and shows no value") {
  CHECK(made({"SHOP_ACCES_TOKEN=hidden"})
        == "Config validation error: the environment variable SHOP_ACCES_TOKEN names no setting of this connector: it "
           "has no ACCES_TOKEN; did you mean ACCESS_TOKEN?");
  CHECK(
    made({"SHOP_CREDENTIALS__ZZZ=hidden"})
    == "Config validation error: the environment variable SHOP_CREDENTIALS__ZZZ names no setting of this connector: "
       "it has no ZZZ; there are CLIENT_ID, KEY, KIND.");
  CHECK(
    made({"SHOP_ACCESS_TOKEN__A=hidden"})
    == "Config validation error: the environment variable SHOP_ACCESS_TOKEN__A names no setting of this connector: it "
       "has no A; there are none here.");
  CHECK(
    made({"SHOP_IDS=hidden"})
    == "Config validation error: the environment variable SHOP_IDS must hold JSON, as the setting `ids` is a list or "
       "an object: it has an unknown word (line 1, column 1).");
  CHECK(made({"SHOP_CREDENTIALS__KEY=hidden"}, R"({"credentials":"text"})")
        == "Config validation error: the environment variable SHOP_CREDENTIALS__KEY cannot be put into the config: the "
           "value above `key` is a text, not an object.");
  CHECK(made({"SHOP_ACCESS_TOKEN=\xff"}).find("is not UTF-8") != std::string::npos);
}

TEST_CASE("what is not of its type stays text, for the validation to refuse") {
  CHECK(made({"SHOP_NUM_WORKERS=four"}) == R"({"num_workers":"four"})");
  CHECK(made({"SHOP_STRICT=yes"}) == R"({"strict":"yes"})");
}

TEST_CASE("a config comes from a file, and variables go on top of it") {
  test::temporary_directory dir;
  const auto file = dir.write("config.json", " {\"num_workers\": 3}\n");
  CHECK(read_config({file, ""}, {"SHOP_STRICT=true"}, spec).value() == R"({"num_workers": 3})");
  CHECK(read_config({file, "SHOP_"}, {"SHOP_STRICT=true"}, spec).value() == R"({"num_workers": 3,"strict":true})");
  CHECK(read_config({"", "SHOP_"}, {"SHOP_STRICT=true"}, spec).value() == R"({"strict":true})");
  CHECK(read_config({dir.path("none"), ""}, {}, spec).error().code == errc::unreadable_file);
  CHECK(read_config({dir.write("list", "[]"), ""}, {}, spec).error().message
        == "The config file \"" + dir.path("list")
             + "\" cannot be used. Config validation error: expected a JSON object like {\"key\": \"value\"}, found a "
               "list.");
  CHECK(config_source{file, ""}.is_file());
  CHECK_FALSE(config_source{"-", ""}.is_file());
  CHECK_FALSE(config_source{file, "SHOP_"}.is_file());
}
