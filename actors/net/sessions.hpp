#pragma once

#include "actors/net/connector.hpp"
#include "actors/net/http_client.hpp"
#include "actors/net/readiness_loop.hpp"
#include "actors/net/transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace sluice::net {

/// A session that waits on its caller's thread.
class blocking_session final : public http_session {
public:
  explicit blocking_session(std::shared_ptr<connector> network);

  tl::expected<response, transport_failure> send(const request& r) override;
  void reuse(std::string body) override { client_->reuse(std::move(body)); }
  const std::atomic<bool>* aborted() const noexcept override { return &network_->abort_flag(); }

private:
  std::shared_ptr<connector> network_;
  blocking_waiter waits_;
  std::unique_ptr<http_client> client_;
};

/// A session that waits on a readiness loop. What can be done at once is done on its caller's thread: a request on a
/// connection that is there leaves before `start` returns, and the loop hears of it only when something comes.
class loop_session final : public async_session {
public:
  loop_session(std::shared_ptr<connector> network, std::shared_ptr<loop_thread> thread);
  ~loop_session() override;

  void start(request r, std::function<void()> done) override;
  tl::expected<response, transport_failure> take() override;
  void reuse(std::string body) override { client_->reuse(std::move(body)); }
  const std::atomic<bool>* aborted() const noexcept override { return &network_->abort_flag(); }

private:
  task<bool> carry_out();

  std::shared_ptr<connector> network_;
  std::shared_ptr<loop_thread> thread_;
  std::shared_ptr<loop_waiter> waits_;
  /// From here on: only under the lock of `waits_`.
  std::unique_ptr<http_client> client_;
  request request_;
  std::function<void()> done_;
  std::optional<http_result> answer_;
  std::optional<task<bool>> under_way_;
};

} // namespace sluice::net
