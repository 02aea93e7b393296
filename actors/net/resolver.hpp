#pragma once

#include "actors/net/task.hpp"
#include "actors/net/waiter.hpp"

#include <Poco/Net/SocketAddress.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sluice::net {

/// What a name stands for: addresses in the order to try them, or why there are none.
struct lookup_answer {
  std::vector<Poco::Net::SocketAddress> addresses;
  std::string failure;
};

/// Resolves a name; may block for as long as it likes.
using lookup_function = std::function<lookup_answer(const std::string& host, std::uint16_t port)>;

/// `getaddrinfo`: the system's way, both address families.
lookup_answer system_lookup(const std::string& host, std::uint16_t port);

/// Name resolution with a time limit. `getaddrinfo` has none of its own and cannot be cancelled, so it runs in a helper
/// thread, one a name at most, that is left behind when the caller's time is up. Thread-safe.
class resolver {
public:
  /// @param lookup called in helper threads; they may outlive the resolver, so it must own what it uses.
  /// @param keep how long addresses are used again without asking.
  resolver(lookup_function lookup, std::chrono::microseconds keep);

  /// The addresses of a host (at least one), IP literals without asking anybody.
  task<io_result<std::vector<Poco::Net::SocketAddress>>> resolve(std::string host, std::uint16_t port, deadline limit,
                                                                 waiter& waits);

  /// Drops kept addresses: none of them answered, they may be out of date.
  void forget(const std::string& host, std::uint16_t port);

private:
  struct question;
  struct shared_state;

  /// The question about a host: one that is on its way or answered lately, or a new one. Who asks is woken when it is
  /// answered.
  io_result<std::shared_ptr<question>> ask(const std::string& host, std::uint16_t port, waiter& waits);
  bool is_answered(const question& x) const;

  std::shared_ptr<shared_state> state_;
};

} // namespace sluice::net
