#include "actors/core/size_estimate.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// `known` slices hold `sum`; so do all of them, in proportion. None if nothing is known of slices that exist.
std::optional<std::uint64_t> extrapolate(std::uint64_t sum, std::uint64_t known, std::uint64_t all) {
  if (all <= known)
    return sum;
  if (known == 0)
    return std::nullopt;
  auto mean = static_cast<double>(sum) / static_cast<double>(known);
  return sum + static_cast<std::uint64_t>(mean * static_cast<double>(all - known) + 0.5);
}

} // namespace

size_estimate::size_estimate(plan_ptr p) : plan_(std::move(p)), books_(plan_->endpoints.size()) {
  for (const auto& e : plan_->endpoints)
    books_[e.id].records.resize(e.outputs.size());
}

void size_estimate::planned(endpoint_id e, std::uint64_t slices, std::uint64_t printed) {
  books_[e].planned = slices;
  books_[e].planned_printed = printed;
}

void size_estimate::opened(endpoint_id e, std::uint64_t slices) {
  books_[e].opened += slices;
}

void size_estimate::generated(endpoint_id e) {
  books_[e].generated = true;
}

void size_estimate::failed(endpoint_id e, std::uint64_t slice_id) {
  books_[e].open.erase(slice_id);
  ++books_[e].dropped;
}

void size_estimate::abandoned(endpoint_id e, std::uint64_t slices) {
  books_[e].dropped += slices;
}

void size_estimate::written(const page_receipt& x) {
  const auto& e = plan_->endpoints[x.slice.endpoint];
  auto& book = books_[e.id];
  auto [found, is_new] = book.open.try_emplace(x.slice.id);
  auto& s = found->second;
  if (is_new) {
    s.printed = !x.slice.children_only;
    s.records.resize(e.outputs.size());
  }
  ++s.pages;
  s.rows += x.rows;
  s.largest_page = std::max(s.largest_page, x.rows);
  if (x.total >= 0)
    s.total = static_cast<std::uint64_t>(x.total);
  for (const auto& c : x.counts)
    for (std::size_t i = 0; i < e.outputs.size(); ++i)
      if (e.outputs[i].emit && e.outputs[i].stream == c.stream)
        s.records[i] += c.records;
  if (!x.last)
    return;
  ++book.closed.slices;
  book.closed.rows += s.rows;
  book.closed.pages += s.pages;
  if (s.printed) {
    ++book.printed_closed;
    for (std::size_t i = 0; i < s.records.size(); ++i)
      book.records[i] += s.records[i];
  }
  book.open.erase(found);
}

std::optional<std::uint64_t> size_estimate::slices(endpoint_id id) const {
  const auto& e = plan_->endpoints[id];
  const auto& book = books_[id];
  auto all = book.opened;
  if (!book.generated) {
    if (!e.parent_edge) {
      if (!book.planned)
        return std::nullopt;
      all = std::max(all, *book.planned);
    } else {
      const auto& edge = plan_->edges[*e.parent_edge];
      // Rows are counted at the first output's path.
      auto parents = edge.parent_output == 0 ? rows(edge.parent) : std::nullopt;
      if (!parents)
        return std::nullopt;
      all = std::max(all, *parents);
    }
  }
  return all - std::min(all, book.dropped);
}

std::optional<std::uint64_t> size_estimate::rows(endpoint_id e) const {
  const auto& book = books_[e];
  auto all = slices(e);
  if (!all)
    return std::nullopt;
  auto known = book.closed;
  for (const auto& [id, s] : book.open)
    if (s.total) {
      ++known.slices;
      known.rows += std::max(*s.total, s.rows);
    }
  return extrapolate(known.rows, known.slices, *all);
}

std::optional<std::uint64_t> size_estimate::pages_left(endpoint_id e) const {
  const auto& book = books_[e];
  auto all = slices(e);
  if (!all)
    return std::nullopt;
  auto known = book.closed;
  auto read = book.closed.pages;
  for (const auto& [id, s] : book.open) {
    read += s.pages;
    if (!s.total)
      continue;
    ++known.slices;
    auto rest = *s.total > s.rows ? *s.total - s.rows : 0;
    known.pages += s.pages + std::max<std::uint64_t>(1, (rest + s.largest_page - 1) / s.largest_page);
  }
  auto pages = extrapolate(known.pages, known.slices, *all);
  if (!pages)
    return std::nullopt;
  // A slice under way has one page more at least.
  auto least = static_cast<std::uint64_t>(book.open.size());
  return std::max(*pages > read ? *pages - read : 0, least);
}

std::optional<std::uint64_t> size_estimate::records(endpoint_id id, std::uint32_t output) const {
  const auto& book = books_[id];
  auto all = slices(id);
  if (!all)
    return std::nullopt;
  if (book.planned_printed && !book.generated)
    all = std::min(*all, *book.planned_printed);
  auto known = book.printed_closed;
  auto sum = book.records[output];
  for (const auto& [slice, s] : book.open)
    if (s.printed && s.total && output == 0) {
      ++known;
      sum += std::max(*s.total, s.records[output]);
    }
  return extrapolate(sum, known, *all);
}

} // namespace sluice
