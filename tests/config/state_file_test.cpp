#include "config/state_file.hpp"

#include "config/files.hpp"
#include "messages/protocol.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temporary_file.hpp"

#include <string>

using namespace sluice;

namespace {

/// `name@namespace=json;` of each stream, or the error's message.
std::string states(std::string_view text) {
  auto result = parse_state(text);
  if (!result) {
    CHECK(result.error().code == errc::bad_state);
    CHECK(result.error().failure == failure_type::config_error);
    return result.error().message;
  }
  std::string out;
  for (const auto& s : *result)
    out += s.name + (s.name_space.empty() ? "" : "@" + s.name_space) + "=" + s.json + ";";
  return out;
}

bool complains(std::string_view text, const std::string& part) {
  auto message = states(text);
  CAPTURE(message, part);
  return message.find(part) != std::string::npos && message.rfind("The state file is not valid: ", 0) == 0;
}

std::string stream(const std::string& name, const std::string& state = "{}") {
  return R"({"type":"STREAM","stream":{"stream_descriptor":{"name":")" + name + R"("},"stream_state":)" + state + "}}";
}

} // namespace

TEST_CASE("no state is written in several ways") {
  for (std::string text : {"[]", "{}", "null", " [ ] \n", R"([{"type":"LEGACY","data":null}])"}) {
    CAPTURE(text);
    CHECK(states(text) == "");
  }
}

TEST_CASE("STREAM states are read with their number texts unchanged") {
  CHECK(
    states(R"([
    {"type": "STREAM", "stream": {"stream_descriptor": {"name": "a"}, "stream_state": {"x": 1.10, "y" : 123456789012345678901234567890,
      "z": "s p a c e", "e": 1e300}}},
    {"stream": {"stream_descriptor": {"name": "b", "namespace": "n"}, "stream_state": {"date_modified": 1623348420.0}}},
    {"type": "STREAM", "stream": {"stream_descriptor": {"name": "c", "namespace": null}, "stream_state": null}},
    {"type": "STREAM", "stream": {"stream_descriptor": {"name": "d"}}, "sourceStats": {"recordCount": 1.0}}
  ])")
    == R"(a={"x":1.10,"y":123456789012345678901234567890,"z":"s p a c e","e":1e300};b@n={"date_modified":1623348420.0};)");
}

TEST_CASE("escaped names are decoded") {
  CHECK(states("[" + stream(R"(\u0061\"b)") + "]") == "a\"b={};");
}

TEST_CASE("a GLOBAL state is split into its streams") {
  auto global = [](const std::string& shared) {
    return R"([{"type": "GLOBAL", "global": {)" + shared + R"("stream_states": [
      {"stream_descriptor": {"name": "a"}, "stream_state": {"x": 1}},
      {"stream_descriptor": {"name": "b", "namespace": "n"}, "stream_state": {"x": 2}}]}}])";
  };
  for (std::string shared : {"", R"("shared_state": null, )", R"("shared_state": { }, )"})
    CHECK(states(global(shared)) == R"(a={"x":1};b@n={"x":2};)");
  CHECK(complains(global(R"("shared_state": {"cdc": 1}, )"),
                  "[0].global.shared_state: a state that all streams share is not supported"));
}

TEST_CASE("legacy states are read") {
  CHECK(states(R"({"surveys": {"date_modified": 1.0}, "b": {}, "c": null})")
        == R"(surveys={"date_modified":1.0};b={};)");
  CHECK(states(R"([{"type": "LEGACY", "data": {"a": {"x": 1}}}])") == R"(a={"x":1};)");
  CHECK(states(R"([{"data": {"a": {"x": 1}}}])") == R"(a={"x":1};)");
  // Streams whose names are keywords elsewhere.
  CHECK(states(R"({"stream": {"x": 1}, "data": {"y": 2}})") == R"(stream={"x":1};data={"y":2};)");
}

TEST_CASE("a single state needs no list around it") {
  CHECK(states(stream("a", R"({"x":1})")) == R"(a={"x":1};)");
  CHECK(states(R"({"stream":{"stream_descriptor":{"name":"a"},"stream_state":{"x":1}}})") == R"(a={"x":1};)");
}

TEST_CASE("of messages as a source prints them the last STATE of each stream counts") {
  auto text = state_line({"a", ""}, R"({"x":1})", 1) + log_line(log_level::info, "hello")
              + state_line({"b", "n"}, R"({"y":1})", 1) + record_prefix({"a", ""}) + "{}" + record_suffix(1)
              + state_line({"a", ""}, R"({"x":2.0})", 1);
  CHECK(states(text) == R"(a={"x":2.0};b@n={"y":1};)");
  CHECK(states(state_line({"a", ""}, R"({"x":1})", 1)) == R"(a={"x":1};)");
  CHECK(states(log_line(log_level::info, "hello")) == "");
}

TEST_CASE("a torn last line of messages is passed over, a torn line before it is not") {
  auto whole = state_line({"a", ""}, R"({"x":1})", 1);
  auto torn = state_line({"a", ""}, R"({"x":2})", 1);
  torn.resize(torn.size() / 2);
  CHECK(states(whole + torn) == R"(a={"x":1};)");
  CHECK(
    complains(whole + torn + "\n" + whole, "line 2 is not valid JSON: it ends before the JSON document is complete"));
  CHECK(complains(whole + "5\n", "line 2: expected an Airbyte message, found 5"));
  CHECK(complains(whole + "{\"type\":\"STATE\",\"state\":5}\n", "line 2: state: expected a state object, found 5"));
}

TEST_CASE("a fault of a state is named with its path") {
  CHECK(complains("5", "expected a list of states, found 5"));
  CHECK(complains("[5]", "[0]: expected a state object, found 5"));
  CHECK(complains("[{}]", R"([0]: expected "type" and "stream", found neither)"));
  CHECK(complains(R"([{"type": "OTHER"}])", R"([0].type: expected "STREAM", "GLOBAL" or "LEGACY", found "OTHER")"));
  CHECK(complains(R"([{"type": 5}])", R"([0].type: expected "STREAM", "GLOBAL" or "LEGACY", found 5)"));
  CHECK(complains(R"([{"type": "STREAM"}])", "[0].stream: expected an object, found nothing"));
  CHECK(complains(R"([{"type": "GLOBAL"}])", "[0].global: expected an object, found nothing"));
  CHECK(complains(R"([{"type": "STREAM", "stream": {}}])",
                  "[0].stream.stream_descriptor: expected an object, found nothing"));
  CHECK(complains("[" + stream("a") + R"(, {"stream": {"stream_descriptor": {"name": 1}}}])",
                  "[1].stream.stream_descriptor.name: expected the name of a stream, found 1"));
  CHECK(complains(R"([{"stream": {"stream_descriptor": {"name": "a", "namespace": 1}}}])",
                  "[0].stream.stream_descriptor.namespace: expected a string or null, found 1"));
  CHECK(complains("[" + stream("a", "5") + "]", "[0].stream.stream_state: expected a state object, found 5"));
  CHECK(complains("[" + stream("a") + "," + stream("a") + "]",
                  R"([1].stream.stream_state: there is a state of the stream "a" already)"));
  CHECK(complains(R"({"a": 5})", "a: expected a state object, found 5"));
  CHECK(complains(R"([{"type": "GLOBAL", "global": {"stream_states": {}}}])",
                  "[0].global.stream_states: expected a list, found an object"));
  CHECK(complains("[", "it is not valid JSON: it ends before the JSON document is complete (line 1, column 2)"));
  CHECK(complains("", "it is not valid JSON"));
}

TEST_CASE("a state with very many streams is read in reasonable time") {
  std::string text = "{\"s\":{}";
  for (auto i = 0; i < 100000; ++i)
    text += ",\"s" + std::to_string(i) + "\":{\"x\":1}";
  auto result = parse_state(text + "}");
  REQUIRE(result);
  CHECK(result->size() == 100001);
}

TEST_CASE("no member of a state file may have a wrong type") {
  const std::string name = R"("stream_descriptor":{"name":"a"})";
  for (const std::string wrong : {"true", "0", "1.5", R"("x")", "[]", R"(["x"])"}) {
    CHECK(complains(R"([{"type":)" + wrong + "," + R"("stream":{)" + name + "}}]", "[0].type"));
    CHECK(complains(R"([{"type":"STREAM","stream":)" + wrong + "}]", "[0].stream"));
    CHECK(complains(R"([{"type":"STREAM","stream":{"stream_descriptor":)" + wrong + "}}]", "stream_descriptor"));
    if (wrong != R"("x")") {
      CHECK(complains(R"([{"stream":{"stream_descriptor":{"name":)" + wrong + "}}}]", "stream_descriptor.name"));
      CHECK(complains(R"([{"stream":{"stream_descriptor":{"name":"a","namespace":)" + wrong + "}}}]", "namespace"));
    }
    CHECK(complains(R"([{"type":"STREAM","stream":{)" + name + R"(,"stream_state":)" + wrong + "}}]", "stream_state"));
    CHECK(complains(R"([{"type":"GLOBAL","global":)" + wrong + "}]", "[0].global"));
    CHECK(complains(R"([{"type":"GLOBAL","global":{"shared_state":)" + wrong + R"(,"stream_states":[]}}])",
                    "shared_state"));
    if (wrong != "[]")
      CHECK(complains(R"([{"type":"GLOBAL","global":{"stream_states":)" + wrong + "}}]", "stream_states"));
    CHECK(complains(R"([{"type":"GLOBAL","global":{"stream_states":[)" + wrong + "]}}]", "stream_states[0]"));
    CHECK(complains(R"([{"type":"LEGACY","data":)" + wrong + "}]", "[0].data"));
    CHECK(complains(R"([{"type":"LEGACY","data":{"a":)" + wrong + "}}]", "[0].data.a"));
    CHECK(complains(R"({"a":)" + wrong + "}", "a: expected a state object"));
    CHECK(complains("[" + wrong + "]", "[0]: expected a state object"));
    CHECK(complains(R"({"type":"STATE","state":)" + wrong + "}", "state: expected a state object"));
    if (wrong.front() != '[')
      CHECK(complains(wrong, "expected a list of states"));
  }
  CHECK(complains(R"([{"type":"LEGACY"}])", "[0].data: expected an object, found nothing"));
  CHECK(complains(R"([{"type":"GLOBAL","global":{}}])", "[0].global.stream_states: expected a list, found nothing"));
  CHECK(complains(R"({"type":"STATE"})", "state: expected a state object, found nothing"));
}

TEST_CASE("messages of any size are read, of which the states alone are held") {
  test::temporary_directory dir;
  std::string text = R"({"type":"RECORD","record":{"stream":"a","data":{"x":")" + std::string(max_state_bytes, 'x')
                     + "\"}}}\n" + state_line({"a", ""}, R"({"x":1})", 1);
  // A state between records, and lines that end at every place of a block that is read.
  for (std::size_t n = 0; n < 70; ++n)
    text += R"({"type":"RECORD","record":{"data":")" + std::string(1000 + n, 'y') + "\"}}\n";
  text += state_line({"b", ""}, R"({"x":2})", 1) + state_line({"a", ""}, R"({"x":3})", 1);
  text += R"({"type":"RECORD","record":{"data":")" + std::string(max_state_bytes, 'z');
  const auto result = load_state(dir.write("messages", text));
  REQUIRE(result);
  REQUIRE(result->size() == 2);
  CHECK((*result)[0].json == R"({"x":3})");
  CHECK((*result)[1].json == R"({"x":2})");
  const auto line = R"({"type":"LOG","log":{"message":")" + std::string(max_state_bytes, 'x') + "\"}}\n";
  CHECK(load_state(dir.write("long", state_line({"a", ""}, "{}", 1) + line)).error().code == errc::unreadable_file);
  CHECK(load_state(dir.write("document", "[" + std::string(max_state_bytes, ' ') + "]")).error().code
        == errc::unreadable_file);
}

TEST_CASE("messages that were cut anywhere give the states before the cut") {
  test::temporary_directory dir;
  const auto first = state_line({"a", ""}, R"({"x":1})", 1);
  const auto second = state_line({"a", ""}, "{\"x\":2,\"y\":\"\xC3\xA9\xF0\x9F\x98\x80\"}", 1);
  const std::string record = "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\",\"data\":{\"x\":\"\xC3\xA9\"}}}\n";
  const std::string log = "{\"type\":\"LOG\",\"log\":{\"message\":\"\xE2\x82\xAC\"}}\n";
  for (const auto& last : {second, record, log})
    for (std::size_t size = 0; size < last.size(); ++size) {
      const auto text = record + first + last.substr(0, size);
      INFO(size << " bytes of " << last);
      const bool whole = size + 1 == last.size();
      const auto expected = whole && last == second ? 2 : 1;
      auto result = load_state(dir.write("cut", text));
      REQUIRE(result);
      REQUIRE(result->size() == 1);
      CHECK((*result)[0].json.find("\"x\":" + std::to_string(expected)) != std::string::npos);
    }
  // A run that was killed in its first record has promised nothing.
  CHECK(load_state(dir.write("cut", record.substr(0, record.size() - 7)))->empty());
  // But not every file that ends too early is one of messages, and in the middle nothing is passed over.
  CHECK(load_state(dir.write("cut", "[" + stream("a"))).error().code == errc::bad_state);
  CHECK(load_state(dir.write("cut", first + log.substr(0, log.size() - 6) + "\n" + second))
          .error()
          .message.find("line 2 is not valid JSON")
        != std::string::npos);
}

TEST_CASE("a byte order mark before messages is passed over") {
  test::temporary_directory dir;
  const auto line = state_line({"a", ""}, R"({"x":1})", 1);
  CHECK(load_state(dir.write("bom", "\xEF\xBB\xBF" + line + line))->size() == 1);
  CHECK(load_state(dir.write("bom", "\xEF\xBB\xBF" + line))->size() == 1);
  CHECK(load_state(dir.write("bom", "\xEF\xBB\xBF\n\n" + line + "\n \n"))->size() == 1);
}

TEST_CASE("a state is read from a file") {
  test::temporary_directory dir;
  CHECK(load_state(dir.write("s.json", "[" + stream("a") + "]"))->size() == 1);
  CHECK(load_state(dir.path("none")).error().code == errc::unreadable_file);
  CHECK(load_state(dir.write("empty", "")).error().code == errc::unreadable_file);
  CHECK(load_state(dir.write("bad.json", "[")).error().code == errc::bad_state);
}

TEST_CASE("no bytes given as a state crash its loader") {
  auto samples = std::vector<std::string>{
    "[" + stream("a", R"({"x":[1,{"y":null}]})") + "," + stream("b") + "]", R"({"a": {"x": 1}, "b": {}})",
    R"([{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{}}]}}])",
    state_line({"a", ""}, R"({"x":1})", 1) + state_line({"b", ""}, R"({"x":1})", 1)};
  CHECK(rc::check("mutated states end in states or a clear error", [&samples] {
    auto sample = *rc::gen::elementOf(samples);
    auto result = parse_state(*rc::gen::oneOf(test::random_bytes(), test::mutations_of(sample)));
    if (!result)
      RC_ASSERT(result.error().code == errc::bad_state);
    else
      for (const auto& state : *result)
        RC_ASSERT(state.json.front() == '{');
  }));
}
