#pragma once

#include "actors/net/task.hpp"
#include "actors/net/transport.hpp"

#include <exception>
#include <string>

namespace sluice::net {

/// What came of a request.
using http_result = tl::expected<response, transport_failure>;

/// What comes of a request that failed by a fault of the program, or for want of memory.
inline http_result failed_inside(const std::exception& problem) {
  return tl::unexpected{transport_failure{error{errc::internal, failure_type::system_error,
                                                "A request failed inside the program: " + std::string{problem.what()}
                                                  + ". Nothing of the answer was used. Please report this.",
                                                problem.what()},
                                          true}};
}

/// Sends one request after the other, in steps that wait in the way of whoever made it: what all sessions are made of.
class http_client {
public:
  virtual ~http_client() = default;
  /// As `http_session::send`; never throws. `r` must stay where it is.
  virtual task<http_result> send(const request& r) = 0;
  /// Takes the memory of a body that is done with.
  virtual void reuse(std::string body) = 0;
};

} // namespace sluice::net
