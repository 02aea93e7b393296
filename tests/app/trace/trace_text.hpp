#pragma once

#include "app/trace/model.hpp"
#include "app/trace/reader.hpp"
#include "messages/fingerprint.hpp"
#include "tests/support/catch2.hpp"

#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

namespace sluice::test {

/// Puts a trace file together, event by event. Times are milliseconds.
class trace_text {
public:
  explicit trace_text(std::string filter = {}) {
    event(R"({"ph":"M","pid":1,"tid":0,"name":"process_name","args":{"name":"sluice"}})");
    event(
      R"({"ph":"M","pid":1,"tid":0,"name":"sluice_trace","args":{"format":1,"version":"sluice 9","epoch_us":1600000000000000,"filter":")"
      + filter + R"(","limit":"","endpoints":["surveys","survey_details"],"streams":["surveys","survey_details"]}})");
  }

  void event(const std::string& json) { text_ += json + ",\n"; }

  void actor(int tid, const std::string& kind) {
    event(R"({"ph":"M","pid":1,"tid":)" + std::to_string(tid) + R"(,"name":"thread_name","args":{"name":")" + kind
          + " #" + std::to_string(tid) + R"("}})");
  }

  /// A handled message with its two arrows. `args` is JSON that begins with a comma, or empty.
  void message(const std::string& name, int from, int to, double sent, double begin, double took,
               const std::string& args = {}) {
    auto seq = std::to_string(++seq_);
    auto mail = R"(,"id":)" + seq + R"(,"cat":"message","name":")" + name + "\"";
    event(R"({"ph":"s","pid":1,"tid":)" + std::to_string(from) + R"(,"ts":)" + us(sent) + mail + "}");
    event(R"({"ph":"f","pid":1,"tid":)" + std::to_string(to) + R"(,"ts":)" + us(begin) + mail + R"(,"bp":"e"})");
    event(R"({"ph":"X","pid":1,"tid":)" + std::to_string(to) + R"(,"cat":"message","name":")" + name
          + R"(","args":{"seq":)" + seq + R"(,"from":)" + std::to_string(from) + R"(,"sent":)" + us(sent) + args
          + R"(},"ts":)" + us(begin) + R"(,"dur":)" + us(took) + "}");
  }

  /// One end of an async span: `phase` is b or e.
  void span(char phase, const std::string& category, const std::string& name, int tid, int ticket, double at,
            const std::string& args) {
    event(std::string{R"({"ph":")"} + phase + R"(","pid":1,"tid":)" + std::to_string(tid) + R"(,"cat":")" + category
          + R"(","id":)" + std::to_string(ticket) + R"(,"name":")" + name + R"(","ts":)" + us(at) + R"(,"args":{)"
          + args + "}}");
  }

  void counter(const std::string& name, double at, const std::string& args) {
    event(R"({"ph":"C","pid":1,"tid":0,"name":")" + name + R"(","ts":)" + us(at) + R"(,"args":{)" + args + "}}");
  }

  /// The file of a run that was killed.
  std::string cut() const { return "[\n" + text_; }

  /// The file of a run that ended.
  std::string whole() const {
    return cut()
           + R"({"ph":"M","pid":1,"tid":0,"name":"sluice_end","args":{"messages":9,"left_out":0,"reason":"the run ended"}})"
           + "\n]\n";
  }

private:
  static std::string us(double ms) {
    char text[40];
    std::snprintf(text, sizeof text, "%.3f", ms * 1000);
    return text;
  }

  std::string text_;
  int seq_ = 0;
};

inline constexpr std::string_view window = "surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z";
inline constexpr std::string_view details = "survey_details survey_id=\\\"1\\\"";

/// What a message of this slice and page says of them.
inline std::string of(std::string_view slice, int page = 1) {
  return R"(,"slice":")" + std::string{slice} + R"(","slice_id":)" + (slice == window ? "101" : "202") + R"(,"page":)"
         + std::to_string(page);
}

inline std::string keys_of(std::string_view stream, std::initializer_list<std::string_view> json) {
  std::string result;
  for (auto key : json) {
    char hex[20];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(key_fingerprint(stream, key)));
    result += (result.empty() ? "" : " ") + std::string{hex};
  }
  return R"(,"keys":")" + result + "\"";
}

/// A run of two slices. The first one is a window with two surveys, numbers 1 and 2. Survey 1 becomes a slice of its
/// own, which is answered with 503, waits for the quota, and then succeeds. Nothing comes after its last page.
inline trace_text small_run() {
  trace_text t;
  t.actor(10, "slice_generator");
  t.actor(8, "governor");
  t.actor(23, "fetcher");
  t.actor(24, "fetcher");
  t.actor(11, "fan_out");
  t.actor(6, "emitter");
  t.actor(7, "state_aggregator");
  t.message("slices_offered", 10, 8, 0, 1, 0.5, R"(,"endpoint":"surveys","count":1)");
  t.message("permit", 8, 23, 1, 2, 50, of(window) + R"(,"ticket":1,"attempt":0,"queued_us":0,"quota_us":0)");
  t.span('b', "http", "surveys", 23, 1, 3, of(window).substr(1) + R"(,"attempt":0)");
  t.span('e', "http", "surveys", 23, 1, 43, R"("status":200,"bytes":5200)");
  t.message("parent_batch", 23, 11, 50, 51, 0.1, of(window));
  t.message("record_batch", 23, 6, 50, 52, 1,
            of(window) + R"(,"records":2,"last":true,"bytes":900,"streams":"surveys:2","upper_us":1609372799000000)"
              + keys_of("surveys", {"\"1\"", "\"2\""}));
  t.message("page_outcome", 23, 8, 50, 52, 0.5,
            of(window) + R"(,"ticket":1,"result":"slice_done","status":200,"bytes":900,"took_us":40000)");
  t.message("page_written", 6, 7, 53, 54, 0.2,
            of(window) + R"(,"records":2,"last":true,"bytes":900,"streams":"surveys:2","upper_us":1609372799000000)");
  t.message("state_update", 7, 6, 54, 56, 0.5,
            R"(,"stream":"surveys","covers":"windows","through_us":1609372799000000,"bytes":80)");
  t.message("permit", 8, 24, 60, 61, 30, of(details) + R"(,"ticket":2,"attempt":0,"queued_us":5000,"quota_us":0)");
  t.span('b', "http", "survey_details", 24, 2, 62, of(details).substr(1) + R"(,"attempt":0)");
  t.span('e', "http", "survey_details", 24, 2, 90, R"("status":503,"bytes":20,"error":"HTTP 503")");
  t.message("page_outcome", 24, 8, 91, 92, 0.5,
            of(details)
              + R"(,"ticket":2,"result":"retry","status":503,"delay_us":100000,"took_us":28000,"error":"HTTP 503")");
  t.span('b', "quota", "quota", 8, 3, 192, of(details).substr(1));
  t.span('e', "quota", "quota", 8, 3, 900, "");
  t.message("permit", 8, 23, 900, 901, 50,
            of(details) + R"(,"ticket":3,"attempt":1,"queued_us":708000,"quota_us":708000)");
  t.span('b', "http", "survey_details", 23, 3, 902, of(details).substr(1) + R"(,"attempt":1)");
  t.span('e', "http", "survey_details", 23, 3, 942, R"("status":200,"bytes":700)");
  t.message("record_batch", 23, 6, 950, 952, 1,
            of(details) + R"(,"records":1,"last":true,"bytes":300,"streams":"survey_details:1")"
              + keys_of("survey_details", {"1"}));
  t.message("page_outcome", 23, 8, 950, 953, 0.5, of(details) + R"(,"ticket":3,"result":"slice_done","status":200)");
  t.message("page_written", 6, 7, 953, 955, 1, of(details) + R"(,"records":1,"last":true)");
  t.counter("requests", 2, R"("in flight":1,"queued":0)");
  t.counter("requests", 950, R"("in flight":0,"queued":0)");
  t.counter("quota minute", 500, R"("left":7)");
  return t;
}

inline expected<trace::model> read_text(const std::string& text) {
  std::istringstream in{text};
  return trace::read_trace(in, "test.json");
}

inline trace::model model_of(const std::string& text) {
  auto read = read_text(text);
  REQUIRE(read.has_value());
  return std::move(*read);
}

} // namespace sluice::test
