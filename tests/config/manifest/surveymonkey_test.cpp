// The built-in connector's plan, for every choice of streams and the config keys of its specification.

#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <algorithm>
#include <set>

using namespace sluice;
using namespace sluice::testing;
using language::value;
using language::value_dict;
using language::value_list;

namespace {

// 2023-11-14T22:13:20Z
const language::instant now{std::chrono::seconds{1'700'000'000}};

const std::vector<std::string> all_streams = {"surveys",          "survey_responses",  "survey_details", "survey_pages",
                                              "survey_questions", "survey_collectors", "collectors"};

value config_with(value_dict extra = {}) {
  value_dict config{{"access_token", "s3cret"}};
  config.insert(config.end(), extra.begin(), extra.end());
  return value{std::move(config)};
}

plan compile(const std::vector<std::string>& names, value config = config_with()) {
  static const auto m = load_built_in_manifest().value();
  compile_input input;
  input.config = std::move(config);
  input.now = now;
  for (const auto& name : names) {
    selected_stream s;
    s.name = name;
    s.incremental = name == "surveys";
    input.streams.push_back(s);
  }
  auto p = compile_plan(*m, input);
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  return std::move(*p);
}

const endpoint& endpoint_of(const plan& p, std::string_view stream) {
  for (const auto& s : p.streams)
    if (s.name == stream)
      return p.endpoints.at(s.endpoint.value());
  FAIL("no such stream");
  return p.endpoints.front();
}

std::string url_of(const plan& p, std::string_view stream, const std::string& field = {}, const std::string& id = {}) {
  const auto& e = endpoint_of(p, stream);
  language::scope s;
  s.set("config", p.config);
  value slice{value_dict{{field, id}}};
  s.set("stream_slice", slice);
  s.set("stream_partition", slice);
  std::string result = e.request.url_base + e.request.path.render(s).value();
  char separator = '?';
  for (const auto& x : e.request.parameters) {
    result += separator + x.name + "=" + x.value.render(s).value();
    separator = '&';
  }
  return result;
}

/// What the engine shows to templates of an answer with this body.
language::scope answer(std::string_view body) {
  language::scope s;
  auto response = language::parse_json(body);
  s.set("response", response ? *response : value{});
  s.set("headers", value{value_dict{}});
  return s;
}

/// The first filter that takes an answer, as an error policy finds it.
const response_filter* judge(const endpoint& e, int status, std::string_view body) {
  auto s = answer(body);
  for (const auto& handler : e.errors)
    for (const auto& filter : handler.filters) {
      bool code = std::find(filter.http_codes.begin(), filter.http_codes.end(), status) != filter.http_codes.end();
      if (code)
        return &filter;
      if (filter.predicate) {
        auto holds = filter.predicate->evaluate(s);
        INFO(body << ": " << (holds ? std::string{} : holds.error().message));
        REQUIRE(holds);
        if (*holds)
          return &filter;
      }
    }
  return nullptr;
}

} // namespace

TEST_CASE("every choice of the built-in streams compiles into a sound graph") {
  for (unsigned mask = 1; mask < 1U << all_streams.size(); ++mask) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < all_streams.size(); ++i)
      if ((mask >> i & 1U) != 0)
        names.push_back(all_streams[i]);
    if (mask % 2 == 0)
      std::reverse(names.begin(), names.end());
    INFO("streams " << mask);
    auto p = compile(names);
    auto selected = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };

    // Exactly the endpoints that are needed: surveys always (all others hang below it).
    std::set<std::string> wanted = {"surveys"};
    if (selected("survey_responses"))
      wanted.insert("responses");
    if (selected("survey_details") || selected("survey_pages") || selected("survey_questions"))
      wanted.insert("details");
    if (selected("survey_collectors") || selected("collectors"))
      wanted.insert("survey_collectors");
    if (selected("collectors"))
      wanted.insert("collectors");
    REQUIRE(p.endpoints.size() == wanted.size());
    REQUIRE(p.edges.size() == wanted.size() - 1);

    std::size_t emitted = 0;
    for (const auto& e : p.endpoints) {
      INFO(e.name);
      CHECK(&e == &p.endpoints[e.id]);
      const auto feeds = e.slices.feeding_edges();
      CHECK(feeds.size() == (e.id != 0 ? 1 : 0));
      CHECK(e.slices.has_windows() == e.cursor.has_value());
      if (!feeds.empty()) {
        const auto& edge = p.edges.at(feeds.front());
        CHECK(edge.child == e.id);
        CHECK(edge.parent < e.id); // parents first
        CHECK(e.depth == p.endpoints[edge.parent].depth + 1);
        CHECK(edge.parent_output < p.endpoints[edge.parent].outputs.size());
        const auto& siblings = p.endpoints[edge.parent].child_edges;
        CHECK(std::count(siblings.begin(), siblings.end(), feeds.front()) == 1);
      } else {
        CHECK(e.depth == 0);
      }
      CHECK(e.cursor.has_value() == (e.id == 0));
      for (const auto& o : e.outputs) {
        emitted += o.emit ? 1 : 0;
        if (o.emit)
          CHECK(p.streams.at(o.stream).name == o.stream_name);
      }
      CHECK_FALSE(e.needs_whole_response);
      CHECK_FALSE(e.needs_last_record);
    }
    CHECK(emitted == names.size());
    REQUIRE(p.streams.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(p.streams[i].name == names[i]);
      REQUIRE(p.streams[i].endpoint);
      const auto& o = p.endpoints[*p.streams[i].endpoint].outputs.at(p.streams[i].output);
      CHECK(o.stream_name == names[i]);
      CHECK(o.stream == i);
      CHECK(o.emit);
    }
  }
}

TEST_CASE("the built-in connector sends the requests of the contract") {
  auto p = compile(all_streams);
  const std::string base = "https://api.surveymonkey.com";
  CHECK(
    url_of(p, "surveys")
    == base
         + "/v3/surveys?include=response_count,date_created,date_modified,language,question_count,analyze_url,preview,"
           "collect_stats&per_page=1000");
  CHECK(url_of(p, "survey_responses", "survey_id", "12") == base + "/v3/surveys/12/responses/?per_page=100");
  for (const char* name : {"survey_details", "survey_pages", "survey_questions"})
    CHECK(url_of(p, name, "survey_id", "12") == base + "/v3/surveys/12/details");
  CHECK(url_of(p, "survey_collectors", "survey_id", "12") == base + "/v3/surveys/12/collectors?per_page=100");
  CHECK(url_of(p, "collectors", "collector_id", "7") == base + "/v3/collectors/7");
  for (const auto& e : p.endpoints) {
    CHECK(e.request.method == "GET");
    CHECK(known_fields(e.request.credential)
          == credential_fields{{credential_field::place::header, "Authorization", "Bearer s3cret"}});
  }
  CHECK(endpoint_of(p, "survey_details").id == endpoint_of(p, "survey_questions").id);
  CHECK(endpoint_of(p, "collectors").depth == 2);
}

TEST_CASE("origin and api_url choose the host") {
  auto host = [](value_dict extra) {
    auto url = url_of(compile({"collectors"}, config_with(std::move(extra))), "collectors", "collector_id", "7");
    return url.substr(0, url.find("/v3/collectors/7"));
  };
  CHECK(host({}) == "https://api.surveymonkey.com");
  CHECK(host({{"origin", "USA"}}) == "https://api.surveymonkey.com");
  CHECK(host({{"origin", "Europe"}}) == "https://api.eu.surveymonkey.com");
  CHECK(host({{"origin", "Canada"}}) == "https://api.surveymonkey.ca");
  CHECK(host({{"api_url", "http://127.0.0.1:8080"}}) == "http://127.0.0.1:8080");
  CHECK(host({{"api_url", "http://127.0.0.1:8080/"}, {"origin", "Europe"}}) == "http://127.0.0.1:8080");
}

TEST_CASE("surveys is read in windows, with its state in epoch seconds") {
  using namespace std::chrono;
  auto cursor = [](value_dict extra) {
    return compile({"surveys"}, config_with(std::move(extra))).endpoints.at(0).cursor.value();
  };
  auto c = cursor({});
  CHECK(c.cursor_field == "date_modified");
  CHECK(c.output == 0);
  CHECK(c.start == sys_days{year{2020} / 1 / 1});
  CHECK(c.end == now);
  CHECK(c.step == language::duration{0, hours{24} * 365});
  CHECK(c.granularity == microseconds{seconds{1}});
  CHECK(c.state == state_format::epoch_seconds);
  CHECK(c.start_option.value().name == "start_modified_at");
  CHECK(c.end_option.value().name == "end_modified_at");
  CHECK(c.start_option->into == inject_into::parameter);
  CHECK(language::format_datetime(now, c.datetime_format).value() == "2023-11-14T22:13:20Z");
  for (const char* text : {"2021-06-10T11:07:00", "2021-06-10T11:07:00+00:00", "2021-06-10T13:07:00+02:00",
                           "2021-06-10T11:07:00Z", "2021-06-10T11:07:00.000"}) {
    INFO(text);
    bool read = std::any_of(c.record_formats.begin(), c.record_formats.end(), [&](const std::string& format) {
      auto t = language::parse_datetime(text, format);
      return t && t->instant == sys_days{year{2021} / 6 / 10} + hours{11} + minutes{7};
    });
    CHECK(read);
  }
  CHECK(cursor({{"start_date", "2022-03-01T01:00:00+01:00"}}).start == sys_days{year{2022} / 3 / 1});
  CHECK(cursor({{"start_date", "2022-03-01T00:00:00.5Z"}}).start == sys_days{year{2022} / 3 / 1} + milliseconds{500});
  CHECK(cursor({{"slice_range_days", 30}}).step == language::duration{0, hours{24} * 30});
  CHECK(contains(url_of(compile({"surveys"}, config_with({{"page_size", 7}})), "surveys"), "&per_page=7"));
}

TEST_CASE("records of the built-in streams are where the contract says") {
  auto p = compile(all_streams);
  auto out = [&](const char* name) {
    for (const auto& s : p.streams)
      if (s.name == name)
        return p.endpoints[*s.endpoint].outputs[s.output];
    return output{};
  };
  using path = std::vector<std::string>;
  for (const char* name : {"surveys", "survey_responses", "survey_collectors"}) {
    CHECK(out(name).record_path == path{"data"});
    CHECK(out(name).require_records);
  }
  for (const char* name : {"survey_details", "collectors"}) {
    CHECK(out(name).record_path.empty());
    CHECK_FALSE(out(name).require_records);
  }
  CHECK(out("survey_details").steps == std::vector<record_step>{remove_field{{"pages"}}});
  CHECK(out("survey_pages").record_path == path{"pages", "*"});
  CHECK(out("survey_pages").steps == std::vector<record_step>{remove_field{{"questions"}}});
  CHECK(out("survey_questions").record_path == path{"pages", "*", "questions", "*"});
  CHECK(out("survey_questions").ancestors.at(0).name == "page_id");
  CHECK(out("survey_questions").ancestors.at(0).from == path{"pages", "*", "id"});
  const auto change = std::get<add_field>(out("survey_collectors").steps.at(0));
  CHECK(change.path == path{"survey_id"});
  CHECK(change.kind == value_kind::string);
  language::scope s;
  s.set("stream_partition", value{value_dict{{"survey_id", "12"}}});
  CHECK(change.value.render(s).value() == "12");
}

TEST_CASE("the next page of the built-in streams is the URL in links.next") {
  auto p = compile(all_streams);
  for (const char* name : {"surveys", "survey_responses", "survey_collectors"}) {
    const auto& e = endpoint_of(p, name);
    CHECK(e.pages.token_is_url);
    auto next = [&](const char* body) {
      auto s = answer(body);
      s.set("config", p.config);
      s.set("last_page_size", value{1});
      bool stop = std::get<cursor_pagination>(e.pages.strategy).stop_condition.value().evaluate(s).value();
      return stop ? std::string{} : std::get<cursor_pagination>(e.pages.strategy).cursor_value.render(s).value();
    };
    CHECK(next(R"({"links":{"self":"s","next":"https://h/x?page=2"}})") == "https://h/x?page=2");
    for (const char* body : {R"({"links":{"self":"s"}})", R"({"links":{"next":null}})", R"({"links":{"next":""}})",
                             R"({"links":{}})", R"({"links":null})", R"({})", "[]", "null"}) {
      INFO(body);
      CHECK(next(body).empty());
    }
    CHECK(e.response_keys == std::vector<std::string>{"error", "links", "total"});
  }
  for (const char* name : {"survey_details", "collectors"}) {
    CHECK_FALSE(endpoint_of(p, name).pages.has_next_pages());
    CHECK(endpoint_of(p, name).response_keys == std::vector<std::string>{"error"});
  }
}

TEST_CASE("error answers of the API are told apart") {
  auto p = compile({"collectors"});
  const auto& e = endpoint_of(p, "collectors");
  auto body = [](const std::string& error) { return R"({"error":)" + error + "}"; };

  SECTION("data is no error") {
    for (const char* text : {R"({"data":[]})", "[]", "null", R"({"error":null})", R"({"id":"1"})", "not JSON"})
      CHECK(judge(e, 200, text) == nullptr);
    CHECK(judge(e, 404, "not JSON") == nullptr);
  }
  SECTION("the rate limit") {
    for (const auto& text : {body(R"({"id":"1040"})"), body(R"({"id":1040})"), body("1040"), body(R"("1040")")})
      for (int status : {200, 429}) {
        const auto* f = judge(e, status, text);
        REQUIRE(f != nullptr);
        CHECK(f->action == response_action::rate_limited);
      }
    REQUIRE(judge(e, 429, "slow down") != nullptr);
    CHECK(judge(e, 429, "slow down")->action == response_action::rate_limited);
    const auto* wait = std::get_if<wait_time_from_header>(&e.errors.at(0).backoff.at(0));
    REQUIRE(wait != nullptr);
    CHECK(wait->source.header == "X-Ratelimit-App-Global-Minute-Reset");
  }
  SECTION("credentials") {
    for (int id = 1010; id <= 1018; ++id)
      for (const auto& text : {body(R"({"id":")" + std::to_string(id) + R"(","message":"Go away."})"),
                               body(R"({"id":)" + std::to_string(id) + R"(,"message":"Go away."})")}) {
        const auto* f = judge(e, 200, text);
        REQUIRE(f != nullptr);
        CHECK(f->action == response_action::fail);
        CHECK(f->failure == failure_type::config_error);
        auto s = answer(text);
        s.set("config", p.config);
        auto message = f->error_message.render(s);
        REQUIRE(message);
        CHECK(contains(*message, "Go away."));
        CHECK(contains(*message, "Re-authenticate in the source settings"));
      }
    for (const auto& [status, text] :
         {std::pair<int, std::string>{200, body("1011")}, {401, "no JSON"}, {403, "[]"}, {401, body("{}")}}) {
      const auto* f = judge(e, status, text);
      REQUIRE(f != nullptr);
      CHECK(f->failure == failure_type::config_error);
      auto s = answer(text);
      s.set("config", p.config);
      CHECK(contains(f->error_message.render(s).value(), "it gave no reason"));
    }
  }
  SECTION("the server's own troubles are retried") {
    for (const auto& [status, text] :
         {std::pair<int, std::string>{500, body(R"({"id":"1050"})")}, {503, "x"}, {200, body(R"({"id":"1051"})")}}) {
      const auto* f = judge(e, status, text);
      REQUIRE(f != nullptr);
      CHECK(f->action == response_action::retry);
    }
  }
  SECTION("any other error object is that error") {
    for (const auto& [text, part] :
         {std::pair<std::string, const char*>{body(R"({"id":"1020","message":"Not there."})"), "(id 1020): Not there."},
          {body("{}"), "it gave no reason"},
          {body("1004"), "(id 1004)"},
          {body(R"({"message":"Hm."})"), "Hm."}}) {
      INFO(text);
      const auto* f = judge(e, 200, text);
      REQUIRE(f != nullptr);
      CHECK(f->action == response_action::fail);
      CHECK(f->failure == failure_type::system_error);
      auto s = answer(text);
      s.set("config", p.config);
      auto message = f->error_message.render(s).value();
      INFO(message);
      CHECK(contains(message, part));
    }
  }
}

TEST_CASE("the built-in budget follows config and headers") {
  auto p = compile({"surveys"});
  REQUIRE(p.budget.policies.size() == 2);
  const auto& minute = p.budget.policies[0];
  CHECK(minute.name == "minute");
  CHECK(minute.what == rate_policy::kind::moving_window);
  CHECK(minute.rates.at(0).limit == 120);
  CHECK(minute.rates.at(0).interval == std::chrono::minutes{1});
  CHECK(minute.limit_header == "X-Ratelimit-App-Global-Minute-Limit");
  CHECK(minute.remaining_header == "X-Ratelimit-App-Global-Minute-Remaining");
  CHECK(minute.reset_header == "X-Ratelimit-App-Global-Minute-Reset");
  CHECK(minute.reset == rate_policy::reset_kind::seconds);
  CHECK_FALSE(minute.stop_when_exhausted);
  CHECK_FALSE(minute.only_when_reported);
  const auto& day = p.budget.policies[1];
  CHECK(day.name == "day");
  CHECK(day.what == rate_policy::kind::fixed_window);
  CHECK(day.rates.at(0).limit == 500);
  CHECK(day.rates.at(0).interval == std::chrono::hours{24});
  CHECK(day.reset_header == "X-Ratelimit-App-Global-Day-Reset");
  CHECK(day.stop_when_exhausted);
  CHECK(day.only_when_reported);
  CHECK(compile({"surveys"}, config_with({{"rate_limit_per_minute", 720}})).budget.policies[0].rates[0].limit == 720);

  CHECK_FALSE(p.concurrency); // the tuning file decides
  CHECK(compile({"surveys"}, config_with({{"num_workers", 33}})).concurrency == 33U);
  // Not cut to the reference's maximum: more than the tuning file allows is cut there, with a warning.
  CHECK(compile({"surveys"}, config_with({{"num_workers", 100}})).concurrency == 100U);
}

TEST_CASE("the plan can be shown, without secrets") {
  auto text = describe_plan(compile({"survey_pages", "collectors", "nobody", "surveys", "survey_details"}));
  CHECK_FALSE(contains(text, "s3cret"));
  CHECK(text == R"(endpoint 0 surveys (depth 0)
  GET https://api.surveymonkey.com/v3/surveys?include=response_count,date_created,date_modified,language,question_count,analyze_url,preview,collect_stats&per_page={{ config.get('page_size', 1000) }}
  windows: date_modified from 2020-01-01T00:00:00Z to 2023-11-14T22:13:20Z, 365d each, begin as parameter start_modified_at, end as parameter end_modified_at
  pages: next from {{ response.links.next if response.links else '' }}, a URL
  stream surveys, records at data (incremental)
endpoint 1 survey_pages (depth 1)
  GET https://api.surveymonkey.com/v3/surveys/{{ stream_partition.survey_id }}/details
  once for each record of endpoint 0 (surveys): survey_id = id
  stream survey_pages, records at pages.*, without questions (full refresh)
  stream survey_details, records at the whole body, without pages (full refresh)
endpoint 2 survey_collectors (depth 1)
  GET https://api.surveymonkey.com/v3/surveys/{{ stream_partition.survey_id }}/collectors?per_page=100
  once for each record of endpoint 0 (surveys): survey_id = id
  pages: next from {{ response.links.next if response.links else '' }}, a URL
  for children only: survey_collectors, records at data, with survey_id = {{ stream_partition.survey_id }}
endpoint 3 collectors (depth 2)
  GET https://api.surveymonkey.com/v3/collectors/{{ stream_partition.collector_id }}
  once for each record of endpoint 2 (survey_collectors): collector_id = id
  stream collectors, records at the whole body (full refresh)
stream nobody is not known to the source
budget minute: 120 per 1m, moving window, all requests
budget day: 500 per 1d, fixed window, all requests, once the server reports it, stops the run when used up
)");
}

TEST_CASE("bulk responses hang below the surveys and have a cursor in each of them") {
  auto p = compile({"surveys", "survey_responses_bulk"});
  const auto& e = endpoint_of(p, "survey_responses_bulk");
  REQUIRE(e.slices.has_parents());
  CHECK(p.edges[e.slices.feeding_edges().front()].parent == endpoint_of(p, "surveys").id);
  REQUIRE(e.cursor);
  CHECK(e.cursor->ascending);
  CHECK(!e.cursor->step);
  CHECK(e.cursor->start_option->name == "start_modified_at");
  CHECK(e.cursor->end_option->name == "end_modified_at");
  CHECK(
    url_of(p, "survey_responses_bulk", "survey_id", "12")
    == "https://api.surveymonkey.com/v3/surveys/12/responses/bulk?per_page=100&sort_by=date_modified&sort_order=ASC");
}

TEST_CASE("a stream with a cursor in each partition can be a parent, but no whole partition of it is ever complete") {
  auto yaml = built_in_yaml();
  auto at = yaml.find("$ref: \"#/definitions/survey_collectors\"", yaml.find("  collectors:\n"));
  REQUIRE(at != std::string::npos);
  yaml.replace(yaml.find("survey_collectors", at), std::string{"survey_collectors"}.size(), "survey_responses_bulk");
  auto m = load(yaml);
  compile_input input;
  input.config = config_with();
  input.now = now;
  selected_stream s;
  s.name = "collectors";
  input.streams.push_back(s);
  auto p = compile_plan(*m, input);
  REQUIRE(p);
  const auto& e = endpoint_of(*p, "collectors");
  CHECK(p->endpoints[p->edges[e.slices.feeding_edges().front()].parent].cursor);
  CHECK(e.depth == 2);
  CHECK(partitioned_parent_of(*p, e) == nullptr);
}

TEST_CASE("a stream that its sync has completed is in the plan without requests") {
  static const auto m = load_built_in_manifest().value();
  compile_input input;
  input.config = config_with();
  input.now = now;
  selected_stream s;
  s.name = "survey_details";
  s.already_complete = true;
  input.streams.push_back(s);
  auto p = compile_plan(*m, input);
  REQUIRE(p);
  CHECK(p->endpoints.empty());
  CHECK(p->streams.at(0).already_complete);
}
