#include "actors/net/transport.hpp"

#include <utility>

namespace sluice::net {

namespace {

/// For transports that do not wait for anything.
class immediate_session final : public async_session {
public:
  explicit immediate_session(std::unique_ptr<http_session> inner) : inner_{std::move(inner)} {}

  void start(request r, std::function<void()> done) override {
    answer_ = inner_->send(r);
    done();
  }
  tl::expected<response, transport_failure> take() override { return std::move(answer_); }
  void reuse(std::string body) override { inner_->reuse(std::move(body)); }
  const std::atomic<bool>* aborted() const noexcept override { return inner_->aborted(); }

private:
  std::unique_ptr<http_session> inner_;
  tl::expected<response, transport_failure> answer_;
};

} // namespace

std::unique_ptr<async_session> transport::open_async_session() {
  return std::make_unique<immediate_session>(open_session());
}

} // namespace sluice::net
