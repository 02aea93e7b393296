#include "actors/core/admission/lanes.hpp"

#include <iterator>
#include <utility>
#include <variant>

namespace sluice {

lanes::lanes(const plan& p, std::vector<credential_watch>& watches) : all_(p.endpoints.size()) {
  for (const auto& e : p.endpoints) {
    all_[e.id].of = &e;
    all_[e.id].feeds = e.slices.feeding_edges();
    if (const auto* expiring = std::get_if<expiring_credential>(&e.request.credential))
      all_[e.id].credential = &watches[expiring->id];
  }
}

waiting_request& lanes::put_back(steady_time due, bool refused, page_request request) {
  all_[request.slice.endpoint].retrying += refused ? 0 : 1;
  return retries_.emplace_back(waiting_retry{due, refused, {std::move(request)}}).work;
}

std::vector<waiting_retry> lanes::take_due(steady_time now) {
  auto due
    = std::stable_partition(retries_.begin(), retries_.end(), [now](const waiting_retry& r) { return r.due > now; });
  std::vector<waiting_retry> result{std::make_move_iterator(due), std::make_move_iterator(retries_.end())};
  retries_.erase(due, retries_.end());
  for (const auto& r : result)
    all_[r.work.request.slice.endpoint].retrying -= r.refused ? 0 : 1;
  return result;
}

void lanes::park(lane& l, std::deque<waiting_request>& queue) {
  l.parked.push_back(std::move(queue.front()));
  queue.pop_front();
  ++parked_;
}

void lanes::unpark(lane& l) {
  parked_ -= l.parked.size();
  std::move(l.parked.begin(), l.parked.end(), std::back_inserter(l.begun));
  l.parked.clear();
}

std::uint64_t lanes::drop(lane& l) {
  std::uint64_t dropped = l.queued();
  parked_ -= l.parked.size();
  l.begun.clear();
  l.fresh.clear();
  l.parked.clear();
  l.retrying = 0;
  const auto id = l.of->id;
  dropped += std::erase_if(retries_, [id](const waiting_retry& r) { return r.work.request.slice.endpoint == id; });
  return dropped;
}

void lanes::clear() {
  for (auto& l : all_)
    drop(l);
}

} // namespace sluice
