#pragma once

#include "actors/net/body_reader.hpp"
#include "actors/net/connector.hpp"
#include "actors/net/http_client.hpp"

#include <memory>
#include <string>

namespace sluice::net {

/// One keep-alive connection at a time, over Poco's sockets.
class poco_session final : public http_client {
public:
  /// @param waits how it waits; must live as long as the session.
  poco_session(std::shared_ptr<connector> network, waiter& waits) : network_{std::move(network)}, waits_{waits} {}

  task<http_result> send(const request& r) override;
  void reuse(std::string body) override;

private:
  /// How far an exchange got.
  struct progress {
    std::size_t sent = 0;
    bool answered = false;
  };

  task<http_result> send_checked(const request& r);
  task<io_result<response>> exchange(const request& r, std::string_view head, progress& done);
  task<io_result<response_head>> read_final_head(progress& done);
  task<io_result<void>> read_content(const response_head& head, body_framing framing, response& answer);

  std::shared_ptr<connector> network_;
  waiter& waits_;
  std::unique_ptr<connection> connection_;
  /// Where `connection_` leads: scheme, host, port and proxy.
  std::string destination_;
  body_reader reader_;
};

} // namespace sluice::net
