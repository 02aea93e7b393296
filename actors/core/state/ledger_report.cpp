#include "actors/core/state/ledger_report.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

aggregator_report report_of(const ledger_books& books) {
  aggregator_report result;
  result.states = books.states;
  for (std::size_t i = 0; i < books.plan->streams.size(); ++i) {
    const auto& s = books.plan->streams[i];
    stream_report r;
    r.name = s.name;
    r.records = books.streams[i].records;
    r.bytes = books.streams[i].bytes;
    r.pages = books.streams[i].pages;
    r.states = books.streams[i].states;
    r.state = books.streams[i].state;
    if (s.endpoint) {
      const auto& book = books.endpoints[*s.endpoint];
      r.endpoint = *s.endpoint;
      if (auto all = books.sizes.records(*s.endpoint, s.output))
        r.records_expected = static_cast<std::int64_t>(std::max(*all, r.records));
      r.slices_known = book.opened;
      r.slices_done = book.closed;
      r.slices_failed = book.failed;
      r.slices_final = book.generated;
      if (!book.announced)
        r.status = r.pages > 0 ? stream_phase::running : stream_phase::waiting;
      else
        r.status = !ledger_books::complete(book) ? stream_phase::incomplete
                   : books.streams[i].cut        ? stream_phase::limited
                                                 : stream_phase::complete;
    } else {
      r.status = s.already_complete ? stream_phase::complete : stream_phase::incomplete;
      r.slices_final = true;
    }
    result.streams.push_back(std::move(r));
  }
  for (const auto& e : books.plan->endpoints) {
    const auto& book = books.endpoints[e.id];
    endpoint_progress p{e.name, book.pages, book.opened, book.closed, book.failed, book.generated, -1};
    if (auto left = books.sizes.pages_left(e.id))
      p.pages_left = static_cast<std::int64_t>(*left);
    result.endpoints.push_back(std::move(p));
  }
  return result;
}

std::vector<estimate> estimates_of(const ledger_books& books) {
  std::vector<estimate> result;
  // What there is all in all is not what a limit lets come.
  if (books.plan->record_limit > 0)
    return result;
  for (const auto& e : books.plan->endpoints)
    for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
      const auto& out = e.outputs[i];
      if (!out.emit || books.streams[out.stream].finished)
        continue;
      const auto& s = books.streams[out.stream];
      auto all = books.sizes.records(e.id, i);
      // An estimate of what is all there is no news.
      if (!all || s.records == 0 || *all <= s.records)
        continue;
      auto records = *all;
      auto bytes = static_cast<double>(s.bytes) / static_cast<double>(s.records) * static_cast<double>(records);
      result.push_back({out.stream, records, static_cast<std::uint64_t>(std::min(bytes, 1e18))});
    }
  return result;
}

std::string open_work_of(const ledger_books& books) {
  std::string text;
  for (const auto& e : books.plan->endpoints) {
    const auto& b = books.endpoints[e.id];
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
