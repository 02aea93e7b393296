#include "actors/core/admission/record_wants.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

record_wants::record_wants(plan_ptr p) : plan_(std::move(p)) {
  if (!limited())
    return;
  books_.resize(plan_->streams.size());
  given_up_.resize(plan_->endpoints.size());
  wanted_.resize(plan_->endpoints.size());
  settle();
}

void record_wants::take(const std::vector<stream_count>& counts) {
  for (const auto& c : counts) {
    auto& b = books_[c.stream];
    b.records += c.records;
    b.largest_page = std::max(b.largest_page, c.records);
  }
  settle();
}

void record_wants::give_up(endpoint_id e) {
  if (!limited())
    return;
  given_up_[e] = true;
  settle();
}

std::uint64_t record_wants::worth_asking(endpoint_id e) const {
  std::uint64_t result = 0;
  for (const auto& out : plan_->endpoints[e].outputs) {
    if (!out.emit || satisfied(out.stream))
      continue;
    const auto& b = books_[out.stream];
    const auto missing = plan_->record_limit - b.records;
    result = std::max(result, b.largest_page == 0 ? 1 : (missing + b.largest_page - 1) / b.largest_page);
  }
  return result;
}

std::vector<stream_index> record_wants::satisfied() const {
  std::vector<stream_index> result;
  for (stream_index s = 0; s < books_.size(); ++s)
    if (satisfied(s))
      result.push_back(s);
  return result;
}

bool record_wants::own_wanted(const endpoint& e) const {
  return std::any_of(e.outputs.begin(), e.outputs.end(),
                     [this](const output& out) { return out.emit && !satisfied(out.stream); });
}

void record_wants::settle() {
  // Parents come before their children.
  for (auto e = plan_->endpoints.rbegin(); e != plan_->endpoints.rend(); ++e)
    wanted_[e->id]
      = !given_up_[e->id]
        && (own_wanted(*e) || std::any_of(e->child_edges.begin(), e->child_edges.end(), [this](std::uint32_t edge) {
              return wanted_[plan_->edges[edge].child];
            }));
}

} // namespace sluice
