#include "actors/core/state/ledger_opening.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/partition_former.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

partition_kind kind_of(const endpoint& e) {
  return {e.cursor->global || e.slices.has_groups(), names_parents(e.slices), e.slices.has_parent_state()};
}

/// How far an edge's parents have been read for its child; null if they are all needed: what the child has read of them
/// says nothing of the streams below it.
const ledger_books::parent_book* read_by_child(const ledger_books& books, std::uint32_t edge) {
  const auto& child = books.plan->endpoints[books.plan->edges[edge].child];
  return child.child_edges.empty() ? &books.parents[edge] : nullptr;
}

/// Reads the states that came in.
class opening {
public:
  explicit opening(plan_ptr p) : books_(std::move(p)) {}

  expected<ledger_books> run() {
    for (const auto& e : books_.plan->endpoints)
      if (auto opened = open_endpoint(e); !opened)
        return tl::unexpected(std::move(opened.error()));
    for (const auto& e : books_.plan->endpoints)
      if (!e.slices.has_parents()) {
        const auto windows = windows_left(books_, e.id);
        const auto partitions = known_combinations(e.slices);
        books_.sizes.planned(e.id, partitions * windows.size(),
                             partitions * (windows.size() - windows.children_only()));
      }
    return std::move(books_);
  }

private:
  expected<void> open_endpoint(const endpoint& e) {
    for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
      const auto& out = e.outputs[i];
      const auto by_cursor = e.cursor && e.cursor->output == i;
      // A full refresh starts from the beginning, whatever the state says; it still checkpoints.
      const auto uses_state = out.emit && (!by_cursor || books_.plan->streams[out.stream].incremental);
      const auto initial = uses_state ? books_.plan->streams[out.stream].initial_state : std::string{};
      expected<void> opened;
      if (by_cursor)
        opened = open_cursor(e, out, initial);
      else if (out.emit)
        opened = e.slices.has_partitions() && !e.cursor ? open_completed(e, out, initial) : check_plain_state(initial);
      if (!opened) {
        opened.error().message = "Stream " + out.stream_name + ": " + opened.error().message;
        return opened;
      }
    }
    return {};
  }

  expected<void> open_cursor(const endpoint& e, const output& out, const std::string& initial) {
    auto& book = books_.endpoints[e.id];
    if (out.emit && e.cursor->start > e.cursor->end)
      warn(out, "nothing is asked for, because its start date lies beyond its end");
    if (!e.slices.has_partitions()) {
      auto cursor = cursor_state::open(*e.cursor, initial);
      if (!cursor)
        return tl::unexpected(std::move(cursor.error()));
      book.cursor = std::move(*cursor);
      if (book.cursor->beyond(e.cursor->now))
        warn(out,
             "its state lies in the future, so nothing older than that is read. If a wrong clock or start date made "
             "it, remove the state");
      return {};
    }
    // A sync that was stopped leaves lists of the partitions and parents that it has done; the cursors are the rest.
    auto lists = only_field(initial, completed_partitions_key);
    if (const auto parents = only_field(initial, completed_parents_key); !parents.empty())
      lists = with_members(lists.empty() ? "{}" : lists, parents.substr(1, parents.size() - 2));
    auto rest = initial;
    for (const auto key : {completed_partitions_key, completed_parents_key, completed_until_key})
      rest = without_field(rest, key);
    auto cursors = partition_cursors::open(*e.cursor, leading_field(*books_.plan, e), rest, {}, kind_of(e));
    if (!cursors)
      return tl::unexpected(std::move(cursors.error()));
    book.partitions = std::move(*cursors);
    auto until = read_until(*e.cursor, initial, !lists.empty());
    if (!until)
      return tl::unexpected(std::move(until.error()));
    if (*until)
      book.partitions->hold_at(**until);
    if (const auto count = book.partitions->beyond(e.cursor->now); count > 0)
      warn(out,
           std::to_string(count)
             + " cursors of its state lie in the future, so nothing older than that is read there. If a wrong clock "
               "or start date made them, remove the state");
    if (out.emit && book.partitions->global_mode() && !kind_of(e).only_global && !initial.empty())
      warn(out, "its state has one cursor for all partitions, because there were too many for a list: of partitions "
                "that are new, what is older than it is not read");
    if (out.emit)
      if (auto opened = open_completed(e, out, lists); !opened)
        return opened;
    for (auto edge : e.slices.feeding_edges())
      if (auto opened = open_parents(e, edge, initial, *until); !opened)
        return opened;
    return {};
  }

  /// Up to when a stopped sync has read the partitions that it has done; nothing if it has done none. Older states do
  /// not say: then it may be no more than the start.
  static expected<std::optional<instant>> read_until(const datetime_cursor& cursor, const std::string& initial,
                                                     bool has_lists) {
    if (!has_lists)
      return std::optional<instant>{};
    const auto state = language::parse_json(initial);
    const auto* until = state ? state->find(completed_until_key) : nullptr;
    if (until == nullptr)
      return std::optional{cursor.start};
    auto t = state_text::read_moment(cursor, *until);
    if (!t)
      return state_text::bad_moment(cursor, "\"" + std::string{completed_until_key} + "\"", *until);
    return t;
  }

  void warn(const output& out, const std::string& what) {
    books_.warnings.push_back("Stream " + out.stream_name + ": " + what + ".");
  }

  expected<void> open_completed(const endpoint& e, const output& out, std::string_view initial_state) {
    const auto* parent = partitioned_parent_of(*books_.plan, e);
    auto& book = books_.streams[out.stream];
    // Only where the parent has partitions can whole ones of them be complete.
    auto completed = completed_partitions::open(leading_field(*books_.plan, e),
                                                parent ? without_field(initial_state, completed_parents_key)
                                                       : std::string{initial_state},
                                                completed_partitions::max_remembered, completed_partitions_key);
    if (!completed)
      return tl::unexpected(std::move(completed.error()));
    book.completed = std::move(*completed);
    if (e.slices.is_product || e.slices.feeding_edges().size() != 1)
      book.completed->pass_over_older_names();
    if (parent == nullptr)
      return {};
    auto whole = completed_partitions::open(leading_field(*books_.plan, *parent),
                                            only_field(initial_state, completed_parents_key),
                                            completed_partitions::max_remembered, completed_parents_key);
    if (!whole)
      return tl::unexpected(std::move(whole.error()));
    book.whole_parents = std::move(*whole);
    return {};
  }

  expected<void> open_parents(const endpoint& e, std::uint32_t index, const std::string& initial_state,
                              std::optional<instant> held_at) {
    const auto& edge = books_.plan->edges[index];
    const auto& parent = books_.plan->endpoints[edge.parent];
    if (!edge.incremental || !parent.cursor)
      return {};
    const auto& parent_out = parent_output_of(*books_.plan, edge);
    std::string known;
    if (auto state = language::parse_json(initial_state))
      if (const auto* all = state->find("parent_state"))
        if (const auto* own = all->find(parent_out.stream_name))
          known = own->is_none() ? std::string{} : language::to_json(*own);
    const auto warn_of_future = [&](bool is_beyond) {
      if (is_beyond)
        warn(e.outputs[e.cursor->output],
             "the parent_state of " + parent_out.stream_name + " lies in the future, so no older parents are read");
    };
    if (parent.slices.has_partitions()) {
      auto cursors
        = partition_cursors::open(*parent.cursor, leading_field(*books_.plan, parent), known, {}, kind_of(parent));
      if (!cursors)
        return tl::unexpected(std::move(cursors.error()));
      warn_of_future(cursors->beyond(parent.cursor->now) > 0);
      books_.parents[index].partitions = std::move(*cursors);
      if (held_at)
        books_.parents[index].partitions->hold_each_at(*held_at);
      return {};
    }
    auto cursor = cursor_state::open(*parent.cursor, known);
    if (!cursor)
      return tl::unexpected(std::move(cursor.error()));
    warn_of_future(cursor->beyond(parent.cursor->now));
    books_.parents[index].cursor = std::move(*cursor);
    books_.parents[index].held_at = held_at.value_or(instant::max());
    return {};
  }

  ledger_books books_;
};

} // namespace

expected<ledger_books> open_books(plan_ptr p) {
  return opening{std::move(p)}.run();
}

cursor_windows windows_left(const ledger_books& books, endpoint_id id) {
  const auto& e = books.plan->endpoints[id];
  const auto& cursor = books.endpoints[id].cursor;
  if (const auto& partitions = books.endpoints[id].partitions; partitions && !e.slices.has_parents())
    return partitions->windows(sample_partition(*books.plan, e));
  if (!cursor)
    return cursor_windows::whole();
  auto result = cursor->windows(!e.child_edges.empty());
  // A stream that is read for its children alone has no state: every window is theirs.
  if (!e.outputs[e.cursor->output].emit)
    result.leave_to_children();
  // The first moment that a child still needs.
  auto needed = instant::max();
  for (auto edge : e.child_edges) {
    const auto* parents = read_by_child(books, edge);
    if (parents == nullptr || !parents->cursor)
      return result;
    if (auto left = parents->cursor->windows(false); !left.empty())
      needed = std::min(needed, left.front().lower);
  }
  result.drop_children_before(needed);
  return result;
}

std::shared_ptr<const partition_past> past_of(const ledger_books& books, endpoint_id id) {
  const auto& e = books.plan->endpoints[id];
  // All streams know something, or what some know is of no use.
  auto gather = [&books](std::vector<completed_partitions>& into, const endpoint& of, auto member) {
    for (const auto& out : of.outputs) {
      if (!out.emit)
        continue;
      const auto& list = books.streams[out.stream].*member;
      if (!list || list->size() == 0)
        return false;
      into.push_back(*list);
    }
    return true;
  };
  std::vector<completed_partitions> completed;
  if (!gather(completed, e, &ledger_books::stream_book::completed))
    completed.clear();
  std::vector<completed_partitions> below;
  bool all = true;
  for (auto edge : e.child_edges) {
    const auto& child = books.plan->endpoints[books.plan->edges[edge].child];
    const auto before = below.size();
    // What lies two levels down is not known by this endpoint's partitions.
    all = all && child.child_edges.empty() && gather(below, child, &ledger_books::stream_book::whole_parents)
          && below.size() > before;
  }
  if (!all)
    below.clear();
  std::vector<partition_cursors> read_below;
  for (auto edge : e.child_edges) {
    const auto* parents = read_by_child(books, edge);
    if (parents == nullptr || !parents->partitions) {
      read_below.clear();
      break;
    }
    read_below.push_back(*parents->partitions);
  }
  // Of an endpoint with a cursor only the records of one output are printed by it.
  bool printed = std::any_of(e.outputs.begin(), e.outputs.end(), [](const output& out) { return out.emit; });
  return std::make_shared<const partition_past>(books.endpoints[id].partitions, std::move(completed), std::move(below),
                                                printed, !e.child_edges.empty(), std::move(read_below));
}

} // namespace sluice
