#include "actors/core/slices/slice_window.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

using texts = std::vector<std::string>;

TEST_CASE("a record becomes one RECORD line with its bytes unchanged") {
  page_fixture f;
  auto page = f.cut(R"({"data":[{"id":"1","n":1.10,"z":-0.0,"big":123456789012345678901234,"u":"\u00e9é"}],"page":1})");
  REQUIRE(page);
  CHECK(
    page->lines
    == "{\"type\":\"RECORD\",\"record\":{\"stream\":\"surveys\",\"data\":{\"id\":\"1\",\"n\":1.10,\"z\":-0.0,\"big\":"
       "123456789012345678901234,\"u\":\"\\u00e9é\"},\"emitted_at\":1700000000123}}\n");
  CHECK(page->records == 1);
  REQUIRE(page->counts.size() == 1);
  CHECK(page->counts[0].stream == 0);
  CHECK(page->counts[0].records == 1);
}

TEST_CASE("blanks inside records stay, blanks around them go") {
  page_fixture f;
  CHECK(f.records("{ \"data\" : [ { \"id\" : 1 ,\t\"b\": [ 1, 2 ] } \t, {\"id\":2}  ] }")
        == texts{"{ \"id\" : 1 ,\t\"b\": [ 1, 2 ] }", "{\"id\":2}"});
}

TEST_CASE("a page with line breaks gives minified records") {
  page_fixture f;
  CHECK(f.records("{\n  \"data\": [\r\n    {\n      \"id\": \"a b\\n\",\n      \"n\": 1e400\n    },\n    {}\n  ]\n}\n")
        == texts{R"({"id":"a b\n","n":1e400})", "{}"});
}

TEST_CASE("record paths lead to records as in the reference") {
  struct row {
    std::vector<std::string> path;
    const char* page;
    texts expected;
  };
  auto r = GENERATE(values<row>({
    {{}, R"({"id":1})", {R"({"id":1})"}},
    {{}, R"([{"id":1},{"id":2}])", {R"({"id":1})", R"({"id":2})"}},
    {{}, R"([])", {}},
    {{}, R"({})", {}},
    {{"data"}, R"({"data":[]})", {}},
    {{"data"}, R"({"data":[{}]})", {"{}"}},
    {{"data"}, R"({"data":{"id":1}})", {R"({"id":1})"}},
    {{"data"}, R"({"data":{}})", {}},
    {{"data"}, R"({"data":null})", {}},
    {{"data"}, R"({"other":[{"id":1}]})", {}},
    {{"data"}, R"([{"id":1}])", {}},
    {{"data"}, R"([{"data":[{"id":1}]},7,{"data":{"id":2}},{}])", {R"({"id":1})", R"({"id":2})"}},
    {{"*"}, R"([{"x":{"id":1}},{"y":{"id":2}}])", {R"({"id":1})", R"({"id":2})"}},
    {{"a", "*"}, R"([{"a":[{"id":1}]},{"a":[{"id":2}]}])", {R"({"id":1})", R"({"id":2})"}},
    {{"a", "b"}, R"({"a":{"x":1,"b":[{"id":1}]},"b":2})", {R"({"id":1})"}},
    {{"a", "b"}, R"({"a":7})", {}},
    {{"a", "1"}, R"({"a":[[{"id":1}],[{"id":2}]]})", {R"({"id":2})"}},
    {{"a", "5"}, R"({"a":[[{"id":1}]]})", {}},
    {{"2023"}, R"({"2023":[{"id":1}]})", {R"({"id":1})"}},
    {{"data", "*"}, R"({"data":[{"id":1},{"id":2}]})", {R"({"id":1})", R"({"id":2})"}},
    {{"data", "*"}, R"({"data":{"a":{"id":1},"b":{"id":2}}})", {R"({"id":1})", R"({"id":2})"}},
    {{"pages", "*", "questions"},
     R"({"pages":[{"questions":[{"q":1}]},{},{"questions":[{"q":2},{"q":3}]}]})",
     {R"({"q":1})", R"({"q":2})", R"({"q":3})"}},
    {{"pages", "*", "questions", "*"},
     R"({"pages":[{"questions":[{"q":1}]},{"questions":[]},{"questions":[{"q":2}]}]})",
     {R"({"q":1})", R"({"q":2})"}},
    // An escaped key is the same key.
    {{"data"}, R"({"d\u0061ta":[{"id":1}]})", {R"({"id":1})"}},
    // Of equal keys the last one counts, as in Python.
    {{"data"}, R"({"data":[{"id":1}],"data":[{"id":2}]})", {R"({"id":2})"}},
    {{""}, R"({"":[{"id":1}]})", {R"({"id":1})"}},
    {{"d\"q"}, R"({"d\"q":[{"id":1}]})", {R"({"id":1})"}},
    // Patterns.
    {{"item*"}, R"({"items":[{"id":1},{"id":2}],"other":[{"id":3}]})", {R"({"id":1})", R"({"id":2})"}},
    {{"item*", "list"}, R"({"items":{"list":[{"id":1}]}})", {R"({"id":1})"}},
    {{"i?ems"}, R"({"\u0069tems":{"id":1}})", {R"({"id":1})"}},
    {{"item*"}, R"([{"items":{"id":1}},{"items":{"id":2}}])", {R"({"id":1})", R"({"id":2})"}},
    {{"*", "p*"},
     R"({"a":{"pa":{"id":1},"pb":{"id":2}},"b":{"pa":{"id":3}}})",
     {R"({"id":1})", R"({"id":2})", R"({"id":3})"}},
    {{"a", "[12]"}, R"({"a":[{"id":0},{"id":1}]})", {R"({"id":1})"}},
    {{"x*"}, R"({"a":[{"id":1}]})", {}},
  }));
  page_fixture f;
  f.first().record_path = r.path;
  CHECK(f.records(r.page) == r.expected);
}

TEST_CASE("what cannot be records is refused and named") {
  struct row {
    std::vector<std::string> path;
    bool required;
    const char* page;
    const char* told;
  };
  auto r = GENERATE(values<row>({
    {{"data"}, false, R"("sorry")", "the body is a string, not an object or a list"},
    {{"data"}, false, "null", "the body is null"},
    {{"data"}, false, "42", "the body is a number"},
    {{"data"}, false, R"({"data":"none"})", "`data` is a string, not a list of records"},
    {{"data"}, false, R"({"data":0})", "`data` is a number"},
    {{"data"}, false, R"({"data":[{"id":1},7]})", "record 2 of `data` is a number, not an object"},
    {{"data"}, false, R"({"data":[[{"id":1}]]})", "record 1 of `data` is a list"},
    {{"data"}, false, R"({"data":[null]})", "record 1 of `data` is null"},
    {{"data", "*"}, false, R"({"data":[{"id":1},"x"]})", "record 2 of `data.*` is a string"},
    {{}, false, R"([1])", "record 1 of the body is a number"},
    {{"data"}, true, R"({"page":1,"total":0})", "`data` is missing; the body has the keys page, total"},
    {{"data"}, true, R"({})", "`data` is missing; the body has no keys"},
    {{"data"}, true, R"({"data":null})", "`data` is null, not a list of records"},
    {{"data"}, true, R"({"data":{}})", "`data` is an object"},
    {{"data"}, true, R"({"data":{"id":1}})", "`data` is an object"},
    {{"data"}, true, R"([{"id":1}])", "`data` is missing; the body is a list"},
    {{"a", "b"}, true, R"({"a":{"c":1}})", "`a.b` is missing; `a` has the keys c"},
    {{"a", "b"}, true, R"({"a":"text"})", "`a.b` is missing; `a` is a string"},
    {{"a", "*", "b"}, true, R"({"a":[{"b":[]},{"c":1}]})", "`a.*.b` is missing; `a.*` has the keys c"},
    {{"a", "*"}, true, R"({"b":1})", "`a` is missing"},
    {{"item*"}, false, R"({"items":[{"id":1}],"item2":[{"id":2}]})", "`item*` leads to several places"},
    {{"item*"}, true, R"({"a":1})", "`item*` is missing"},
    {{"data"},
     true,
     R"({"error":{"id":"1010","message":"The authorization token was not provided."}})",
     "has the keys error; the server says: The authorization token was not provided."},
  }));
  page_fixture f;
  f.first().record_path = r.path;
  f.first().require_records = r.required;
  auto told = f.refusal(r.page);
  INFO(told);
  CHECK(contains(told, r.told));
  CHECK(contains(told, "`surveys`"));
}

TEST_CASE("an empty list is a page without records also where records are required") {
  page_fixture f;
  f.first().require_records = true;
  CHECK(f.records(R"({"data":[],"total":0})").empty());
  f.first().record_path = {"a", "*", "b"};
  CHECK(f.records(R"({"a":[]})").empty());
}

TEST_CASE("the newest cursor value is kept and unreadable ones are counted") {
  page_fixture f;
  datetime_cursor cursor;
  cursor.cursor_field = "date_modified";
  cursor.record_formats = {"%Y-%m-%dT%H:%M:%S"};
  cursor.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  f.endpoint().cursor = cursor;
  auto page
    = f.cut(R"({"data":[{"date_modified":"2021-06-10T11:07:00"},{"date_modified":"2021-06-10T11:07:01"},)"
            R"({"date_modified":"2021-06-01T00:00:00"},{"date_modified":null},{"id":1},{"date_modified":"x"}]})");
  REQUIRE(page);
  CHECK(page->has_cursor);
  CHECK(page->newest_us == 1623323221000000);
  CHECK(page->records_without_cursor == 3);
  CHECK(page->records == 6);

  auto before_1970
    = f.cut(R"({"data":[{"date_modified":"1960-01-01T00:00:00"},{"d\u0061te_modified":"1960-01-01T00:00:01"}]})");
  REQUIRE(before_1970);
  CHECK(before_1970->newest_us == -315619199000000);

  auto none = f.cut(R"({"data":[]})");
  REQUIRE(none);
  CHECK_FALSE(none->has_cursor);
  CHECK(none->records_without_cursor == 0);
}

TEST_CASE("records outside of the window that was asked for are counted") {
  page_fixture f;
  auto& cursor = f.endpoint().cursor.emplace();
  cursor.cursor_field = "at";
  cursor.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  cursor.granularity = std::chrono::seconds{1};
  cursor.end = language::parse_iso8601("2025-01-01T00:00:00Z")->instant;
  const auto window = [&f](std::string_view lower, std::string_view upper) {
    const auto at = [](std::string_view text) { return language::parse_iso8601(text)->instant; };
    set_window(f.slice, *f.endpoint().cursor, {at(lower), at(upper), false});
  };
  const auto outside = [&f](const std::string& values) {
    std::string rows;
    for (std::size_t from = 0; from < values.size();) {
      const auto to = std::min(values.find(' ', from), values.size());
      rows += (rows.empty() ? "" : ",") + (R"({"at":")" + values.substr(from, to - from)) + R"("})";
      from = to + 1;
    }
    const auto page = f.cut(R"({"data":[)" + rows + "]}");
    REQUIRE(page);
    return page->records_outside;
  };
  window("2024-01-10T12:00:00.5Z", "2024-01-20T12:00:00.5Z");
  CHECK(outside("2024-01-10T12:00:00.5Z 2024-01-15T00:00:00Z 2024-01-20T12:00:00.5Z") == 0);
  // The texts of the request have no fractions of seconds, and a granule is read as a whole.
  CHECK(outside("2024-01-10T12:00:00.1Z 2024-01-20T12:00:01Z") == 0);
  // A value without a time of day may be any moment of the day.
  CHECK(outside("2024-01-10") == 0);
  CHECK(outside("2024-01-09 2024-01-10T11:59:59Z 2024-01-20T12:00:02Z 2024-02-01") == 4);
  CHECK(outside("soon") == 0);
  SECTION("a format of days asks for days") {
    cursor.datetime_format = "%Y-%m-%d";
    window("2024-01-10T12:00:00Z", "2024-01-20T12:00:00Z");
    CHECK(outside("2024-01-10T00:00:01Z 2024-01-20T23:59:59Z") == 0);
    CHECK(outside("2024-01-09T23:59:59Z 2024-01-21T00:00:01Z") == 2);
  }
  SECTION("of a feed, and where records are filtered here, nothing else is expected") {
    f.first().steps.emplace_back(drop_known{});
    CHECK(outside("2024-02-01") == 0);
    f.first().steps.clear();
    cursor.is_feed = true;
    CHECK(outside("2024-02-01") == 0);
  }
  SECTION("behind the last window lies what changes while the run is on") {
    cursor.end = language::parse_iso8601("2024-01-20T12:00:00.5Z")->instant;
    cursor.now = cursor.end;
    CHECK(outside("2024-01-20T13:00:00Z") == 0);
    CHECK(outside("2024-02-01") == 1);
  }
  SECTION("not where records are read for children alone") {
    f.slice.children_only = true;
    CHECK(outside("2024-02-01") == 0);
  }
}

TEST_CASE("parents give their keys as raw JSON to each child edge") {
  page_fixture f;
  f.add_child({"id"}, "survey_id");
  f.add_child({"owner", "id"}, "owner_id");
  auto page
    = f.cut(R"({"data":[{"id":"3077","owner":{"id":7}},{"owner":{"x":0,"id":123456789012345678901234},"id" : 8 }]})");
  REQUIRE(page);
  REQUIRE(page->parents.size() == 2);
  REQUIRE(page->parents[0].size() == 2);
  REQUIRE(page->parents[1].size() == 2);
  CHECK(page->parents[0][0].key == "\"3077\"");
  CHECK(page->parents[0][1].key == "8");
  CHECK(page->parents[1][0].key == "7");
  CHECK(page->parents[1][1].key == "123456789012345678901234");
}

TEST_CASE("a parent gives what else its children are to know, null where it has nothing") {
  page_fixture f;
  f.add_child({"id"}, "survey_id");
  f.the_plan->edges.back().extra_fields = {{"owner", "id"}, {"tags"}, {"list", "1"}, {"none"}};
  auto page = f.cut(R"({"data":[{"id":1,"owner":{"id":1.50},"tags":["a"],"list":[1,"two"]},{"id":2,"owner":3}]})");
  REQUIRE(page);
  REQUIRE(page->parents[0].size() == 2);
  CHECK(page->parents[0][0].extra_fields == R"({"owner.id":1.50,"tags":["a"],"list.1":"two","none":null})");
  CHECK(page->parents[0][1].extra_fields == R"({"owner.id":null,"tags":null,"list.1":null,"none":null})");
}

TEST_CASE("a parent whose key is missing or null is printed, counted, and has no child") {
  for (const char* keyless : {R"({"x":1})", R"({"id":null})", R"({"id":1,"id":null})", R"({})"}) {
    page_fixture f;
    f.add_child({"id"}, "survey_id");
    auto page = f.cut(R"({"data":[{"id":"a"},)" + std::string{keyless} + R"(,{"id":"b"}]})");
    INFO(keyless);
    REQUIRE(page);
    CHECK(page->records == 3);
    CHECK(page->counts[0].records == 3);
    CHECK(contains(page->lines, keyless));
    REQUIRE(page->parents[0].size() == 2);
    CHECK(page->parents[0][1].key == "\"b\"");
    CHECK(page->without_key[0] == 1);
  }
}

TEST_CASE("keys below null, a scalar or a list that is too short are missing, for each edge by itself") {
  page_fixture f;
  f.add_child({"o", "x"}, "x");
  f.add_child({"o", "1"}, "second");
  f.add_child({"id"}, "id");
  auto page = f.cut(R"({"data":[{"id":1,"o":null},{"id":2,"o":"text"},{"id":3,"o":7},{"id":4,"o":[]},{"id":5,"o":{}},)"
                    R"({"id":6,"o":{"x":null}},{"id":7,"o":[{"x":1}]},{"id":8,"o":{"x":1}},{"id":9,"o":[4,5]},)"
                    R"({"id":10,"o":{"1":6}},{"id":11}]})");
  REQUIRE(page);
  CHECK(page->records == 11);
  REQUIRE(page->parents[0].size() == 1);
  CHECK(page->parents[0][0].key == "1");
  CHECK(page->without_key[0] == 10);
  REQUIRE(page->parents[1].size() == 2);
  CHECK(page->parents[1][0].key == "5");
  CHECK(page->parents[1][1].key == "6");
  CHECK(page->without_key[1] == 9);
  CHECK(page->parents[2].size() == 11);
  CHECK(page->without_key[2] == 0);
}

TEST_CASE("any key but null makes a child") {
  for (const std::string key :
       {R"("")", "[]", "{}", R"([1,"a"])", R"({"b":[null],"a":{}})", "false", "0", "-0.0", "1e5", R"("\u0000")"}) {
    page_fixture f;
    f.add_child({"id"}, "survey_id");
    auto page = f.cut(R"({"data":[{"id":)" + key + "}]}");
    INFO(key);
    REQUIRE(page);
    REQUIRE(page->parents[0].size() == 1);
    CHECK(page->parents[0][0].key == key);
    CHECK(page->without_key[0] == 0);
  }
}

TEST_CASE("a children-only slice gives parents and nothing else") {
  page_fixture f;
  f.add_child({"id"}, "survey_id");
  datetime_cursor cursor;
  cursor.cursor_field = "m";
  f.endpoint().cursor = cursor;
  f.slice.children_only = true;
  auto page = f.cut(R"({"data":[{"id":1,"m":"2020-01-01T00:00:00"},{"id":2}]})");
  REQUIRE(page);
  CHECK(page->lines.empty());
  CHECK(page->counts.empty());
  CHECK_FALSE(page->has_cursor);
  CHECK(page->records_without_cursor == 0);
  CHECK(page->parents[0].size() == 2);
  CHECK(page->records == 2);
}

TEST_CASE("outputs that are not emitted print nothing and do not count") {
  page_fixture f;
  f.first().emit = false;
  f.add_child({"id"}, "survey_id");
  auto page = f.cut(R"({"data":[{"id":1}]})");
  REQUIRE(page);
  CHECK(page->lines.empty());
  CHECK(page->counts.empty());
  CHECK(page->parents[0].size() == 1);
}

TEST_CASE("several outputs share a page, each with its own part, in order") {
  page_fixture f;
  auto& outputs = f.endpoint().outputs;
  outputs.clear();
  f.the_plan->streams
    = {{"details", "", 0, 0, false, ""}, {"pages", "", 0, 1, false, ""}, {"questions", "", 0, 2, false, ""}};
  outputs.push_back(page_fixture::make_output(0, "details", {}));
  outputs.push_back(page_fixture::make_output(1, "pages", {"pages"}));
  outputs.push_back(page_fixture::make_output(2, "questions", {"pages", "*", "questions"}));
  outputs[0].steps.push_back(remove_field{{"pages"}});
  outputs[1].steps.push_back(remove_field{{"questions"}});
  outputs[2].ancestors.push_back({"page_id", {"pages", "*", "id"}});
  outputs[2].ancestors.push_back({"survey", {"id"}});
  auto page = f.cut(R"({"title":"t","pages":[{"id":"p1","questions":[{"id":"q1"},{"id":"q2"}]},)"
                    R"({"questions":[{}],"x":1},{"id":"p3","questions":[]}],"id":307})");
  REQUIRE(page);
  CHECK(page_fixture::records_of(page->lines, "details") == texts{R"({"title":"t","id":307})"});
  CHECK(page_fixture::records_of(page->lines, "pages") == texts{R"({"id":"p1"})", R"({"x":1})", R"({"id":"p3"})"});
  CHECK(page_fixture::records_of(page->lines, "questions")
        == texts{R"({"id":"q1","page_id":"p1","survey":307})", R"({"id":"q2","page_id":"p1","survey":307})",
                 R"({"survey":307})"});
  REQUIRE(page->counts.size() == 3);
  CHECK(page->counts[0].records == 1);
  CHECK(page->counts[1].records == 3);
  CHECK(page->counts[2].records == 3);
  CHECK(page->records == 1);
}

TEST_CASE("cursor and keys are read from the record as it is after its changes") {
  page_fixture f;
  f.first().steps.push_back(add_field{{"id"}, text_template::literal("new"), value_kind::string});
  f.add_child({"id"}, "survey_id");
  auto page = f.cut(R"({"data":[{"id":"old"}]})");
  REQUIRE(page);
  CHECK(page->parents[0][0].key == "\"new\"");
}

TEST_CASE("the last record is kept for paginators that read it") {
  page_fixture f;
  auto plain = f.cut(R"({"data":[{"id":1},{"id":2}]})");
  REQUIRE(plain);
  CHECK(plain->last_record.empty());
  f.endpoint().needs_last_record = true;
  auto kept = f.cut(R"({"data":[{"id":1},{"id":2}]})");
  REQUIRE(kept);
  CHECK(kept->last_record == R"({"id":2})");
  CHECK(kept->records == 2);
}

TEST_CASE("read_response decodes only what templates read") {
  page_fixture f;
  page_cutter cutter{f.the_plan};
  f.endpoint().response_keys = {"links", "total", "absent"};
  std::string body = R"({"links":{"next":"u"},"data":[{"id":1}],"tot\u0061l":3,"links":{"next":"v"}})";
  auto response = cutter.read_response(f.endpoint(), body);
  REQUIRE(response);
  CHECK(language::to_json(*response) == R"({"links":{"next":"v"},"total":3})");
  auto page = cutter.cut(f.endpoint(), f.slice, body, 1700000000123);
  REQUIRE(page);
  CHECK(page_fixture::records_of(page->lines) == texts{R"({"id":1})"});

  f.endpoint().needs_whole_response = true;
  auto whole = cutter.read_response(f.endpoint(), body);
  REQUIRE(whole);
  CHECK(whole->find("data") != nullptr);
}

TEST_CASE("a body that is a list gives templates an empty response") {
  page_fixture f;
  page_cutter cutter{f.the_plan};
  f.endpoint().response_keys = {"links"};
  std::string body = "[1,2]";
  auto response = cutter.read_response(f.endpoint(), body);
  REQUIRE(response);
  CHECK(language::to_json(*response) == "{}");
}

TEST_CASE("of a body that is a list the next page's templates see the first element") {
  struct row {
    std::string body;
    bool whole;
    const char* seen;
  };
  const row rows[] = {
    {R"([{"data":[{"id":1}],"next":"2"},{"next":"3"}])", false, R"({"data":[{"id":1}],"next":"2"})"},
    {R"([{"data":[{"id":1}],"next":"2"},{"next":"3"}])", true, R"({"data":[{"id":1}],"next":"2"})"},
    {"[\n 7 ,\n 8]", false, "7"},
    {"[null]", false, "null"},
    {"[]", false, "{}"},
    {"[ ]", true, "{}"},
    {R"({"next":"2","more":[1]})", false, R"({"next":"2"})"},
    {R"({"next":"2","more":[1]})", true, R"({"next":"2","more":[1]})"},
  };
  for (const auto& [text, whole, seen] : rows) {
    CAPTURE(text, whole);
    page_fixture f;
    page_cutter cutter{f.the_plan};
    f.endpoint().response_keys = {"next"};
    f.endpoint().needs_whole_response = whole;
    auto body = text;
    auto response = cutter.read_response(f.endpoint(), body);
    REQUIRE(response);
    CHECK(language::to_json(cutter.paging_response(*response)) == seen);
  }
  page_fixture f;
  page_cutter nothing_read{f.the_plan};
  CHECK(nothing_read.paging_response(language::value{language::value_dict{}})
        == language::value{language::value_dict{}});
}

TEST_CASE("a cutter can be used for many pages, good and bad ones in turn") {
  page_fixture f;
  page_cutter cutter{f.the_plan};
  for (int i = 0; i < 50; ++i) {
    std::string good = R"({"data":[{"id":)" + std::to_string(i) + "}]}";
    if (i % 3 == 0) {
      std::string bad = R"({"data":[{"id":)";
      CHECK_FALSE(cutter.read_response(f.endpoint(), bad));
      CHECK_FALSE(cutter.cut(f.endpoint(), f.slice, bad, 0));
    }
    if (i % 2 == 0) {
      CHECK(cutter.read_response(f.endpoint(), good));
    }
    auto page = cutter.cut(f.endpoint(), f.slice, good, 1700000000123);
    REQUIRE(page);
    CHECK(page_fixture::records_of(page->lines) == texts{"{\"id\":" + std::to_string(i) + "}"});
  }
}

TEST_CASE("namespaces of streams are part of their lines") {
  page_fixture f;
  f.the_plan->streams[0].name_space = "acme";
  auto page = f.cut(R"({"data":[{"id":1}]})");
  REQUIRE(page);
  CHECK(contains(page->lines, R"("namespace":"acme")"));
}

TEST_CASE("lines are written into the memory that is given, over what was in it") {
  page_fixture f;
  page_cutter cutter{f.the_plan};
  std::string body = R"({"data":[{"id":"1"}]})";
  std::string buffer(4096, 'x');
  const auto* memory = buffer.data();
  auto page = cutter.cut(f.endpoint(), f.slice, body, 1, std::move(buffer));
  REQUIRE(page);
  CHECK(page->lines.data() == memory);
  CHECK(page->lines
        == "{\"type\":\"RECORD\",\"record\":{\"stream\":\"surveys\",\"data\":{\"id\":\"1\"},\"emitted_at\":1}}\n");
}

TEST_CASE("a feed's known records are not printed, but the paginator sees them, and the last one ends the feed") {
  page_fixture f;
  auto& cursor = f.endpoint().cursor.emplace();
  cursor.cursor_field = "at";
  cursor.datetime_format = "%s";
  cursor.end = language::instant{std::chrono::seconds{20}};
  cursor.is_feed = true;
  f.slice.unread_from_us = 10'000'000;
  f.endpoint().needs_last_record = true;
  f.add_child({"at"}, "id");
  struct row {
    const char* page;
    texts printed;
    bool ends;
    std::string last;
  };
  const auto r = GENERATE(values<row>({
    {R"({"data":[{"at":12},{"at":11}]})", {R"({"at":12})", R"({"at":11})"}, false, R"({"at":11})"},
    {R"({"data":[{"at":12},{"at":9}]})", {R"({"at":12})"}, true, R"({"at":9})"},
    {R"({"data":[{"at":9},{"at":12}]})", {R"({"at":12})"}, false, R"({"at":12})"},
    {R"({"data":[{"at":21}]})", {}, false, R"({"at":21})"},
    {R"({"data":[{"at":9},{}]})", {"{}"}, false, "{}"},
    {R"({"data":[]})", {}, false, ""},
  }));
  CAPTURE(r.page);
  CHECK(f.records(r.page) == r.printed);
  auto page = f.cut(r.page);
  REQUIRE(page);
  CHECK(page->feed_ends == r.ends);
  CHECK(page->last_record == r.last);
  CHECK(page->counts.at(0).records == r.printed.size());
  CHECK(page->records == page->extracted);
  CHECK(page->parents.at(0).size() + page->without_key.at(0) == r.printed.size());
}

TEST_CASE("a parent's record brings the first page of its child") {
  page_fixture f;
  f.add_child({"id"}, "id");
  f.the_plan->edges[0].first_page = texts{"pages", "first"};
  auto page = f.cut(R"({"data":[{"id":1,"pages":{"first":{"rows":[]}}},{"id":2,"pages":{"first":null}},{"id":3}]})");
  REQUIRE(page);
  REQUIRE(page->parents.at(0).size() == 3);
  CHECK(page->parents[0][0].first_page == R"({"rows":[]})");
  CHECK(page->parents[0][1].first_page == "[]");
  CHECK(page->parents[0][2].first_page == "[]");
}
