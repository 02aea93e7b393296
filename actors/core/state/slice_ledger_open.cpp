// How a ledger begins: from the states that came in.

#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

slice_ledger::slice_ledger(plan_ptr p)
  : plan_(std::move(p)), endpoints_(plan_->endpoints.size()), streams_(plan_->streams.size()), sizes_(plan_) {}

expected<slice_ledger> slice_ledger::open(plan_ptr p) {
  slice_ledger result{std::move(p)};
  for (const auto& e : result.plan_->endpoints)
    if (auto opened = result.open_endpoint(e); !opened)
      return tl::unexpected(std::move(opened.error()));
  for (const auto& e : result.plan_->endpoints)
    if (!e.parent_edge) {
      auto windows = result.windows_of(e.id);
      auto printed = std::count_if(windows.begin(), windows.end(), [](const auto& w) { return !w.children_only; });
      result.sizes_.planned(e.id, windows.size(), static_cast<std::uint64_t>(printed));
    }
  return result;
}

expected<void> slice_ledger::open_endpoint(const endpoint& e) {
  for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
    const auto& out = e.outputs[i];
    const auto by_cursor = e.cursor && e.cursor->output == i;
    // A full refresh starts from the beginning, whatever the state says; it still checkpoints.
    const auto uses_state = out.emit && (!by_cursor || plan_->streams[out.stream].incremental);
    const auto initial = uses_state ? plan_->streams[out.stream].initial_state : std::string{};
    expected<void> opened;
    if (by_cursor)
      opened = open_cursor(e, out, initial);
    else if (out.emit)
      opened = e.parent_edge && !e.cursor ? open_completed(e, out, initial) : check_plain_state(initial);
    if (!opened) {
      opened.error().message = "Stream " + out.stream_name + ": " + opened.error().message;
      return opened;
    }
  }
  return {};
}

expected<void> slice_ledger::open_cursor(const endpoint& e, const output& out, const std::string& initial) {
  auto& book = endpoints_[e.id];
  if (out.emit && e.cursor->start > e.cursor->end)
    warn(out, "nothing is asked for, because its start date lies beyond its end");
  if (!e.parent_edge) {
    auto cursor = cursor_state::open(*e.cursor, initial);
    if (!cursor)
      return tl::unexpected(std::move(cursor.error()));
    book.cursor = std::move(*cursor);
    if (book.cursor->beyond(e.cursor->now))
      warn(out, "its state lies in the future, so nothing older than that is read. If a wrong clock or start date made "
                "it, remove the state");
    return {};
  }
  // A sync that was stopped leaves lists of the partitions and parents that it has done; the cursors are the rest.
  auto lists = only_field(initial, completed_partitions_key);
  if (const auto parents = only_field(initial, completed_parents_key); !parents.empty())
    lists = with_members(lists.empty() ? "{}" : lists, parents.substr(1, parents.size() - 2));
  auto cursors
    = partition_cursors::open(*e.cursor, plan_->edges[*e.parent_edge].partition_field,
                              without_field(without_field(initial, completed_partitions_key), completed_parents_key));
  if (!cursors)
    return tl::unexpected(std::move(cursors.error()));
  book.partitions = std::move(*cursors);
  if (const auto count = book.partitions->beyond(e.cursor->now); count > 0)
    warn(out, std::to_string(count)
                + " cursors of its state lie in the future, so nothing older than that is read there. If a wrong clock "
                  "or start date made them, remove the state");
  if (out.emit)
    if (auto opened = open_completed(e, out, lists); !opened)
      return opened;
  return open_parents(e, initial);
}

void slice_ledger::warn(const output& out, const std::string& what) {
  warnings_.push_back("Stream " + out.stream_name + ": " + what + ".");
}

expected<void> slice_ledger::open_completed(const endpoint& e, const output& out, std::string_view initial_state) {
  const auto& edge = plan_->edges[*e.parent_edge];
  const auto& parent = plan_->endpoints[edge.parent];
  auto& book = streams_[out.stream];
  // Only where the parent has partitions can whole ones of them be complete.
  auto completed = completed_partitions::open(edge.partition_field,
                                              parent.parent_edge ? without_field(initial_state, completed_parents_key)
                                                                 : std::string{initial_state},
                                              completed_partitions::max_remembered, completed_partitions_key);
  if (!completed)
    return tl::unexpected(std::move(completed.error()));
  book.completed = std::move(*completed);
  if (!parent.parent_edge)
    return {};
  auto whole = completed_partitions::open(plan_->edges[*parent.parent_edge].partition_field,
                                          only_field(initial_state, completed_parents_key),
                                          completed_partitions::max_remembered, completed_parents_key);
  if (!whole)
    return tl::unexpected(std::move(whole.error()));
  book.whole_parents = std::move(*whole);
  return {};
}

expected<void> slice_ledger::open_parents(const endpoint& e, const std::string& initial_state) {
  const auto& edge = plan_->edges[*e.parent_edge];
  if (!edge.incremental)
    return {};
  const auto& parent = plan_->endpoints[edge.parent];
  const auto& parent_out = parent.outputs[edge.parent_output];
  std::string known;
  if (auto state = language::parse_json(initial_state))
    if (const auto* all = state->find("parent_state"))
      if (const auto* own = all->find(parent_out.stream_name))
        known = own->is_none() ? std::string{} : language::to_json(*own);
  auto cursor = cursor_state::open(*parent.cursor, known);
  if (!cursor)
    return tl::unexpected(std::move(cursor.error()));
  if (cursor->beyond(parent.cursor->now))
    warn(e.outputs[e.cursor->output],
         "the parent_state of " + parent_out.stream_name + " lies in the future, so no older parents are read");
  endpoints_[e.id].parents = std::move(*cursor);
  return {};
}

std::vector<cursor_window> slice_ledger::windows_of(endpoint_id id) const {
  const auto& e = plan_->endpoints[id];
  const auto& cursor = endpoints_[id].cursor;
  if (!cursor)
    return std::vector<cursor_window>(1);
  auto result = cursor->windows(!e.child_edges.empty());
  // A stream that is read for its children alone has no state: every window is theirs.
  if (!e.outputs[e.cursor->output].emit)
    for (auto& w : result)
      w.children_only = true;
  // The first moment that a child still needs.
  auto needed = instant::max();
  for (auto edge : e.child_edges) {
    const auto& parents = endpoints_[plan_->edges[edge].child].parents;
    if (!parents)
      return result;
    if (auto left = parents->windows(false); !left.empty())
      needed = std::min(needed, left.front().lower);
  }
  std::erase_if(result, [needed](const cursor_window& w) { return w.children_only && w.upper < needed; });
  return result;
}

std::shared_ptr<const partition_past> slice_ledger::past_of(endpoint_id id) const {
  const auto& e = plan_->endpoints[id];
  // All streams know something, or what some know is of no use.
  auto gather = [this](std::vector<completed_partitions>& into, const endpoint& of, auto member) {
    for (const auto& out : of.outputs) {
      if (!out.emit)
        continue;
      const auto& list = streams_[out.stream].*member;
      if (!list || list->size() == 0)
        return false;
      into.push_back(*list);
    }
    return true;
  };
  std::vector<completed_partitions> completed;
  if (!gather(completed, e, &stream_book::completed))
    completed.clear();
  std::vector<completed_partitions> below;
  bool all = true;
  for (auto edge : e.child_edges) {
    const auto& child = plan_->endpoints[plan_->edges[edge].child];
    const auto before = below.size();
    // What lies two levels down is not known by this endpoint's partitions.
    all
      = all && child.child_edges.empty() && gather(below, child, &stream_book::whole_parents) && below.size() > before;
  }
  if (!all)
    below.clear();
  bool printed = std::any_of(e.outputs.begin(), e.outputs.end(), [](const output& out) { return out.emit; });
  return std::make_shared<const partition_past>(endpoints_[id].partitions, std::move(completed), std::move(below),
                                                printed, !e.child_edges.empty());
}

} // namespace sluice
