#include "actors/core/state/completed_partitions.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

using state_text::bad_state;
using state_text::shown_json;

/// The value that names a partition in the list: the field's own if the partition has no other, else the whole object.
std::string value_in(const std::string& name, const std::string& field) {
  const auto own = json::find_field(name, field);
  const auto alone = "{" + language::to_json(language::value{field}) + ":" + std::string{own} + "}";
  return !own.empty() && name == alone ? std::string{own} : name;
}

std::string in_quotes(std::string_view key) {
  return "\"" + std::string{key} + "\"";
}

} // namespace

completed_partitions::completed_partitions(std::string partition_field, std::size_t limit, std::string_view key)
  : field_(std::move(partition_field)), limit_(limit),
    text_("{" + in_quotes(key) + ":{" + language::to_json(language::value{field_}) + ":[") {}

expected<completed_partitions> completed_partitions::open(std::string partition_field, std::string_view state_json,
                                                          std::size_t limit, std::string_view key) {
  completed_partitions result{std::move(partition_field), limit, key};
  if (auto problem = result.read(state_json, key))
    return tl::unexpected(std::move(*problem));
  return result;
}

std::optional<error> completed_partitions::read(std::string_view state_json, std::string_view key) {
  if (state_text::is_blank(state_json))
    return std::nullopt;
  if (check_json(state_json))
    return bad_state("The state is not valid JSON.").value();
  const auto text = canonical_json(state_json);
  if (text.front() != '{')
    return bad_state("The state is " + shown_json(text) + ", expected an object.").value();
  if (auto problem = misused_marker(text))
    return problem;
  for (const auto& m : members_of(text)) {
    std::optional<error> problem;
    if (m.key == key)
      problem = read_list(m.value, key);
    else if (m.key == "states")
      problem = read_reference(m.value);
    else if (m.key == "ended" && m.value != "\"incomplete\"")
      problem = bad_state("The state's \"ended\" is " + shown_json(m.value) + ", expected \"incomplete\".").value();
    else if (m.key == "ended")
      heals_ = true;
    else if (m.key != "parent_state" || m.value.front() != '{')
      problem = bad_state("The state's " + in_quotes(m.key) + " does not belong to a full refresh; the state is "
                          + shown_json(text) + ".")
                  .value();
    if (problem)
      return problem;
  }
  return std::nullopt;
}

std::optional<error> completed_partitions::read_list(std::string_view lists, std::string_view key) {
  const auto bad = [&] {
    return bad_state("The state's " + in_quotes(key) + " is " + shown_json(lists)
                     + ", expected an object with the list " + in_quotes(field_) + " alone, without null in it.")
      .value();
  };
  const auto members = lists.front() == '{' ? members_of(lists) : std::vector<state_member>{};
  if (members.size() != 1 || members.front().key != field_ || members.front().value.front() != '[')
    return bad();
  const auto list = members.front().value;
  const auto* end = list.data() + list.size();
  bool has_null = false;
  json::each_element(list.data(), end, [&](const char* at) {
    const auto* behind = json::skip_value(at, end);
    const auto value = json::view(at, behind);
    has_null = has_null || value == "null";
    remember(std::string{value});
    return behind;
  });
  return has_null ? std::optional{bad()} : std::nullopt;
}

std::optional<error> completed_partitions::read_reference(std::string_view states) {
  if (states.front() != '[')
    return bad_state("The state's \"states\" is " + shown_json(states) + ", expected a list.").value();
  const auto* end = states.data() + states.size();
  std::optional<error> problem;
  std::size_t position = 0;
  json::each_element(states.data(), end, [&](const char* at) -> const char* {
    const auto* behind = json::skip_value(at, end);
    const auto item = json::view(at, behind);
    const auto where = "states[" + std::to_string(position++) + "]";
    const auto part = *at == '{' ? json::find_field(item, "partition") : std::string_view{};
    const auto cursor = *at == '{' ? json::find_field(item, "cursor") : std::string_view{};
    if (part.empty() || part.front() != '{' || cursor.empty() || cursor.front() != '{') {
      problem = bad_state("The state's " + where + " is " + shown_json(item)
                          + ", expected an object with a \"partition\" and a \"cursor\".")
                  .value();
      return nullptr;
    }
    problem = misused_marker(cursor, where + ".cursor");
    if (!problem && !json::find_field(cursor, "__ab_full_refresh_sync_complete").empty())
      remember(value_in(partition_name(part), field_));
    return problem ? nullptr : behind;
  });
  return problem;
}

void completed_partitions::remember(std::string value) {
  if (known_.size() >= limit_ && !known_.contains(value)) {
    overflowed_ = true;
    return;
  }
  const auto [added, is_new] = known_.insert(std::move(value));
  if (!is_new)
    return;
  if (text_.back() != '[')
    text_ += ",";
  text_ += *added;
}

bool completed_partitions::contains(std::string_view partition) const {
  const auto name = partition_name(partition);
  if (known_.contains(value_in(name, field_)))
    return true;
  return has_older_names_ && known_.contains(std::string{json::find_field(name, field_)});
}

void completed_partitions::add(std::string_view partition) {
  remember(value_in(partition_name(partition), field_));
}

std::string completed_partitions::list_json() const {
  return text_.substr(text_.find(':') + 1) + "]}";
}

std::string completed_partitions::state_json() const {
  return text_ + "]}}";
}

} // namespace sluice
