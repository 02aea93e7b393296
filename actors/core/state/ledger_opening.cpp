#include "actors/core/state/ledger_opening.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/partition_former.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"
#include "config/manifest/parent_state.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

partition_kind kind_of(const endpoint& e) {
  return {e.cursor->global || e.slices.has_groups(), names_parents(e.slices), e.slices.has_parent_state()};
}

std::string initial_state_of(const planned_stream& s, const endpoint& e) {
  // The state of the full refresh stays beside that of the stream that follows it, as in the reference.
  if (s.begins_anew && !s.delegated_full_refresh && e.cursor && !e.slices.has_partitions())
    return with_members(s.initial_state, language::to_json(language::value{e.cursor->cursor_field}) + ":null");
  if (s.begins_anew)
    return {};
  return s.delegated_full_refresh ? without_field(s.initial_state, delegated_key) : s.initial_state;
}

/// Reads the states that came in.
class opening {
public:
  explicit opening(plan_ptr p) : books_(std::move(p)) {}

  expected<ledger_books> run() {
    for (const auto& s : books_.plan->streams)
      if (!s.warning.empty())
        books_.warnings.push_back("Stream " + s.name + ": " + s.warning + ".");
    for (const auto& e : books_.plan->endpoints)
      if (auto opened = open_endpoint(e); !opened)
        return tl::unexpected(std::move(opened.error()));
    find_needs();
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
      const auto initial = uses_state ? initial_state_of(books_.plan->streams[out.stream], e) : std::string{};
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
    if (!out.emit)
      return {};
    if (book.partitions->global_mode() && !kind_of(e).only_global && !initial.empty())
      warn(out, "its state has one cursor for all partitions, because there were too many for a list: of partitions "
                "that are new, what is older than it is not read");
    if (auto opened = open_completed(e, out, lists); !opened)
      return opened;
    for (auto edge : e.slices.feeding_edges()) {
      auto opened = open_parents(edge, initial, out, *until);
      if (!opened)
        return tl::unexpected(std::move(opened.error()));
      books_.edges[edge].own = *opened;
    }
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

  /// How far the edge's parents have been read for the stream that `out` prints, as the state of their child has it,
  /// and theirs for them: a position in `reads`. None: the child needs all of them. `held_at`: see
  /// `partition_cursors::hold_at`.
  expected<std::optional<std::size_t>> open_parents(std::uint32_t index, const std::string& child_state,
                                                    const output& out, std::optional<instant> held_at) {
    const auto& edge = books_.plan->edges[index];
    const auto& parent = books_.plan->endpoints[edge.parent];
    if (!edge.incremental || !parent.cursor)
      return std::optional<std::size_t>{};
    const auto& name = parent_output_of(*books_.plan, edge).stream_name;
    const auto state
      = edge.parents_begin_anew ? std::string{} : parent_state_in(child_state, name, parent.cursor->cursor_field);
    ledger_books::parent_read read;
    read.edge = index;
    bool is_beyond = false;
    if (parent.slices.has_partitions()) {
      auto cursors
        = partition_cursors::open(*parent.cursor, leading_field(*books_.plan, parent), state, {}, kind_of(parent));
      if (!cursors)
        return tl::unexpected(std::move(cursors.error()));
      is_beyond = cursors->beyond(parent.cursor->now) > 0;
      read.partitions = std::move(*cursors);
      if (held_at)
        read.partitions->hold_each_at(*held_at);
    } else {
      auto cursor = cursor_state::open(*parent.cursor, state);
      if (!cursor)
        return tl::unexpected(std::move(cursor.error()));
      is_beyond = cursor->beyond(parent.cursor->now);
      read.cursor = std::move(*cursor);
      read.held_at = held_at.value_or(instant::max());
    }
    if (is_beyond)
      warn(out, "the parent_state of " + name + " lies in the future, so no older parents are read");
    for (auto above : parent.slices.feeding_edges()) {
      auto opened = open_parents(above, state, out, held_at);
      if (!opened)
        return opened;
      if (*opened)
        read.above.push_back(**opened);
    }
    books_.reads.push_back(std::move(read));
    books_.edges[index].reads.push_back(books_.reads.size() - 1);
    return std::optional{books_.reads.size() - 1};
  }

  /// Children come after their parents.
  void find_needs() {
    for (auto e = books_.plan->endpoints.rbegin(); e != books_.plan->endpoints.rend(); ++e)
      for (auto edge : e->slices.feeding_edges())
        books_.edges[edge].needs_all = needs_all(*e, edge);
  }

  /// Of the edge's parents, for the sake of a stream that the child prints, or of one below it.
  bool needs_all(const endpoint& child, std::uint32_t edge) const {
    const bool is_printed
      = std::any_of(child.outputs.begin(), child.outputs.end(), [](const auto& x) { return x.emit; });
    if (is_printed && !books_.edges[edge].own)
      return true;
    const auto says_nothing = [&](std::size_t read) {
      const auto& above = books_.reads[read].above;
      return std::none_of(above.begin(), above.end(), [&](std::size_t x) { return books_.reads[x].edge == edge; });
    };
    return std::any_of(child.child_edges.begin(), child.child_edges.end(), [&](std::uint32_t below) {
      const auto& book = books_.edges[below];
      return book.needs_all || std::any_of(book.reads.begin(), book.reads.end(), says_nothing);
    });
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
  const bool is_printed = e.outputs[e.cursor->output].emit;
  // A stream that is read for its children alone has no state: every window is theirs.
  if (!is_printed)
    result.leave_to_children();
  if (std::any_of(e.child_edges.begin(), e.child_edges.end(), [&](auto edge) { return books.edges[edge].needs_all; }))
    return result;
  // What the one below needs that has had the least.
  auto needed = instant::max();
  cursor_windows theirs;
  for (auto edge : e.child_edges)
    for (auto read : books.edges[edge].reads)
      if (auto left = books.reads[read].cursor->windows(false); !left.empty() && left.front().lower < needed) {
        needed = left.front().lower;
        theirs = std::move(left);
      }
  // Another one may need what lies in a gap.
  if (!is_printed && theirs.gapless()) {
    theirs.leave_to_children();
    return theirs;
  }
  result.leave_children_from(needed);
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
    if (books.edges[edge].needs_all || !e.cursor) {
      read_below.clear();
      break;
    }
    for (auto read : books.edges[edge].reads)
      read_below.push_back(*books.reads[read].partitions);
  }
  // Of an endpoint with a cursor only the records of one output are printed by it.
  bool printed = std::any_of(e.outputs.begin(), e.outputs.end(), [](const output& out) { return out.emit; });
  return std::make_shared<const partition_past>(books.endpoints[id].partitions, std::move(completed), std::move(below),
                                                printed, !e.child_edges.empty(), std::move(read_below));
}

} // namespace sluice
