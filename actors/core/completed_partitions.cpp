#include "actors/core/completed_partitions.hpp"

#include "actors/core/cursor_text.hpp"
#include "actors/core/json_check.hpp"
#include "actors/core/partition.hpp"
#include "config/language/value.hpp"
#include "messages/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// The value that names a partition in the list: the field's own if the partition has no other, else the whole object.
std::string value_in(const std::string& key, const std::string& field) {
  const auto own = json::find_field(key, field);
  const auto alone = "{" + language::to_json(language::value{field}) + ":" + std::string{own} + "}";
  return !own.empty() && key == alone ? std::string{own} : key;
}

} // namespace

completed_partitions::completed_partitions(std::string partition_field, std::string_view state_json, std::size_t limit)
  : field_(std::move(partition_field)), limit_(limit),
    text_("{\"completed_partitions\":{" + language::to_json(language::value{field_}) + ":[") {
  read(state_json);
}

void completed_partitions::read(std::string_view state_json) {
  const auto ignore = [this](const std::string& what) { ignored_ = what + " The stream is read from the beginning."; };
  if (state_text::is_blank(state_json))
    return;
  if (check_json(state_json))
    return ignore("The state is not valid JSON.");
  const auto text = canonical_json(state_json);
  if (text.front() != '{')
    return ignore("The state is " + state_text::shown_json(text) + ", expected an object.");

  std::string_view ours;
  std::string_view reference;
  std::string foreign;
  const auto* end = text.data() + text.size();
  json::each_field(text.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    if (key == "completed_partitions")
      ours = json::view(at, behind);
    else if (key == "ended")
      heals_ = json::view(at, behind) == "\"incomplete\"";
    else if (key == "states")
      reference = json::view(at, behind);
    else if (!state_text::is_marker(key))
      foreign = key;
    return behind;
  });
  if (!foreign.empty())
    return ignore("The state has \"" + state_text::shown_json(foreign)
                  + "\", which does not belong to a full refresh; it is " + state_text::shown_json(text) + ".");

  if (!ours.empty()) {
    const auto list = ours.front() == '{' ? json::find_field(ours, field_) : std::string_view{};
    if (list.empty() || list.front() != '[')
      return ignore("The state's \"completed_partitions\" has no list \"" + field_ + "\"; it is "
                    + state_text::shown_json(text) + ".");
    const auto* last = list.data() + list.size();
    json::each_element(list.data(), last, [&](const char* at) {
      const auto* behind = json::skip_value(at, last);
      remember(std::string{json::view(at, behind)});
      return behind;
    });
  }
  if (!reference.empty()) {
    if (reference.front() != '[')
      return ignore("The state's \"states\" is " + state_text::shown_json(reference) + ", expected a list.");
    const auto* last = reference.data() + reference.size();
    json::each_element(reference.data(), last, [&](const char* at) {
      const auto* behind = json::skip_value(at, last);
      const auto item = json::view(at, behind);
      const auto part = *at == '{' ? json::find_field(item, "partition") : std::string_view{};
      const auto cursor = *at == '{' ? json::find_field(item, "cursor") : std::string_view{};
      if (!part.empty() && part.front() == '{' && !cursor.empty() && cursor.front() == '{'
          && json::find_field(cursor, "__ab_full_refresh_sync_complete") == "true")
        remember(value_in(partition_key(part), field_));
      return behind;
    });
  }
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

bool completed_partitions::contains(const std::vector<partition_field>& partition) const {
  return known_.contains(value_in(partition_key(partition), field_));
}

void completed_partitions::add(const std::vector<partition_field>& partition) {
  remember(value_in(partition_key(partition), field_));
}

std::string completed_partitions::list_json() const {
  return text_.substr(text_.find(':') + 1) + "]}";
}

std::string completed_partitions::state_json() const {
  return text_ + "]}}";
}

} // namespace sluice
