#include "config/config_keys.hpp"
#include "config/connector_config.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

constexpr const char* closed
  = R"({"type":"object","additionalProperties":false,"properties":{"token":{"type":"string"}}})";
constexpr const char* own_words = R"({"type":"object","properties":{"on_quota":{"enum":["stop","skip"]}}})";

std::string quota_word(const std::string& config, const std::string& specification) {
  auto result = validate_config(config, specification);
  return result ? result->on_quota : result.error().message;
}

std::vector<std::string> warnings(const std::string& config, const std::string& specification) {
  auto result = validate_config(config, specification);
  REQUIRE(result);
  return result->warnings;
}

} // namespace

TEST_CASE("every connector's config may say what to do when the day's quota is used up") {
  CHECK(quota_word(R"({"token":"x"})", closed).empty());
  for (const std::string word : {"stop", "wait", "finish"})
    CHECK(quota_word(R"({"on_quota":")" + word + "\"}", closed) == word);
  // The manifest does not see what is not its own.
  auto config = validate_config(R"({"token":"x","on_quota":"wait"})", closed);
  REQUIRE(config);
  CHECK(config->values.find("on_quota") == nullptr);
  CHECK(config->warnings.empty());
  for (const auto* bad :
       {R"({"on_quota":"skip"})", R"({"on_quota":true})", R"({"on_quota":null})", R"({"on_quota":""})"})
    CHECK(quota_word(bad, closed) == "Config validation error: on_quota: expected stop, wait or finish.");
}

TEST_CASE("a connector that declares on_quota itself keeps it, and its word counts if it is ours") {
  auto config = validate_config(R"({"on_quota":"stop"})", own_words);
  REQUIRE(config);
  CHECK(config->on_quota == "stop");
  CHECK(config->values.find("on_quota") != nullptr);
  CHECK(quota_word(R"({"on_quota":"skip"})", own_words).empty());
  CHECK(quota_word(R"({"on_quota":"wait"})", own_words).find("on_quota") != std::string::npos); // not one of its words
}

TEST_CASE("keys that the specification does not know are warned of, with the one that may be meant") {
  const std::string spec = R"({"type":"object","properties":{"access_token":{"type":"string"},"page_size":{}}})";
  CHECK(warnings(R"({"access_token":"x","page_size":1,"__injected":{},"_limit":1})", spec).empty());
  CHECK(warnings(R"({"acces_token":"x"})", spec)
        == std::vector<std::string>{
          R"(The config's key "acces_token" is not known to the connector; did you mean access_token?)"});
  CHECK(
    warnings(R"({"colour":"red"})", spec)
    == std::vector<std::string>{R"(The config's key "colour" is not known to the connector, which passes it over.)"});
  auto many = warnings(R"({"k1":1,"k2":1,"k3":1,"k4":1,"k5":1,"k6":1,"k7":1})", spec);
  REQUIRE(many.size() == 6);
  CHECK(many.back() == "2 more keys of the config are not known to the connector.");
}

TEST_CASE("nothing is warned of where a specification leaves the names of keys open") {
  for (const auto* open : {R"({"type":"object"})", R"({"type":"object","properties":{}})",
                           R"({"properties":{"a":{}},"additionalProperties":{"type":"string"}})"})
    CHECK(warnings(R"({"x":"y"})", open).empty());
  const auto* branches = R"({"properties":{"a":{}},"anyOf":[{"properties":{"b":{}}},{"properties":{"c":{}}}]})";
  CHECK(warnings(R"({"a":1,"b":1,"c":1})", branches).empty());
  CHECK(warnings(R"({"d":1})", branches).size() == 1);
}
