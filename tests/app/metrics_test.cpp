#include "app/metrics.hpp"
#include "messages/text/utf8.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;

namespace {

struct exposition {
  /// `name{labels}` to value.
  std::map<std::string, double> samples;
  /// Name to type.
  std::map<std::string, std::string> types;
  std::string problem;
};

/// Reads the text format 0.0.4 more strictly than Prometheus does: each family once, with HELP, TYPE and then all of
/// its samples; no sample twice; labels escaped; counters end in `_total`.
exposition parse(const std::string& text) {
  static const std::regex comment{R"(# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+))"};
  static const std::regex sample{
    R"re(([a-z_][a-z0-9_]*)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? (-?[0-9]+(?:\.[0-9]+)?))re"};
  exposition e;
  std::set<std::string> helped;
  std::string family;
  if (text.empty() || text.back() != '\n')
    e.problem = "no newline at the end";
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    std::smatch m;
    if (std::regex_match(line, m, comment)) {
      std::string name = m[2];
      if (m[1] == "HELP" ? !helped.insert(name).second : helped.count(name) == 0 || e.types.count(name) > 0)
        e.problem = "out of order: " + line;
      if (m[1] == "TYPE")
        e.types[name] = m[3];
      family = name;
    } else if (std::regex_match(line, m, sample)) {
      std::string name = m[1];
      auto type = e.types[family];
      bool fits = type == "histogram"
                    ? name == family + "_bucket" || name == family + "_sum" || name == family + "_count"
                    : name == family;
      if (!fits || type.empty())
        e.problem = "not of the family before: " + line;
      if ((type == "counter") != (name.size() > 6 && name.substr(name.size() - 6) == "_total"))
        e.problem = "type and name disagree: " + line;
      if (!e.samples.emplace(m[1].str() + m[2].str(), std::stod(m[3])).second)
        e.problem = "twice: " + line;
    } else
      e.problem = "no line of the format: " + line;
  }
  return e;
}

std::string temporary_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "sluice-metrics-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

std::string content_of(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Of a run without labels, so that samples are called what they are called.
metrics_identity identity() {
  return {{}, "sluice 1.2", "surveymonkey", 1'700'000'000, 1'600'000'000};
}

} // namespace

TEST_CASE("metrics are valid, and tell what the snapshot tells") {
  auto e = parse(metrics_text(sample_run(), identity(), {}));
  CHECK(e.problem.empty());
  INFO(e.problem);
  auto value = [&e](const std::string& key) { return e.samples.count(key) > 0 ? e.samples[key] : -999; };
  const std::vector<std::pair<const char*, double>> expected{
    {"sluice_up", 1},
    {R"(sluice_build_info{version="sluice 1.2",connector="surveymonkey"})", 1},
    {"sluice_start_timestamp_seconds", 1'700'000'000},
    {"sluice_last_success_timestamp_seconds", 1'600'000'000},
    {"sluice_elapsed_seconds", 83.4},
    {"sluice_left_seconds", 170},
    {"sluice_requests_left", 240},
    {R"(sluice_stream_status{stream="surveys",status="complete"})", 1},
    {R"(sluice_stream_status{stream="surveys",status="running"})", 0},
    {R"(sluice_records_total{stream="survey_responses"})", 1234},
    {R"(sluice_record_bytes_total{stream="survey_responses"})", 123400},
    {R"(sluice_records_expected{stream="survey_responses"})", 2345},
    {R"(sluice_pages_total{stream="survey_details"})", 40},
    {R"(sluice_slices{stream="survey_responses",condition="known"})", 60},
    {R"(sluice_slices{stream="survey_responses",condition="done"})", 12},
    {R"(sluice_slices{stream="survey_responses",condition="failed"})", 0},
    {R"(sluice_states_total{stream="surveys"})", 2},
    {R"(sluice_requests_total{endpoint="survey_responses"})", 28},
    {R"(sluice_retries_total{endpoint="survey_responses"})", 2},
    {R"(sluice_rate_limited_total{endpoint="survey_responses"})", 1},
    {R"(sluice_request_seconds_sum{endpoint="survey_responses"})", 54.6},
    {R"(sluice_request_seconds_bucket{endpoint="survey_responses",le="1"})", 9},
    {R"(sluice_request_seconds_bucket{endpoint="survey_responses",le="2.5"})", 25},
    {R"(sluice_request_seconds_bucket{endpoint="survey_responses",le="60"})", 25},
    {R"(sluice_request_seconds_bucket{endpoint="survey_responses",le="+Inf"})", 26},
    {R"(sluice_request_seconds_count{endpoint="survey_responses"})", 26},
    {R"(sluice_requests_in_flight{endpoint="survey_responses"})", 2},
    {R"(sluice_requests_queued{endpoint="survey_responses"})", 20},
    {R"(sluice_queue_seconds_total{endpoint="survey_responses",reason="quota"})", 70},
    {R"(sluice_queue_seconds_total{endpoint="survey_responses",reason="other"})", 14},
    {"sluice_pool_size", 10},
    {R"(sluice_quota_limit{policy="minute"})", 120},
    {R"(sluice_quota_used{policy="minute"})", 96},
    {R"(sluice_quota_reset_seconds{policy="minute"})", 23},
    {R"(sluice_limiter_seconds_total{limiter="pool"})", 60},
    {R"(sluice_limiter_seconds_total{limiter="backoff"})", 0},
    {R"(sluice_limiter_seconds_total{limiter="credential"})", 0},
    {"sluice_output_credit_bytes", 0},
    {R"(sluice_actors{kind="fetcher"})", 10},
    {R"(sluice_actor_messages_total{kind="fetcher"})", 76},
    {R"(sluice_actor_busy_seconds_total{kind="fetcher"})", 0.3},
    {R"(sluice_actor_waiting_seconds_total{kind="fetcher"})", 57},
    {R"(sluice_actor_idle_seconds_total{kind="fetcher"})", 776.7},
    {R"(sluice_mailbox_messages{kind="emitter"})", 3},
    {R"(sluice_mailbox_high_water{kind="emitter"})", 12},
    {R"(sluice_mailbox_oldest_seconds{kind="emitter"})", 0.0015},
    {"sluice_resident_memory_bytes", 25300000},
    {"sluice_processor_seconds_total", 1.2},
  };
  for (const auto& [key, number] : expected) {
    INFO(key);
    CHECK(value(key) == near(number));
  }
}

TEST_CASE("every metric is documented, and nothing else is") {
  auto documented = content_of(source_directory() + "/docs/metrics.md");
  // Of a run in its middle, and of one that has ended.
  auto e = parse(metrics_text(sample_run(), identity(), {}));
  e.types.merge(parse(metrics_text(sample_run(), identity(), {false, 0})).types);
  std::set<std::string> names;
  for (const auto& [name, type] : e.types) {
    INFO(name);
    CHECK(documented.find("`" + name + "`") != std::string::npos);
    names.insert(name);
  }
  static const std::regex name{"`(sluice_[a-z0-9_]+)`"};
  for (std::sregex_iterator it{documented.begin(), documented.end(), name}, end; it != end; ++it) {
    INFO((*it)[1]);
    CHECK(names.count((*it)[1]) == 1);
  }
}

TEST_CASE("labels of the user are on every sample") {
  auto of = identity();
  of.labels = {{"env", "a\"b"}, {"run", "nightly"}};
  auto text = metrics_text(sample_run(), of, {});
  auto e = parse(text);
  INFO(e.problem);
  CHECK(e.problem.empty());
  CHECK(e.samples.count(R"(sluice_up{env="a\"b",run="nightly"})") == 1);
  for (const auto& [key, value] : e.samples) {
    INFO(key);
    CHECK(key.find(R"(env="a\"b",run="nightly"})") != std::string::npos);
  }
}

TEST_CASE("a label is a name that metrics do not have, and a text") {
  CHECK(parse_metrics_label("env=prod") == metrics_label{"env", "prod"});
  CHECK(parse_metrics_label("a_1=x=y") == metrics_label{"a_1", "x=y"});
  CHECK(parse_metrics_label("empty=") == metrics_label{"empty", ""});
  for (const char* text : {"env", "=x", "1a=x", "a-b=x", "é=x", "stream=x", "le=1", "__name__=x"}) {
    INFO(text);
    CHECK_FALSE(parse_metrics_label(text));
  }
}

TEST_CASE("a run is called by its file, unless a label says otherwise") {
  CHECK(metrics_target_of("/a/nightly.prom", {}, "v", "c", 5).of.labels
        == std::vector<metrics_label>{{"run", "nightly"}});
  CHECK(metrics_target_of("/a/x.prom", {{"run", "b"}, {"env", "p"}, {"env", "q"}}, "v", "c", 5).of.labels
        == std::vector<metrics_label>{{"run", "b"}, {"env", "q"}});
}

TEST_CASE("the exit code is told at the end, and the last success is remembered from run to run") {
  auto directory = temporary_directory();
  auto path = directory + "/sluice.prom";
  auto begin = [&](std::int64_t now_s) { return metrics_target_of(path, {}, "v", "c", now_s); };
  auto samples = [&] { return parse(content_of(path)).samples; };
  const std::string code = R"(sluice_exit_code{run="sluice"})";
  const std::string success = R"(sluice_last_success_timestamp_seconds{run="sluice"})";
  REQUIRE(write_metrics(begin(1000), sample_run(), {}));
  CHECK(samples().count(code) == 0);
  CHECK(samples().count(success) == 0);
  REQUIRE(write_metrics(begin(1000), sample_run(), {false, 0}));
  CHECK(samples()[code] == 0);
  CHECK(samples()[success] == 1083);
  REQUIRE(write_metrics(begin(5000), sample_run(), {false, 1}));
  CHECK(samples()[code] == 1);
  CHECK(samples()[success] == 1083);
  std::filesystem::remove_all(directory);
}

TEST_CASE("what is unknown has no sample, and no sample no family") {
  auto text = metrics_text(bare_run(), {}, {false, std::nullopt});
  auto e = parse(text);
  INFO(e.problem);
  CHECK(e.problem.empty());
  CHECK(e.samples["sluice_up"] == 0);
  CHECK(e.samples["sluice_requests_total"] == 30);
  for (const char* name : {"sluice_left_seconds", "sluice_requests_left", "sluice_resident_memory_bytes",
                           "sluice_records_expected", "sluice_quota_limit", "sluice_actors", "sluice_request_seconds"})
    CHECK(text.find(name) == std::string::npos);
}

TEST_CASE("names of any kind keep the file valid") {
  auto x = sample_run();
  x.records.streams[0].name = "a\"b\\c\nd,e}f";
  CHECK(is_valid_utf8(metrics_text(x, {{{"run", "caf\xE9"}}, "v", "c", 1, 0}, {})));
  x.records.streams[1].name = x.records.streams[2].name; // a catalogue may name a stream twice, in two namespaces
  x.requests.quotas[1].policy = x.requests.quotas[0].policy;
  auto e = parse(metrics_text(x, {}, {}));
  INFO(e.problem);
  CHECK(e.problem.empty());
  CHECK(e.samples.count(R"(sluice_records_total{stream="a\"b\\c\nd,e}f"})") == 1);
}

TEST_CASE("a metrics file is replaced as a whole") {
  auto directory = temporary_directory();
  auto path = directory + "/sluice.prom";
  REQUIRE(write_metrics({path, identity()}, sample_run(), {}));
  std::ifstream reader{path};
  auto x = sample_run();
  x.requests.requests = 77;
  REQUIRE(write_metrics({path, identity()}, x, {false, 0}));
  // Who had opened the file before reads the old numbers to their end.
  std::string old{std::istreambuf_iterator<char>{reader}, {}};
  CHECK(old == metrics_text(sample_run(), identity(), {}));
  CHECK(content_of(path) == metrics_text(x, identity(), {false, 0}));
  CHECK(std::distance(std::filesystem::directory_iterator{directory}, {}) == 1);

  SECTION("a link to it stays a link") {
    std::filesystem::create_symlink(path, directory + "/link");
    REQUIRE(write_metrics({directory + "/link", identity()}, sample_run(), {}));
    CHECK(std::filesystem::is_symlink(directory + "/link"));
    CHECK(content_of(path) == metrics_text(sample_run(), identity(), {}));
  }
  SECTION("a link of the kernel to a file without a name is not replaced") {
    // As /dev/stdout may be one.
    int fd = ::open(path.c_str(), O_RDWR);
    REQUIRE(fd >= 0);
    std::filesystem::remove(path);
    auto link = directory + "/link";
    std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(fd), link);
    CHECK_FALSE(write_metrics({link, identity()}, sample_run(), {}));
    CHECK(std::filesystem::is_symlink(link));
    ::close(fd);
  }
  SECTION("a device stays a device") {
    REQUIRE(write_metrics({"/dev/null", identity()}, sample_run(), {}));
    CHECK(std::filesystem::is_character_file("/dev/null"));
  }
  std::filesystem::remove_all(directory);
}

TEST_CASE("a metrics file that cannot be written is an error that names it") {
  auto failed = write_metrics({"/nowhere/sluice.prom", identity()}, sample_run(), {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().failure == failure_type::config_error);
  CHECK(failed.error().message
        == "The metrics file /nowhere/sluice.prom cannot be written: No such file or directory.");
}
