#include "config/state_file.hpp"

#include "config/files.hpp"
#include "config/json_check.hpp"
#include "config/language/value.hpp"
#include "config/raw_json.hpp"
#include "config/schema_words.hpp"
#include "messages/json_text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace sluice {

namespace {

using detail::child_path;

tl::unexpected<error> invalid(const std::string& what) {
  return fail(errc::bad_state, failure_type::config_error,
              "The state file is not valid: " + what
                + ". Nothing was read. Correct the file, or leave --state out to read everything from the start.");
}

/// A JSON object as its members' texts.
class raw_object {
public:
  explicit raw_object(const std::string& json) : members_(raw_members(json)) {}

  const auto& members() const noexcept { return members_; }

  /// The member's text, or an empty one.
  std::string get(std::string_view key) const {
    for (const auto& [name, json] : members_)
      if (name == key)
        return json;
    return {};
  }

  /// The member's text if it is a JSON string.
  std::optional<std::string> string(std::string_view key) const {
    auto json = get(key);
    if (json.empty() || json.front() != '"')
      return std::nullopt;
    auto x = language::parse_json(json);
    return x && x->as_string() ? std::optional{*x->as_string()} : std::nullopt;
  }

private:
  std::vector<std::pair<std::string, std::string>> members_;
};

bool is_object(const std::string& json) {
  return !json.empty() && json.front() == '{';
}

bool is_absent(const std::string& json) {
  return json.empty() || json == "null";
}

std::string found(const std::string& json) {
  if (json.empty())
    return "nothing";
  if (json.front() == '{')
    return "an object";
  if (json.front() == '[')
    return "a list";
  return json.size() <= 80 ? json : "a text of " + std::to_string(json.size()) + " bytes";
}

/// Collects streams; in a list each may come once, among messages the last one counts.
class collector {
public:
  explicit collector(bool last_wins) : last_wins_(last_wins) {}

  /// An AirbyteStateMessage of any type.
  expected<void> add_state(const std::string& json, const std::string& path);
  /// `{"stream": {...}, ...}`.
  expected<void> add_legacy(const std::string& json, const std::string& path);

  std::vector<stream_state> take() { return std::move(states_); }

private:
  expected<void> add_stream(const std::string& json, const std::string& path);
  expected<void> add_global(const std::string& json, const std::string& path);
  expected<void> add(std::string name, std::string name_space, const std::string& json, const std::string& path);

  std::vector<stream_state> states_;
  std::map<std::pair<std::string, std::string>, std::size_t> seen_;
  bool last_wins_;
};

expected<void> collector::add_state(const std::string& json, const std::string& path) {
  auto at = [&path](std::string_view key) { return child_path(path, key); };
  if (!is_object(json))
    return invalid((path.empty() ? "the document" : path) + ": expected a state object, found " + found(json));
  raw_object state{json};
  auto type = state.string("type");
  if (!type && !is_absent(state.get("type")))
    return invalid(at("type") + R"(: expected "STREAM", "GLOBAL" or "LEGACY", found )" + found(state.get("type")));
  if (type == "STREAM" || (!type && !is_absent(state.get("stream"))))
    return add_stream(state.get("stream"), at("stream"));
  if (type == "GLOBAL" || (!type && !is_absent(state.get("global"))))
    return add_global(state.get("global"), at("global"));
  if (type == "LEGACY" || (!type && !is_absent(state.get("data"))))
    return is_absent(state.get("data")) ? expected<void>{} : add_legacy(state.get("data"), at("data"));
  if (!type)
    return invalid((path.empty() ? "the document" : path) + R"(: expected "type" and "stream", found neither)");
  return invalid(at("type") + R"(: expected "STREAM", "GLOBAL" or "LEGACY", found )" + found(state.get("type")));
}

expected<void> collector::add_stream(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid(path + ": expected an object, found " + found(json));
  raw_object stream{json};
  auto descriptor_path = child_path(path, "stream_descriptor");
  auto descriptor_json = stream.get("stream_descriptor");
  if (!is_object(descriptor_json))
    return invalid(descriptor_path + ": expected an object, found " + found(descriptor_json));
  raw_object descriptor{descriptor_json};
  auto name = descriptor.string("name");
  if (!name || name->empty())
    return invalid(child_path(descriptor_path, "name") + ": expected the name of a stream, found "
                   + found(descriptor.get("name")));
  auto name_space = descriptor.string("namespace");
  if (!name_space && !is_absent(descriptor.get("namespace")))
    return invalid(child_path(descriptor_path, "namespace") + ": expected a string or null, found "
                   + found(descriptor.get("namespace")));
  return add(std::move(*name), name_space.value_or(""), stream.get("stream_state"), child_path(path, "stream_state"));
}

expected<void> collector::add_global(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid(path + ": expected an object, found " + found(json));
  raw_object global{json};
  auto shared = global.get("shared_state");
  if (!is_absent(shared) && shared != "{}")
    return invalid(child_path(path, "shared_state")
                   + ": a state that all streams share is not supported, it must be empty");
  auto streams = global.get("stream_states");
  if (is_absent(streams))
    return {};
  auto streams_path = child_path(path, "stream_states");
  if (streams.front() != '[')
    return invalid(streams_path + ": expected a list, found " + found(streams));
  std::size_t index = 0;
  for (const auto& stream : raw_elements(streams))
    if (auto added = add_stream(stream, child_path(streams_path, index++)); !added)
      return added;
  return {};
}

expected<void> collector::add_legacy(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid(path + ": expected an object, found " + found(json));
  raw_object streams{json};
  for (const auto& [name, state] : streams.members())
    if (auto added = add(name, "", state, child_path(path, name)); !added)
      return added;
  return {};
}

expected<void> collector::add(std::string name, std::string name_space, const std::string& json,
                              const std::string& path) {
  if (!is_absent(json) && !is_object(json))
    return invalid(path + ": expected a state object, found " + found(json));
  auto [place, is_new] = seen_.try_emplace({name, name_space}, states_.size());
  if (!is_new && !last_wins_)
    return invalid(path + ": there is a state of the stream " + json_string(name)
                   + " already; keep the one that is meant");
  stream_state state{std::move(name), std::move(name_space), is_absent(json) ? std::string{} : json};
  if (is_new)
    states_.push_back(std::move(state));
  else
    states_[place->second] = std::move(state);
  return {};
}

bool is_message_type(const std::optional<std::string>& type) {
  return type == "STATE" || type == "RECORD" || type == "LOG" || type == "TRACE" || type == "CONTROL" || type == "SPEC"
         || type == "CATALOG" || type == "CONNECTION_STATUS";
}

/// One document: a list of states, a state, a legacy object, or a message.
expected<void> add_document(collector& states, const std::string& json) {
  if (json == "null" || json == "{}")
    return {};
  if (json.front() == '[') {
    std::size_t index = 0;
    for (const auto& element : raw_elements(json))
      if (auto added = states.add_state(element, child_path("", index++)); !added)
        return added;
    return {};
  }
  if (!is_object(json))
    return invalid("expected a list of states, found " + found(json));
  raw_object object{json};
  if (auto type = object.string("type"); is_message_type(type))
    return type == "STATE" ? states.add_state(object.get("state"), "state") : expected<void>{};
  // A legacy object may have a stream of the name "stream"; its state has no descriptor.
  auto is_state = object.string("type") || is_object(raw_object{object.get("stream")}.get("stream_descriptor"));
  return is_state ? states.add_state(json, "") : states.add_legacy(json, "");
}

/// Records are nobody's business here: they may hold what no state may (numbers of any size, any depth).
bool is_record(std::string_view line) {
  constexpr std::string_view begin = R"({"type":"RECORD",)";
  return line.substr(0, begin.size()) == begin;
}

/// What a source printed, one message a line.
expected<void> add_messages(collector& states, std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || is_record(line))
      continue;
    if (auto fault = find_json_fault(line)) {
      if (end == std::string_view::npos)
        return {}; // The run was killed in the middle of the line.
      return invalid("line " + std::to_string(number) + " is not valid JSON: " + *fault);
    }
    auto json = minified(line);
    raw_object message{json};
    auto type = message.string("type");
    if (!is_message_type(type))
      return invalid("line " + std::to_string(number) + ": expected an Airbyte message, found " + found(json));
    if (type != "STATE")
      continue;
    auto added = states.add_state(message.get("state"), "line " + std::to_string(number) + ": state");
    if (!added)
      return added;
  }
  return {};
}

/// True if the first line is a document of its own and more follows.
bool is_message_lines(std::string_view text) {
  auto end = text.find('\n');
  if (end == std::string_view::npos || text.find_first_not_of(" \t\r\n", end) == std::string_view::npos)
    return false;
  auto line = text.substr(0, end);
  return line.find_first_not_of(" \t\r") != std::string_view::npos && (is_record(line) || !find_json_fault(line));
}

} // namespace

expected<std::vector<stream_state>> parse_state(std::string_view text) {
  auto from = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(from == std::string_view::npos ? text.size() : from);
  auto lines = is_message_lines(text);
  collector states{lines};
  if (!lines)
    if (auto fault = find_json_fault(text))
      return invalid("it is not valid JSON: " + *fault);
  auto added = lines ? add_messages(states, text) : add_document(states, minified(text));
  if (!added)
    return tl::unexpected<error>(added.error());
  auto result = states.take();
  result.erase(std::remove_if(result.begin(), result.end(), [](const auto& state) { return state.json.empty(); }),
               result.end());
  return result;
}

expected<std::vector<stream_state>> load_state(const std::string& path) {
  auto text = read_text_file(path, "state file", max_state_bytes);
  if (!text)
    return tl::unexpected<error>(text.error());
  auto result = parse_state(*text);
  if (!result)
    result.error().message = "State file \"" + path + "\": " + result.error().message;
  return result;
}

} // namespace sluice
