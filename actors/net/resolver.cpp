#include "actors/net/resolver.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>

namespace sluice::net {

namespace {

using Poco::Net::IPAddress;
using Poco::Net::SocketAddress;

/// One call of the lookup function and all who wait for it.
struct question {
  /// Absent while the call runs.
  std::optional<lookup_answer> answer;
  wait_clock::time_point fresh_until;

  bool is_running() const { return !answer; }
  bool is_fresh() const { return answer && answer->failure.empty() && wait_clock::now() < fresh_until; }
};

lookup_answer guarded(const lookup_function& lookup, const std::string& host, std::uint16_t port) {
  try {
    auto answer = lookup(host, port);
    if (answer.addresses.empty() && answer.failure.empty())
      answer.failure = "the name has no address";
    return answer;
  } catch (const std::exception& problem) {
    return {{}, problem.what()};
  }
}

} // namespace

struct resolver::shared_state {
  lookup_function lookup;
  std::chrono::microseconds keep;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<question>> questions;
};

lookup_answer system_lookup(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0)
    return {{}, code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  lookup_answer answer;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next)
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      answer.addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
  return answer;
}

resolver::resolver(lookup_function lookup, std::chrono::microseconds keep) : state_{std::make_shared<shared_state>()} {
  state_->lookup = std::move(lookup);
  state_->keep = keep;
}

io_result<std::vector<SocketAddress>> resolver::resolve(const std::string& host, std::uint16_t port,
                                                        const deadline& limit, const abort_signal& abort) {
  IPAddress literal;
  if (IPAddress::tryParse(host, literal))
    return std::vector{SocketAddress{literal, port}};

  std::unique_lock lock{state_->mutex};
  auto& slot = state_->questions[{host, port}];
  if (!slot || (!slot->is_running() && !slot->is_fresh())) {
    auto asked = std::make_shared<question>();
    try {
      std::thread{[state = state_, asked, host, port] {
        auto answer = guarded(state->lookup, host, port);
        const std::lock_guard guard{state->mutex};
        asked->answer = std::move(answer);
        asked->fresh_until = wait_clock::now() + state->keep;
        state->changed.notify_all();
      }}.detach();
    } catch (const std::system_error& problem) {
      return tl::unexpected{io_error{errc::connection_failed, failure_type::transient_error,
                                     std::string{"no thread could be started to look up the host: "} + problem.what()}};
    }
    slot = std::move(asked);
  }
  const auto mine = slot;
  state_->changed.wait_until(lock, limit.at, [&] { return !mine->is_running() || abort.raised(); });
  if (abort.raised())
    return tl::unexpected{interrupted()};
  if (mine->is_running())
    return tl::unexpected{timed_out("the address of the host " + host + " could not be found", limit)};
  if (!mine->answer->failure.empty())
    return tl::unexpected{io_error{errc::connection_failed, failure_type::transient_error,
                                   "the address of the host " + host + " could not be found (" + mine->answer->failure
                                     + "); check the name and the network"}};
  return mine->answer->addresses;
}

void resolver::forget(const std::string& host, std::uint16_t port) {
  const std::lock_guard guard{state_->mutex};
  const auto found = state_->questions.find({host, port});
  if (found != state_->questions.end() && !found->second->is_running())
    state_->questions.erase(found);
}

void resolver::wake() noexcept {
  // Without the lock the wake-up could fall between a waiter's look at its signal and its sleep.
  const std::lock_guard guard{state_->mutex};
  state_->changed.notify_all();
}

} // namespace sluice::net
