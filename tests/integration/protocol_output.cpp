#include "tests/integration/protocol_output.hpp"

#include <regex>

#include <simdjson.h>

namespace sluice::test {

namespace {

std::string text_at(simdjson::dom::element at, std::string_view pointer) {
  std::string_view value;
  return at.at_pointer(pointer).get(value) == simdjson::SUCCESS ? std::string{value} : std::string{};
}

struct record_line {
  std::string stream;
  std::string data;
};

/// Takes a RECORD line apart by its text alone: numbers that no double can hold are data as well.
std::optional<record_line> split_record(const std::string& line) {
  constexpr std::string_view head = R"({"type":"RECORD","record":{"stream":")";
  constexpr std::string_view middle = R"(","data":)";
  constexpr std::string_view tail = R"(,"emitted_at":)";
  constexpr std::size_t time_digits = 13;
  std::string_view text{line};
  auto name_end = text.find('"', head.size());
  auto tail_size = tail.size() + time_digits + 2;
  if (text.substr(0, head.size()) != head || name_end == std::string_view::npos
      || text.substr(name_end, middle.size()) != middle || text.size() < name_end + middle.size() + tail_size)
    return std::nullopt;
  auto begin = name_end + middle.size();
  auto end = text.size() - tail_size;
  auto time = text.substr(end + tail.size(), time_digits);
  if (text.substr(end, tail.size()) != tail || time.find_first_not_of("0123456789") != std::string_view::npos
      || text.substr(text.size() - 2) != "}}")
    return std::nullopt;
  return record_line{line.substr(head.size(), name_end - head.size()), line.substr(begin, end - begin)};
}

} // namespace

protocol_output::protocol_output(const std::string& text) {
  simdjson::dom::parser parser;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = text.find('\n', at);
    bool whole = end != std::string::npos;
    auto line = text.substr(at, whole ? end - at : std::string::npos);
    at = whole ? end + 1 : text.size();
    if (auto record = split_record(line); whole && record) {
      lines.push_back(line);
      records[record->stream].push_back(std::move(record->data));
      continue;
    }
    simdjson::dom::element doc;
    if (!whole || line.rfind(R"({"type":")", 0) != 0 || parser.parse(line).get(doc) != simdjson::SUCCESS) {
      bad_lines.push_back(line);
      continue;
    }
    lines.push_back(line);
    auto type = text_at(doc, "/type");
    if (type == "STATE") {
      state_message s;
      s.stream = text_at(doc, "/state/stream/stream_descriptor/name");
      simdjson::dom::element state;
      if (doc.at_pointer("/state/stream/stream_state").get(state) == simdjson::SUCCESS)
        s.json = simdjson::minify(state);
      if (doc.at_pointer("/state").get(state) == simdjson::SUCCESS)
        s.envelope = simdjson::minify(state);
      s.record_count = -1;
      if (doc.at_pointer("/state/sourceStats/recordCount").get(s.record_count) != simdjson::SUCCESS)
        bad_lines.push_back(line);
      s.records_before = records[s.stream].size();
      states.push_back(std::move(s));
    } else if (type == "CONTROL" && text_at(doc, "/control/type") == "CONNECTOR_CONFIG") {
      simdjson::dom::element config;
      if (doc.at_pointer("/control/connectorConfig/config").get(config) == simdjson::SUCCESS)
        configs.push_back(simdjson::minify(config));
      else
        bad_lines.push_back(line);
    } else if (type == "TRACE" && text_at(doc, "/trace/type") == "STREAM_STATUS") {
      statuses[text_at(doc, "/trace/stream_status/stream_descriptor/name")].push_back(
        text_at(doc, "/trace/stream_status/status"));
    } else if (type == "TRACE" && text_at(doc, "/trace/type") == "ERROR") {
      errors.push_back({text_at(doc, "/trace/error/stream_descriptor/name"), text_at(doc, "/trace/error/failure_type"),
                        text_at(doc, "/trace/error/message"), text_at(doc, "/trace/error/internal_message")});
    } else if (type == "TRACE" && text_at(doc, "/trace/type") == "ESTIMATE") {
      estimate_message e{text_at(doc, "/trace/estimate/name"), 0, 0};
      if (text_at(doc, "/trace/estimate/type") != "STREAM"
          || doc.at_pointer("/trace/estimate/row_estimate").get(e.records) != simdjson::SUCCESS
          || doc.at_pointer("/trace/estimate/byte_estimate").get(e.bytes) != simdjson::SUCCESS)
        bad_lines.push_back(line);
      estimates.push_back(std::move(e));
    } else if (type == "LOG") {
      logs.push_back({text_at(doc, "/log/level"), text_at(doc, "/log/message")});
    } else if (type == "CONNECTION_STATUS") {
      check_status = text_at(doc, "/connectionStatus/status");
      check_message = text_at(doc, "/connectionStatus/message");
    } else if (type != "SPEC" && type != "CATALOG") {
      bad_lines.push_back(line);
    }
  }
}

std::string protocol_output::last_status(const std::string& stream) const {
  auto found = statuses.find(stream);
  return found == statuses.end() ? "" : found->second.back();
}

std::optional<protocol_output::state_message> protocol_output::last_state(const std::string& stream) const {
  for (auto i = states.rbegin(); i != states.rend(); ++i)
    if (i->stream == stream)
      return *i;
  return std::nullopt;
}

std::string protocol_output::state_file() const {
  std::map<std::string, std::string> last;
  for (const auto& s : states)
    last[s.stream] = s.envelope;
  std::string result = "[";
  for (const auto& [stream, envelope] : last)
    result += (result.size() > 1 ? "," : "") + envelope;
  return result + "]";
}

std::multiset<std::string> protocol_output::record_set(const std::string& stream) const {
  auto found = records.find(stream);
  return found == records.end() ? std::multiset<std::string>{}
                                : std::multiset<std::string>{found->second.begin(), found->second.end()};
}

std::set<std::string> protocol_output::ids(const std::string& stream) const {
  std::set<std::string> result;
  simdjson::ondemand::parser parser;
  if (auto found = records.find(stream); found != records.end())
    for (const auto& r : found->second) {
      simdjson::padded_string text{r};
      std::string_view id;
      simdjson::ondemand::document doc;
      bool good
        = parser.iterate(text).get(doc) == simdjson::SUCCESS && doc["id"].get_string().get(id) == simdjson::SUCCESS;
      result.insert(good ? std::string{id} : "no id in " + r);
    }
  return result;
}

std::string protocol_output::talk() const {
  std::string result;
  for (const auto& line : lines)
    if (line.rfind(R"({"type":"LOG")", 0) == 0 || line.rfind(R"({"type":"TRACE")", 0) == 0
        || line.rfind(R"({"type":"CONNECTION_STATUS")", 0) == 0)
      result += line + "\n";
  return result;
}

bool protocol_output::logged(std::string_view level, std::string_view text) const {
  for (const auto& l : logs)
    if (l.level == level && l.message.find(text) != std::string::npos)
      return true;
  return false;
}

std::int64_t cursor_of(const std::string& state_json) {
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  std::int64_t value = -1;
  if (parser.parse(state_json).get(doc) != simdjson::SUCCESS
      || doc.at_pointer("/date_modified").get(value) != simdjson::SUCCESS)
    return -1;
  return value;
}

std::string mask_times(std::string line) {
  static const std::regex time{R"("emitted_at":[0-9]{13})"};
  return std::regex_replace(line, time, R"("emitted_at":0)");
}

} // namespace sluice::test
