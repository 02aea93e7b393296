#include "tests/conformance/outcome.hpp"

#include "tests/integration/protocol_output.hpp"

#include <algorithm>

namespace sluice::test {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

/// JSON text with the keys in order, without what the clock decides, the partitions of a state in an order of their
/// own.
value in_order(const value& x) {
  if (const auto* list = x.as_list()) {
    value_list result;
    for (const auto& one : *list)
      result.push_back(in_order(one));
    return value{std::move(result)};
  }
  const auto* dict = x.as_dict();
  if (dict == nullptr)
    return x;
  value_dict result;
  for (const auto& [name, one] : *dict)
    result.emplace_back(name, in_order(one));
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return value{std::move(result)};
}

std::string canonical(const value& x) {
  return language::to_json(in_order(x));
}

/// The members of a dict but for one.
value_dict without(const value& dict, std::string_view name) {
  value_dict result;
  for (const auto& pair : *dict.as_dict())
    if (pair.first != name)
      result.push_back(pair);
  return result;
}

/// A state, and those of parents in it, without what the clock decides, and with its partitions in an order of their
/// own.
value stable_state(const value& x) {
  if (x.as_dict() == nullptr)
    return x;
  value_dict result;
  for (const auto& [name, one] : without(x, "lookback_window")) {
    if (name != "states" || one.as_list() == nullptr) {
      result.emplace_back(name, stable_state(one));
      continue;
    }
    auto partitions = *one.as_list();
    std::sort(partitions.begin(), partitions.end(),
              [](const value& a, const value& b) { return canonical(a) < canonical(b); });
    result.emplace_back(name, value{std::move(partitions)});
  }
  return value{std::move(result)};
}

std::string canonical_state(const value& x) {
  return canonical(stable_state(x));
}

value parsed(const std::string& text) {
  auto result = language::parse_json(text);
  return result ? *result : value{text};
}

/// JSON text without blanks, and with its texts as `to_json` escapes them; numbers stay as they are.
std::string plain_json(const std::string& json) {
  std::string result;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      const auto begin = at++;
      while (at < json.size() && json[at] != '"')
        at += json[at] == '\\' ? 2 : 1;
      result += language::to_json(parsed(json.substr(begin, at + 1 - begin)));
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      result += c;
    }
  }
  return result;
}

/// Records of different partitions in an order of their own, those of one as they came.
void sort_partitions(std::vector<std::string>& records, const std::vector<std::string>& partition_by) {
  auto key = [&](const std::string& text) {
    std::vector<std::string> result;
    auto record = parsed(text);
    for (const auto& name : partition_by)
      result.push_back(record.find(name) == nullptr ? "null" : canonical(*record.find(name)));
    return result;
  };
  std::stable_sort(records.begin(), records.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

std::vector<std::string> record_texts(const value& records, const std::vector<std::string>& partition_by) {
  std::vector<std::string> result;
  if (records.as_list() != nullptr)
    for (const auto& x : *records.as_list())
      result.push_back(plain_json(x.as_string() != nullptr ? *x.as_string() : language::to_json(x)));
  sort_partitions(result, partition_by);
  return result;
}

std::vector<std::string> request_texts(const std::vector<value>& requests) {
  std::vector<std::string> result;
  for (const auto& x : requests)
    result.push_back(canonical(x));
  std::sort(result.begin(), result.end());
  return result;
}

/// In the order in which they were printed.
std::vector<std::string> config_texts(const std::vector<value>& configs) {
  std::vector<std::string> result;
  for (const auto& x : configs)
    result.push_back(canonical(x));
  return result;
}

/// A specification or catalogue without the two members in which the reference always differs: README.md.
std::string document_text(const value& x) {
  if (x.as_dict() == nullptr)
    return canonical(x);
  auto result = without(x, "supportsIncremental");
  for (auto& [name, streams] : result)
    if (name == "streams" && streams.as_list() != nullptr) {
      value_list stripped;
      for (const auto& stream : *streams.as_list())
        stripped.emplace_back(without(stream, "is_resumable"));
      streams = value{std::move(stripped)};
    }
  return canonical(value{std::move(result)});
}

/// What the command printed of this type.
value document_in(const std::string& printed, std::string_view type, std::string_view member) {
  std::size_t at = 0;
  while (at < printed.size()) {
    auto end = std::min(printed.find('\n', at), printed.size());
    auto line = language::parse_json(printed.substr(at, end - at));
    if (line && line->find("type") != nullptr && *line->find("type") == value{std::string{type}})
      if (const auto* found = line->find(member))
        return *found;
    at = end + 1;
  }
  return {};
}

void add_read(outcome& to, const std::string& printed, const std::vector<std::string>& partition_by) {
  const protocol_output messages{printed};
  if (!messages.bad_lines.empty())
    to["lines that are no messages"] = messages.bad_lines;
  for (const auto& [stream, records] : messages.records) {
    auto& part = to["records." + stream];
    for (const auto& record : records)
      part.push_back(plain_json(record));
    sort_partitions(part, partition_by);
    if (part.empty()) // it was only asked for
      to.erase("records." + stream);
  }
  for (const auto& state : messages.states)
    to["states." + state.stream] = {canonical_state(parsed(state.json))};
  for (const auto& [stream, statuses] : messages.statuses)
    to["statuses." + stream] = {statuses.back()};
  for (const auto& error : messages.errors)
    if (!error.stream.empty())
      to.try_emplace("errors." + error.stream, std::vector<std::string>{error.failure_type});
  for (const auto& error : messages.errors)
    if (error.stream.empty() && messages.statuses.empty())
      to["errors."] = {error.failure_type};
}

} // namespace

std::vector<std::string> written_part(std::string_view what, const value& here,
                                      const std::vector<std::string>& partition_by) {
  if (what.rfind("records.", 0) == 0)
    return record_texts(here, partition_by);
  if (what.rfind("controls", 0) == 0)
    return config_texts(here.as_list() == nullptr ? std::vector<value>{} : *here.as_list());
  if (what == "requests")
    return request_texts(here.as_list() == nullptr ? std::vector<value>{} : *here.as_list());
  if (here.is_none())
    return {};
  if (what.rfind("states.", 0) == 0)
    return {canonical_state(here)};
  if (what == "spec" || what == "discover")
    return {document_text(here)};
  return {language::to_text(here)};
}

outcome recorded_outcome(const value& recording, const std::vector<std::string>& partition_by) {
  outcome result;
  if (recording.as_dict() == nullptr)
    return result;
  for (const auto& [part, found] : *recording.as_dict()) {
    if (part == "case")
      continue;
    const bool by_stream = part == "records" || part == "states" || part == "statuses" || part == "errors";
    if (!by_stream)
      result[part] = written_part(part, found, partition_by);
    else if (found.as_dict() != nullptr)
      for (const auto& [stream, x] : *found.as_dict())
        result[part + "." + stream] = written_part(part + ".", x, partition_by);
  }
  return result;
}

void add_output(outcome& to, const std::string& command, const std::string& printed,
                const std::vector<std::string>& partition_by) {
  for (const auto& config : protocol_output{printed}.configs)
    to[command == "read" ? "controls" : "controls." + command].push_back(canonical(parsed(config)));
  if (command == "read")
    add_read(to, printed, partition_by);
  else if (command == "check")
    to["check"] = {protocol_output{printed}.check_status};
  else if (command == "spec")
    to["spec"] = {document_text(document_in(printed, "SPEC", "spec"))};
  else
    to[command] = {document_text(document_in(printed, "CATALOG", "catalog"))};
}

void add_requests(outcome& to, const std::vector<value>& requests, bool counted) {
  std::map<std::string, std::int64_t> times;
  std::map<std::string, value> distinct;
  for (const auto& x : requests) {
    auto text = canonical(x);
    ++times[text];
    distinct.emplace(std::move(text), x);
  }
  std::vector<value> result;
  for (const auto& [text, x] : distinct) {
    auto members = *x.as_dict();
    if (counted)
      members.emplace_back("times", value{times[text]});
    result.emplace_back(std::move(members));
  }
  to["requests"] = request_texts(result);
}

std::string difference(const std::vector<std::string>& reference, const std::vector<std::string>& here) {
  if (reference == here)
    return {};
  auto first_lone = [](const std::vector<std::string>& of, const std::vector<std::string>& other) {
    auto found = std::find_if(of.begin(), of.end(), [&](const std::string& x) {
      return std::count(of.begin(), of.end(), x) > std::count(other.begin(), other.end(), x);
    });
    return found == of.end() ? std::string{"(nothing)"} : *found;
  };
  auto missing = first_lone(reference, here);
  auto surplus = first_lone(here, reference);
  std::string how = "the first in one of them alone";
  if (missing == surplus) { // neither
    const auto at = std::mismatch(reference.begin(), reference.end(), here.begin(), here.end());
    missing = *at.first;
    surplus = *at.second;
    how = "the same in another order";
  }
  return "    the reference has " + std::to_string(reference.size()) + ", here are " + std::to_string(here.size())
         + "; " + how + ":\n      reference: " + missing + "\n      here:      " + surplus + "\n";
}

} // namespace sluice::test
