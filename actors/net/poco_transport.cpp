#include "actors/net/poco_transport.hpp"

#include "actors/net/readiness_loop.hpp"
#include "actors/net/sessions.hpp"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace sluice::net {

namespace {

class poco_transport final : public transport {
public:
  poco_transport(const transport_options& options, const surroundings& around)
    : network_{std::make_shared<connector>(options, around)} {}

  std::unique_ptr<http_session> open_session() override { return std::make_unique<blocking_session>(network_); }

  std::unique_ptr<async_session> open_async_session() override {
    return std::make_unique<loop_session>(network_, next_thread());
  }

  void abort_all() noexcept override {
    network_->abort();
    const std::lock_guard guard{mutex_};
    for (const auto& x : threads_)
      x->loop().wake();
  }

private:
  /// Sessions take turns among the threads, which begin with the first session of each.
  std::shared_ptr<loop_thread> next_thread() {
    const std::lock_guard guard{mutex_};
    const auto number = opened_++ % std::max<std::uint32_t>(1, network_->options().io_threads);
    if (number == threads_.size())
      threads_.push_back(std::make_shared<loop_thread>(network_->abort_switch()));
    return threads_[number];
  }

  // Shared with the sessions, which may live longer.
  std::shared_ptr<connector> network_;
  std::mutex mutex_;
  std::size_t opened_ = 0;
  std::vector<std::shared_ptr<loop_thread>> threads_;
};

} // namespace

std::unique_ptr<transport> make_poco_transport(const transport_options& options, const surroundings& around) {
  return std::make_unique<poco_transport>(options, around);
}

std::unique_ptr<transport> make_poco_transport(const transport_options& options) {
  return make_poco_transport(options, {});
}

} // namespace sluice::net
