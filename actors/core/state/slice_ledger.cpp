#include "actors/core/state/slice_ledger.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/full_refresh.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_text.hpp"

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

// -- the course of a run -----------------------------------------------------------

std::optional<state_change> slice_ledger::opened(const slices_opened& x) {
  auto& book = endpoints_[x.endpoint];
  book.opened += x.count;
  sizes_.opened(x.endpoint, x.count);
  for (auto id : x.parents)
    ++book.families[id].opened;
  bool changed = false;
  for (const auto& parent : x.expanded) {
    auto& of = book.families[parent.id];
    of.expanded = true;
    of.partition = parent.partition;
    changed |= settle_family(plan_->endpoints[x.endpoint], parent.id);
  }
  return changed ? std::optional{state_change::slice_closed} : std::nullopt;
}

bool slice_ledger::settle_family(const endpoint& e, std::uint64_t parent_id) {
  auto& families = endpoints_[e.id].families;
  auto found = families.find(parent_id);
  if (found == families.end() || !found->second.expanded || found->second.closed < found->second.opened)
    return false;
  for (const auto& out : e.outputs)
    if (out.emit && streams_[out.stream].whole_parents)
      streams_[out.stream].whole_parents->add(found->second.partition);
  families.erase(found);
  return true;
}

std::optional<state_change> slice_ledger::written(const page_receipt& x) {
  const auto& e = plan_->endpoints[x.slice.endpoint];
  auto& book = endpoints_[e.id];
  sizes_.written(x);
  for (const auto& c : x.counts) {
    streams_[c.stream].records += c.records;
    streams_[c.stream].bytes += c.bytes;
    ++streams_[c.stream].pages;
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
  if (!x.last || !e.parent_edge || x.slice.children_only)
    return std::nullopt;
  for (const auto& out : e.outputs)
    if (out.emit)
      streams_[out.stream].completed->add(x.slice.partition);
  return state_change::slice_closed;
}

std::optional<state_change> slice_ledger::move_cursor(endpoint_book& book, const endpoint& e, const page_receipt& x) {
  // Most slices have one page, and nothing to remember.
  open_slice single;
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
  const auto key = book.partitions ? partition_key(x.slice.partition) : std::string{};
  const auto newest = open.newest;
  if (x.last) {
    if (found != book.open.end())
      book.open.erase(found);
    for (auto edge : e.child_edges)
      if (auto& parents = endpoints_[plan_->edges[edge].child].parents)
        parents->close(window, newest);
    if (x.slice.children_only)
      return std::nullopt;
    book.partitions ? book.partitions->close(key, window, newest) : book.cursor->close(window, newest);
    // With a step a partition has several windows, and which one ends it is not known here.
    if (const auto& out = e.outputs[e.cursor->output]; book.partitions && out.emit && !e.cursor->step)
      streams_[out.stream].completed->add(x.slice.partition);
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
  sizes_.failed(x.slice.endpoint, x.slice.id);
}

void slice_ledger::abandoned(const slices_abandoned& x) {
  endpoints_[x.endpoint].failed += x.count;
  sizes_.abandoned(x.endpoint, x.count);
}

void slice_ledger::generated(const generation_done& x) {
  auto& book = endpoints_[x.endpoint];
  book.generated = true;
  sizes_.generated(x.endpoint);
  book.complete = book.complete && x.complete;
}

bool slice_ledger::take_overflow() {
  auto over = [](const std::optional<completed_partitions>& list) { return list && list->overflowed(); };
  if (overflow_told_ || std::none_of(streams_.begin(), streams_.end(), [&over](const stream_book& s) {
        return over(s.completed) || over(s.whole_parents);
      }))
    return false;
  overflow_told_ = true;
  return true;
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

std::string slice_ledger::completed_json(const stream_book& s) const {
  std::string result;
  if (s.completed && s.completed->size() > 0)
    result += "\"" + std::string{completed_partitions_key} + "\":" + s.completed->list_json();
  if (s.whole_parents && s.whole_parents->size() > 0)
    result
      += (result.empty() ? "\"" : ",\"") + std::string{completed_parents_key} + "\":" + s.whole_parents->list_json();
  return result;
}

std::string slice_ledger::past_json(const endpoint_book& book, const endpoint& e, std::uint32_t output) const {
  const auto& s = streams_[e.outputs[output].stream];
  if (!e.cursor || e.cursor->output != output)
    return s.completed ? "{" + completed_json(s) + "}" : std::string{};
  return book.partitions ? with_members(book.partitions->state_json(), completed_json(s)) : book.cursor->state_json();
}

state_update slice_ledger::note_state(state_update update) {
  ++states_;
  auto& s = streams_[update.stream];
  ++s.states;
  s.state = utf8_prefix(update.json, longest_state_shown);
  return update;
}

void slice_ledger::add_cover(state_update& update, const endpoint_book& book, bool by_cursor) const {
  if (by_cursor && book.cursor && book.cursor->asks_nothing())
    return;
  if (by_cursor && book.cursor) {
    update.covers = state_cover::windows;
    update.through_us = book.cursor->intervals().front().end.time_since_epoch().count();
  } else if (update.json != "{}") {
    update.covers = state_cover::partitions;
  }
}

state_update slice_ledger::present_state(stream_index s) {
  const auto& planned = plan_->streams[s];
  const auto& e = plan_->endpoints[*planned.endpoint];
  const auto& book = endpoints_[e.id];
  state_update update{s, past_json(book, e, planned.output)};
  add_cover(update, book, e.cursor && e.cursor->output == planned.output);
  return note_state(std::move(update));
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
    bool by_cursor = of.cursor && of.cursor->output == i;
    if (by_cursor && book.parents && complete(book)) {
      const auto& edge = plan_->edges[*of.parent_edge];
      const auto& parent = plan_->endpoints[edge.parent].outputs[edge.parent_output];
      book.partitions->set_parent_state("{" + json_string(parent.stream_name) + ":" + book.parents->state_json() + "}");
    }
    auto json = past_json(book, of, i);
    const auto& s = streams_[out.stream];
    if (by_cursor && book.partitions) {
      // A sync that came to its end, complete or not, asks every partition again next time.
      json = book.partitions->final_state_json(complete(book), took);
      if (!has_ended(book))
        json = with_members(json, completed_json(s));
    } else if (!by_cursor && complete(book)) {
      json = full_refresh_marker;
    } else if (!by_cursor && s.completed && has_ended(book)) {
      // The gap gets one run of its own; if it stays, everything is read again.
      json = s.completed->heals() ? std::string{} : with_members(json, "\"ended\":\"incomplete\"");
    }
    state_update update{out.stream, json.empty() ? std::string{"{}"} : std::move(json)};
    add_cover(update, book, by_cursor);
    if (complete(book))
      update.covers = state_cover::everything;
    result.push_back(note_state(std::move(update)));
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
    r.bytes = streams_[i].bytes;
    r.pages = streams_[i].pages;
    r.states = streams_[i].states;
    r.state = streams_[i].state;
    if (s.endpoint) {
      const auto& book = endpoints_[*s.endpoint];
      r.endpoint = *s.endpoint;
      if (auto all = sizes_.records(*s.endpoint, s.output))
        r.records_expected = static_cast<std::int64_t>(std::max(*all, r.records));
      r.slices_known = book.opened;
      r.slices_done = book.closed;
      r.slices_failed = book.failed;
      r.slices_final = book.generated;
      if (!book.announced)
        r.status = r.pages > 0 ? stream_phase::running : stream_phase::waiting;
      else
        r.status = complete(book) ? stream_phase::complete : stream_phase::incomplete;
    } else {
      r.status = s.already_complete ? stream_phase::complete : stream_phase::incomplete;
      r.slices_final = true;
    }
    result.streams.push_back(std::move(r));
  }
  for (const auto& e : plan_->endpoints) {
    const auto& book = endpoints_[e.id];
    endpoint_progress p{e.name, book.pages, book.opened, book.closed, book.failed, book.generated, -1};
    if (auto left = sizes_.pages_left(e.id))
      p.pages_left = static_cast<std::int64_t>(*left);
    result.endpoints.push_back(std::move(p));
  }
  return result;
}

std::vector<estimate> slice_ledger::estimates() const {
  std::vector<estimate> result;
  for (const auto& e : plan_->endpoints)
    for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
      const auto& out = e.outputs[i];
      if (!out.emit || streams_[out.stream].finished)
        continue;
      const auto& s = streams_[out.stream];
      auto all = sizes_.records(e.id, i);
      // An estimate of what is all there is no news.
      if (!all || s.records == 0 || *all <= s.records)
        continue;
      auto records = *all;
      auto bytes = static_cast<double>(s.bytes) / static_cast<double>(s.records) * static_cast<double>(records);
      result.push_back({out.stream, records, static_cast<std::uint64_t>(std::min(bytes, 1e18))});
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
