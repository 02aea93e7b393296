#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

TEST_CASE("int takes what Python's int takes, else the default") {
  check_rendered(
    {{"{{ '12' | int }} {{ ' 3 ' | int }} {{ '1_000' | int }} {{ '-7' | int }} {{ '+7' | int }}", "12 3 1000 -7 7"},
     {"{{ 'x' | int }} {{ 'x' | int(5) }} {{ 'x' | int(default=none) }} {{ none | int }} {{ [] | int(3) }}",
      "0 5 None 0 3"},
     {"{{ '12.7' | int }} {{ 3.9 | int }} {{ -3.9 | int }} {{ '1e3' | int }} {{ true | int }}", "12 3 -3 1000 1"},
     {"{{ '0x1F' | int(0, 16) }} {{ 'ff' | int(base=16) }} {{ '101' | int(0, 2) }} {{ '--1' | int }}", "31 255 5 0"}});
  check_refused({{"{{ config.missing | int }}", "'config.missing' is undefined"},
                 {"{{ '1e400' | float | int }}", "infinity"},
                 {"{{ '1' | int(0, 99) }}", "base"}});
}

TEST_CASE("float takes what Python's float takes, else the default") {
  check_rendered({{"{{ '1.5' | float }} {{ '1' | float }} {{ 1 | float }} {{ ' 2e3 ' | float }} {{ '-1_0.5' | float }}",
                   "1.5 1.0 1.0 2000.0 -10.5"},
                  {"{{ 'x' | float }} {{ 'x' | float(2.5) }} {{ none | float }}", "0.0 2.5 0.0"},
                  {"{{ 'inf' | float }} {{ '-Infinity' | float }} {{ '1e400' | float }} {{ '1e-400' | float }}",
                   "inf -inf inf 0.0"}});
}

TEST_CASE("length counts characters, elements and keys") {
  check_rendered(
    {{"{{ config.u | length }} {{ config.l | length }} {{ config.d | count }} {{ config.missing | length }}",
      "5 5 1 0"},
     {"{{ (1, 2) | length }} {{ '' | length }}", "2 0"}});
  check_refused(
    {{"{{ 5 | length }}", "a string, list or dict is needed, not an integer"}, {"{{ none | length }}", "not none"}});
}

TEST_CASE("default replaces what is undefined, or false if asked to") {
  check_rendered(
    {{"{{ config.missing | default('d') }} {{ config.n | default('d') }} {{ config.n | default('d', true) }}",
      "d None d"},
     {"{{ '' | d('x', boolean=true) }} {{ config.missing | d }}|", "x |"},
     {"{{ [] | first | default('none there') }}", "none there"}});
  check_refused({{"{{ config.missing.x | default('d') }}", "'config.missing' is undefined"}});
}

TEST_CASE("filters on text take anything that has text") {
  check_rendered(
    {{"{{ 'H\u00c9' | lower }} {{ 'h\u00e9 \u0436' | upper }} {{ config.missing | lower }}|",
      "h\u00e9 H\u00c9 \u0416 |"},
     {"{{ 'hello wORLD' | capitalize }} {{ \"they're bill's\" | title }}", "Hello world They're Bill's"},
     {"{{ '  x ' | trim }}|{{ 'xxaxx' | trim('x') }}|{{ 5 | trim }}|{{ '\u00a0y\u2003' | trim }}", "x|a|5|y"},
     {"{{ 'a-b-c' | replace('-', '+') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 123 | replace(1, 9) }}",
      "a+b+c bba 923"},
     {"{{ 'h\u00e9' | replace('', '.') }} {{ '' | replace('', 'x') }}", ".h.\u00e9. x"}});
}

TEST_CASE("join, first, last and list take whatever can be iterated") {
  check_rendered(
    {{"{{ [1, '2', none] | join(',') }} {{ config.l | join }} {{ 'abc' | join('.') }} {{ config.d | join }}",
      "1,2,None 12None2.5True a.b.c x"},
     {"{{ [config.missing, 1] | join(',') }} {{ config.missing | join(',') }}|", ",1 |"},
     {"{{ [1, 2] | first }} {{ [1, 2] | last }} {{ config.u | last }} {{ config.d | first }} {{ [] | last }}|",
      "1 2 \U0001F600 x |"},
     {"{{ 'ab' | list }} {{ config.d | list }} {{ (1, 2) | list }} {{ config.missing | list }}",
      "['a', 'b'] ['x'] [1, 2] []"}});
  check_refused({{"{{ 5 | join }}", "a list, dict or string is needed"}, {"{{ none | first }}", "not none"}});
}

TEST_CASE("tojson writes JSON as Jinja does") {
  check_rendered({{"{{ {'b': 1, 'a': [true, none, 1.0, '\u00e9\U0001F600']} | tojson }}",
                   R"({"a": [true, null, 1.0, "\u00e9\ud83d\ude00"], "b": 1})"},
                  {"{{ \"<a href='x'>&\" | tojson }}", R"("\u003ca href=\u0027x\u0027\u003e\u0026")"},
                  {"{{ (1, 2) | tojson }}", "[1, 2]"}});
  check_refused({{"{{ config.missing | tojson }}", "undefined"}, {"{{ today_utc() | tojson }}", "a date"}});
}

TEST_CASE("urlencode quotes text and makes queries of dicts") {
  check_rendered({{"{{ 'a b/c?&\u00e9~' | urlencode }} {{ 5 | urlencode }}", "a%20b/c%3F%26%C3%A9~ 5"},
                  {"{{ {'a b': 'c/d', 'e': 1} | urlencode }}", "a+b=c%2Fd&e=1"}});
}

TEST_CASE("Base64 goes both ways") {
  check_rendered(
    {{"{{ 'hello' | base64encode }} {{ '' | base64encode }}| {{ 'a' | base64encode }} {{ 'ab' | base64encode }}",
      "aGVsbG8= | YQ== YWI="},
     {"{{ 'aGVsbG8=' | base64decode }} {{ 'YQ==' | base64decode }} {{ 'YW\nI=' | base64decode }}", "hello a ab"},
     {"{{ '\u00e9\u20ac' | base64encode | base64decode }}", "\u00e9\u20ac"}});
  check_refused({{"{{ 'aGVsbG8' | base64decode }}", "no Base64"},
                 {"{{ '/w==' | base64decode }}", "no Base64 of UTF-8"},
                 {"{{ 5 | base64encode }}", "a string is needed"}});
}

TEST_CASE("regular expressions search and replace") {
  check_rendered(
    {{"{{ 'abc123def' | regex_search('([0-9]+)') }} {{ 'abc' | regex_search('([0-9]+)') }}|", "123 |"},
     {"{{ 'abc' | regex_search('b') }}| {{ 'b' | regex_search('(a)?b') }}", "| None"},
     {"{{ '<http://x/?page=2>; rel=\"next\"' | regex_search('<(.*)>; rel=\"next\"') }}", "http://x/?page=2"},
     {"{{ 'a1' | regex_search(regex='(\\\\d)') }} {{ 'a1' | regex_search('(' ~ '1)') }}", "1 1"},
     {"{{ 'a1b22' | regex_replace('[0-9]+', '#') }} {{ 'john smith' | regex_replace('(\\\\w+) (\\\\w+)', '\\\\2 "
      "\\\\1') }}",
      "a#b# smith john"},
     {"{{ 'abc' | regex_replace('(b)', '\\\\g<1>0') }} {{ 'abc' | regex_replace('x*', '-') }}", "ab0c -a-b-c-"},
     {"{{ 'h\u00e9' | regex_replace('', '.') }}", ".h.\u00e9."}});
  check_refused({{"{{ 5 | regex_search('a') }}", "a string is needed"},
                 {"{{ 'a' | regex_search('(' ~ 'a') }}", "the regular expression is not valid"},
                 {"{{ 'a' | regex_replace('a', '\\\\1') }}", "the replacement"}});
}

TEST_CASE("abs and round compute as Python does") {
  check_rendered(
    {{"{{ (-5) | abs }} {{ -5.5 | abs }} {{ true | abs }}", "5 5.5 1"},
     {"{{ 42.55 | round }} {{ 42.55 | round(1) }} {{ 2.5 | round }} {{ 2.675 | round(2) }} {{ 42 | round }}",
      "43.0 42.5 2.0 2.67 42"},
     {"{{ 42.55 | round(1, 'floor') }} {{ 42.55 | round(precision=1, method='ceil') }} {{ 7 | round(0, 'floor') }}",
      "42.5 42.6 7.0"}});
  check_refused({{"{{ 'a' | abs }}", "a number is needed"},
                 {"{{ 1 | round(0, 'up') }}", "'common', 'ceil' or 'floor'"},
                 {"{{ 1.5 | round('x') }}", "an integer as precision"}});
  check_rendered(
    {{"{{ 1.5 | round(99) }}", "1.5"}, {"{{ 1250 | round(-2) }}", "1200"}, {"{{ -15 | round(-1) }}", "-20"}});
}

TEST_CASE("filters bind tighter than operators") {
  check_rendered(
    {{"{{ config.a + '1' | int }} {{ -2 | abs }} {{ 'a' ~ 'b' | upper }} {{ ('a' ~ 'b') | upper }}", "2 2 aB AB"}});
}
