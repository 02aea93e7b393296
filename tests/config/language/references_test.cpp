#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

namespace {

/// The paths, one a word: `response.links.next response.data`.
std::string paths(const char* source, const char* name = "response") {
  auto t = text_template::parse(source, {"response", "config", "headers"});
  INFO(source);
  REQUIRE(t.has_value());
  std::string text;
  for (auto& path : t->references(name)) {
    text += text.empty() ? "" : " ";
    for (std::size_t i = 0; i < path.size(); ++i)
      text += (i > 0 ? "." : "") + path[i];
  }
  return text;
}

} // namespace

TEST_CASE("static access paths are found in all their spellings") {
  struct reference_case {
    const char* source;
    const char* paths;
  };
  const reference_case cases[] = {
    {"plain", ""},
    {"{{ response.links.next }}", "response.links.next"},
    {"{{ response['links']['next'] }}", "response.links.next"},
    {"{{ response.get('links', {}).get('next') }}", "response.links.next"},
    {"{{ response.get('links', {})['next'].href }}", "response.links.next.href"},
    {"{{ response.a }} and {{ response.b }}", "response.a response.b"},
    {"{{ response.a }} and {{ response['a'] }}", "response.a"},
    {"{{ (response.get('links') or {}).get('next') }}", "response.links"},
    {"{{ response.data[-1].id }}", "response.data"},
    {"{{ response.data[-1]['id'] if response.has_more else none }}", "response.has_more response.data"},
    {"{{ response[config.key].x }}", "response"},
    {"{{ response.get(config.key) }}", "response"},
    {"{{ response }}", "response"},
    {"{{ response | length }}", "response"},
    {"{{ response.keys() | list }}", "response"},
    {"{{ response.links.values() }}", "response.links"},
    {"{{ response.items | length }}", "response.items"},
    {"{{ 'error' in response }}", "response.error"},
    {"{{ 'error' not in response }}", "response.error"},
    {"{{ 'next' in response.links }}", "response.links.next"},
    {"{{ 'next' in response.get('links', {}) }}", "response.links.next"},
    {"{{ config.x in response }}", "response"},
    {"{{ response.a in response.b }}", "response.a response.b"},
    {"{{ 'a' in response.x == response.y }}", "response.x.a response.y"},
    {"{{ response.get('a', response.b.c) }}", "response.a response.b.c"},
    {"{{ response.get('a', response).get('b') }}", "response.a.b response"},
    {"{{ response.a | default(response.b) }}", "response.a response.b"},
    {"{{ response.a is defined and not response.b }}", "response.a response.b"},
    {"{{ max(response.a, response.b) }} {{ [response.c] }} {{ {'k': response.d} }}",
     "response.a response.b response.c response.d"},
    {"{{ response.a.split(',')[0] }} {{ response.b[1:response.n] }} {{ -response.c }}",
     "response.a response.b response.n response.c"},
    {"{% if response.a %}{{ response.b }}{% elif response.c %}{% else %}{{ response.d }}{% endif %}",
     "response.a response.b response.c response.d"},
    {"{% for x in response.a if x.b == response.c %}{{ x.d }}{{ response.e }}{% else %}{{ response.f }}{% endfor %}",
     "response.a response.c response.e response.f"},
    {"{% set x = response.a %}{{ x.b }}{% set y | replace('a', response.c) %}{{ response.d }}{% endset %}",
     "response.a response.c response.d"},
    {"{% macro m(a=response.b) %}{{ response.c }}{% endmacro %}{% call m(response.d) %}{{ response.e }}{% endcall %}",
     "response.b response.c response.d response.e"},
    {"{% with a = response.b %}{{ response.c }}{% endwith %}{% filter trim(response.d) %}{{ response.e }}{% endfilter "
     "%}",
     "response.b response.c response.d response.e"},
    {"{{ max(*response.a) }}{{ dict(**response.b) }}", "response.a response.b"},
    {"{{ config.response }}", ""},
    {"{{ 'response' }}", ""},
  };
  for (auto& [source, wanted] : cases) {
    CAPTURE(source);
    CHECK(paths(source) == wanted);
  }
  CHECK(paths("{{ response.a ~ config.b.c ~ headers['X-Next'] }}", "config") == "config.b.c");
  CHECK(paths("{{ response.a ~ config.b.c ~ headers['X-Next'] }}", "headers") == "headers.X-Next");
}
