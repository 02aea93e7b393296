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
  for (auto* source : {"True", "true", "1", "no", "{{ true }}", "{{ 'x' }}", "{{ [0] }}", "{{ 1 < 2 }}",
                       "{{ config.a }}", "{{ response.links.next is defined }}", "x{{ config.missing }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "true");
  }
}

TEST_CASE("None is false") {
  for (auto* source :
       {"None", "{{ none }}", "{{ config.n }}", "{{ config.get('missing') }}", "{{ 'None' }}", "{{ '(None)' }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "false");
  }
}

// Python's TypeError leaves the reference with the template's own text, which is true.
TEST_CASE("a value of the wrong type makes a condition true") {
  for (auto* source : {"{{ 'x' in none }}",
                       "{{ not 'next' in config.n }}",
                       "{{ 1 in 5 }}",
                       "{{ 1 in 'abc' }}",
                       "{{ 'a' < 5 }}",
                       "{{ config.n > 1 }}",
                       "{{ config.n + 1 }}",
                       "{{ 'a' * none }}",
                       "{{ {'a': 1} + {} }}",
                       "{{ -'x' }}",
                       "{{ ','.join([1]) }}",
                       "{{ ','.join(none) }}",
                       "{{ none | length > 0 }}",
                       "{{ none | first }}",
                       "{{ 5 | list }}",
                       "{{ 'x' | abs }}",
                       "{{ none | regex_search('(a)') }}",
                       "{{ '%d' % 'x' }}",
                       "{{ '%s %s' % 'x' }}",
                       "{{ '%s' % (1, 2) }}",
                       "{{ 'x'.startswith(1) }}",
                       "{{ max(5) }}",
                       "{{ max(none, 1) }}",
                       "{{ day_delta('x') }}",
                       "{{ str_to_datetime(none) }}",
                       "{{ timestamp(none) }}",
                       "{{ format_datetime(none, '%Y') }}",
                       "{{ duration(5) }}",
                       "{{ sanitize_url(5) }}",
                       "{{ now_utc() | tojson }}",
                       "{{ now_utc() < 5 }}",
                       "{{ {}.get() }}",
                       "{{ [1] | urlencode }}",
                       "x{{ none + 1 }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "true");
  }
  for (auto* source : {"{{ 1 / 0 }}", "{{ str_to_datetime('nope') }}", "{{ duration('nope') }}",
                       "{{ 5 | base64encode }}", "{{ [1].index(9) }}", "{{ 10 ** 4400 }}"}) {
    CAPTURE(source);
    CHECK(decided(source) != "true");
  }
}

TEST_CASE("a method that a value does not have is undefined, and so a false condition") {
  for (auto* source :
       {"{{ none.get('x') }}", "{{ config.n.get('x') }}", "{{ config.s.items() }}", "{{ config.l.get('x') }}",
        "{{ true.strip() }}", "{{ config.missing.upper() }}", "{{ none[1:2] }}", "{{ 5[1:] }}"}) {
    CAPTURE(source);
    CHECK(decided(source) == "false");
  }
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
  CHECK(decided("{{ config.s | base64decode }}") == "error");
  CHECK(decided("{{ nope }}") == "parse error");
}

TEST_CASE("an empty condition is false") {
  CHECK(condition{}.evaluate(scope{}) == false);
  CHECK(condition{}.source().empty());
  CHECK(condition::parse("{{ response.x }}", {"response"})->references("response")
        == std::vector<reference>{{"response", "x"}});
}
