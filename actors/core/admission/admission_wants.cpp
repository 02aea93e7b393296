// Which requests are needed if so many records of each stream are wanted and no more.

#include "actors/core/admission/admission.hpp"

#include <algorithm>

namespace sluice {

bool admission::enough() const {
  if (!wants_.limited() || draining_ || !flights_.empty())
    return false;
  bool any_left = false;
  for (const auto& l : lanes_) {
    const bool wanted = wants_.wanted(l.of->id);
    if (wanted && !is_over(l))
      return false;
    any_left = any_left || !wanted;
  }
  return any_left;
}

bool admission::is_over(const lane& l) const {
  const auto id = l.of->id;
  bool put_off = false;
  failures_.for_each_put_off([&](endpoint_id e) { put_off = put_off || e == id; });
  return l.all_offered && !put_off && l.queued() == 0 && l.flying == 0 && lanes_.count_retries(id) == 0;
}

bool admission::needs_request(const lane& l) const {
  if (!wants_.limited())
    return true;
  const auto under_way = l.flying + lanes_.count_retries(l.of->id);
  if (under_way < wants_.worth_asking(l.of->id))
    return true;
  // For its children: one at a time, and only if they have nothing else to ask for.
  return under_way == 0 && std::any_of(l.of->child_edges.begin(), l.of->child_edges.end(), [this](std::uint32_t edge) {
           const auto child = plan_->edges[edge].child;
           return wants_.wanted(child) && runs_dry(lanes_[child], edge);
         });
}

bool admission::runs_dry(const lane& l, std::uint32_t edge) const {
  return l.queued() == 0 && l.flying == 0 && lanes_.count_retries(l.of->id) == 0 && credits_.parents_held(edge) == 0;
}

void admission::drop_unwanted() {
  for (auto& l : lanes_)
    if (!wants_.wanted(l.of->id) && !failures_.given_up(l.of->id)) {
      lanes_.drop(l);
      failures_.forget(l.of->id);
    }
}

} // namespace sluice
