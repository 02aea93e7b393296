#include "actors/support/threads.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice {

error no_thread(const std::string& why) {
  return {errc::internal, failure_type::system_error,
          "The system allows no further thread (" + why
            + "): raise the limit of processes (ulimit -u, a container's pids limit) or of memory (ulimit -v, a "
              "container's memory limit), or lower fetchers.pool_size.",
          ""};
}

expected<void> try_threads(std::size_t count) {
  std::mutex mutex;
  std::condition_variable changed;
  bool go = false;
  std::vector<std::thread> all;
  std::string refusal;
  try {
    all.reserve(count);
    while (all.size() < count)
      all.emplace_back([&] {
        std::unique_lock lock{mutex};
        changed.wait(lock, [&] { return go; });
      });
  } catch (const std::exception& e) { // no more threads, or no memory
    refusal = std::string{e.what()} + ", after " + std::to_string(all.size()) + " of " + std::to_string(count);
  }
  {
    const std::lock_guard lock{mutex};
    go = true;
  }
  changed.notify_all();
  for (auto& x : all)
    x.join();
  if (!refusal.empty())
    return tl::unexpected(no_thread(refusal));
  return {};
}

} // namespace sluice
