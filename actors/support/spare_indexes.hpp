#pragma once

#include "actors/core/decode/page_index.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace sluice {

/// The memory of page indexes that no page has at the moment, for all fetchers of a run. Thread-safe.
class spare_indexes final : public index_memory_store {
public:
  std::unique_ptr<index_memory> take() override {
    std::lock_guard lock{mutex_};
    if (spare_.empty())
      return nullptr;
    auto result = std::move(spare_.back());
    spare_.pop_back();
    return result;
  }

  void give(std::unique_ptr<index_memory> memory) override {
    std::lock_guard lock{mutex_};
    if (spare_.size() < kept_)
      spare_.push_back(std::move(memory));
  }

private:
  /// No more pages than this are cut at the same time for long.
  const std::size_t kept_ = std::max(2U, std::thread::hardware_concurrency());
  std::mutex mutex_;
  std::vector<std::unique_ptr<index_memory>> spare_;
};

} // namespace sluice
