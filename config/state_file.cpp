#include "config/state_file.hpp"

#include "config/files.hpp"
#include "config/json_check.hpp"
#include "config/language/value.hpp"
#include "config/raw_json.hpp"
#include "config/schema_words.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

namespace sluice {

namespace {

using detail::child_path;

tl::unexpected<error> invalid_state(const std::string& what) {
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
    return invalid_state((path.empty() ? "the document" : path) + ": expected a state object, found " + found(json));
  raw_object state{json};
  auto type = state.string("type");
  if (!type && !is_absent(state.get("type")))
    return invalid_state(at("type") + R"(: expected "STREAM", "GLOBAL" or "LEGACY", found )"
                         + found(state.get("type")));
  if (type == "STREAM" || (!type && !is_absent(state.get("stream"))))
    return add_stream(state.get("stream"), at("stream"));
  if (type == "GLOBAL" || (!type && !is_absent(state.get("global"))))
    return add_global(state.get("global"), at("global"));
  if (type == "LEGACY" || (!type && !is_absent(state.get("data"))))
    return state.get("data") == "null" ? expected<void>{} : add_legacy(state.get("data"), at("data"));
  if (!type)
    return invalid_state((path.empty() ? "the document" : path) + R"(: expected "type" and "stream", found neither)");
  return invalid_state(at("type") + R"(: expected "STREAM", "GLOBAL" or "LEGACY", found )" + found(state.get("type")));
}

expected<void> collector::add_stream(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid_state(path + ": expected an object, found " + found(json));
  raw_object stream{json};
  auto descriptor_path = child_path(path, "stream_descriptor");
  auto descriptor_json = stream.get("stream_descriptor");
  if (!is_object(descriptor_json))
    return invalid_state(descriptor_path + ": expected an object, found " + found(descriptor_json));
  raw_object descriptor{descriptor_json};
  auto name = descriptor.string("name");
  if (!name || name->empty())
    return invalid_state(child_path(descriptor_path, "name") + ": expected the name of a stream, found "
                         + found(descriptor.get("name")));
  auto name_space = descriptor.string("namespace");
  if (!name_space && !is_absent(descriptor.get("namespace")))
    return invalid_state(child_path(descriptor_path, "namespace") + ": expected a string or null, found "
                         + found(descriptor.get("namespace")));
  return add(std::move(*name), name_space.value_or(""), stream.get("stream_state"), child_path(path, "stream_state"));
}

expected<void> collector::add_global(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid_state(path + ": expected an object, found " + found(json));
  raw_object global{json};
  auto shared = global.get("shared_state");
  if (!is_absent(shared) && shared != "{}")
    return invalid_state(child_path(path, "shared_state")
                         + ": a state that all streams share is not supported, it must be empty");
  auto streams = global.get("stream_states");
  if (streams == "null")
    return {};
  auto streams_path = child_path(path, "stream_states");
  if (streams.empty() || streams.front() != '[')
    return invalid_state(streams_path + ": expected a list, found " + found(streams));
  std::size_t index = 0;
  for (const auto& stream : raw_elements(streams))
    if (auto added = add_stream(stream, child_path(streams_path, index++)); !added)
      return added;
  return {};
}

expected<void> collector::add_legacy(const std::string& json, const std::string& path) {
  if (!is_object(json))
    return invalid_state(path + ": expected an object, found " + found(json));
  raw_object streams{json};
  for (const auto& [name, state] : streams.members())
    if (auto added = add(name, "", state, child_path(path, name)); !added)
      return added;
  return {};
}

expected<void> collector::add(std::string name, std::string name_space, const std::string& json,
                              const std::string& path) {
  if (!is_absent(json) && !is_object(json))
    return invalid_state(path + ": expected a state object, found " + found(json));
  auto [place, is_new] = seen_.try_emplace({name, name_space}, states_.size());
  if (!is_new && !last_wins_)
    return invalid_state(path + ": there is a state of the stream " + json_string(name)
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
    return invalid_state("expected a list of states, found " + found(json));
  raw_object object{json};
  if (auto type = object.string("type"); is_message_type(type))
    return type == "STATE" ? states.add_state(object.get("state"), "state") : expected<void>{};
  // A legacy object may have a stream of the name "stream"; its state has no descriptor.
  auto is_state = object.string("type") || is_object(raw_object{object.get("stream")}.get("stream_descriptor"));
  return is_state ? states.add_state(json, "") : states.add_legacy(json, "");
}

/// Records are nobody's business here: they may hold what no state may (numbers of any size, any depth).
constexpr std::string_view record_begin = R"({"type":"RECORD",)";

bool is_record(std::string_view line) {
  return line.starts_with(record_begin);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Takes a file in pieces and keeps no more than states. Its first line tells what it holds: messages, one a line, if
/// that line is a document of its own and another one follows; else one document.
class state_reader {
public:
  /// @param max_bytes of a document, and of a line that is no record.
  /// @param too_large the error for one that is larger.
  state_reader(std::uint64_t max_bytes, error too_large) : max_bytes_(max_bytes), too_large_(std::move(too_large)) {}

  expected<void> take(std::string_view piece);
  /// The file has ended. Its text if it is one document, not looked at yet.
  expected<std::optional<std::string>> end();
  std::vector<stream_state> states() { return states_.take(); }
  /// There were messages that are no states.
  bool has_other_messages() const noexcept { return other_messages_; }

private:
  enum class content : std::uint8_t { unknown, one_line, messages, document };

  expected<void> hold(std::string_view part);
  expected<void> take_line(std::string_view line);
  expected<void> take_message(std::string_view line, std::uint64_t number);

  std::uint64_t max_bytes_;
  error too_large_;
  content what_ = content::unknown;
  /// The document, or the line under way; of a record its beginning.
  std::string held_;
  bool skips_ = false;
  /// The line that is taken has no end: the run was killed in the middle of it.
  bool is_torn_ = false;
  std::uint64_t number_ = 0;
  /// The only line so far, and its number.
  std::string first_;
  std::uint64_t first_number_ = 0;
  bool other_messages_ = false;
  collector states_{true};
};

expected<void> state_reader::hold(std::string_view part) {
  if (part.size() > max_bytes_ - held_.size())
    return tl::unexpected(too_large_);
  held_ += part;
  return {};
}

expected<void> state_reader::take(std::string_view piece) {
  while (!piece.empty() && what_ != content::document) {
    const auto end = piece.find('\n');
    auto part = piece.substr(0, end);
    piece.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
    expected<void> taken;
    if (end != std::string_view::npos && held_.empty()) {
      taken = take_line(part);
    } else {
      if (!skips_)
        taken = hold(part);
      if (taken && !skips_ && is_record(held_)) {
        held_ = record_begin;
        skips_ = true;
      }
      if (taken && end != std::string_view::npos) {
        skips_ = false;
        taken = take_line(std::exchange(held_, {}));
      }
    }
    if (!taken)
      return taken;
  }
  return piece.empty() ? expected<void>{} : hold(piece);
}

expected<void> state_reader::take_line(std::string_view line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (++number_ == 1 && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (is_blank(line))
    return {};
  if (what_ == content::unknown) {
    if (is_record(line)) {
      what_ = content::messages;
      other_messages_ = true;
    } else if (find_json_fault(line)) {
      what_ = content::document;
      held_ = std::string{line} + (is_torn_ ? "" : "\n");
    } else {
      what_ = content::one_line;
      first_ = line;
      first_number_ = number_;
    }
    return {};
  }
  if (what_ == content::one_line) {
    what_ = content::messages;
    if (auto taken = take_message(std::exchange(first_, {}), first_number_); !taken)
      return taken;
  }
  return take_message(line, number_);
}

expected<void> state_reader::take_message(std::string_view line, std::uint64_t number) {
  if (is_record(line)) {
    other_messages_ = true;
    return {};
  }
  const auto where = "line " + std::to_string(number);
  if (auto fault = find_json_fault(line)) {
    if (is_torn_)
      return {};
    return invalid_state(where + " is not valid JSON: " + *fault);
  }
  auto json = minified(line);
  raw_object message{json};
  auto type = message.string("type");
  if (!is_message_type(type))
    return invalid_state(where + ": expected an Airbyte message, found " + found(json));
  if (type == "STATE")
    return states_.add_state(message.get("state"), where + ": state");
  other_messages_ = true;
  return {};
}

expected<std::optional<std::string>> state_reader::end() {
  if (what_ != content::document && !held_.empty()) {
    is_torn_ = true;
    if (auto taken = take_line(std::exchange(held_, {})); !taken)
      return tl::unexpected(std::move(taken.error()));
  }
  if (what_ == content::messages)
    return std::optional<std::string>{};
  return what_ == content::one_line ? std::move(first_) : std::move(held_);
}

expected<std::vector<stream_state>> with_states(std::vector<stream_state> all) {
  std::erase_if(all, [](const auto& state) { return state.json.empty(); });
  return all;
}

expected<std::vector<stream_state>> parse_document(std::string_view text) {
  if (auto fault = find_json_fault(text))
    return invalid_state("it is not valid JSON: " + *fault);
  collector states{false};
  if (auto added = add_document(states, minified(text)); !added)
    return tl::unexpected(std::move(added.error()));
  return with_states(states.take());
}

} // namespace

expected<std::vector<stream_state>> parse_state(std::string_view text) {
  state_reader reader{text.size() + 1, {}};
  auto document = reader.take(text).and_then([&] { return reader.end(); });
  if (!document)
    return tl::unexpected(std::move(document.error()));
  return *document ? parse_document(**document) : with_states(reader.states());
}

namespace {

constexpr std::string_view role = "state file";

/// A valid document that is one message, and no state.
bool is_other_message(std::string_view text) {
  const auto json = minified(text);
  const auto type = is_object(json) ? raw_object{json}.string("type") : std::nullopt;
  return is_message_type(type) && type != "STATE";
}

expected<std::vector<stream_state>> load(const std::string& path, bool only_states) {
  state_reader reader{max_state_bytes, too_large(path, role, max_state_bytes).value()};
  auto document = read_file(path, role, [&](std::string_view piece) { return reader.take(piece); }).and_then([&] {
    return reader.end();
  });
  if (document && *document)
    document = check_text(std::move(**document), path, role);
  auto result = !document   ? tl::unexpected(std::move(document.error()))
                : *document ? parse_document(**document)
                            : with_states(reader.states());
  if (!result && result.error().code == errc::bad_state)
    result.error().message = "State file \"" + path + "\": " + result.error().message;
  const bool other = reader.has_other_messages() || (result && *document && is_other_message(**document));
  if (result && only_states && other)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The state file \"" + path
                  + "\" holds other messages than states, which would be lost: it is replaced as states come. Nothing "
                    "was read. Take its states out first (sluice state merge \""
                  + path + "\" > state.json), or give it as --state.");
  return result;
}

} // namespace

expected<std::vector<stream_state>> load_state(const std::string& path) {
  return load(path, false);
}

expected<std::vector<stream_state>> load_own_state(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, unknown)))
    return std::vector<stream_state>{};
  return load(path, true);
}

std::string state_list(const std::vector<stream_state>& states) {
  std::string text;
  for (const auto& s : states) {
    text += text.empty() ? "[\n" : ",\n";
    text += R"({"type":"STREAM","stream":{"stream_descriptor":{"name":)" + json_string(s.name);
    if (!s.name_space.empty())
      text += R"(,"namespace":)" + json_string(s.name_space);
    text += R"(},"stream_state":)" + s.json + "}}";
  }
  return text.empty() ? "[]\n" : text + "\n]\n";
}

} // namespace sluice
