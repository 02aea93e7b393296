#include "actors/net/resolver.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>

#include <cerrno>
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

/// One call of the lookup function and all who wait for it.
struct resolver::question {
  /// Absent while the call runs; never changes once it is there.
  std::optional<lookup_answer> answer;
  wait_clock::time_point fresh_until;
  /// Wake those who wait.
  std::vector<std::function<void()>> wakers;

  bool is_running() const { return !answer; }
  bool is_fresh() const { return answer && answer->failure.empty() && wait_clock::now() < fresh_until; }
};

struct resolver::shared_state {
  lookup_function lookup;
  std::chrono::microseconds keep;
  std::mutex mutex;
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

io_result<std::shared_ptr<resolver::question>> resolver::ask(const std::string& host, std::uint16_t port,
                                                             waiter& waits) {
  const std::lock_guard guard{state_->mutex};
  auto& slot = state_->questions[{host, port}];
  if (!slot || (!slot->is_running() && !slot->is_fresh())) {
    auto asked = std::make_shared<question>();
    try {
      std::thread{[state = state_, asked, host, port] {
        auto answer = guarded(state->lookup, host, port);
        std::vector<std::function<void()>> wakers;
        {
          const std::lock_guard lock{state->mutex};
          asked->answer = std::move(answer);
          asked->fresh_until = wait_clock::now() + state->keep;
          wakers.swap(asked->wakers);
        }
        for (const auto& wake : wakers)
          wake();
      }}.detach();
    } catch (const std::system_error& problem) {
      return tl::unexpected{io_error{errc::connection_failed, failure_type::transient_error,
                                     std::string{"no thread could be started to look up the host: "} + problem.what()}};
    }
    slot = std::move(asked);
  }
  if (slot->is_running())
    slot->wakers.push_back(waits.waker());
  return slot;
}

bool resolver::is_answered(const question& x) const {
  const std::lock_guard guard{state_->mutex};
  return !x.is_running();
}

task<io_result<std::vector<SocketAddress>>> resolver::resolve(std::string host, std::uint16_t port, deadline limit,
                                                              waiter& waits) {
  IPAddress literal;
  if (IPAddress::tryParse(host, literal))
    co_return std::vector{SocketAddress{literal, port}};

  const auto asked = ask(host, port, waits);
  if (!asked)
    co_return tl::unexpected{asked.error()};
  const auto& mine = **asked;
  while (!is_answered(mine)) {
    const auto outcome = co_await waiting{waits, waiter::no_fd, 0, limit.at};
    if (outcome == wait_outcome::aborted)
      co_return tl::unexpected{interrupted()};
    if (outcome == wait_outcome::expired && !is_answered(mine))
      co_return tl::unexpected{timed_out("the address of the host " + host + " could not be found", limit)};
  }
  if (waits.aborted())
    co_return tl::unexpected{interrupted()};
  if (!mine.answer->failure.empty())
    co_return tl::unexpected{io_error{errc::connection_failed, failure_type::transient_error,
                                      "the address of the host " + host + " could not be found (" + mine.answer->failure
                                        + "); check the name and the network"}};
  co_return mine.answer->addresses;
}

void resolver::forget(const std::string& host, std::uint16_t port) {
  const std::lock_guard guard{state_->mutex};
  const auto found = state_->questions.find({host, port});
  if (found != state_->questions.end() && !found->second->is_running())
    state_->questions.erase(found);
}

} // namespace sluice::net
