#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sluice::net {

/// Memory of bodies that are done with, for the next ones, whichever connection they come over: fresh memory costs more
/// than reading into it, and most connections wait for their server. Thread-safe.
class spare_bodies {
public:
  /// A string with memory if there is one; what is in it has no meaning.
  std::string take() {
    std::lock_guard lock{mutex_};
    if (spares_.empty())
      return {};
    auto body = std::move(spares_.back());
    spares_.pop_back();
    return body;
  }

  /// Keeps two for each processor, one that is worked on and one that comes, and none of unusual size.
  void give(std::string body) {
    std::lock_guard lock{mutex_};
    if (body.capacity() <= most_bytes && spares_.size() < most_)
      spares_.push_back(std::move(body));
  }

private:
  static constexpr std::size_t most_bytes = std::size_t{2} << 20;

  const std::size_t most_ = 2 * std::max(2U, std::thread::hardware_concurrency());
  std::mutex mutex_;
  /// The last one given is the first one taken: the processor still has it at hand.
  std::vector<std::string> spares_;
};

} // namespace sluice::net
