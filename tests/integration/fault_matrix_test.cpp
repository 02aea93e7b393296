// Faults x phases x streams against the real program: an answer that goes wrong once costs nothing, one that goes wrong
// for ever costs its slice, is told truthfully, and costs nothing else.

#include "app/simulator/query.hpp"
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

/// What one such answer does.
enum class once {
  heals,
  /// It is final: asking again cannot help.
  fails,
  /// The server says when to come back: as often as it says so.
  waits,
  /// All data is there; only the framing is odd. Also when it lasts.
  harmless,
};

struct fault_row {
  std::string rule;
  once effect;
  /// What the error says of it, when it lasts.
  std::string words;
  bool lists_only = false;
};

const std::vector<fault_row> faults = {
  {"status=408", once::heals, "408"},
  {"status=429", once::heals, "rate limit"},
  {"status=429 retry_after=1", once::waits, "429"},
  {"status=429 retry_after=date+1", once::waits, "429"},
  {"status=500", once::heals, "500"},
  {"status=500 body=\"<html><body>Oops</body></html>\"", once::heals, "500"},
  {"status=503 retry_after=1", once::heals, "503"},
  {"status=504", once::heals, "504"},
  {"status=400", once::fails, "400"},
  {"status=403", once::fails, "access token"},
  {"status=404", once::fails, "404"},
  {"status=410", once::fails, "410"},
  {"drop", once::heals, "closed"},
  {"reset", once::heals, "Connection reset"},
  {"reset_head", once::heals, "Connection reset"},
  {"reset_body", once::heals, "bytes of the body"},
  {"reset_chunk", once::heals, "bytes of the body"},
  {"truncate", once::heals, "bytes of the body"},
  {"cut_chunked", once::heals, "bytes of the body"},
  {"no_last_chunk", once::heals, "bytes of the body"},
  {"cut_close", once::heals, ""},
  {"cut_gzip", once::heals, "compressed body ends"},
  {"bad_gzip", once::heals, "compressed body is corrupt"},
  {"long_length", once::heals, "http.read_timeout"},
  {"short_length", once::heals, ""},
  {"extra_answer", once::harmless, ""},
  {"bad_length", once::heals, "Content-Length"},
  {"two_lengths", once::heals, "Content-Length"},
  {"length_and_chunked", once::harmless, ""},
  {"bad_chunk", once::heals, "chunk"},
  {"bad_head", once::heals, "status line"},
  {"huge_header=1MiB", once::heals, "header of the answer is longer"},
  {"huge_header=100GiB", once::heals, "header of the answer is longer"},
  {"garbage", once::heals, "JSON"},
  {"html", once::heals, "JSON"},
  {"empty", once::heals, "empty"},
  {"error_body=1051", once::heals, "The service is not available"},
  {"error_body=1020", once::fails, "1020"},
  {"huge=16MiB", once::fails, "http.max_body_bytes"},
  {"gzip_bomb=16MiB", once::fails, "http.max_body_bytes"},
  {"redirect=http://192.0.2.1/v3/surveys", once::fails, "redirect"},
  {"stall=10m", once::heals, "http.read_timeout"},
  {"stall_head=10m", once::heals, "http.read_timeout"},
  {"stall_body=10m", once::heals, "http.read_timeout"},
  {"drip=20", once::heals, "http.total_timeout"},
  {"no_data", once::heals, "data", true},
  {"foreign_link=http://192.0.2.1", once::fails, "192.0.2.1", true},
  {"self_link", once::heals, "", true},
  {"short_page", once::heals, "rows are missing", true},
};

/// A part of a stream whose requests can be told from all others.
struct place {
  std::string stream;
  /// Words of a fault rule.
  std::string requests;
  /// What an error about it must name.
  std::string mark;
  /// survey_responses, survey_details: the survey's number.
  std::uint64_t survey = 0;
  /// surveys: the bounds in time.
  std::int64_t from = 0;
  std::int64_t to = 0;
};

bool is_list(const std::string& stream) {
  return stream != "survey_details";
}

/// Lists of several pages, everywhere.
simulator::options many_pages(std::uint64_t surveys) {
  auto o = small_account();
  o.account.surveys = surveys;
  o.account.responses = {101, 104};
  o.account.collectors = {0, 0};
  return o;
}

/// Slices of `surveys` with more than one page, as a clean read asks for them, or surveys.
std::vector<place> places(simulated_account& a, const std::string& stream, const std::string& config) {
  std::vector<place> result;
  if (stream != "surveys") {
    for (std::uint64_t i = 0; i < a.account().surveys(); ++i) {
      auto id = a.account().survey_id(i);
      result.push_back({stream, "path=/" + id + (stream == "survey_details" ? "/details" : "/responses"), id, i, 0, 0});
    }
    return result;
  }
  auto r = a.read({"surveys"}, config);
  if (r.exit_code != 0)
    throw std::runtime_error("a read without faults failed: " + describe(r));
  for (const auto& request : a.server().log()) {
    auto target = simulator::parse_target(request.target);
    if (target.parameter("page") != "2")
      continue;
    auto start = target.parameter("start_modified_at").value_or("");
    auto raw = std::find_if(target.parameters.begin(), target.parameters.end(), [](const auto& p) {
                 return p.name == "start_modified_at";
               })->raw;
    place p{stream, "path=" + raw, std::string{start.substr(0, 10)}, 0, 0, 0};
    p.from = simulator::parse_time(start).value_or(0);
    p.to = simulator::parse_time(target.parameter("end_modified_at").value_or("")).value_or(0);
    result.push_back(p);
  }
  std::sort(result.begin(), result.end(), [](const place& x, const place& y) { return x.from < y.from; });
  return result;
}

std::string rule_text(const fault_row& fault, const place& where, int page) {
  return fault.rule + " " + where.requests + (page == 2 ? " regex=page=2$" : "");
}

simulator::fault_rule parsed(const std::string& text) {
  auto rule = simulator::parse_fault(text);
  if (!rule)
    throw std::runtime_error(rule.error().message);
  return *rule;
}

const std::vector<std::string> streams = {"surveys", "survey_responses", "survey_details"};

/// Healthy requests must keep within them on a slow machine too.
const std::vector<std::string> short_waits
  = {"--set", "http.read_timeout=2s", "--set", "http.total_timeout=4s", "--set", "http.max_body_bytes=8MiB"};

/// One fault that lasts, in one place, in one run.
struct lasting_case {
  const fault_row* fault = nullptr;
  std::string stream;
  int page = 1;
};

/// Reads with the fault and returns what is wrong with the result; nothing is as it should be.
std::string run_lasting(simulated_account& a, const std::vector<place>& all, const lasting_case& c,
                        const std::string& config) {
  const auto& where = all.at(all.size() / 2);
  auto text = rule_text(*c.fault, where, c.page);
  if (!a.server().set_faults({parsed(text)}))
    return "the rule was refused";
  auto arguments = short_waits;
  arguments.insert(arguments.end(), {"--set", "http.max_retries=1"});
  auto r = a.read(streams, config, arguments);
  const auto& m = r.messages;
  std::string wrong;
  auto expect = [&](bool holds, const std::string& what) { wrong += holds ? "" : "  " + what + "\n"; };

  bool harmless = c.fault->effect == once::harmless;
  expect(!r.timed_out, "it ends by itself");
  expect(r.signal == 0, "it does not crash");
  expect(m.bad_lines.empty(), "stdout is whole");
  expect((r.out + r.err).find(secret_token) == std::string::npos, "the token is nowhere");
  expect(r.exit_code == (harmless ? 0 : 1), "the exit code is " + std::to_string(harmless ? 0 : 1));
  for (const auto& s : streams) {
    bool hit = !harmless && (s == c.stream || c.stream == "surveys");
    expect(m.last_status(s) == (hit ? "INCOMPLETE" : "COMPLETE"), s + " is " + (hit ? "INCOMPLETE" : "COMPLETE"));
    if (!hit)
      expect(m.record_set(s) == a.expected(s), s + " is read completely and once");
  }
  if (!harmless && c.stream == "surveys") {
    auto printed = m.ids("surveys");
    for (std::uint64_t i = 0; i < a.account().surveys(); ++i) {
      auto t = a.account().survey_modified(i) * 1'000'000;
      expect(printed.count(a.account().survey_id(i)) > 0 || (t >= where.from && t <= where.to),
             "survey " + a.account().survey_id(i) + " of another slice is there");
    }
    expect(m.ids("survey_details") == printed, "the surveys that were read have their details");
  } else if (!harmless) {
    auto ids = m.ids(c.stream);
    a.account().for_each_lasting(c.stream, 0, false, [&](const std::string& id) {
      bool of_survey = c.stream == "survey_details" ? id == where.mark : false;
      for (std::uint32_t i = 0; c.stream != "survey_details" && i < a.account().responses(where.survey); ++i)
        of_survey |= id == a.account().response_id(where.survey, i);
      expect(of_survey || ids.count(id) > 0, c.stream + " " + id + " of another survey is there");
    });
  }
  if (!harmless) {
    auto state = m.last_state(c.stream);
    expect(state.has_value(), "there is a state");
    if (state && c.stream == "surveys")
      expect(cursor_of(state->json) <= where.from / 1'000'000, "the state does not pass the slice");
    else if (state)
      expect(state->json.find("__ab_no_cursor_state_message") == std::string::npos, "the state promises nothing");
  }
  bool told = false;
  for (const auto& e : m.errors) {
    auto words = e.message + " " + e.internal_message;
    auto says = [&](const std::string& part) { return words.find(part) != std::string::npos; };
    told |= e.stream == c.stream && says(c.fault->words) && says(where.mark) && says("/v3/surveys");
  }
  expect(told || harmless,
         "an error of " + c.stream + " names `" + c.fault->words + "`, `" + where.mark + "` and the URL");
  return wrong.empty() ? wrong : text + "\n" + wrong + describe(r);
}

} // namespace

TEST_CASE("any answer that goes wrong once, on any page of any stream, costs nothing", "[matrix]") {
  auto stream = GENERATE(as<std::string>{}, "surveys", "survey_responses", "survey_details");
  auto pool = GENERATE(as<std::string>{}, "16", "400");
  simulated_account a{many_pages(stream == "surveys" ? 400 : 120)};
  const std::string config = R"("page_size":1,"slice_range_days":15,"num_workers":)" + pool;
  auto free_places = places(a, stream, config);
  std::vector<simulator::fault_rule> rules;
  std::string texts;
  std::size_t repeats = 0;
  for (const auto& fault : faults)
    for (int page : {1, 2}) {
      if (fault.effect == once::fails || (fault.lists_only && !is_list(stream)) || (page == 2 && !is_list(stream)))
        continue;
      REQUIRE(!free_places.empty());
      auto text = rule_text(fault, free_places.back(), page) + " times=1";
      free_places.pop_back();
      texts += text + "\n";
      rules.push_back(parsed(text));
      // Pages before the one at fault are read again.
      if (rules.back().kind == simulator::fault_kind::self_link
          || rules.back().kind == simulator::fault_kind::short_page)
        repeats += stream == "surveys" ? 3 : 200;
    }
  REQUIRE(a.server().set_faults(rules));
  auto before = a.server().statistics().faults;
  auto r = a.read({stream}, config, short_waits);
  INFO(texts << describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.errors.empty());
  CHECK(r.messages.last_status(stream) == "COMPLETE");
  auto expected = a.expected(stream);
  auto read = r.messages.record_set(stream);
  CHECK(std::set<std::string>(read.begin(), read.end()) == std::set<std::string>(expected.begin(), expected.end()));
  // A page that was written before its link to itself was followed comes again.
  CHECK(read.size() - expected.size() <= repeats);
  CHECK((r.out + r.err).find(secret_token) == std::string::npos);
  CHECK(a.server().statistics().faults - before == rules.size());
  WARN(rules.size() << " faults of " << stream << " healed");
}

TEST_CASE("an answer that is wrong for ever costs its slice, is told, and costs nothing else", "[matrix]") {
  const std::string config = R"("page_size":3,"slice_range_days":700)";
  std::vector<lasting_case> cases;
  for (const auto& fault : faults)
    for (const auto& stream : streams)
      for (int page : {1, 2})
        if ((is_list(stream) || (page == 1 && !fault.lists_only)) && fault.effect != once::waits)
          cases.push_back({&fault, stream, page});

  // Most of a case is waiting for retries and time limits.
  constexpr std::size_t at_once = 16;
  std::vector<std::unique_ptr<simulated_account>> accounts;
  for (std::size_t i = 0; i < at_once; ++i)
    accounts.push_back(std::make_unique<simulated_account>(many_pages(20)));
  std::map<std::string, std::vector<place>> all;
  for (const auto& stream : streams)
    all[stream] = places(*accounts[0], stream, config);
  std::vector<std::string> wrong(cases.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (auto& a : accounts)
    threads.emplace_back([&, account = a.get()] {
      for (auto i = next++; i < cases.size(); i = next++) {
        try {
          wrong[i] = run_lasting(*account, all[cases[i].stream], cases[i], config);
        } catch (const std::exception& e) {
          wrong[i] = e.what();
        }
      }
    });
  for (auto& t : threads)
    t.join();
  for (const auto& text : wrong)
    if (!text.empty())
      FAIL_CHECK(text);
  WARN(cases.size() << " cases of faults that last");
}

namespace {

/// A read from an API that cannot be reached in the usual way.
sync_result read_from(const std::string& url, const std::vector<std::string>& more = {}) {
  temporary_directory files;
  simulated_account a; // for its catalogue
  auto config = files.write("config.json", R"({"slice_range_days":100000,"access_token":")" + std::string{secret_token}
                                             + R"(","api_url":")" + url + "\"}");
  std::vector<std::string> command{
    SLUICE_BINARY, "read",  "--config",           config,  "--catalog",           a.catalog(streams), "--progress",
    "never",       "--set", "http.max_retries=0", "--set", "http.read_timeout=2s"};
  command.insert(command.end(), more.begin(), more.end());
  return sync_result{run_program(command)};
}

void check_nothing_read(const sync_result& r, const std::string& words, const std::string& url) {
  INFO(url << " must say `" << words << "`\n" << describe(r));
  CHECK(!r.timed_out);
  CHECK(r.exit_code == 1);
  CHECK((r.out + r.err).find(secret_token) == std::string::npos);
  for (const auto& s : streams) {
    CHECK(r.messages.last_status(s) == "INCOMPLETE");
    CHECK(r.messages.record_set(s).empty());
  }
  bool told = false;
  for (const auto& e : r.messages.errors) {
    auto text = e.message + " " + e.internal_message;
    told |= e.stream == "surveys" && text.find(words) != std::string::npos && text.find(url) != std::string::npos;
  }
  CHECK(told);
}

} // namespace

TEST_CASE("a server that is not there is an error that says so, with the address", "[matrix]") {
  auto refused = "http://127.0.0.1:" + std::to_string(unused_port());
  check_nothing_read(read_from(refused), "refused", refused);
  check_nothing_read(read_from("http://no-such-host.invalid"), "no-such-host.invalid", "http://no-such-host.invalid");
}

TEST_CASE("a TLS handshake that fails is an error that says so, and no request is sent", "[matrix]") {
  const test_authority authority;
  const test_authority stranger;
  struct row {
    std::string what;
    tls_identity identity;
    sluice::test::script script;
    std::string words;
  };
  auto host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1");
  const std::vector<row> rows = {
    {"unknown issuer", stranger.issue(), {start_tls(), receive()}, "certificate"},
    {"expired", authority.issue({"DNS:localhost,IP:127.0.0.1", true}), {start_tls(), receive()}, "expired"},
    {"another host", authority.issue({"DNS:other.example,IP:192.0.2.1"}), {start_tls(), receive()}, host},
    {"no TLS", authority.issue(), {read_some(), send("HTTP/1.1 400 Bad Request\r\n\r\n")}, "TLS"},
    {"cut off", authority.issue(), {read_some()}, "TLS"},
    {"reset", authority.issue(), {read_some(), reset()}, "TLS"},
    {"silent", authority.issue(), {read_some(), stall()}, "http.connect_timeout"},
  };
  for (const auto& [what, identity, script, words] : rows) {
    INFO(what);
    const scripted_server server{{script, script, script}, identity};
    auto url = "https://" + host + ":" + std::to_string(server.port());
    auto r = read_from(url, {"--set", "http.ca_file=" + authority.ca_file(), "--set", "http.connect_timeout=1s"});
    check_nothing_read(r, words, url);
    CHECK(server.requests().empty());
  }
}

TEST_CASE("a token that is revoked in the middle of a read ends it, and no stream claims more than it has",
          "[matrix]") {
  simulated_account a{many_pages(20)};
  REQUIRE(a.server().set_faults({parsed("status=401 after=15")}));
  auto r = a.read(streams, R"("page_size":3,"slice_range_days":700)");
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.exit_code == 1);
  bool told = false;
  for (const auto& e : r.messages.errors)
    told |= e.failure_type == "config_error" && e.message.find("Re-authenticate") != std::string::npos;
  CHECK(told);
  std::size_t incomplete = 0;
  for (const auto& s : streams) {
    if (r.messages.last_status(s) == "COMPLETE")
      CHECK(r.messages.record_set(s) == a.expected(s));
    else
      ++incomplete;
  }
  CHECK(incomplete > 0);
  REQUIRE(a.server().set_faults({}));
  auto next = a.read(streams, R"("page_size":3,"slice_range_days":700)",
                     {"--state", a.files().write("state.json", r.messages.state_file())});
  INFO(describe(next));
  CHECK(next.exit_code == 0);
  for (const auto& s : streams) {
    auto ids = r.messages.ids(s);
    ids.merge(next.messages.ids(s));
    CHECK(ids.size() == a.account().expected_count(s));
  }
}
