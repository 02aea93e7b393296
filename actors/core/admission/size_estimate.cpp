#include "actors/core/admission/size_estimate.hpp"

#include "actors/core/slices/partition_former.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// No list is longer: what a server says of its totals must not overflow a sum.
constexpr std::uint64_t most = 1'000'000'000'000'000;

/// `known` slices hold `sum`; so do all of them, in proportion. None if nothing is known of slices that exist.
std::optional<std::uint64_t> extrapolate(std::uint64_t sum, std::uint64_t known, std::uint64_t all) {
  if (all <= known)
    return sum;
  if (known == 0)
    return std::nullopt;
  auto mean = static_cast<double>(sum) / static_cast<double>(known);
  auto rest = mean * static_cast<double>(all - known) + 0.5;
  return rest < static_cast<double>(most) ? std::min(sum + static_cast<std::uint64_t>(rest), most) : most;
}

} // namespace

size_estimate::size_estimate(plan_ptr p) : plan_(std::move(p)), books_(plan_->endpoints.size()) {
  for (const auto& e : plan_->endpoints) {
    books_[e.id].records.resize(e.outputs.size());
    books_[e.id].failed_records.resize(e.outputs.size());
  }
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
  auto& book = books_[e];
  ++book.dropped;
  book.failed.insert(slice_id);
  auto found = book.open.find(slice_id);
  if (found == book.open.end())
    return;
  book.failed_rows += found->second.rows;
  for (std::size_t i = 0; i < book.failed_records.size(); ++i)
    book.failed_records[i] += found->second.records[i];
  book.open.erase(found);
}

void size_estimate::abandoned(endpoint_id e, std::uint64_t slices) {
  books_[e].dropped += slices;
  books_[e].given_up = true;
}

void size_estimate::add_records(std::vector<std::uint64_t>& to, const endpoint& e, const page_receipt& x) {
  for (const auto& c : x.counts)
    for (std::size_t i = 0; i < e.outputs.size(); ++i)
      if (e.outputs[i].emit && e.outputs[i].stream == c.stream)
        to[i] += c.records;
}

void size_estimate::written(const page_receipt& x) {
  const auto& e = plan_->endpoints[x.slice.endpoint];
  auto& book = books_[e.id];
  if (book.failed.contains(x.slice.id)) {
    book.failed_rows += x.rows;
    return add_records(book.failed_records, e, x);
  }
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
    s.total = std::min(static_cast<std::uint64_t>(x.total), most);
  add_records(s.records, e, x);
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
    auto expected = e.slices.has_parents() ? parents(e) : book.planned;
    if (!expected)
      return std::nullopt;
    all = std::max(all, *expected);
  }
  return all - std::min(all, book.dropped);
}

std::optional<std::uint64_t> size_estimate::parents(const endpoint& e) const {
  auto product = known_combinations(e.slices);
  for (const auto& factor : e.slices.factors) {
    std::uint64_t sum = 0;
    const auto edges = slice_space{{factor}}.feeding_edges();
    for (auto index : edges) {
      const auto& edge = plan_->edges[index];
      auto more = plan_->endpoints[edge.parent].rows_output == edge.parent_output ? rows(edge.parent) : std::nullopt;
      if (!more)
        return std::nullopt;
      sum = std::min(sum + *more, most);
    }
    if (edges.empty())
      continue;
    if (const auto* groups = std::get_if<partition_groups>(&factor))
      sum = (sum + groups->size - 1) / groups->size;
    product = sum > 0 && product > most / sum ? most : product * sum;
  }
  return product;
}

std::optional<std::uint64_t> size_estimate::rows(endpoint_id e) const {
  const auto& book = books_[e];
  auto known = book.closed;
  if (book.given_up) {
    for (const auto& [id, s] : book.open)
      known.rows += s.rows;
    return known.rows + book.failed_rows;
  }
  auto all = slices(e);
  if (!all)
    return std::nullopt;
  for (const auto& [id, s] : book.open)
    if (s.total) {
      ++known.slices;
      known.rows += std::max(*s.total, s.rows);
    }
  auto rest = extrapolate(known.rows, known.slices, *all);
  return rest ? std::optional{*rest + book.failed_rows} : std::nullopt;
}

std::optional<std::uint64_t> size_estimate::pages_left(endpoint_id e) const {
  const auto& book = books_[e];
  if (book.given_up)
    return 0;
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
  auto sum = book.records[output];
  const auto failed = book.failed_records[output];
  if (book.given_up) {
    for (const auto& [slice, s] : book.open)
      sum += s.records[output];
    return sum + failed;
  }
  auto all = slices(id);
  if (!all)
    return std::nullopt;
  if (book.planned_printed)
    all = std::min(*all, *book.planned_printed);
  auto known = book.printed_closed;
  for (const auto& [slice, s] : book.open)
    if (s.printed && s.total && plan_->endpoints[id].rows_output == output) {
      ++known;
      sum += std::max(*s.total, s.records[output]);
    }
  auto rest = extrapolate(sum, known, *all);
  return rest ? std::optional{*rest + failed} : std::nullopt;
}

} // namespace sluice
