#include "messages/fingerprint.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"
#include "tests/support/temporary_file.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

struct span {
  std::int64_t track = 0;
  double begin = 0;
  double end = 0;
  std::string name{};
  std::string slice{};
  std::int64_t page = 0;
  std::int64_t records = 0;
  std::string keys{};
  std::string covers{};
};
struct arrow_end {
  std::int64_t track = 0;
  double at = 0;
  std::string name;
};

/// What a trace says, without any help of the program's own reader.
struct parsed_trace {
  std::vector<span> spans;
  std::map<std::uint64_t, arrow_end> sends;
  std::map<std::uint64_t, arrow_end> receives;
  std::map<std::string, int> marks;
  /// Begun and not ended, by category.
  std::map<std::string, int> open;
  std::map<std::string, int> closed;
  std::set<std::string> counters;
};

template <class T>
T member(const simdjson::dom::element& of, const char* key, T otherwise = {}) {
  T value{};
  return of[key].get(value) == simdjson::SUCCESS ? value : otherwise;
}

std::string text(const simdjson::dom::element& of, const char* key) {
  return std::string{member<std::string_view>(of, key)};
}

parsed_trace parse(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream all;
  all << in.rdbuf();
  simdjson::dom::parser parser;
  simdjson::dom::array events;
  REQUIRE(parser.parse(all.str()).get(events) == simdjson::SUCCESS);
  parsed_trace result;
  for (auto e : events) {
    auto phase = text(e, "ph");
    auto track = member<std::int64_t>(e, "tid");
    auto at = member<double>(e, "ts");
    auto id = static_cast<std::uint64_t>(member<std::int64_t>(e, "id"));
    simdjson::dom::element args;
    auto has_args = e["args"].get(args) == simdjson::SUCCESS;
    if (phase == "X") {
      span s{track, at, at + member<double>(e, "dur"), text(e, "name")};
      if (has_args) {
        s.slice = text(args, "slice");
        s.page = member<std::int64_t>(args, "page");
        s.records = member<std::int64_t>(args, "records");
        s.keys = text(args, "keys");
        s.covers = text(args, "covers");
      }
      result.spans.push_back(std::move(s));
    } else if (phase == "s") {
      result.sends[id] = {track, at, text(e, "name")};
    } else if (phase == "f") {
      result.receives[id] = {track, at, text(e, "name")};
    } else if (phase == "b") {
      ++result.open[text(e, "cat")];
    } else if (phase == "e") {
      --result.open[text(e, "cat")];
      ++result.closed[text(e, "cat")];
    } else if (phase == "i") {
      ++result.marks[text(e, "name")];
    } else if (phase == "C") {
      result.counters.insert(text(e, "name"));
    }
  }
  return result;
}

/// Traces a run of a small account.
struct traced_run {
  temporary_directory directory;
  run_case c;
  std::shared_ptr<fake_api> api = std::make_shared<fake_api>(fake_api::random_surveys(5, 12, first_s, now_s));
  run_outcome outcome;

  traced_run() {
    c.trace.file = directory.path("trace.json");
    c.pool_size = 4;
  }
  parsed_trace go() {
    outcome = run(c, api);
    REQUIRE(outcome.finished);
    return parse(c.trace.file);
  }
};

std::set<std::string> names_in(const parsed_trace& t) {
  std::set<std::string> result;
  for (const auto& s : t.spans)
    result.insert(s.name);
  return result;
}

net::response too_many() {
  auto r = json_response(429, R"({"error":{"id":"1040","message":"slow down"}})");
  r.headers.emplace_back("Retry-After", "20");
  return r;
}

} // namespace

TEST_CASE("in a trace each handled message has its sending, within the sender's handler") {
  traced_run r;
  r.c.streams = {"surveys", "survey_responses", "survey_details", "survey_pages"};
  for (std::uint64_t seed : {1, 2, 3}) {
    r.c.schedule_seed = seed;
    auto t = r.go();
    CHECK(t.sends.size() == t.receives.size());
    std::map<std::int64_t, std::vector<span>> tracks;
    for (const auto& s : t.spans)
      tracks[s.track].push_back(s);
    std::size_t handled = 0;
    for (auto& [track, spans] : tracks) {
      if (track == 0)
        continue;
      handled += spans.size();
      std::sort(spans.begin(), spans.end(), [](const span& a, const span& b) { return a.begin < b.begin; });
      for (std::size_t i = 1; i < spans.size(); ++i)
        REQUIRE(spans[i - 1].end <= spans[i].begin);
    }
    CHECK(handled == t.receives.size());
    for (const auto& [id, received] : t.receives) {
      auto sent = t.sends.find(id);
      REQUIRE(sent != t.sends.end());
      REQUIRE(sent->second.name == received.name);
      REQUIRE(sent->second.at <= received.at);
      // Both ends lie on a span: of the handler that sent it, and of the one that handled it.
      auto lies_on = [&tracks](const arrow_end& x, bool at_its_beginning) {
        const auto& spans = tracks[x.track];
        return std::any_of(spans.begin(), spans.end(), [&](const span& s) {
          return at_its_beginning ? s.begin == x.at && s.name == x.name : s.begin <= x.at && x.at <= s.end;
        });
      };
      REQUIRE(lies_on(sent->second, false));
      REQUIRE(lies_on(received, true));
    }
  }
}

TEST_CASE("the records of a trace add up, and each page of a slice is where it belongs") {
  traced_run r;
  r.c.streams = {"surveys", "survey_responses", "survey_details"};
  auto t = r.go();
  std::int64_t sent = 0;
  std::int64_t written = 0;
  std::map<std::string, std::set<std::int64_t>> pages;
  for (const auto& s : t.spans) {
    if (s.name == "record_batch") {
      sent += s.records;
      CHECK(pages[s.slice].insert(s.page).second);
    }
    if (s.name == "page_written")
      written += s.records;
    if (s.name == "permit" || s.name == "page_outcome" || s.name == "page_written" || s.name == "parent_batch") {
      CHECK(!s.slice.empty());
      CHECK(s.page > 0);
    }
  }
  std::size_t printed = 0;
  for (const auto& name : r.c.streams)
    printed += record_ids(r.outcome.lines, name).size();
  CHECK(printed > 30);
  CHECK(sent == static_cast<std::int64_t>(printed));
  CHECK(written == sent);
  for (const auto& [slice, numbers] : pages)
    CHECK(*numbers.rbegin() == static_cast<std::int64_t>(numbers.size()));
  auto requests = static_cast<int>(r.api->log().size());
  CHECK(t.closed["http"] == requests);
  CHECK(t.open["http"] == 0);
}

TEST_CASE("a trace finds a record by the fingerprint of its key") {
  traced_run r;
  r.c.streams = {"surveys"};
  auto t = r.go();
  for (const auto& id : record_ids(r.outcome.lines, "surveys")) {
    char wanted[17];
    std::snprintf(wanted, sizeof wanted, "%016llx",
                  static_cast<unsigned long long>(key_fingerprint("surveys", "\"" + id + "\"")));
    CHECK(std::count_if(t.spans.begin(), t.spans.end(),
                        [&](const span& s) { return s.keys.find(wanted) != std::string::npos; })
          == 1);
  }
  // Without a trace nobody collects them: the messages stay small.
  auto covering = std::count_if(t.spans.begin(), t.spans.end(), [](const span& s) { return s.covers == "everything"; });
  CHECK(covering == 1);
}

TEST_CASE("a wait for the quota is a span from the moment in which the request was held up") {
  traced_run r;
  r.c.rate_limit_per_minute = 10;
  auto t = r.go();
  CHECK(t.closed["quota"] > 5);
  CHECK(t.open["quota"] == 0);
  CHECK(t.counters.contains("quota minute"));
  CHECK(t.counters.contains("requests"));
  CHECK(t.counters.contains("output credit"));
  CHECK(t.counters.contains("mailbox fetcher"));
}

TEST_CASE("every type of message shows in a trace") {
  std::set<std::string> seen;
  auto trace = [&seen](const std::function<void(traced_run&)>& prepare) {
    traced_run r;
    prepare(r);
    for (const auto& name : names_in(r.go()))
      seen.insert(name);
  };
  trace([](traced_run& r) {
    r.c.streams = {"surveys", "survey_details", "nobody"};
    r.c.tuning.http.max_retries = 0;
    r.api->set_fault(
      [](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
        if (target.find("/1002/details") != std::string::npos)
          return json_response(500, R"({"error":{"id":"1050","message":"oops"}})");
        return std::nullopt;
      });
  });
  trace([](traced_run& r) {
    r.c.streams = {"survey_details"};
    r.c.tuning.http.max_retries = 0;
    r.c.tuning.errors.slice_retries = 0;
    r.c.tuning.errors.max_failed_slices = 1;
    r.api->set_fault(
      [](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
        if (target.find("/details") != std::string::npos)
          return json_response(500, R"({"error":{"id":"1050","message":"oops"}})");
        return std::nullopt;
      });
  });
  trace([](traced_run& r) {
    auto refused = std::make_shared<int>(1);
    r.api->set_fault(
      [refused](const std::string&) -> std::optional<tl::expected<net::response, net::transport_failure>> {
        if ((*refused)-- > 0)
          return too_many();
        return std::nullopt;
      });
    r.c.rate_limit_per_minute = 5;
    r.c.tuning.state.heartbeat = std::chrono::seconds{10};
  });
  trace([](traced_run& r) { r.c.max_requests = 5; });
  trace([](traced_run& r) { r.c.change_plan = [](plan& p) { p.record_limit = 1; }; });
  trace([](traced_run& r) {
    r.c.rate_limit_per_minute = 4;
    r.c.change_plan = [](plan& p) { p.budget.policies.at(0).stop_when_exhausted = true; };
  });
  trace([](traced_run& r) { r.c.output_capacity = 10; });
  trace([](traced_run& r) { r.c.stall_after = 60; });
  trace([](traced_run& r) { r.c.stop_after = 60; });
  trace([](traced_run& r) {
    r.c.observed = true;
    r.c.rate_limit_per_minute = 10;
  });
  trace([](traced_run& r) {
    r.c.retune_after = 40;
    r.c.wanted = {6, {{"minute", 7}}};
  });
  // `caf::down_msg` and `caf::error` are an actor's unexpected end, `other` a type that has no name.
  for (const auto* name : {"permit",         "page_outcome",     "record_batch",      "page_written",
                           "slice_failed",   "parent_batch",     "slice_demand",      "slices_offered",
                           "slices_opened",  "generation_done",  "parents_done",      "bytes_written",
                           "drain",          "drained",          "quota_gone",        "requests_spent",
                           "throttled",      "slices_abandoned", "endpoint_given_up", "tick",
                           "state_update",   "estimate",         "status_update",     "error_trace",
                           "heartbeat",      "flush_request",    "flushed",           "output_closed",
                           "run_request",    "stop_request",     "finish_request",    "finished",
                           "endpoint_done",  "report_request",   "governor_report",   "aggregator_report",
                           "run_snapshot",   "snapshot_shown",   "stall_notice",      "retune",
                           "records_enough", "retuned",          "atom::join",        "caf::exit_msg"}) {
    INFO(name);
    CHECK(seen.contains(name));
  }
  CHECK_FALSE(seen.contains("other"));
}
