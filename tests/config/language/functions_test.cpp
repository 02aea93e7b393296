#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

TEST_CASE("now_utc and today_utc read the scope's clock") {
  check_rendered(
    {{"{{ now_utc() }}", "2024-05-31 16:08:37.123456+00:00"},
     {"{{ today_utc() }}", "2024-05-31"},
     {"{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}", "2024-05-31T16:08:37Z"},
     {"{{ now_utc().year }} {{ now_utc().month }} {{ now_utc().hour }} {{ today_utc().day }} {{ now_utc().x }}|",
      "2024 5 16 31 |"}});
}

TEST_CASE("dates and durations can be added and subtracted") {
  check_rendered(
    {{"{{ now_utc() - duration('P1D') }}", "2024-05-30 16:08:37.123456+00:00"},
     {"{{ now_utc() - duration('P3M') }}", "2024-02-29 16:08:37.123456+00:00"},
     {"{{ duration('PT1H') + now_utc() }}", "2024-05-31 17:08:37.123456+00:00"},
     {"{{ (now_utc() - duration('P1Y')).strftime('%F') }}", "2023-05-31"},
     {"{{ today_utc() - duration('P1D') }} {{ today_utc() + duration('PT36H') }} {{ today_utc() - duration('PT1H') }}",
      "2024-05-30 2024-06-01 2024-05-31"},
     {"{{ now_utc() - str_to_datetime('2024-05-30') }}", "1 day, 16:08:37.123456"},
     {"{{ (now_utc() - str_to_datetime('2024-01-01')).days }} {{ (today_utc() - today_utc()).days }}", "151 0"},
     {"{{ duration('P1D') * 3 }} {{ -duration('PT1H') }} {{ duration('P2D') / duration('P1D') }}",
      "3 days, 0:00:00 -1 day, 23:00:00 2.0"},
     {"{{ duration('P1DT1.5S').total_seconds() }} {{ duration('P1DT1.5S').seconds }} {{ duration('P1D') > "
      "duration('PT1H') }}",
      "86401.5 1 True"},
     {"{{ now_utc() > str_to_datetime('2024-01-01') }} {{ today_utc() == now_utc() }} {{ now_utc() == now_utc() }}",
      "True False True"},
     {"{{ [duration('PT90M')] }}", "[datetime.timedelta(seconds=5400)]"}});
  check_refused({{"{{ duration('P1M') }}", "calendar months has no text"},
                 {"{{ duration('1 day') }}", "no ISO 8601 duration"},
                 {"{{ now_utc() - duration('P9000Y') }}", "outside of the years 1 to 9999"},
                 {"{{ today_utc() + duration('P9000Y') }}", "outside of the years 1 to 9999"},
                 {"{{ duration('P1D') * 9223372036854775807 }}", "too long"},
                 {"{{ now_utc() + 1 }}", "'+' does not work on a datetime and an integer"},
                 {"{{ now_utc() - today_utc() }}", "'-' does not work on a datetime and a date"},
                 {"{{ today_utc() < now_utc() }}", "have no order"}});
}

TEST_CASE("day_delta counts days from now") {
  check_rendered({{"{{ day_delta(-1) }}", "2024-05-30T16:08:37.123456+0000"},
                  {"{{ day_delta(25, '%Y-%m-%d') }} {{ day_delta(1, format='%s') }}", "2024-06-25 1717258117"},
                  {"{{ day_delta(0.5, '%H') }}", "04"}});
  check_refused({{"{{ day_delta('x') }}", "a number of days"}, {"{{ day_delta(1e300) }}", "leads out of the years"}});
}

TEST_CASE("timestamp takes numbers, texts and datetimes") {
  check_rendered(
    {{"{{ timestamp(1658505815.223235) }} {{ timestamp(5) }} {{ timestamp('2022-01-14') }}",
      "1658505815 5 1642118400.0"},
     {"{{ timestamp('2022-01-14T00:00:00.5Z') }} {{ timestamp('2024-01-20T10:00:00+02:00') | int * 1000 }}",
      "1642118400.5 1705737600000"},
     {"{{ timestamp(str_to_datetime('2022-01-14')) }}", "1642118400.0"}});
  check_refused({{"{{ timestamp(none) }}", "a datetime or a text is needed, not none"}});
}

TEST_CASE("format_datetime converts to UTC and from many forms") {
  check_rendered({{"{{ format_datetime('2022-01-14', '%s') }}", "1642118400"},
                  {"{{ format_datetime('2024-01-20T10:00:00+02:00', '%Y-%m-%dT%H:%M:%SZ') }}", "2024-01-20T08:00:00Z"},
                  {"{{ format_datetime(1705744800, '%Y-%m-%d') }}", "2024-01-20"},
                  {"{{ format_datetime(1705744800123, '%F %T.%_ms', '%ms') }}", "2024-01-20 10:00:00.123"},
                  {"{{ format_datetime('14/01/2022', '%Y-%m-%d', '%d/%m/%Y') }}", "2022-01-14"},
                  {"{{ format_datetime('14/01/2022', format='%F', input_format='%d/%m/%Y') }}", "2022-01-14"},
                  {"{{ format_datetime(now_utc(), '%H') }} {{ format_datetime(today_utc(), '%d') }}", "16 31"},
                  {"{{ format_datetime('2022-01-14', '%s_as_float') }} {{ format_datetime('2022-01-14', '%ms') }}",
                   "1642118400.0 1642118400000"}});
  check_refused({{"{{ format_datetime('garbage', '%Y') }}", "no date or time in ISO 8601"},
                 {"{{ format_datetime('x', '%Y', '%d') }}", "does not fit the input format '%d'"},
                 {"{{ format_datetime(now_utc(), '%Q') }}", "the code '%Q' is not supported"},
                 {"{{ format_datetime(none, '%Y') }}", "not none"}});
}

TEST_CASE("max and min choose among arguments or elements") {
  check_rendered(
    {{"{{ max(2, 3) }} {{ min([3, 1, 2]) }} {{ max('a', 'b') }} {{ max([1, 2.5]) }} {{ max(1, true) }}", "3 1 b 2.5 1"},
     {"{{ max(config.a, 0) }} {{ min('hello') }}", "1 e"}});
  check_refused({{"{{ max([]) }}", "no values"},
                 {"{{ max(1, 'a') }}", "have no order"},
                 {"{{ max(1, config.missing) }}", "'config.missing' is undefined"},
                 {"{{ max(5) }}", "a list, dict or string"}});
}

TEST_CASE("the remaining functions work on text") {
  check_rendered(
    {{"{{ sanitize_url('https://a b/\u00fc?x=1&y') }}", "https%3A%2F%2Fa+b%2F%C3%BC%3Fx%3D1%26y"},
     {"{{ camel_case_to_snake_case('FooBarBAZ') }} {{ camel_case_to_snake_case('aB') }}", "foo_bar_b_a_z a_b"}});
  auto uuid = rendered("{{ generate_uuid() }}");
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '4');
  CHECK(contains("89ab", uuid.substr(19, 1)));
  CHECK(uuid != rendered("{{ generate_uuid() }}"));
}

TEST_CASE("strings have Python's methods") {
  check_rendered(
    {{"{{ config.s.upper() }} {{ 'ABC'.lower() }} {{ 'a b'.title() }} {{ 'aB'.capitalize() }}", "HELLO abc A B Ab"},
     {"{{ ' x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'xxaxx'.rstrip('x') }}",
      "x|a|axx|xxa"},
     {"{{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }}",
      "['a', 'b', 'c'] ['a', 'b,c'] ['a,b', 'c']"},
     {"{{ ' a  b '.split() }} {{ ' a  b  c '.split(none, 1) }} {{ ''.split() }} {{ ''.split(',') }}",
      "['a', 'b'] ['a', 'b  c '] [] ['']"},
     {"{{ 'a b c'.split(' ')[-1] }} {{ 'a,b'.split(sep=',') | length }}", "c 2"},
     {"{{ 'abc'.startswith('a') }} {{ 'abc'.endswith(('x', 'c')) }} {{ ','.join(['a', 'b']) }}", "True True a,b"},
     {"{{ 'abcabc'.replace('b', 'x') }} {{ 'abcabc'.replace('b', 'x', 1) }}", "axcaxc axcabc"},
     {"{{ 'h\u00e9l'.find('l') }} {{ 'abc'.find('z') }} {{ 'abc'.index('c') }} {{ 'aXbX'.count('X') }}", "2 -1 2 2"},
     {"{{ '5'.zfill(3) }} {{ '-5'.zfill(4) }} {{ '12'.isdigit() }} {{ ''.isdigit() }}", "005 -005 True False"},
     {"{{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }}", "bc ab"},
     {"{{ 'a{}b{}'.format(1, 'x') }} {{ '{1}{0}{{}}'.format(1, 2) }}", "a1bx 21{}"}});
  check_refused({{"{{ ','.join([1]) }}", "a string in the list is needed, not an integer"},
                 {"{{ 'a'.split('') }}", "must not be empty"},
                 {"{{ 'abc'.index('z') }}", "does not occur"},
                 {"{{ 'a'.startswith(1) }}", "a string or a tuple"},
                 {"{{ '{}'.format() }}", "fewer arguments"},
                 {"{{ '{:q}'.format(1) }}", "does not suit"},
                 {"{{ '{'.format(1) }}", "single brace"}});
}

TEST_CASE("dicts, lists and datetimes have Python's methods") {
  check_rendered(
    {{"{{ config.d.keys() | list }} {{ record.obj.values() }} {{ {'a': 1}.items() }}",
      "['x'] dict_values([True, None, \"it's\"]) dict_items([('a', 1)])"},
     {"{{ 'x' in config.d.keys() }} {{ config.l.index('2') }} {{ config.l.count(1) }}", "True 1 2"},
     {"{{ now_utc().isoformat() }} {{ now_utc().isoformat(timespec='seconds') }}",
      "2024-05-31T16:08:37.123456+00:00 2024-05-31T16:08:37+00:00"},
     {"{{ now_utc().isoformat(sep=' ', timespec='milliseconds') }}", "2024-05-31 16:08:37.123+00:00"},
     {"{{ now_utc().timestamp() }} {{ now_utc().weekday() }} {{ now_utc().isoweekday() }} {{ now_utc().date() }}",
      "1717171717.123456 4 5 2024-05-31"},
     {"{{ now_utc().replace(day=1, hour=0, minute=0, second=0, microsecond=0) }}", "2024-05-01 00:00:00+00:00"},
     {"{{ today_utc().isoformat() }} {{ today_utc().strftime('%Y%m%d') }} {{ today_utc().weekday() }}",
      "2024-05-31 20240531 4"},
     {"{{ str_to_datetime('2022-01-14T10:00:00+02:00') }}", "2022-01-14 08:00:00+00:00"}});
  check_refused({{"{{ now_utc().replace(month=2) }}", "no such date"},
                 {"{{ config.l.index('z') }}", "not in the list"},
                 {"{{ now_utc().isoformat(timespec='years') }}", "timespec must be"}});
}
