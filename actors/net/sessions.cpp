#include "actors/net/sessions.hpp"

#include "actors/net/poco_session.hpp"
#include "actors/net/redirects.hpp"

#include <exception>
#include <utility>

namespace sluice::net {

namespace {

std::unique_ptr<http_client> make_client(const std::shared_ptr<connector>& network, waiter& waits) {
  return std::make_unique<following_session>(std::make_unique<poco_session>(network, waits));
}

} // namespace

blocking_session::blocking_session(std::shared_ptr<connector> network)
  : network_{std::move(network)}, waits_{network_->abort_switch()}, client_{make_client(network_, waits_)} {}

tl::expected<response, transport_failure> blocking_session::send(const request& r) {
  // Nothing in it is kept waiting, so it is done.
  return client_->send(r).take();
}

loop_session::loop_session(std::shared_ptr<connector> network, std::shared_ptr<loop_thread> thread)
  : network_{std::move(network)}, thread_{std::move(thread)}, waits_{thread_->loop().make_waiter()},
    client_{make_client(network_, *waits_)} {}

loop_session::~loop_session() {
  waits_->close([this] {
    under_way_.reset();
    client_.reset();
  });
}

void loop_session::start(request r, std::function<void()> done) {
  waits_->run([&] {
    under_way_.reset();
    request_ = std::move(r);
    done_ = std::move(done);
    under_way_.emplace(carry_out());
  });
}

task<bool> loop_session::carry_out() {
  try {
    answer_ = co_await client_->send(request_);
  } catch (const std::exception& problem) {
    answer_ = failed_inside(problem);
  }
  waits_->when_unlocked(std::move(done_));
  co_return true;
}

tl::expected<response, transport_failure> loop_session::take() {
  std::optional<http_result> answer;
  waits_->run([&] { answer.swap(answer_); });
  return std::move(*answer);
}

} // namespace sluice::net
