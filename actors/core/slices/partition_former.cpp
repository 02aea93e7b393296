#include "actors/core/slices/partition_former.hpp"

#include "actors/core/slices/partition.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice {

namespace {

/// A member of a JSON object: its key without quotes and its value, as they stand there.
using json_member = std::pair<std::string_view, std::string_view>;

std::vector<json_member> members_in(std::string_view object) {
  std::vector<json_member> result;
  if (object.empty())
    return result;
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    result.emplace_back(key, json::view(at, behind));
    return behind;
  });
  return result;
}

/// The value that a partition has besides its parent's partition; the parts of a group have just one.
std::string_view own_value(std::string_view partition) {
  for (const auto& [key, value] : members_in(partition))
    if (key != parent_slice_field)
      return value;
  return {};
}

void add_member(std::string& object, std::string_view raw_key, std::string_view value) {
  object += object.empty() ? "{\"" : ",\"";
  object += raw_key;
  object += "\":";
  object += value;
}

/// For each key that one of the objects has, the list of what they have there.
std::string listed(const std::vector<std::string_view>& objects) {
  std::vector<std::string_view> keys;
  for (auto object : objects)
    for (const auto& [key, value] : members_in(object))
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        keys.push_back(key);
  std::string result;
  for (auto key : keys) {
    std::string list = "[";
    for (auto object : objects) {
      const auto members = members_in(object);
      const auto found = std::find_if(members.begin(), members.end(), [key](const auto& x) { return x.first == key; });
      list += list.size() > 1 ? "," : "";
      list += found == members.end() ? std::string_view{"null"} : found->second;
    }
    add_member(result, key, list + "]");
  }
  return result.empty() ? result : result + "}";
}

constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

} // namespace

bool recent_texts::add(const std::string& text) {
  const auto [added, is_new] = known_.insert(text);
  if (!is_new)
    return false;
  order_.push_back(&*added);
  if (order_.size() > most_) {
    known_.erase(known_.find(*order_.front()));
    order_.pop_front();
  }
  return true;
}

partition_former::partition_former(const slice_factor& factor, std::size_t memory)
  : united_values_(memory), grouped_values_(memory) {
  const auto* groups = std::get_if<partition_groups>(&factor);
  const auto* united = std::get_if<united_partitions>(&factor);
  if (groups != nullptr) {
    group_size_ = groups->size;
    once_ = groups->once;
    united = std::get_if<united_partitions>(&groups->of);
  }
  if (united != nullptr)
    united_ = united->field;
}

std::optional<slice_seed> partition_former::take(slice_seed seed) {
  if (!united_.empty() && !unite(seed))
    return std::nullopt;
  if (group_size_ == 0)
    return seed;
  if (once_ && !grouped_values_.add(canonical_json(own_value(seed.partition))))
    return std::nullopt;
  group_.push_back(std::move(seed));
  return group_.size() < group_size_ ? std::nullopt : std::optional{grouped()};
}

std::optional<slice_seed> partition_former::rest() {
  if (group_.empty())
    return std::nullopt;
  auto result = grouped();
  result.feed = no_feed;
  return result;
}

/// As in the reference, what else a partition has goes to its extra fields, and wins there.
bool partition_former::unite(slice_seed& seed) {
  std::string partition;
  std::string extra = "{}";
  for (const auto& [key, value] : members_in(seed.partition)) {
    std::string one;
    add_member(one, key, value);
    one += '}';
    if (json::key_equals(key, united_))
      partition = one;
    else
      extra = combined_objects({one, extra});
  }
  if (!united_values_.add(canonical_json(partition)))
    return false;
  seed.extra_fields = seed.extra_fields.empty() ? extra : combined_objects({extra, seed.extra_fields});
  if (seed.extra_fields == "{}")
    seed.extra_fields.clear();
  seed.partition = std::move(partition);
  return true;
}

slice_seed partition_former::grouped() {
  std::vector<std::string_view> partitions;
  std::vector<std::string_view> extras;
  for (const auto& x : group_) {
    partitions.push_back(x.partition);
    extras.push_back(x.extra_fields);
  }
  slice_seed result{listed(partitions), listed(extras), 0, group_.back().feed, group_.back().factor};
  group_.clear();
  return result;
}

std::vector<slice_seed> partitions_of(const list_values& x) {
  std::vector<slice_seed> result;
  for (const auto& value : x.values)
    result.push_back(
      {x.are_parents ? make_partition(x.field, value, {}) : make_partition(x.field, value), {}, 0, no_feed});
  return result;
}

std::vector<slice_seed> known_partitions(const slice_factor& factor) {
  partition_former former{factor, no_bound};
  std::vector<slice_seed> result;
  for (const auto& origin : origins_of(factor))
    if (const auto* list = std::get_if<list_values>(&origin))
      for (auto& seed : partitions_of(*list))
        if (auto made = former.take(std::move(seed)))
          result.push_back(std::move(*made));
  if (auto made = former.rest())
    result.push_back(std::move(*made));
  return result;
}

std::uint64_t known_combinations(const slice_space& space) {
  std::uint64_t result = 1;
  for (const auto& factor : space.factors) {
    const auto origins = origins_of(factor);
    const bool is_known = !origins.empty() && std::all_of(origins.begin(), origins.end(), [](const auto& x) {
      return std::holds_alternative<list_values>(x);
    });
    if (!is_known)
      continue;
    const std::uint64_t count = known_partitions(factor).size();
    result = count > 0 && result > std::numeric_limits<std::uint64_t>::max() / count
               ? std::numeric_limits<std::uint64_t>::max()
               : result * count;
  }
  return result;
}

} // namespace sluice
