#include "actors/core/slice_ledger.hpp"

#include "actors/core/full_refresh.hpp"
#include "actors/core/partition.hpp"
#include "config/language/value.hpp"
#include "messages/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

instant from_micros(std::int64_t us) {
  return instant{std::chrono::microseconds{us}};
}

} // namespace

// -- what earlier runs have read -------------------------------------------------

partition_past::partition_past(std::optional<partition_cursors> cursors, std::vector<completed_partitions> completed)
  : cursors_(std::move(cursors)), completed_(std::move(completed)) {}

std::optional<std::vector<cursor_window>> partition_past::windows(const std::vector<partition_field>& partition) const {
  if (!cursors_)
    return std::nullopt;
  return cursors_->windows(partition_key(partition));
}

bool partition_past::completed(const std::vector<partition_field>& partition) const {
  return !completed_.empty() && std::all_of(completed_.begin(), completed_.end(), [&partition](const auto& known) {
    return known.contains(partition);
  });
}

// -- opening ---------------------------------------------------------------------

slice_ledger::slice_ledger(plan_ptr p)
  : plan_(std::move(p)), endpoints_(plan_->endpoints.size()), streams_(plan_->streams.size()) {}

expected<slice_ledger> slice_ledger::open(plan_ptr p) {
  slice_ledger result{std::move(p)};
  for (const auto& e : result.plan_->endpoints)
    if (auto opened = result.open_endpoint(e); !opened)
      return tl::unexpected(std::move(opened.error()));
  return result;
}

expected<void> slice_ledger::open_endpoint(const endpoint& e) {
  auto& book = endpoints_[e.id];
  if (e.cursor) {
    // A full refresh starts from the beginning, whatever the state says; it still checkpoints.
    std::string initial;
    const auto& out = e.outputs[e.cursor->output];
    if (out.emit && plan_->streams[out.stream].incremental)
      initial = plan_->streams[out.stream].initial_state;
    auto problem = [&out](error what) {
      what.message = "Stream " + out.stream_name + ": " + what.message;
      return tl::unexpected(std::move(what));
    };
    if (e.parent_edge) {
      auto cursors = partition_cursors::open(*e.cursor, plan_->edges[*e.parent_edge].partition_field, initial);
      if (!cursors)
        return problem(std::move(cursors.error()));
      book.partitions = std::move(*cursors);
      if (auto opened = open_parents(e, initial); !opened)
        return problem(std::move(opened.error()));
    } else {
      auto cursor = cursor_state::open(*e.cursor, initial);
      if (!cursor)
        return problem(std::move(cursor.error()));
      book.cursor = std::move(*cursor);
    }
  } else if (e.parent_edge) {
    for (const auto& out : e.outputs) {
      if (!out.emit)
        continue;
      auto& completed = streams_[out.stream].completed;
      completed.emplace(plan_->edges[*e.parent_edge].partition_field, plan_->streams[out.stream].initial_state);
      if (!completed->ignored().empty())
        warnings_.push_back("Stream " + out.stream_name + ": " + completed->ignored());
    }
  }
  return {};
}

expected<void> slice_ledger::open_parents(const endpoint& e, const std::string& initial_state) {
  const auto& edge = plan_->edges[*e.parent_edge];
  if (!edge.incremental)
    return {};
  const auto& parent = plan_->endpoints[edge.parent];
  std::string known;
  if (auto state = language::parse_json(initial_state))
    if (const auto* all = state->find("parent_state"))
      if (const auto* own = all->find(parent.outputs[edge.parent_output].stream_name))
        known = language::to_json(*own);
  auto cursor = cursor_state::open(*parent.cursor, known);
  if (!cursor)
    return tl::unexpected(std::move(cursor.error()));
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

std::shared_ptr<const partition_past> slice_ledger::past_of(endpoint_id e) const {
  std::vector<completed_partitions> completed;
  for (const auto& out : plan_->endpoints[e].outputs) {
    if (!out.emit || !streams_[out.stream].completed)
      continue;
    if (streams_[out.stream].completed->size() == 0) {
      completed.clear();
      break;
    }
    completed.push_back(*streams_[out.stream].completed);
  }
  return std::make_shared<const partition_past>(endpoints_[e].partitions, std::move(completed));
}

// -- the course of a run -----------------------------------------------------------

void slice_ledger::opened(const slices_opened& x) {
  endpoints_[x.endpoint].opened += x.count;
}

std::optional<state_change> slice_ledger::written(const page_receipt& x) {
  const auto& e = plan_->endpoints[x.slice.endpoint];
  auto& book = endpoints_[e.id];
  for (const auto& c : x.counts) {
    streams_[c.stream].records += c.records;
    ++streams_[c.stream].pages;
  }
  if (x.last)
    ++book.closed;
  if (e.cursor)
    return move_cursor(book, e, x);
  if (!x.last || !e.parent_edge || x.slice.children_only)
    return std::nullopt;
  for (const auto& out : e.outputs)
    if (out.emit)
      streams_[out.stream].completed->add(x.slice.partition);
  return state_change::slice_closed;
}

std::optional<state_change> slice_ledger::move_cursor(endpoint_book& book, const endpoint& e, const page_receipt& x) {
  auto& open = book.open[x.slice.id];
  if (x.has_cursor || x.records_without_cursor > 0) {
    open.ordered = open.ordered && x.ascending && (!open.newest || from_micros(x.oldest_us) >= *open.newest);
    if (x.has_cursor)
      open.newest = std::max(open.newest, std::optional{from_micros(x.newest_us)});
  }
  const cursor_window window{from_micros(x.slice.lower_us), from_micros(x.slice.upper_us), false};
  const auto key = book.partitions ? partition_key(x.slice.partition) : std::string{};
  const auto newest = open.newest;
  if (x.last) {
    book.open.erase(x.slice.id);
    for (auto edge : e.child_edges)
      if (auto& parents = endpoints_[plan_->edges[edge].child].parents)
        parents->close(window, newest);
    if (x.slice.children_only)
      return std::nullopt;
    book.partitions ? book.partitions->close(key, window, newest) : book.cursor->close(window, newest);
    return state_change::slice_closed;
  }
  // Only where the order is promised, and kept: everything up to the newest record is there then.
  if (!e.cursor->ascending || !open.ordered || !newest || x.slice.children_only)
    return std::nullopt;
  book.partitions ? book.partitions->advance(key, window, *newest) : book.cursor->advance(window, *newest);
  return state_change::page_read;
}

void slice_ledger::failed(const slice_failed& x) {
  auto& book = endpoints_[x.slice.endpoint];
  ++book.failed;
  book.open.erase(x.slice.id);
}

void slice_ledger::abandoned(const slices_abandoned& x) {
  endpoints_[x.endpoint].failed += x.count;
}

void slice_ledger::generated(const generation_done& x) {
  auto& book = endpoints_[x.endpoint];
  book.generated = true;
  book.complete = book.complete && x.complete;
}

// -- states ------------------------------------------------------------------------

std::vector<stream_index> slice_ledger::streams_with_state(endpoint_id e) const {
  std::vector<stream_index> result;
  const auto& of = plan_->endpoints[e];
  for (std::uint32_t i = 0; i < of.outputs.size(); ++i) {
    const auto& out = of.outputs[i];
    bool has_past = of.cursor ? of.cursor->output == i : of.parent_edge.has_value();
    if (out.emit && has_past && !streams_[out.stream].finished)
      result.push_back(out.stream);
  }
  return result;
}

std::vector<stream_index> slice_ledger::streams_under_way() const {
  std::vector<stream_index> result;
  for (const auto& e : plan_->endpoints)
    for (auto s : streams_with_state(e.id))
      result.push_back(s);
  return result;
}

std::string slice_ledger::past_json(const endpoint_book& book, const endpoint& e, std::uint32_t output) const {
  const auto& out = e.outputs[output];
  if (e.cursor && e.cursor->output == output)
    return book.partitions ? book.partitions->state_json() : book.cursor->state_json();
  return streams_[out.stream].completed ? streams_[out.stream].completed->state_json() : std::string{};
}

state_update slice_ledger::present_state(stream_index s) {
  ++states_;
  const auto& planned = plan_->streams[s];
  return {s, past_json(endpoints_[*planned.endpoint], plan_->endpoints[*planned.endpoint], planned.output)};
}

bool slice_ledger::take_completion(endpoint_id e) {
  auto& book = endpoints_[e];
  if (book.announced || !book.generated || book.closed + book.failed < book.opened)
    return false;
  book.announced = true;
  return true;
}

std::vector<state_update> slice_ledger::final_states(endpoint_id e, std::chrono::microseconds took) {
  std::vector<state_update> result;
  const auto& of = plan_->endpoints[e];
  auto& book = endpoints_[e];
  for (std::uint32_t i = 0; i < of.outputs.size(); ++i) {
    const auto& out = of.outputs[i];
    if (!out.emit || streams_[out.stream].finished)
      continue;
    streams_[out.stream].finished = true;
    ++states_;
    bool by_cursor = of.cursor && of.cursor->output == i;
    if (by_cursor && book.parents && complete(book)) {
      const auto& edge = plan_->edges[*of.parent_edge];
      const auto& parent = plan_->endpoints[edge.parent].outputs[edge.parent_output];
      book.partitions->set_parent_state("{" + json_string(parent.stream_name) + ":" + book.parents->state_json() + "}");
    }
    auto json
      = by_cursor && book.partitions ? book.partitions->final_state_json(complete(book), took) : past_json(book, of, i);
    if (!by_cursor && complete(book)) {
      json = full_refresh_marker;
    } else if (const auto& completed = streams_[out.stream].completed; completed && has_ended(book)) {
      // The gap gets one run of its own; if it stays, everything is read again.
      json = completed->heals() ? std::string{} : completed->state_json(true);
    }
    result.push_back({out.stream, json.empty() ? std::string{"{}"} : std::move(json)});
  }
  return result;
}

std::vector<state_update> slice_ledger::all_final_states(std::chrono::microseconds took) {
  std::vector<state_update> result;
  for (const auto& e : plan_->endpoints)
    for (auto& update : final_states(e.id, took))
      result.push_back(std::move(update));
  return result;
}

endpoint_done slice_ledger::summary(endpoint_id e) const {
  const auto& book = endpoints_[e];
  return {e, book.opened, book.failed, complete(book)};
}

aggregator_report slice_ledger::report() const {
  aggregator_report result;
  result.states = states_;
  for (std::size_t i = 0; i < plan_->streams.size(); ++i) {
    const auto& s = plan_->streams[i];
    stream_report r;
    r.name = s.name;
    r.records = streams_[i].records;
    r.pages = streams_[i].pages;
    if (s.endpoint) {
      const auto& book = endpoints_[*s.endpoint];
      r.slices_known = book.opened;
      r.slices_done = book.closed;
      r.slices_failed = book.failed;
      r.slices_final = book.generated;
      if (!book.announced)
        r.status = r.pages > 0 ? "running" : "waiting";
      else
        r.status = complete(book) ? "complete" : "incomplete";
    } else {
      r.status = s.already_complete ? "complete" : "incomplete";
      r.slices_final = true;
    }
    result.streams.push_back(std::move(r));
  }
  return result;
}

std::string slice_ledger::open_work() const {
  std::string text;
  for (const auto& e : plan_->endpoints) {
    const auto& b = endpoints_[e.id];
    if (b.announced)
      continue;
    text += text.empty() ? "" : "\n";
    text += e.name + ": " + std::to_string(b.opened) + " slices opened, " + std::to_string(b.closed) + " closed, "
            + std::to_string(b.failed) + " failed";
    if (auto ended = b.closed + b.failed; ended < b.opened)
      text += ", waits for the last page_written of " + std::to_string(b.opened - ended);
    if (!b.generated)
      text += ", waits for generation_done";
  }
  return text.empty() ? "all endpoints have ended" : text;
}

} // namespace sluice
