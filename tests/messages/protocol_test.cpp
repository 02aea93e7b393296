#include "messages/protocol.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"
#include "tests/support/random_bytes.hpp"

#include <rapidcheck.h>

#include <Poco/Exception.h>

#include <algorithm>
#include <string>

using namespace sluice;

namespace {

/// One line, one object, `type` first.
void check_line(const std::string& line, const std::string& type) {
  RC_ASSERT(std::count(line.begin(), line.end(), '\n') == 1);
  RC_ASSERT(line.back() == '\n');
  RC_ASSERT(line.rfind("{\"type\":\"" + type + "\",", 0) == 0);
  try {
    RC_ASSERT(test::json_object(line)->getValue<std::string>("type") == type);
  } catch (const Poco::Exception& e) {
    RC_FAIL(e.displayText() + ": " + line);
  }
}

} // namespace

TEST_CASE("SPEC embeds the connection specification unchanged") {
  CHECK(spec_line(R"({"type":"object","properties":{"n":{"default":1.0}}})", "https://x")
        == R"({"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{"n":{"default":1.0}}},)"
           R"("documentationUrl":"https://x","supportsIncremental":true,"supportsNormalization":false,)"
           R"("supportsDBT":false}})"
           "\n");
  CHECK(spec_line("{}", "", R"({"auth_flow_type":"oauth2.0"})")
        == R"({"type":"SPEC","spec":{"connectionSpecification":{},"supportsIncremental":true,)"
           R"("supportsNormalization":false,"supportsDBT":false,"advanced_auth":{"auth_flow_type":"oauth2.0"}}})"
           "\n");
  CHECK(spec_line("{}", "", "", false)
        == R"({"type":"SPEC","spec":{"connectionSpecification":{},"supportsIncremental":false,)"
           R"("supportsNormalization":false,"supportsDBT":false}})"
           "\n");
}

TEST_CASE("CONNECTION_STATUS says SUCCEEDED or FAILED") {
  CHECK(connection_status_line(true)
        == "{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}\n");
  CHECK(connection_status_line(false, "bad \"token\"")
        == R"({"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"bad \"token\""}})"
           "\n");
}

TEST_CASE("CATALOG describes each stream") {
  CHECK(catalog_line({}) == "{\"type\":\"CATALOG\",\"catalog\":{\"streams\":[]}}\n");
  catalog_stream surveys{"surveys", "", R"({"type":"object"})", true, {"date_modified"}, {{"id"}}};
  catalog_stream pages{"pages", "space", "", false, {}, {{"survey", "id"}, {"id"}}};
  CHECK(catalog_line({surveys, pages})
        == R"({"type":"CATALOG","catalog":{"streams":[{"name":"surveys","json_schema":{"type":"object"},)"
           R"("supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,)"
           R"("default_cursor_field":["date_modified"],"source_defined_primary_key":[["id"]],"is_resumable":true,)"
           R"("is_file_based":false},{"name":"pages","json_schema":{},"supported_sync_modes":["full_refresh"],)"
           R"("source_defined_primary_key":[["survey","id"],["id"]],"namespace":"space","is_resumable":false,)"
           R"("is_file_based":false}]}})"
           "\n");
}

TEST_CASE("STATE counts records as a float and keeps the state's number texts") {
  CHECK(state_line({"a", ""}, R"({"__ab_no_cursor_state_message":true})", 3)
        == R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":)"
           R"({"__ab_no_cursor_state_message":true}},"sourceStats":{"recordCount":3.0}}})"
           "\n");
  CHECK(state_line({"a", "n"}, R"({"x":123456789012345678901234567890,"y":1.10})", 0)
        == R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":"n"},)"
           R"("stream_state":{"x":123456789012345678901234567890,"y":1.10}},"sourceStats":{"recordCount":0.0}}})"
           "\n");
}

TEST_CASE("CONTROL carries the whole configuration") {
  CHECK(control_line(R"({"a": 1.50,
 "b":"x"})",
                     17)
        == R"({"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":17,"connectorConfig":{"config":)"
           R"({"a": 1.50, "b":"x"}}}})"
           "\n");
}

TEST_CASE("LOG carries level, message and, if there is one, a stack trace") {
  CHECK(log_line(log_level::info, "hello\nworld")
        == R"({"type":"LOG","log":{"level":"INFO","message":"hello\nworld"}})"
           "\n");
  CHECK(log_line(log_level::fatal, "m", "at f")
        == R"({"type":"LOG","log":{"level":"FATAL","message":"m","stack_trace":"at f"}})"
           "\n");
  CHECK(to_string(log_level::error) == "ERROR");
  CHECK(to_string(log_level::warn) == "WARN");
  CHECK(to_string(log_level::debug) == "DEBUG");
  CHECK(to_string(log_level::trace) == "TRACE");
}

TEST_CASE("TRACE ERROR carries the failure type and, if there is one, the stream") {
  error what{errc::bad_config, failure_type::config_error, "m", "i"};
  CHECK(trace_error_line(what, std::nullopt, 17, "s")
        == R"({"type":"TRACE","trace":{"type":"ERROR","emitted_at":17,"error":{"message":"m","internal_message":"i",)"
           R"("stack_trace":"s","failure_type":"config_error"}}})"
           "\n");
  what = {errc::timed_out, failure_type::transient_error, "m", ""};
  CHECK(trace_error_line(what, stream_descriptor{"a", "n"}, 17)
        == R"({"type":"TRACE","trace":{"type":"ERROR","emitted_at":17,"error":{"message":"m",)"
           R"("failure_type":"transient_error","stream_descriptor":{"name":"a","namespace":"n"}}}})"
           "\n");
}

TEST_CASE("STREAM_STATUS carries a reason while the stream waits for quota") {
  CHECK(stream_status_line({"a", ""}, stream_status::started, 17)
        == R"({"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":17,"stream_status":)"
           R"({"stream_descriptor":{"name":"a"},"status":"STARTED"}}})"
           "\n");
  CHECK(stream_status_line({"a", ""}, stream_status::running, 17, 99)
        == R"({"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":17,"stream_status":)"
           R"({"stream_descriptor":{"name":"a"},"status":"RUNNING","reasons":[{"type":"RATE_LIMITED",)"
           R"("rate_limited":{"quota_reset":99}}]}}})"
           "\n");
  CHECK(to_string(stream_status::complete) == "COMPLETE");
  CHECK(to_string(stream_status::incomplete) == "INCOMPLETE");
}

TEST_CASE("a RECORD line is prefix, raw record and suffix") {
  CHECK(record_prefix({"surveys", ""}) + R"({"id":1.0})" + record_suffix(1)
        == "{\"type\":\"RECORD\",\"record\":{\"stream\":\"surveys\",\"data\":{\"id\":1.0},\"emitted_at\":1}}\n");
  CHECK(record_prefix({"a\"b", "n"}) == R"({"type":"RECORD","record":{"stream":"a\"b","namespace":"n","data":)");
}

TEST_CASE("line breaks between the tokens of embedded JSON do not tear the line") {
  CHECK(state_line({"a", ""}, "{\r\n \"x\": 1\n}", 0).find(R"("stream_state":{ "x": 1}})") != std::string::npos);
}

TEST_CASE("a message beyond 64 KiB is cut with a note, between characters") {
  std::string limit(max_text_bytes, 'x');
  CHECK(test::json_object(log_line(log_level::info, limit))->getObject("log")->getValue<std::string>("message")
        == limit);
  auto text = std::string(max_text_bytes - 1, 'x') + "\u20ac";
  auto message = test::json_object(log_line(log_level::info, text))->getObject("log")->getValue<std::string>("message");
  CHECK(message == std::string(max_text_bytes - 1, 'x') + "... (cut: the whole text has 65538 bytes)");
}

TEST_CASE("every line is one JSON object, whatever the texts in it") {
  CHECK(rc::check("lines of random bytes parse again", [](std::int64_t t) {
    auto a = *test::random_text();
    auto b = *test::random_text();
    auto c = *test::random_text();
    stream_descriptor stream{a, b};
    check_line(spec_line("{}", a), "SPEC");
    check_line(connection_status_line(false, a), "CONNECTION_STATUS");
    check_line(catalog_line({{a, b, "{}", true, {c}, {{a, b}, {c}}}}), "CATALOG");
    check_line(state_line(stream, R"({"x":1})", 7), "STATE");
    check_line(log_line(log_level::warn, a, b), "LOG");
    check_line(trace_error_line({errc::internal, failure_type::system_error, a, b}, stream, t, c), "TRACE");
    check_line(stream_status_line(stream, stream_status::running, t, t), "TRACE");
    check_line(record_prefix(stream) + "{}" + record_suffix(t), "RECORD");
  }));
}
