#include "actors/core/slice_ledger.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// The reference's state of a stream without a cursor that was read to its end.
constexpr std::string_view full_refresh_marker = R"({"__ab_no_cursor_state_message":true})";

instant from_micros(std::int64_t us) {
  return instant{std::chrono::microseconds{us}};
}

} // namespace

slice_ledger::slice_ledger(plan_ptr p)
  : plan_(std::move(p)), endpoints_(plan_->endpoints.size()), streams_(plan_->streams.size()) {}

expected<slice_ledger> slice_ledger::open(plan_ptr p) {
  slice_ledger result{std::move(p)};
  for (const auto& e : result.plan_->endpoints) {
    if (!e.cursor)
      continue;
    // A full refresh starts from the beginning, whatever the state says; it still checkpoints.
    std::string initial;
    const auto& out = e.outputs[e.cursor->output];
    if (out.emit && result.plan_->streams[out.stream].incremental)
      initial = result.plan_->streams[out.stream].initial_state;
    auto cursor = cursor_state::open(*e.cursor, initial);
    if (!cursor) {
      auto problem = std::move(cursor.error());
      problem.message = "Stream " + out.stream_name + ": " + problem.message;
      return tl::unexpected(std::move(problem));
    }
    result.endpoints_[e.id].cursor = std::move(*cursor);
  }
  return result;
}

const cursor_state* slice_ledger::cursor_of(endpoint_id e) const {
  const auto& cursor = endpoints_[e].cursor;
  return cursor ? &*cursor : nullptr;
}

void slice_ledger::opened(const slices_opened& x) {
  endpoints_[x.endpoint].opened += x.count;
}

std::optional<state_update> slice_ledger::written(const page_receipt& x) {
  auto& book = endpoints_[x.slice.endpoint];
  for (const auto& c : x.counts) {
    streams_[c.stream].records += c.records;
    ++streams_[c.stream].pages;
  }
  if (x.has_cursor) {
    auto [found, is_new] = book.newest.try_emplace(x.slice.id, from_micros(x.newest_us));
    if (!is_new)
      found->second = std::max(found->second, from_micros(x.newest_us));
  }
  if (!x.last)
    return std::nullopt;
  ++book.closed;
  std::optional<instant> newest;
  if (auto found = book.newest.find(x.slice.id); found != book.newest.end()) {
    newest = found->second;
    book.newest.erase(found);
  }
  if (!book.cursor || x.slice.children_only)
    return std::nullopt;
  cursor_window window{from_micros(x.slice.lower_us), from_micros(x.slice.upper_us), false};
  book.cursor->close(window, newest);
  const auto& e = plan_->endpoints[x.slice.endpoint];
  const auto& out = e.outputs[e.cursor->output];
  if (!out.emit)
    return std::nullopt;
  ++states_;
  return state_update{out.stream, book.cursor->state_json()};
}

void slice_ledger::failed(const slice_failed& x) {
  auto& book = endpoints_[x.slice.endpoint];
  ++book.failed;
  book.newest.erase(x.slice.id);
}

void slice_ledger::generated(const generation_done& x) {
  auto& book = endpoints_[x.endpoint];
  book.generated = true;
  book.complete = book.complete && x.complete;
}

bool slice_ledger::take_completion(endpoint_id e) {
  auto& book = endpoints_[e];
  if (book.announced || !book.generated || book.closed + book.failed < book.opened)
    return false;
  book.announced = true;
  return true;
}

std::vector<state_update> slice_ledger::final_states(endpoint_id e) {
  std::vector<state_update> result;
  const auto& of = plan_->endpoints[e];
  auto& book = endpoints_[e];
  for (std::uint32_t i = 0; i < of.outputs.size(); ++i) {
    const auto& out = of.outputs[i];
    if (!out.emit || streams_[out.stream].finished)
      continue;
    streams_[out.stream].finished = true;
    ++states_;
    if (book.cursor && of.cursor->output == i)
      result.push_back({out.stream, book.cursor->state_json()});
    else
      result.push_back({out.stream, complete(book) ? std::string{full_refresh_marker} : std::string{"{}"}});
  }
  return result;
}

std::vector<state_update> slice_ledger::all_final_states() {
  std::vector<state_update> result;
  for (const auto& e : plan_->endpoints)
    for (auto& update : final_states(e.id))
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
      r.status = "incomplete";
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
