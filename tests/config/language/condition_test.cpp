#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

namespace {

std::string decided(const char* source) {
  auto c = condition::parse(source, example_names());
  if (!c)
    return "parse error";
  auto x = c->evaluate(example_scope());
  return !x ? "error" : *x ? "true" : "false";
}

} // namespace

TEST_CASE("a condition is false for what the reference lists, and true otherwise") {
  for (auto* source : {"",
                       "False",
                       "false",
                       "{}",
                       "[]",
                       "()",
                       "0",
                       "0.0",
                       "{{ false }}",
                       "{{ 0 }}",
                       "{{ 0.0 }}",
                       "{{ '' }}",
                       "{{ [] }}",
                       "{{ {} }}",
                       "{{ () }}",
                       "{{ 'false' }}",
                       "{{ '0' }}",
                       "{{ config.missing }}",
                       "{{ 1 > 2 }}",
                       "{{ not config.a }}",
                       "{{ 'error' in response }}",
                       "{{ config.zero }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "false");
  }
  for (auto* source : {"True", "true", "1", "no", "None", "{{ true }}", "{{ 'x' }}", "{{ [0] }}", "{{ 1 < 2 }}",
                       "{{ config.a }}", "{{ response.links.next is defined }}", "x{{ config.missing }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "true");
  }
}

TEST_CASE("None is true") {
  CHECK(decided("{{ none }}") == "true");
  CHECK(decided("{{ config.n }}") == "true");
  CHECK(decided("{{ config.get('missing') }}") == "true");
}

TEST_CASE("using something undefined makes a condition false") {
  CHECK(decided("{{ response.a.b.c }}") == "false");
  CHECK(decided("{{ not response.a.b }}") == "false");
  CHECK(decided("{{ config.missing > 5 }}") == "false");
  CHECK(decided("{{ config.missing.get('x') }}") == "false");
  CHECK(decided("{{ config.missing | int > 1 }}") == "false");
}

TEST_CASE("other errors in a condition are errors") {
  CHECK(decided("{{ 1 / 0 }}") == "error");
  CHECK(decided("{{ config.n > 1 }}") == "error");
  CHECK(decided("{{ nope }}") == "parse error");
}

TEST_CASE("an empty condition is false") {
  CHECK(condition{}.evaluate(scope{}) == false);
  CHECK(condition{}.source().empty());
  CHECK(condition::parse("{{ response.x }}", {"response"})->references("response")
        == std::vector<reference>{{"response", "x"}});
}
