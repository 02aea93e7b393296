#include "actors/core/state/slice_ledger.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Bytes of a state that reports show.
constexpr std::size_t longest_state_shown = 200;

instant from_micros(std::int64_t us) {
  return instant{std::chrono::microseconds{us}};
}

} // namespace

expected<slice_ledger> slice_ledger::open(plan_ptr p) {
  return open_books(std::move(p)).map([](ledger_books&& books) { return slice_ledger{std::move(books)}; });
}

// -- the course of a run -----------------------------------------------------------

std::optional<state_change> slice_ledger::opened(const slices_opened& x) {
  auto& book = books_.endpoints[x.endpoint];
  book.opened += x.count;
  books_.sizes.opened(x.endpoint, x.count);
  for (auto id : x.parents)
    ++book.families[id].opened;
  bool changed = false;
  for (const auto& parent : x.expanded) {
    auto& of = book.families[parent.id];
    of.expanded = true;
    of.partition = parent.partition;
    changed |= settle_family(books_.plan->endpoints[x.endpoint], parent.id);
  }
  return changed ? std::optional{state_change::slice_closed} : std::nullopt;
}

bool slice_ledger::settle_family(const endpoint& e, std::uint64_t parent_id) {
  auto& families = books_.endpoints[e.id].families;
  auto found = families.find(parent_id);
  if (found == families.end() || !found->second.expanded || found->second.closed < found->second.opened)
    return false;
  for (const auto& out : e.outputs)
    if (out.emit && books_.streams[out.stream].whole_parents && !books_.streams[out.stream].cut)
      books_.streams[out.stream].whole_parents->add(found->second.partition);
  families.erase(found);
  return true;
}

std::optional<state_change> slice_ledger::written(const page_receipt& x) {
  const auto& e = books_.plan->endpoints[x.slice.endpoint];
  auto& book = books_.endpoints[e.id];
  books_.sizes.written(x);
  for (const auto& c : x.counts) {
    books_.streams[c.stream].records += c.records;
    books_.streams[c.stream].bytes += c.bytes;
    ++books_.streams[c.stream].pages;
    books_.streams[c.stream].cut |= c.cut;
  }
  ++book.pages;
  if (x.last)
    ++book.closed;
  if (x.last && x.slice.parent_id != 0) {
    ++book.families[x.slice.parent_id].closed;
    settle_family(e, x.slice.parent_id);
  }
  if (e.cursor)
    return move_cursor(book, e, x);
  if (!x.last || !e.slices.has_partitions() || x.slice.children_only)
    return std::nullopt;
  for (const auto& out : e.outputs)
    if (out.emit && !books_.streams[out.stream].cut)
      books_.streams[out.stream].completed->add(x.slice.partition);
  return state_change::slice_closed;
}

std::optional<state_change> slice_ledger::move_cursor(ledger_books::endpoint_book& book, const endpoint& e,
                                                      const page_receipt& x) {
  // Most slices have one page, and nothing to remember.
  ledger_books::open_slice single;
  auto found = book.open.find(x.slice.id);
  if (found == book.open.end() && !x.last)
    found = book.open.try_emplace(x.slice.id).first;
  auto& open = found == book.open.end() ? single : found->second;
  if (x.has_cursor || x.records_without_cursor > 0) {
    open.ordered = open.ordered && x.ascending && (!open.newest || from_micros(x.oldest_us) >= *open.newest);
    if (x.has_cursor)
      open.newest = std::max(open.newest, std::optional{from_micros(x.newest_us)});
  }
  const cursor_window window{from_micros(x.slice.lower_us), from_micros(x.slice.upper_us), false};
  const auto& partition = x.slice.partition;
  const auto newest = open.newest;
  const auto& owner = e.outputs[e.cursor->output];
  if (owner.emit && !x.slice.children_only) {
    const auto own
      = std::find_if(x.counts.begin(), x.counts.end(), [&](const auto& c) { return c.stream == owner.stream; });
    book.findings.note(*e.cursor, x, own == x.counts.end() ? 0 : own->records);
  }
  const bool moves = !x.slice.children_only && !(owner.emit && books_.streams[owner.stream].cut);
  if (x.last) {
    if (found != book.open.end())
      book.open.erase(found);
    for (auto edge : e.child_edges)
      for (auto read : books_.edges[edge].reads)
        books_.reads[read].close(x.slice, window, newest);
    if (!moves)
      return std::nullopt;
    book.partitions ? book.partitions->close(partition, window, newest, x.slice.id)
                    : book.cursor->close(window, newest);
    // With a step a partition has several windows, and which one ends it is not known here.
    if (book.partitions && owner.emit && !e.cursor->step)
      books_.streams[owner.stream].completed->add(x.slice.partition);
    return state_change::slice_closed;
  }
  // Only where the order is promised, and kept: everything up to the newest record is there then.
  if (!e.cursor->ascending || !open.ordered || !newest || !moves)
    return std::nullopt;
  book.partitions ? book.partitions->advance(partition, window, *newest, x.slice.id)
                  : book.cursor->advance(window, *newest);
  return state_change::page_read;
}

void slice_ledger::failed(const slice_failed& x) {
  auto& book = books_.endpoints[x.slice.endpoint];
  ++book.failed;
  book.open.erase(x.slice.id);
  books_.sizes.failed(x.slice.endpoint, x.slice.id);
}

void slice_ledger::abandoned(const slices_abandoned& x) {
  books_.endpoints[x.endpoint].failed += x.count;
  books_.sizes.abandoned(x.endpoint, x.count);
}

void slice_ledger::generated(const generation_done& x) {
  auto& book = books_.endpoints[x.endpoint];
  book.generated = true;
  books_.sizes.generated(x.endpoint);
  book.complete = book.complete && x.complete;
}

bool slice_ledger::take_overflow() {
  auto over = [](const std::optional<completed_partitions>& list) { return list && list->overflowed(); };
  if (books_.overflow_told
      || std::none_of(books_.streams.begin(), books_.streams.end(), [&over](const ledger_books::stream_book& s) {
           return over(s.completed) || over(s.whole_parents);
         }))
    return false;
  books_.overflow_told = true;
  return true;
}

std::vector<std::string> slice_ledger::take_findings(endpoint_id e) {
  const auto& of = books_.plan->endpoints[e];
  auto& book = books_.endpoints[e];
  if (!of.cursor || !of.outputs[of.cursor->output].emit || std::exchange(book.findings_told, true))
    return {};
  const auto& name = of.outputs[of.cursor->output].stream_name;
  auto result = book.findings.sentences(*of.cursor, name);
  if (book.partitions)
    if (auto unlisted = book.partitions->unlisted_warning(); !unlisted.empty())
      result.push_back("Stream " + name + ": " + unlisted);
  return result;
}

// -- states ------------------------------------------------------------------------

std::vector<stream_index> slice_ledger::streams_with_state(endpoint_id e) const {
  std::vector<stream_index> result;
  const auto& of = books_.plan->endpoints[e];
  for (std::uint32_t i = 0; i < of.outputs.size(); ++i) {
    const auto& out = of.outputs[i];
    bool has_past = of.cursor ? of.cursor->output == i : of.slices.has_partitions();
    if (out.emit && has_past && !books_.streams[out.stream].finished)
      result.push_back(out.stream);
  }
  return result;
}

std::vector<stream_index> slice_ledger::streams_under_way() const {
  std::vector<stream_index> result;
  for (const auto& e : books_.plan->endpoints)
    for (auto s : streams_with_state(e.id))
      result.push_back(s);
  return result;
}

std::string slice_ledger::completed_json(const ledger_books::endpoint_book& book, const endpoint& e,
                                         const ledger_books::stream_book& s) {
  std::string result;
  if (s.completed && s.completed->size() > 0)
    result += "\"" + std::string{completed_partitions_key} + "\":" + s.completed->list_json();
  if (s.whole_parents && s.whole_parents->size() > 0)
    result
      += (result.empty() ? "\"" : ",\"") + std::string{completed_parents_key} + "\":" + s.whole_parents->list_json();
  if (!result.empty() && book.partitions)
    result += ",\"" + std::string{completed_until_key}
              + "\":" + state_text::write_moment(*e.cursor, book.partitions->reads_until());
  return result;
}

std::string slice_ledger::past_json(const ledger_books::endpoint_book& book, const endpoint& e, std::uint32_t output,
                                    bool complete) const {
  const auto& s = books_.streams[e.outputs[output].stream];
  if (!e.cursor || e.cursor->output != output)
    return s.completed ? "{" + completed_json(book, e, s) + "}" : std::string{};
  if (book.partitions)
    return with_members(book.partitions->state_json(), completed_json(book, e, s));
  return complete ? book.cursor->state_json() : book.cursor->progress_json();
}

state_update slice_ledger::note_state(state_update update) {
  ++books_.states;
  auto& s = books_.streams[update.stream];
  ++s.states;
  s.state = utf8_prefix(update.json, longest_state_shown);
  return update;
}

void slice_ledger::add_cover(state_update& update, const ledger_books::endpoint_book& book, bool by_cursor) {
  if (by_cursor && book.cursor && book.cursor->asks_nothing())
    return;
  if (by_cursor && book.cursor) {
    update.covers = state_cover::windows;
    update.through_us = book.cursor->intervals().front().end.time_since_epoch().count();
  } else if (update.json != "{}") {
    update.covers = state_cover::partitions;
  }
}

void slice_ledger::mark_delegated(state_update& update) const {
  if (books_.plan->streams[update.stream].delegated_full_refresh && update.json != "{}")
    update.json = with_members(std::move(update.json),
                               "\"" + std::string{delegated_key} + "\":" + std::string{delegated_to_full_refresh});
}

state_update slice_ledger::present_state(stream_index s) {
  const auto& planned = books_.plan->streams[s];
  const auto& e = books_.plan->endpoints[*planned.endpoint];
  const auto& book = books_.endpoints[e.id];
  state_update update{s, past_json(book, e, planned.output, false)};
  mark_delegated(update);
  add_cover(update, book, e.cursor && e.cursor->output == planned.output);
  return note_state(std::move(update));
}

bool slice_ledger::take_completion(endpoint_id e) {
  auto& book = books_.endpoints[e];
  if (book.announced || !book.generated || book.closed + book.failed < book.opened)
    return false;
  book.announced = true;
  return true;
}

std::vector<std::size_t> slice_ledger::own_reads(const endpoint& e) const {
  std::vector<std::size_t> result;
  for (auto edge : e.slices.feeding_edges())
    if (const auto& own = books_.edges[edge].own)
      result.push_back(*own);
  return result;
}

std::string slice_ledger::parent_state(const endpoint& e, const std::vector<std::size_t>& reads,
                                       std::chrono::microseconds took) {
  std::string members;
  for (auto index : e.slices.feeding_edges()) {
    const auto& edge = books_.plan->edges[index];
    if (!edge.incremental)
      continue;
    const auto read
      = std::find_if(reads.begin(), reads.end(), [&](std::size_t x) { return books_.reads[x].edge == index; });
    members += (members.empty() ? "" : ",") + json_string(parent_output_of(*books_.plan, edge).stream_name) + ":"
               + (read == reads.end() ? std::string{full_refresh_marker} : read_state(books_.reads[*read], took));
  }
  return "{" + members + "}";
}

std::string slice_ledger::read_state(ledger_books::parent_read& read, std::chrono::microseconds took) {
  if (read.cursor)
    return read.cursor->state_json_until(read.held_at);
  const auto& parent = books_.plan->endpoints[books_.plan->edges[read.edge].parent];
  if (parent.slices.has_parent_state())
    read.partitions->set_parent_state(parent_state(parent, read.above, took));
  return read.partitions->final_state_json(true, took);
}

std::vector<state_update> slice_ledger::final_states(endpoint_id e, std::chrono::microseconds took) {
  std::vector<state_update> result;
  const auto& of = books_.plan->endpoints[e];
  auto& book = books_.endpoints[e];
  for (std::uint32_t i = 0; i < of.outputs.size(); ++i) {
    const auto& out = of.outputs[i];
    if (!out.emit || books_.streams[out.stream].finished)
      continue;
    books_.streams[out.stream].finished = true;
    bool by_cursor = of.cursor && of.cursor->output == i;
    const bool complete = books_.complete(book, out.stream);
    // A sync of which records were left out has not come to its end.
    const bool ended = ledger_books::has_ended(book) && !books_.streams[out.stream].cut;
    // What came in of parents on which the stream does not depend any more is out of date.
    if (by_cursor && complete && book.partitions && of.slices.has_parent_state())
      book.partitions->set_parent_state(parent_state(of, own_reads(of), took));
    auto json = past_json(book, of, i, complete);
    const auto& s = books_.streams[out.stream];
    if (by_cursor && book.partitions) {
      // A sync that came to its end, complete or not, asks every partition again next time.
      json = book.partitions->final_state_json(complete, took);
      if (!ended)
        json = with_members(json, completed_json(book, of, s));
    } else if (!by_cursor && complete) {
      json = full_refresh_marker;
    } else if (!by_cursor && s.completed && ended) {
      // The gap gets one run of its own; if it stays, everything is read again.
      json = s.completed->heals() ? std::string{} : with_members(json, "\"ended\":\"incomplete\"");
    }
    state_update update{out.stream, json.empty() ? std::string{"{}"} : std::move(json)};
    add_cover(update, book, by_cursor);
    if (complete)
      update.covers = state_cover::everything;
    else
      mark_delegated(update);
    result.push_back(note_state(std::move(update)));
  }
  return result;
}

std::vector<state_update> slice_ledger::all_final_states(std::chrono::microseconds took) {
  std::vector<state_update> result;
  for (const auto& e : books_.plan->endpoints)
    for (auto& update : final_states(e.id, took))
      result.push_back(std::move(update));
  return result;
}

endpoint_done slice_ledger::summary(endpoint_id e) const {
  const auto& book = books_.endpoints[e];
  endpoint_done result{e, book.opened, book.failed, ledger_books::complete(book)};
  for (const auto& out : books_.plan->endpoints[e].outputs)
    if (out.emit && books_.streams[out.stream].cut)
      result.cut.push_back(out.stream);
  return result;
}

} // namespace sluice
