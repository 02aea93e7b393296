#include "app/simulator/books.hpp"

#include "app/simulator/api.hpp"

#include <Poco/Timestamp.h>

#include <algorithm>

namespace sluice::simulator {

namespace {

using std::chrono::microseconds;

/// How often a held request looks whether its client is still there.
constexpr microseconds hold_check{20'000};

} // namespace

books::books(const options& o, fault_plan faults, mutation_plan mutations)
  : log_capacity_(o.log_capacity), limiter_(o.limits), faults_(std::move(faults)), mutations_(std::move(mutations)),
    token_(o.token) {}

microseconds books::now() const {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - started_);
}

admission books::admit(const std::string& target, const std::optional<std::string>& token, std::uint64_t connection) {
  std::lock_guard lock{mutex_};
  auto time = now();
  admission result;
  result.number = sums_.requests++;
  if (log_.size() < log_capacity_) {
    result.logged = true;
    log_.push_back({target, endpoint_of(target), 0, connection, time, time, true});
  }
  ++sums_.by_endpoint[std::string{endpoint_of(target)}];
  count_in_flight(time, +1);
  sums_.peak_in_flight = std::max(sums_.peak_in_flight, sums_.in_flight);
  if (result.number == 0)
    sums_.first_arrival = time;
  sums_.last_arrival = time;
  area_at_last_arrival_ = area_;
  result.releases = releases_;
  result.hold = std::any_of(holds_.begin(), holds_.end(),
                            [&](const std::string& text) { return target.find(text) != std::string::npos; });
  if (!token && !token_.empty())
    result.refused = 1010;
  else if (!token_.empty() && *token != token_)
    result.refused = 1011;
  else if (!limiter_.admit(time))
    result.refused = 1040;
  if (result.refused == 1040)
    ++sums_.refused;
  if (result.refused == 0 || result.refused == 1040)
    result.rate_headers = limiter_.headers(time);
  if (result.refused == 0) {
    result.fault = faults_.next(target);
    result.mutations = mutations_.next(target, Poco::Timestamp{}.epochTime());
  }
  sums_.faults += result.fault.has_value();
  changed_.notify_all();
  return result;
}

void books::finish(const admission& request, int status, std::size_t body_bytes) {
  std::lock_guard lock{mutex_};
  auto time = now();
  count_in_flight(time, -1);
  ++sums_.by_status[status];
  sums_.body_bytes += body_bytes;
  if (request.logged) {
    auto& record = log_[request.number];
    record.status = status;
    record.finished = time;
    record.in_flight = false;
  }
  changed_.notify_all();
}

void books::count_in_flight(microseconds time, int change) {
  area_ += static_cast<double>(sums_.in_flight) * static_cast<double>((time - area_until_).count());
  area_until_ = time;
  sums_.in_flight += static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
}

void books::count_connection() {
  std::lock_guard lock{mutex_};
  ++sums_.connections;
}

bool books::wait_for_release(const peer& client, const admission& held) {
  std::unique_lock lock{mutex_};
  ++held_;
  changed_.notify_all();
  bool there = true;
  while (there && held.releases == releases_ && !stopping_) {
    changed_.wait_for(lock, hold_check);
    there = client.wait(microseconds{1});
  }
  --held_;
  return there && !stopping_;
}

void books::stop() {
  std::lock_guard lock{mutex_};
  stopping_ = true;
  changed_.notify_all();
}

simulator::statistics books::statistics() const {
  std::lock_guard lock{mutex_};
  auto result = sums_;
  if (auto span = (result.last_arrival - result.first_arrival).count(); span > 0)
    result.average_in_flight = area_at_last_arrival_ / static_cast<double>(span);
  result.minutes = limiter_.minutes();
  result.days = limiter_.days();
  return result;
}

std::vector<request_record> books::log() const {
  std::lock_guard lock{mutex_};
  return log_;
}

void books::hold(std::string text) {
  std::lock_guard lock{mutex_};
  holds_.push_back(std::move(text));
}

void books::release() {
  std::lock_guard lock{mutex_};
  holds_.clear();
  ++releases_;
  changed_.notify_all();
}

bool books::wait_until_held(std::size_t requests, microseconds timeout) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, timeout, [&] { return held_ >= requests; });
}

bool books::wait_until_requests(std::uint64_t requests, microseconds timeout) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, timeout, [&] { return sums_.requests >= requests; });
}

void books::set_faults(fault_plan faults) {
  std::lock_guard lock{mutex_};
  faults_ = std::move(faults);
}

void books::set_mutations(mutation_plan mutations) {
  std::lock_guard lock{mutex_};
  mutations_ = std::move(mutations);
}

void books::set_token(std::string token) {
  std::lock_guard lock{mutex_};
  token_ = std::move(token);
}

} // namespace sluice::simulator
