#include "actors/core/state/partition_cursors.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/partition_state.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

std::string cursor_json(const datetime_cursor& cursor, instant t, std::string_view came_in) {
  auto out = "{" + language::to_json(language::value{cursor.cursor_field}) + ":" + state_text::write_moment(cursor, t);
  if (!came_in.empty())
    out += foreign_cursor_members(came_in, cursor.cursor_field);
  return out + "}";
}

} // namespace

expected<partition_cursors> partition_cursors::open(const datetime_cursor& cursor, const std::string& partition_field,
                                                    std::string_view state_json, partition_limits limits,
                                                    const partition_kind& kind) {
  if (auto problem = state_text::unusable(cursor))
    return tl::unexpected(std::move(*problem));
  auto in = std::make_shared<partition_state>();
  in->cursor = cursor;
  in->kind = kind;
  if (auto problem = in->read(state_json, partition_field))
    return tl::unexpected(std::move(*problem));
  in->use_global = in->use_global || kind.only_global;
  return partition_cursors{std::move(in), limits};
}

partition_cursors::partition_cursors(std::shared_ptr<const partition_state> in, partition_limits limits)
  : in_(std::move(in)), limits_(limits), global_mode_(in_->use_global || in_->partitions.size() > limits_.partitions) {}

std::optional<instant> partition_cursors::known_of_unlisted() const {
  if (!in_->global || (!in_->use_global && in_->lists_all))
    return std::nullopt;
  return language::add(*in_->global, {0, -in_->lookback});
}

std::string partition_cursors::unlisted_warning() const {
  if (unlisted_ == 0)
    return {};
  return std::to_string(unlisted_)
         + " partitions that its state does not list were read from its cursor for all of them on ("
         + state_text::write_moment(in_->cursor, *known_of_unlisted())
         + "), because the list may lack some: of partitions that are new, what is older is not read. To read it, take "
           "`state` out of the state.";
}

cursor_track partition_cursors::begin(const std::string& key) const {
  const auto* own = in_->find(key);
  if (own && !own->slices.empty())
    return {in_->cursor, own->slices};
  const auto known_until = own ? own->value : known_of_unlisted();
  std::vector<interval> known;
  if (known_until && *known_until > in_->cursor.start)
    known.push_back({in_->cursor.start, *known_until, *known_until});
  return {in_->cursor, std::move(known)};
}

cursor_windows partition_cursors::windows(std::string_view partition, bool for_children) const {
  return begin(partition_key(partition)).windows(in_->cursor, for_children);
}

cursor_track* partition_cursors::progress_of(std::string_view partition, std::uint64_t order) {
  if (global_mode_ && !keeps_list())
    return nullptr;
  const auto key = in_->name_of(partition_key(partition));
  if (const auto found = progress_.find(key); found != progress_.end()) {
    found->second.order = std::min(found->second.order, order); // its windows end in any order
    return &found->second.track;
  }
  const bool is_new = in_->find(key) == nullptr;
  if (is_new && !in_->partitions.empty() && known_of_unlisted() > in_->cursor.start)
    ++unlisted_;
  if (is_new && (global_mode_ || in_->partitions.size() + ++new_partitions_ > limits_.partitions)) {
    global_mode_ = true;
    std::erase_if(progress_, [this](const auto& x) { return !keeps_list() || in_->find(x.first) == nullptr; });
    return nullptr;
  }
  return &progress_.emplace(key, progress{begin(key), canonical_json(partition), order}).first->second.track;
}

bool partition_cursors::keeps_list() const {
  return in_->lists_all && !in_->use_global;
}

void partition_cursors::saw(instant newest, const cursor_window& w) {
  // A value beyond the window (a server's fast clock) counts as its end: what lies between was in no window.
  newest_ = std::max(newest_, std::optional{std::min(newest, w.upper)});
}

void partition_cursors::close(std::string_view partition, const cursor_window& w, std::optional<instant> newest,
                              std::uint64_t order) {
  if (w.children_only)
    return;
  if (newest)
    saw(*newest, w);
  if (auto* track = progress_of(partition, order))
    track->close(in_->cursor, w, newest);
}

void partition_cursors::advance(std::string_view partition, const cursor_window& w, instant newest,
                                std::uint64_t order) {
  if (w.children_only)
    return;
  saw(newest, w);
  if (auto* track = progress_of(partition, order))
    track->advance(in_->cursor, w, newest);
}

void partition_cursors::hold_at(instant t) {
  held_at_ = std::max(t, in_->cursor.start);
}

void partition_cursors::hold_each_at(instant t) {
  hold_at(t);
  holds_each_ = true;
}

instant partition_cursors::reads_until() const {
  return std::min(held_at_, in_->cursor.end);
}

void partition_cursors::set_parent_state(std::string json) {
  parent_state_ = std::move(json);
}

std::size_t partition_cursors::beyond(instant t) const {
  const auto count = std::count_if(in_->partitions.begin(), in_->partitions.end(),
                                   [t](const auto& p) { return p.value && *p.value > t; });
  return static_cast<std::size_t>(count) + (in_->global && *in_->global > t ? 1U : 0U);
}

std::string partition_cursors::json(const std::string& global, std::optional<std::chrono::seconds> lookback,
                                    bool lists_all, coverage how) const {
  const bool as_list = !global_mode_ || (keeps_list() && how != coverage::complete);
  std::string out = as_list ? R"({"use_global_cursor":false,"states":[)" : R"({"use_global_cursor":true)";
  if (as_list) {
    const auto add = [&out](const std::string& partition, const std::string& cursor) {
      if (out.back() == '}')
        out += ",";
      out += "{\"partition\":" + partition + ",\"cursor\":" + cursor + "}";
    };
    const auto reached = [&](const progress& x) {
      const auto t = how == coverage::complete ? x.track.promise() : x.track.progress(in_->cursor);
      return holds_each_ ? std::min(t, held_at_) : t;
    };
    for (const auto& p : in_->partitions) {
      const auto found = progress_.find(p.key);
      const auto is_read = found != progress_.end();
      const auto has_moved = is_read && std::optional{reached(found->second)} > p.value;
      add(is_read ? found->second.printed : p.printed,
          has_moved ? cursor_json(in_->cursor, reached(found->second), p.cursor_json) : p.cursor_json);
    }
    std::vector<const progress*> made;
    for (const auto& [key, x] : progress_)
      if (!in_->find(key))
        made.push_back(&x);
    std::stable_sort(made.begin(), made.end(), [](const auto* x, const auto* y) { return x->order < y->order; });
    for (const auto* x : made)
      add(x->printed, cursor_json(in_->cursor, reached(*x), {}));
    out += "]";
  }
  if (!global.empty())
    out += ",\"state\":" + global;
  // Without a global cursor there is nothing that the mark would rule out.
  if (lists_all && as_list && !global.empty())
    out += ",\"lookback_window\":" + marked_lookback(lookback.value_or(in_->lookback));
  else
    out += ",\"lookback_window\":" + (lookback ? std::to_string(lookback->count()) : in_->lookback_json);
  const auto& parent = parent_state_.empty() ? in_->parent_state : parent_state_;
  if (!parent.empty() || (how != coverage::under_way && in_->kind.has_parent_state))
    out += ",\"parent_state\":" + (parent.empty() ? std::string{"{}"} : parent);
  return out + in_->extras + "}";
}

std::string partition_cursors::state_json() const {
  return json(in_->global_json, std::nullopt, in_->is_marked, coverage::under_way);
}

std::string partition_cursors::final_state_json(bool complete, std::chrono::microseconds took) const {
  if (!complete || !newest_)
    return json(in_->global_json, std::nullopt, complete || in_->is_marked,
                complete ? coverage::complete : coverage::stopped);
  const auto newest = std::optional{std::min(*newest_, held_at_)};
  const auto global = newest > in_->global ? cursor_json(in_->cursor, *newest, in_->global_json) : in_->global_json;
  return json(global, std::chrono::ceil<std::chrono::seconds>(took), true, coverage::complete);
}

} // namespace sluice
