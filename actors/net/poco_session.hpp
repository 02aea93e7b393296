#pragma once

#include "actors/net/body_reader.hpp"
#include "actors/net/connector.hpp"
#include "actors/net/inflate.hpp"
#include "actors/net/transport.hpp"

#include <memory>
#include <string>

namespace sluice::net {

/// One keep-alive connection at a time, over Poco's sockets.
class poco_session final : public http_session {
public:
  explicit poco_session(std::shared_ptr<connector> network) : network_{std::move(network)} {}

  tl::expected<response, transport_failure> send(const request& r) override;
  void reuse(std::string body) override;
  const std::atomic<bool>* aborted() const noexcept override { return &network_->abort_flag(); }

private:
  /// How far an exchange got.
  struct progress {
    std::size_t sent = 0;
    bool answered = false;
  };

  tl::expected<response, transport_failure> send_checked(const request& r);
  io_result<response> exchange(const request& r, std::string_view head, progress& done);
  io_result<response_head> read_final_head(progress& done);
  io_result<void> read_content(const response_head& head, const body_framing& framing, response& answer);

  std::shared_ptr<connector> network_;
  std::unique_ptr<connection> connection_;
  /// Where `connection_` leads: scheme, host, port and proxy.
  std::string destination_;
  body_reader reader_;
  inflater inflater_;
};

} // namespace sluice::net
