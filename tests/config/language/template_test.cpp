#include "config/language/template.hpp"

#include "tests/config/language/template_support.hpp"

#include <rapidcheck.h>

using namespace sluice::language;
using namespace sluice::language::test;

TEST_CASE("plain text renders as itself") {
  check_rendered({{"", ""},
                  {"plain", "plain"},
                  {"{'a': 1}", "{'a': 1}"},
                  {"{ }", "{ }"},
                  {"a { b } c", "a { b } c"},
                  {"one line break\n", "one line break"},
                  {"two line breaks\n\n", "two line breaks\n"}});
}

TEST_CASE("expressions, comments and white space control are cut as in Jinja") {
  check_rendered({{"a{{ 1 }}b{{ 'c' }}d", "a1bcd"},
                  {"{{1}}{{2}}", "12"},
                  {"{{\n config.a\n}}", "1"},
                  {"a {# comment {{ x }} #} b", "a  b"},
                  {"a {#- comment -#} b", "ab"},
                  {"a  {{- 1 -}}  b", "a1b"},
                  {"a\n{{- 1 }} b", "a1 b"},
                  {"{{ '{{' }} {{ '}}' }}", "{{ }}"},
                  {"{{ {'a': {'b': 1}} }}", "{'a': {'b': 1}}"},
                  {"{{ {} }}", "{}"},
                  {"{ {{1}} }", "{ 1 }"},
                  {"{{-5}}", "5"}, // the minus belongs to the delimiter
                  {"{{ -5 }}", "-5"}});
}

TEST_CASE("literals are those of Jinja") {
  check_rendered(
    {{"{{ 1_000 }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }}", "1000 31 3 15"},
     {"{{ 1.0 }} {{ 1.50 }} {{ 1e2 }} {{ 1.5e-7 }} {{ 1E+3 }}", "1.0 1.5 100.0 1.5e-07 1000.0"},
     {"{{ 'a' \"b\" 'c' }}", "abc"},
     {"{{ 'it\\'s' }} {{ \"\\x41\\u00e9\\d\" }}", "it's A\u00e9\\d"},
     {"{{ true }} {{ True }} {{ false }} {{ False }} {{ none }} {{ None }}", "True True False False None None"},
     {"{{ [1, 'a', none,] }} {{ [] }}", "[1, 'a', None] []"},
     {"{{ {'a': 1, 'b': [2]} }} {{ {} }}", "{'a': 1, 'b': [2]} {}"},
     {"{{ (1, 2) }} {{ (1,) }} {{ () }} {{ (1) }} {{ 1, 2 }}", "(1, 2) (1,) () 1 (1, 2)"},
     {"{{ {'a': 1, 'a': 2} }}", "{'a': 2}"}});
  check_refused({{"{{ 007 }}", "'007' is no number"},
                 {"{{ 'open }}", "has no end"},
                 {"{{ '\\x4' }}", "escape"},
                 {"{{ {[]: 1 / 0} }}", "division by zero"}});
}

TEST_CASE("what is missing is undefined, and reading from it is an error") {
  check_rendered({{"{{ config.a }} {{ config['a'] }} {{ config.get('a') }}", "1 1 1"},
                  {"{{ config.missing }}|{{ config['missing'] }}|{{ config.get('missing') }}", "||None"},
                  {"{{ config.get('missing', 'x') }} {{ config.get('missing', {}).get('y', 2) }}", "x 2"},
                  {"{{ config.get(default='x', key='missing') }}", "x"},
                  {"{{ config.d.x.y }} {{ config.d['x'].y[0] }} {{ config.d.x.y.1 }}", "[1, 2, 3] 1 2"},
                  {"{{ config.l[-1] }} {{ config.l[0] }} {{ config.l[99] }}| {{ config.l['x'] }}|", "True 1 | |"},
                  {"{{ config.s[0] }} {{ config.s[-1] }} {{ config.s[99] }}|", "h o |"},
                  {"{{ config.u[1] }} {{ config.u[-1] }}", "\u00e9 \U0001F600"},
                  {"{{ config.n.x }}|{{ config.s.x }}|{{ config.a.x }}", "||"},
                  {"{{ config['values'] }}", "vv"},
                  {"{{ 'x' if config.missing is defined else 'y' }}", "y"}});
  check_refused({{"{{ config.missing.x }}", "'config.missing' is undefined"},
                 {"{{ config.missing['x'] }}", "'config.missing' is undefined"},
                 {"{{ response.links.prev.href }}", "'response.links.prev' is undefined"},
                 {"{{ config.missing[0] }}", "'config.missing' is undefined"},
                 {"{{ config.missing[0:1] }}", "'config.missing' is undefined"},
                 {"{{ config.missing.get('x') }}", "'config.missing' is undefined"},
                 {"{{ ([] | first).x }}", "the first of no elements"},
                 {"{{ config.values }}", "['values']"},
                 {"{{ config.s.upper }}", "write upper()"}});
}

TEST_CASE("slices are Python's") {
  check_rendered({{"{{ config.l[1:3] }} {{ config.l[:2] }} {{ config.l[3:] }}", "['2', None] [1, '2'] [2.5, True]"},
                  {"{{ config.l[::-1] }} {{ config.l[::2] }}", "[True, 2.5, None, '2', 1] [1, None, True]"},
                  {"{{ config.l[3:0:-2] }} {{ config.l[-2:] }} {{ config.l[:-3] }}", "[2.5, '2'] [2.5, True] [1, '2']"},
                  {"{{ config.l[10:] }} {{ config.l[-99:99] }}", "[] [1, '2', None, 2.5, True]"},
                  {"{{ config.s[1:3] }} {{ config.s[::-1] }} {{ config.u[1:4] }}", "el olleh \u00e9\u00e9\u20ac"},
                  {"{{ 'abc'[none:2] }} {{ (1, 2, 3)[1:] }}", "ab (2, 3)"},
                  {"{{ 'abc'[::9223372036854775807] }} {{ 'abc'[9223372036854775807:] }}|", "a |"}});
  check_refused({{"{{ 'abc'[::0] }}", "step must not be 0"},
                 {"{{ 'abc'['a':] }}", "an integer as a slice's bound"},
                 {"{{ config.missing[1:] }}", "'config.missing' is undefined"}});
  check_rendered({{"{{ 5[1:] }}|{{ none[:2] }}|", "||"}}); // to Jinja something that is not there
}

TEST_CASE("arithmetic is Python's") {
  check_rendered(
    {{"{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ 10 - 3 - 2 }}", "3 9 5"},
     {"{{ 7 / 2 }} {{ 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }}", "3.5 2.0 3 -4 -4"},
     {"{{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ -7.5 % 2 }} {{ 7.5 // 2 }}", "1 2 -2 0.5 3.0"},
     {"{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ 2 ** 3 ** 2 }} {{ (-1) ** 3 }}",
      "1024 0.5 1.4142135623730951 64 -1"},
     {"{{ 0.1 + 0.2 }} {{ 1e16 + 1 }}", "0.30000000000000004 1e+16"},
     {"{{ -config.a }} {{ +config.a }} {{ - -1 }} {{ true + true }} {{ -true }}", "-1 1 1 2 -1"},
     {"{{ 'a' + 'b' }} {{ [1] + [2] }} {{ 'ab' * 2 }} {{ 2 * [0] }} {{ 'x' * -1 }}|", "ab [1, 2] abab [0, 0] |"},
     {"{{ 'a' ~ 1 ~ none ~ true ~ 2.0 ~ [1] ~ config.missing }}", "a1NoneTrue2.0[1]"},
     {"{{ (1 + 2) ~ 3 }} {{ 2 * 3 ~ 4 }}", "33 64"},
     {"{{ '%s-%05d-%.2f-%x-%%' % ('a', 42, 3.14159, 255) }} {{ '%s' % 'x' }} {{ '%5s|%-5s|' % ('a', 'b') }}",
      "a-00042-3.14-ff-% x     a|b    |"}});
  check_refused({{"{{ 1 / 0 }}", "division by zero"},
                 {"{{ 1 // 0 }}", "division by zero"},
                 {"{{ 1 % 0 }}", "division by zero"},
                 {"{{ 1.5 % 0 }}", "division by zero"},
                 {"{{ 0 ** -1 }}", "division by zero"},
                 {"{{ 10.0 ** 400 }}", "float"},
                 {"{{ 1 + 'a' }}", "'+' does not work on an integer and a string"},
                 {"{{ [1] - [1] }}", "'-' does not work on a list and a list"},
                 {"{{ none + 1 }}", "'+' does not work on none and an integer"},
                 {"{{ config.missing + 1 }}", "'config.missing' is undefined"},
                 {"{{ -'a' }}", "a number behind '-'"},
                 {"{{ '%s %s' % ('a',) }}", "fewer values"},
                 {"{{ '%s' % ('a', 'b') }}", "more values"},
                 {"{{ '%q' % 1 }}", "is not known here"},
                 {"{{ '%99999d' % 1 }}", "is not known here"}});
}

TEST_CASE("comparisons are Python's") {
  check_rendered(
    {{"{{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == none }} {{ 1 != 2 }}", "True True False True True"},
     {"{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 2 >= 2 }} {{ 1 > 1.5 }}", "True False True False"},
     {"{{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ 'z' < '\u00e9' }}", "True True True"},
     {"{{ [1, 2] < [1, 3] }} {{ [1] < [1, 0] }} {{ (1, 2) == [1, 2] }}", "True True False"},
     {"{{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }}", "True"},
     {"{{ config.missing == none }} {{ config.missing == config.missing2 }}", "False True"},
     {"{{ 'ell' in config.s }} {{ 's' in config }} {{ 1 in config.l }} {{ 'a' in ('a', 'b') }}", "True True True True"},
     {"{{ 9 not in config.l }} {{ 'x' in config.missing }} {{ none in config.l }}", "True False True"},
     {"{{ not 'x' in config }} {{ not 1 == 2 }}", "True True"}});
  check_refused({{"{{ none < 1 }}", "none and an integer have no order"},
                 {"{{ 'a' < 1 }}", "have no order"},
                 {"{{ config.missing < 1 }}", "'config.missing' is undefined"},
                 {"{{ 1 in 5 }}", "on the right of 'in'"},
                 {"{{ 1 in 'a' }}", "on the left of 'in'"}});
}

TEST_CASE("and, or and not give operands as in Python") {
  check_rendered(
    {{"{{ config.missing or 'x' }} {{ 0 or '' or none }} {{ 1 and 2 and 3 }} {{ 1 and 0 and 3 }}", "x None 3 0"},
     {"{{ config.e or config.s }} {{ not config.a }} {{ not config.missing }} {{ not not 1 }}",
      "hello False True True"},
     {"{{ 5 == 5 and not 4 == 5 or false }}", "True"},
     // What is not reached is not evaluated.
     {"{{ 1 or 1 / 0 }} {{ 0 and 1 / 0 }}", "1 0"}});
}

TEST_CASE("the conditional expression needs no else") {
  check_rendered({{"{{ 'y' if config.a else 'n' }} {{ 'y' if config.missing else 'n' }}", "y n"},
                  {"{{ 'y' if config.zero }}|", "|"},
                  {"{{ 1 if 0 else 2 if 0 else 3 }}", "3"},
                  {"{{ response.links.next if 'next' in response.links else none }}", "http://x/?p=2"},
                  {"{{ 1 / 0 if false else 'ok' }}", "ok"}});
}

TEST_CASE("tests ask for kinds and properties") {
  check_rendered(
    {{"{{ config.n is none }} {{ config.a is not none }} {{ config.missing is none }}", "True True False"},
     {"{{ config.missing is defined }} {{ config.a is defined }} {{ config.missing is undefined }}", "False True True"},
     {"{{ 's' is string }} {{ 1 is string }} {{ 1 is number }} {{ 1.5 is number }} {{ true is number }}",
      "True False True True True"},
     {"{{ {} is mapping }} {{ [] is mapping }} {{ [] is sequence }} {{ 's' is sequence }} {{ none is sequence }}",
      "True False True True False"},
     {"{{ 1 is integer }} {{ true is integer }} {{ 1.0 is float }} {{ 1 is float }}", "True False True False"},
     {"{{ true is boolean }} {{ 1 is boolean }} {{ false is false }} {{ 0 is false }} {{ 1 is true }}",
      "True False True False False"},
     {"{{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }}", "True False True False"},
     {"{{ 1 is in [1, 2] }} {{ 3 is eq 3 }} {{ 3 is gt(2) }} {{ 3 is lt 2 }}", "True True True False"},
     {"{{ 'abc' is lower }} {{ 'ABC' is upper }} {{ '1' is upper }} {{ [] is iterable }} {{ 5 is iterable }}",
      "True True False True False"},
     {"{{ not config.n is none }} {{ config.a == 1 is number }}", "False True"}});
  check_refused({{"{{ 1 is nonsense }}", "the test 'nonsense' is not known"},
                 {"{{ 1 is nome }}", "did you mean 'none'?"},
                 {"{{ 1 is divisibleby }}", "the expression ends where a value is expected"},
                 {"{{ 'a' is odd }}", "more values"},
                 {"{{ config.missing is odd }}", "undefined"}});
}

TEST_CASE("names that are not known are errors when the template is read") {
  check_refused({{"{{ nope }}", "the name 'nope' is not known here"},
                 {"{{ nope }}", "config, record, response"},
                 {"{{ confg.a }}", "did you mean 'config'?"},
                 {"{{ 'x' if false else nope }}", "parse error"}, // also where it is never reached
                 {"{{ stream_state.x }}", "use 'stream_interval'"},
                 {"{{ now_utc }}", "write now_utc()"}, // when it is evaluated: it may be passed on
                 {"{{ now_utcc() }}", "did you mean 'now_utc'?"},
                 {"{{ lipsum() }}", "'lipsum' is not supported"},
                 {"{{ range(3) }}", "the name 'range' is not known here"},
                 {"{{ 'a' | lenght }}", "did you mean 'length'?"},
                 {"{{ 'a' | urlize }}", "the filter 'urlize' is not supported"}});
}

TEST_CASE("what is not there, or cannot be called, is an error where it is reached") {
  check_refused({{"{{ config.l | map('int') }}", "put '| list'"},
                 {"{{ config.l | map('nope') | list }}", "there is no filter"},
                 {"{{ 'a'.uper() }}", "a string has no method 'uper'"},
                 {"{{ config.l.append(1) }}", "cannot be changed: copy it before, with '| list'"},
                 {"{{ config.d.update(a=1) }}", "cannot be changed: copy it before, with dict(...)"},
                 {"{{ config.missing() }}", "has no method 'missing'"}});
  // Python's TypeError: the template's own text.
  check_rendered({{"{{ config.a(1) }}", "{{ config.a(1) }}"},
                  {"{{ config(1) }}", "{{ config(1) }}"},
                  {"{{ 'a'() }}", "{{ 'a'() }}"},
                  {"{{ 1 if true else config(1) }}", "1"}});
}

TEST_CASE("calls with other arguments than a function takes leave the template's own text") {
  for (auto* source : {"{{ now_utc(1) }}", "{{ duration() }}", "{{ format_datetime('x') }}",
                       "{{ format_datetime('x', form='y') }}", "{{ format_datetime('x', 'y', dt='z') }}",
                       "{{ 'a' | replace('b') }}", "{{ 'a' | join(x=1) }}", "{{ max() }}", "{{ max(a=1) }}"}) {
    CAPTURE(source);
    CHECK(rendered(source) == source);
  }
  check_refused({{"{{ duration(datestring='P1D', 'x') }}", "a positional argument follows a named one"},
                 {"{{ max(**config.d, 1) }}", "stands behind '**'"},
                 {"{{ 'a' | regex_search('(') }}", "the regular expression is not valid"},
                 {"{{ 'a' | regex_search('(?=a)') }}", "the regular expression is not valid or not supported"}});
  // Which method it is shows only when the template is evaluated.
  CHECK(rendered("{{ 'a'.split(1, 2, 3) }}") == "{{ 'a'.split(1, 2, 3) }}"); // a TypeError in Python
  CHECK(contains(rendered("{{ 5.upper() }}"), "an integer has no method 'upper'"));
}

TEST_CASE("statements that are not complete, or none, are errors that say where") {
  check_refused({{"{% nope %}", "there is no statement 'nope'"},
                 {"{% break %}", "there is no statement 'break'"},
                 {"{% endif %}", "there is no statement 'endif'"},
                 {"{% if true %}a", "has no end: 'elif', 'else', 'endif' is missing"},
                 {"{%- for x in config.l %}", "'endfor', 'else' is missing"},
                 {"{% for x config.l %}{% endfor %}", "'in' is expected"},
                 {"{% if %}a{% endif %}", "a value is expected"},
                 {"{% if 1 2 %}a{% endif %}", "the end of the statement is expected"},
                 {"{% set 1 = 2 %}", "the name of a variable"},
                 {"{% set none = 2 %}", "'none' cannot be set"},
                 {"{% for loop in config.l %}{% endfor %}", "'loop' cannot be"},
                 {"{% macro m(a=1, b) %}{% endmacro %}", "without a default follows"},
                 {"{% call 1 %}{% endcall %}", "a call is needed"},
                 {"{% block a %}{% endblock %}{% block a %}{% endblock %}", "two blocks 'a'"},
                 {"{% autoescape true %}{% endautoescape %}", "no HTML"},
                 {"{% raw %}{{ x }}", "has no '{% endraw %}'"},
                 {"{%", "has no end '%}'"}});
}

TEST_CASE("what only one branch sets must be known without it") {
  // As in the reference, which looks at the template and not at the branch that is taken.
  check_refused(
    {{"{% if config.a %}{% set x = 1 %}{% endif %}{{ x }}", "the name 'x' is not known here"},
     {"{% if config.a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}", "the name 'x' is not known"}});
  check_rendered({{"{% set x = 0 %}{% if config.a %}{% set x = 1 %}{% endif %}{{ x }}", "1"},
                  {"{% if config.zero %}{% set record = 1 %}{% endif %}{{ record.b }}", "123"},
                  {"{% set config = {'a': 7} %}{{ config.a }}", "7"}});
}

TEST_CASE("what comes from a slice is quoted in a path, through variables too") {
  scope s;
  s.set("stream_slice", json(R"({"id": "a/b", "ids": ["c/d"]})"));
  s.set_quote({"stream_slice"}, [](std::string_view text) {
    std::string out;
    for (char x : text)
      out += x == '/' ? std::string{"%2F"} : std::string(1, x);
    return out;
  });
  for (auto& [source, wanted] : {render_case{"x/{{ stream_slice.id }}", "x/a%2Fb"},
                                 render_case{"{% set id = stream_slice.id %}x/{{ id }}", "x/a%2Fb"},
                                 render_case{"{% set a = stream_slice %}{% set b = a.id %}{{ b }}", "a%2Fb"},
                                 render_case{"{% for id in stream_slice.ids %}{{ id }}{% endfor %}", "c%2Fd"},
                                 render_case{"{% if true %}{{ stream_slice.id }}{% endif %}", "a%2Fb"}}) {
    CAPTURE(source);
    auto t = text_template::parse(source, {"stream_slice"});
    REQUIRE(t.has_value());
    CHECK(t->render(s) == wanted);
  }
}

TEST_CASE("syntax errors say what is wrong and where") {
  check_refused({{"{{ }}", "the expression is empty, at column 4 of {{ }}"},
                 {"{{ 1 + }}", "the expression ends where a value is expected, at column 8"},
                 {"{{ a b }}", "at column 6"},
                 {"{{ 1 2 }}", "'2' stands where the end of the expression is expected, at column 6"},
                 {"{{ 1", "has no end '}}'"},
                 {"{# x", "has no end '#}'"},
                 {"{{ (1 }}", "closes nothing that is open"},
                 {"{{{ 1 }}", "'}' closes nothing that is open"},
                 {"{{ (1 ]", "']' closes nothing that is open"},
                 {"{{ 1) }}", "')' closes nothing that is open"},
                 {"{{ [1 2] }}", "'2' stands where ']' is expected"},
                 {"{{ {'a' 1} }}", "'1' stands where ':' is expected"},
                 {"{{ config. }}", "a name behind '.'"},
                 {"{{ 'a' | }}", "the name of a filter"},
                 {"{{ 1 is }}", "the name of a test"},
                 {"{{ 1 ? 2 }}", "a character that has no meaning"},
                 {"{{ and }}", "'and' stands where a value is expected"},
                 {"\u00e9\n\u00e9 {{ ? }}", "line 2, column 6"},
                 {"a \xff b", "not UTF-8"}});
}

TEST_CASE("evaluation errors say where and never show values") {
  auto text = rendered("key {{ config.secret | base64decode }}");
  CHECK(contains(text, "at column 22 of key {{ config.secret | base64decode }}"));
  for (auto* source :
       {"{{ config.secret | abs }}", "{{ config.secret.x.y }}", "{{ config.secret < 1 }}",
        "{{ config.secret | base64decode }}", "{{ duration(config.secret) }}", "{{ str_to_datetime(config.secret) }}",
        "{{ timestamp(config.secret) }}", "{{ format_datetime(config.secret, '%Y', '%d') }}",
        "{{ config.l.index(config.secret) }}", "{{ now_utc().isoformat(timespec=config.secret) }}",
        "{{ 1 | round(0, config.secret) }}", "{{ config.d[config.secret].x }}",
        "{{ 'a' | regex_search(config.secret ~ '(') }}", "{{ max(1, config.secret) }}", "{{ '%d' % config.secret }}"}) {
    CAPTURE(source);
    auto message = rendered(source);
    CHECK((contains(message, "error: ") || message == source));
    CHECK_FALSE(contains(message, "s3cr3t"));
  }
  auto parsed = text_template::parse("{{ nope }}", {});
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == sluice::errc::bad_template);
  CHECK(parsed.error().failure == sluice::failure_type::config_error);
  auto failed = text_template::parse("{{ 1/0 }}", {})->render(scope{});
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == sluice::errc::bad_template);
}

TEST_CASE("a lazy variable is made when it is first read, and once") {
  scope s;
  int made = 0;
  s.set_lazy("headers", [&made] { return value{value_dict{{"n", value{++made}}}}; });
  auto other = *text_template::parse("{{ response }}", {"headers", "response"});
  CHECK(other.render(s).has_value());
  CHECK(made == 0);
  auto twice = *text_template::parse("{{ headers.n }} {{ headers['n'] }}", {"headers", "response"});
  CHECK(twice.render(s).value() == "1 1");
  CHECK(twice.render(s).value() == "1 1");
  s.set("headers", value{value_dict{{"n", value{7}}}});
  CHECK(twice.render(s).value() == "7 7");
  CHECK(made == 1);
}

TEST_CASE("a variable that is allowed but not set is undefined") {
  auto t = text_template::parse("{{ next_page_token }}|{{ next_page_token is defined }}", {"next_page_token"});
  REQUIRE(t.has_value());
  CHECK(t->render(scope{}) == "|False");
  scope s;
  s.set("next_page_token", value{"a"});
  CHECK(t->render(s) == "a|True");
  s.set("next_page_token", value{"b"});
  CHECK(t->render(s) == "b|True");
}

TEST_CASE("headers and parameters are dropped if they have no value") {
  auto optional = [](const char* source) {
    auto t = text_template::parse(source, example_names());
    REQUIRE(t.has_value());
    auto text = t->render_optional(example_scope());
    return !text ? "error" : text->value_or("(dropped)");
  };
  CHECK(optional("{{ config.s }}") == "hello");
  CHECK(optional("Bearer {{ config.s }}") == "Bearer hello");
  CHECK(optional("{{ config.zero }}") == "0");
  CHECK(optional("1e5") == "1e5");
  CHECK(optional("") == "(dropped)");
  CHECK(optional("{{ config.missing }}") == "(dropped)");
  CHECK(optional("{{ config.missing.x }}") == "(dropped)");
  CHECK(optional("{{ config.n }}") == "(dropped)");
  CHECK(optional("{{ config.get('missing') }}") == "(dropped)");
  CHECK(optional("{{ 1 / 0 }}") == "error");
}

TEST_CASE("the filter string leaves no quotes in rendered text") {
  check_rendered({{"{{ config.a | string }}", "1"},
                  {"{{ config.s | string }}", "hello"},
                  {"{{ config.d | string }}", R"({"x": {"y": [1, 2, 3]}})"}});
}

TEST_CASE("templates know whether they are literal, and their source") {
  CHECK(text_template{}.is_literal());
  CHECK(text_template{}.render(scope{}) == "");
  CHECK(text_template::parse("a {# b #} c", {})->is_literal());
  CHECK_FALSE(text_template::parse("a {{ 1 }}", {})->is_literal());
  CHECK(text_template::parse("a {{ 1 }}", {})->source() == "a {{ 1 }}");
  auto fixed = text_template::literal("{{ not }} {% a template");
  CHECK(fixed.is_literal());
  CHECK(fixed.render(scope{}) == "{{ not }} {% a template");
  CHECK(text_template::literal("").render(scope{}) == "");
}

TEST_CASE("the clock is real unless it is set") {
  auto before = std::chrono::system_clock::now();
  auto now = scope{}.now();
  auto after = std::chrono::system_clock::now();
  CHECK(now >= std::chrono::floor<std::chrono::microseconds>(before));
  CHECK(now <= after);
  scope s;
  s.set_now(fixed_now);
  CHECK(s.now() == fixed_now);
}

TEST_CASE("no text crashes the template parser") {
  CHECK(rc::check("garbage characters", [] {
    auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string{"{{}}%#-+*/|~()[]'\".,:=<>!ab1 0_e\\\n\xc3\xa9"}));
    if (auto t = text_template::parse(text, example_names()))
      (void)t->evaluate(example_scope());
  }));
}

TEST_CASE("no sequence of tokens crashes the parser or the evaluator") {
  CHECK(rc::check("garbage tokens", [] {
    static const std::vector<std::string> tokens = {"config",     ".a",
                                                    ".l",         ".s",
                                                    ".d",         ".n",
                                                    ".missing",   "1",
                                                    "0",          "-1",
                                                    "2.5",        "'a'",
                                                    "'%s%d'",     "none",
                                                    "true",       "[",
                                                    "]",          "(",
                                                    ")",          "{",
                                                    "}",          ",",
                                                    ":",          "+",
                                                    "-",          "*",
                                                    "/",          "//",
                                                    "%",          "**",
                                                    "~",          "==",
                                                    "<",          "in",
                                                    "not",        "and",
                                                    "or",         "if",
                                                    "else",       "is",
                                                    "odd",        "defined",
                                                    "|int",       "|list",
                                                    "|join(1)",   "|abs",
                                                    "|round",     "|tojson",
                                                    "|string",    "|d",
                                                    ".upper()",   ".get(1)",
                                                    "[0]",        "[::-1]",
                                                    "max(",       "duration('P1M')",
                                                    "now_utc()",  ".split()",
                                                    "|first",     ".days",
                                                    "day_delta(", ".strftime('%Y')",
                                                    "'x'*",       "|length"};
    auto picked = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(tokens));
    std::string text = "{{ ";
    for (auto& token : picked)
      text += token + " ";
    text += "}}";
    if (auto t = text_template::parse(text, example_names())) {
      auto x = t->evaluate(example_scope());
      auto c = condition::parse(text, example_names())->evaluate(example_scope());
      (void)t->references("config");
      RC_ASSERT((x || !x.error().message.empty()));
      RC_ASSERT((c || !c.error().message.empty()));
    }
  }));
}

TEST_CASE("a value of the wrong type leaves the template's own text, as in the reference") {
  check_rendered({{"{{ 'x' in none }}", "{{ 'x' in none }}"}, {"a{{ config.n + 1 }}b", "a{{ config.n + 1 }}b"}});
  CHECK(evaluated("{{ ','.join([1]) }}") == "\"{{ ','.join([1]) }}\"");
  check_refused(
    {{"{{ config.missing + 1 }}", "undefined"}, {"{{ none.get('x') }}", "no method"}, {"{{ 1 / 0 }}", "zero"}});
}

namespace {

/// The texts with which a parameter is sent, with `|` between them; `-` if it is not.
std::string sent(const char* source) {
  auto t = text_template::parse(source, example_names());
  REQUIRE(t);
  auto values = t->render_values(example_scope());
  if (!values)
    return "error: " + values.error().message;
  std::string all;
  for (auto& value : *values)
    all += (all.empty() ? "" : "|") + value;
  return values->empty() ? "-" : all;
}

} // namespace

TEST_CASE("what a parameter is sent with is the reference's, but None is nothing") {
  const render_case cases[] = {{"x", "x"},
                               {"", "-"},
                               {"{{ config.e }}", "-"},
                               {"{{ config.missing }}", "-"},
                               {"{{ config.missing.x }}", "-"},
                               {"{{ config.missing | int }}", "-"},
                               {"{{ format_datetime(config.missing, '%Y') }}", "-"},
                               {"{{ timestamp(config.missing.x) }}", "-"},
                               {"{{ none }}", "-"},
                               {"{{ config.n }}", "-"},
                               {"{{ config.get('missing') }}", "-"},
                               {"None", "-"},
                               {" ", " "},
                               {"{{ [1, 2] }}", "1|2"},
                               {"['a', 'b c']", "a|b c"},
                               {"{{ [1, none, 2.0, true, [3]] }}", "1|2.0|True|[3]"},
                               {"{{ [] }}", "-"},
                               {"{{ (1, 2) }}", "(1, 2)"},
                               {"1,2", "1,2"},
                               {"[1],2", "[1],2"},
                               {"{{ {'a': 1} }}", "{'a': 1}"},
                               {"{{ true }}", "True"},
                               {"1e5", "1e5"},
                               {"007", "007"},
                               {"'q'", "q"},
                               {"\"q\" 'r'", "qr"},
                               {"it's", "it's"},
                               {"{{ 'x' in none }}", "{{ 'x' in none }}"},
                               {"[1, 2", "[1, 2"}};
  for (auto& [source, expected] : cases) {
    CAPTURE(source);
    CHECK(sent(source) == expected);
  }
  CHECK(contains(sent("{{ 1 / 0 }}"), "error"));
}

TEST_CASE("a header is one text, or nothing") {
  const std::pair<const char*, std::optional<std::string>> cases[]
    = {{"x", "x"},         {"{{ none }}", std::nullopt}, {"{{ config.missing.x }}", std::nullopt},
       {"", std::nullopt}, {"[1, 2]", "[1, 2]"},         {"'q'", "q"},
       {"1e5", "1e5"}};
  for (auto& [source, expected] : cases) {
    CAPTURE(source);
    auto t = text_template::parse(source, example_names());
    REQUIRE(t);
    auto text = t->render_optional(example_scope());
    REQUIRE(text);
    CHECK(*text == expected);
  }
}

TEST_CASE("a scope can ask for values of a variable to be quoted where they are written as they are") {
  auto s = example_scope();
  s.set_quote({"config"}, [](std::string_view text) { return "<" + std::string{text} + ">"; });
  const render_case cases[]
    = {{"a/{{ config.s }}/b", "a/<hello>/b"},
       {"{{ config['s'] }}{{ config.get('s') }}{{ config.d.x['y'] }}", "<hello><hello><[1, 2, 3]>"},
       {"{{ 'x?' ~ config.s ~ '?' }}", "x?<hello>?"},
       {"{{ config.s if config.a else 'x' }}", "<hello>"},
       {"{{ 'x' if config.s == 'hello' else config.s }}", "x"},
       {"{{ config.e or config.s }}", "<hello>"},
       {"{{ config.a and 'x' }}", "x"},
       {"{{ config.s | upper }}{{ config.s.upper() }}{{ sanitize_url(config.s) }}", "HELLOHELLOhello"},
       {"{{ record.id }}{{ 'lit?' }}", "00123lit?"},
       {"{{ config.missing }}{{ config.s if false }}", "<>"}};
  for (auto& [source, expected] : cases) {
    CAPTURE(source);
    auto t = text_template::parse(source, example_names());
    REQUIRE(t);
    CHECK(t->render(s) == expected);
  }
}

TEST_CASE("a template takes its parameters along") {
  const std::vector<std::string> allowed{"parameters", "config"};
  auto plain = text_template::parse("{{ parameters.a }}{{ config.b }}{{ parameters['{{'] }}", allowed).value();
  const auto bound = plain.with_parameters(value_dict{{"a", "{{ x }}"}, {"{{", 1}});
  scope s;
  s.set("config", value_dict{{"b", 2}});
  s.set("parameters", value_dict{{"a", "other"}});
  CHECK(plain.render(s) == "other2");
  CHECK(bound.render(s) == "{{ x }}21");
  CHECK(bound == plain.with_parameters(value_dict{{"a", "{{ x }}"}, {"{{", 1}}));
  CHECK_FALSE(bound == plain);
  auto holds = condition::parse("{{ parameters.a }}", allowed).value();
  CHECK(holds.with_parameters(value_dict{{"a", 1}}).evaluate({}) == true);
  CHECK(holds.evaluate({}) == false);
}
