// The hot paths, each called many times between two marks that callgrind sees: it writes the instructions of each path
// into a file of its own (tests/bench/quick.py compares them with a baseline). Without callgrind nothing is measured.

#include "actors/core/admission/admission.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "actors/core/pages/pagination.hpp"
#include "actors/core/records/page_cutter.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/slice_window.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/net/inflate.hpp"
#include "actors/net/request_head.hpp"
#include "actors/net/response_head.hpp"
#include "config/language/datetime.hpp"
#include "config/language/template.hpp"
#include "config/manifest/compile.hpp"
#include "config/manifest/manifest.hpp"
#include "messages/protocol.hpp"
#include "tests/support/gzip.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>
#include <valgrind/callgrind.h>

using namespace sluice;

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;
constexpr language::instant now{std::chrono::milliseconds{now_ms}};

/// What must hold for the figures to mean anything.
void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "bench_paths: not so: %s\n", what);
  std::exit(1);
}

/// Calls `f(0)` to get warm, then `calls` times with the numbers from 1 on, counted.
template <class F>
void path(const char* name, int calls, F f) {
  f(0);
  CALLGRIND_ZERO_STATS;
  for (int i = 1; i <= calls; ++i)
    f(i);
  CALLGRIND_DUMP_STATS_AT(name);
  std::printf("%s %d\n", name, calls);
}

/// The built-in connector's surveys, in windows of a day.
plan_ptr make_plan() {
  auto m = load_built_in_manifest();
  require(m.has_value(), "the built-in manifest loads");
  compile_input input;
  language::value_dict config;
  config.emplace_back("access_token", "token");
  config.emplace_back("start_date", "2020-01-01T00:00:00Z");
  config.emplace_back("slice_range_days", 1);
  input.config = std::move(config);
  input.streams.push_back({"surveys", "", true, "", false});
  input.now = now;
  auto p = compile_plan(**m, input);
  require(p.has_value(), "the plan compiles");
  return std::make_shared<const plan>(std::move(*p));
}

/// Records of about 1 KB: nested, with escapes and text beyond ASCII. `gap` goes between the tokens of each record.
std::string make_page(int records, const std::string& gap) {
  std::string page = R"({"data":[)";
  for (int i = 0; i < records; ++i) {
    page += (i > 0 ? "," : "") + gap + R"({"id":")" + std::to_string(300'000'000 + i) + R"(",)" + gap
            + R"("title":"Customer satisfaction – wave é \"one\"",)" + gap
            + R"("date_modified":"2021-06-10T11:07:00",)";
    for (int k = 0; k < 12; ++k)
      page += gap + R"("answer_)" + std::to_string(k) + R"(":{"choice_id":")" + std::to_string(8'598'980'006 + k * i)
              + R"(",)" + gap + R"("weight":)" + std::to_string(k * 7) + ".25,\"is_open\":false},";
    page += gap + R"("response_count":20})";
  }
  return page + R"(],"per_page":1000,"page":1,"total":5000,"links":{)"
         + R"("self":"https://api.surveymonkey.com/v3/surveys?page=1","next":"https://api.surveymonkey.com/v3/surveys?page=2"}})";
}

page_request first_request(const plan& p) {
  auto ledger = slice_ledger::open(std::make_shared<const plan>(p));
  require(ledger.has_value(), "the ledger opens");
  page_request r;
  set_window(r.slice, *p.endpoints[0].cursor, ledger->windows_of(0).front());
  return r;
}

// -- the paths -----------------------------------------------------------------

void pages(const plan_ptr& p) {
  const auto& e = p->endpoints[0];
  const auto request = first_request(*p);
  page_cutter cutter{p};
  auto cut = [&](const char* name, int calls, int records, const std::string& gap) {
    const auto original = make_page(records, gap);
    std::string body; // the memory of both is used again, as fetchers do
    std::string lines;
    path(name, calls, [&](int) {
      body = original;
      require(cutter.read_response(e, body).has_value(), "the page is valid");
      auto page = cutter.cut(e, request.slice, body, now_ms, std::move(lines));
      require(page && page->records == static_cast<std::uint64_t>(records), "all records are cut");
      lines = std::move(page->lines);
    });
  };
  cut("page_of_1000", 5, 1000, "");
  cut("page_of_20", 100, 20, "");
  cut("pretty_page_of_1000", 3, 1000, "\n      ");
}

/// A page whose records go through these steps.
void changed_page(const char* name, const plan& p, std::vector<record_step> steps, std::uint64_t left) {
  auto changed = std::make_shared<plan>(p);
  changed->endpoints[0].outputs[0].steps = std::move(steps);
  const auto& e = changed->endpoints[0];
  const auto request = first_request(p);
  page_cutter cutter{changed};
  const auto original = make_page(1000, "");
  std::string body;
  std::string lines;
  path(name, 5, [&](int) {
    body = original;
    require(cutter.read_response(e, body).has_value(), "the page is valid");
    auto page = cutter.cut(e, request.slice, body, now_ms, std::move(lines));
    require(page && page->records == left, "the records are changed");
    lines = std::move(page->lines);
  });
}

void changed_pages(const plan_ptr& p) {
  const std::vector<std::string> variables{"record", "config", "stream_slice"};
  auto value = [&](std::string_view source) {
    auto parsed = text_template::parse(source, variables);
    require(parsed.has_value(), "the template is valid");
    return *parsed;
  };
  auto filter = condition::parse("{{ record['response_count'] >= 20 }}", variables);
  require(filter.has_value(), "the condition is valid");
  const std::vector<record_step> additions{
    add_field{{"survey_id"}, value("{{ record.id }}"), value_kind::string}, add_field{{"source"}, value("api")},
    add_field{{"name"}, value("{{ record['title'] | upper }}")},
    add_field{{"choice"}, value("{{ record.answer_3.choice_id if record.answer_3 else '' }}"), value_kind::string}};
  auto steps = additions;
  steps.insert(steps.begin(), record_filter{*filter});
  changed_page("page_of_1000_with_4_fields", *p, std::move(steps), 1000);
  auto cast = [](cast_rule::target to) {
    auto rule = std::make_shared<cast_rule>();
    rule->to = to;
    return rule;
  };
  auto answer = std::make_shared<cast_rule>();
  answer->fields = {{"choice_id", cast(cast_rule::target::integer)},
                    {"is_open", cast(cast_rule::target::boolean)},
                    {"weight", cast(cast_rule::target::number)}};
  auto record = std::make_shared<cast_rule>();
  record->fields = {{"id", cast(cast_rule::target::string)},
                    {"response_count", cast(cast_rule::target::number)},
                    {"title", cast(cast_rule::target::string)}};
  for (int k = 0; k < 12; ++k)
    record->fields.emplace_back("answer_" + std::to_string(k), answer);
  std::sort(record->fields.begin(), record->fields.end());
  changed_page("page_of_1000_with_casts", *p, {cast_types{record}}, 1000);
}

void requests(const plan_ptr& p) {
  const auto& e = p->endpoints[0];
  auto request = first_request(*p);
  path("first_request", 1000, [&](int) { require(build_request(*p, e, request).has_value(), "a request is built"); });
  request.page = 2;
  // With all parameters, as servers do.
  request.token = "https://api.surveymonkey.com/v3/surveys?page=2&per_page=1000&include=title";
  path("next_request", 1000, [&](int) { require(build_request(*p, e, request).has_value(), "a request is built"); });
  auto built = build_request(*p, e, request);
  path("request_head", 1000, [&](int) {
    net::request r{built->method, built->url, built->headers, {}};
    auto target = net::read_target(r.url);
    require(target && net::write_request_head(r, *target, std::nullopt, "sluice"), "a head is written");
  });
}

void answers(const plan_ptr& p) {
  const auto& e = p->endpoints[0];
  const auto request = first_request(*p);
  page_cutter cutter{p};
  auto body = make_page(20, "");
  auto response = cutter.read_response(e, body);
  require(response.has_value(), "the page is valid");
  const header_list headers{{"Content-Type", "application/json"}, {"X-Ratelimit-App-Global-Minute-Remaining", "99"}};
  answer_view view{200, &headers, body, *response, "https://api.surveymonkey.com/v3/surveys"};
  path("judgement", 1000, [&](int) {
    auto v = judge_answer(*p, e, request, view, {}, now);
    require(v.action == response_action::success, "the answer is good");
  });
  path("next_page_token", 1000, [&](int) {
    auto next = next_page_token(*p, e, request.slice, {*response, headers, "", 20, 20, "", ""});
    require(next && *next && reported_total(*p, e, request.slice, *response) == 5000, "there is a next page");
  });
  const std::string head = "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
                           "Content-Type: application/json\r\nContent-Length: 102400\r\nConnection: keep-alive\r\n"
                           "Content-Encoding: gzip\r\nX-Ratelimit-App-Global-Minute-Limit: 120\r\n"
                           "X-Ratelimit-App-Global-Minute-Remaining: 99\r\n"
                           "X-Ratelimit-App-Global-Minute-Reset: 31\r\n\r\n";
  path("response_head", 1000, [&](int) {
    auto read = net::parse_response_head(head);
    require(read && net::framing_of(*read, "GET") && net::coding_of(*read), "the head is good");
  });
  const auto plain = make_page(1000, "");
  const auto packed = sluice::test::pack(plain, sluice::test::wrapper::gzip);
  net::inflater inflater;
  std::string unpacked;
  path("inflate", 3, [&](int) {
    require(inflater.inflate(net::content_coding::gzip, packed, 1 << 30, unpacked).has_value() && unpacked == plain,
            "the body is unpacked");
  });
}

void dispatch(const plan_ptr& p) {
  steady_time time{std::chrono::hours{1}};
  admission rules{p, {}, time};
  for (int i = 0; i < 10; ++i)
    rules.fetcher_idle();
  const auto request = first_request(*p);
  rate_feedback feedback{200,
                         false,
                         -1,
                         false,
                         {{"X-Ratelimit-App-Global-Minute-Limit", "120"},
                          {"X-Ratelimit-App-Global-Minute-Remaining", "60"},
                          {"X-Ratelimit-App-Global-Minute-Reset", "31"}}};
  path("admission", 2000, [&](int i) {
    time += std::chrono::seconds{1};
    slices_offered offered{0, {request.slice}, {}, false};
    offered.slices[0].id = static_cast<std::uint64_t>(i);
    rules.demands();
    rules.offer(std::move(offered), time);
    auto x = rules.next(time);
    require(x.has_value(), "the request is admitted");
    page_outcome outcome;
    outcome.ticket = x->ticket;
    outcome.request = std::move(x->request);
    outcome.feedback = feedback;
    outcome.batch_bytes = 20'000;
    rules.finish(std::move(outcome), time + std::chrono::milliseconds{50}, now);
    rules.fetcher_idle();
    rules.written(20'000, time + std::chrono::milliseconds{51});
    require(!rules.next(time), "nothing else is ready");
  });
}

void states(const plan_ptr& p) {
  auto ledger = slice_ledger::open(p);
  require(ledger.has_value(), "the ledger opens");
  std::vector<cursor_window> windows;
  for (auto left = ledger->windows_of(0); !left.empty(); left.pop_front())
    windows.push_back(left.front());
  path("state_of_a_slice", 1000, [&](int i) {
    const auto number = static_cast<std::size_t>(i);
    ledger->opened({0, 1});
    page_receipt receipt;
    receipt.slice.id = number + 1;
    set_window(receipt.slice, *p->endpoints[0].cursor, windows.at(number));
    receipt.last = true;
    receipt.counts = {{0, 20, 20'000}};
    receipt.has_cursor = true;
    receipt.newest_us = receipt.oldest_us = receipt.slice.lower_us + 1;
    require(ledger->written(receipt).has_value(), "the state moves");
    auto update = ledger->present_state(0);
    auto line = state_line({"surveys", ""}, update.json, 20);
    require(line.size() > update.json.size(), "a line is made");
  });
  path("record_ends", 1000, [&](int) {
    require(record_prefix({"surveys", ""}).size() + record_suffix(now_ms).size() > 50, "a line has ends");
  });
}

/// What the steps of a stream ask of each record: fields, a text, a filter's condition. Each call is one record of 1
/// KB.
void record_templates() {
  using namespace language;
  const std::vector<std::string> names{"record", "config", "stream_slice"};
  auto text = [&](const char* source) {
    auto t = text_template::parse(source, names);
    require(t.has_value(), "the template is valid");
    return std::move(*t);
  };
  const text_template fields[] = {text("{{ record['title'] }}"), text("{{ record.answer_3.choice_id }}"),
                                  text("{{ 'survey-' ~ record.id }}"), text("{{ record.get('response_count', 0) }}")};
  const auto filter = condition::parse("{{ record.answer_1.is_open == false and record['date_modified'] >= "
                                       "config.start_date and record.id not in ['1', '2'] }}",
                                       names);
  require(filter.has_value(), "the condition is valid");
  auto page = make_page(1, "");
  auto begin = page.find('[') + 1;
  const auto record = page.substr(begin, page.rfind(R"(],"per_page")") - begin);
  auto config = *parse_json(R"({"start_date": "2020-01-01T00:00:00Z"})");
  auto budget = std::make_shared<memory_budget>(std::size_t{1} << 20);
  path("templates_of_record", 1000, [&](int) {
    budget->begin_anew(std::size_t{1} << 20);
    scope s;
    s.set("config", config);
    s.set("record", json_in_place(record, budget));
    for (const auto& field : fields)
      require(field.evaluate(s).has_value(), "a field is made");
    require(filter->evaluate(s) == true, "the record is kept");
  });
}

} // namespace

int main() {
  std::printf("compiler %s\nsimdjson %s\n", __VERSION__, simdjson::get_active_implementation()->name().c_str());
  auto p = make_plan();
  pages(p);
  changed_pages(p);
  requests(p);
  answers(p);
  dispatch(p);
  states(p);
  record_templates();
  return 0;
}
