#include "actors/net/poco_transport.hpp"

#include "actors/net/poco_session.hpp"
#include "actors/net/redirects.hpp"

#include <utility>

namespace sluice::net {

namespace {

class poco_transport final : public transport {
public:
  poco_transport(const transport_options& options, const surroundings& around)
    : network_{std::make_shared<connector>(options, around)} {}

  std::unique_ptr<http_session> open_session() override {
    return std::make_unique<following_session>(std::make_unique<poco_session>(network_));
  }

  void abort_all() noexcept override { network_->abort(); }

private:
  // Shared with the sessions, which may live longer.
  std::shared_ptr<connector> network_;
};

} // namespace

std::unique_ptr<transport> make_poco_transport(const transport_options& options, const surroundings& around) {
  return std::make_unique<poco_transport>(options, around);
}

std::unique_ptr<transport> make_poco_transport(const transport_options& options) {
  return make_poco_transport(options, {});
}

} // namespace sluice::net
