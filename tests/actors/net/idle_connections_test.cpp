#include "actors/net/sessions.hpp"

#include "actors/support/pool_room.hpp"
#include "tests/actors/net/session_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

// A sanitizer's allocator does not say how much is in use.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

using namespace sluice;
using namespace sluice::net;
using namespace sluice::test;

namespace {

/// A scripted server in a process of its own, whose memory is none of ours: to be made while there is only one thread.
/// It plays the same script on each of so many connections.
class server_process {
public:
  server_process(const script& steps, std::size_t connections, const std::optional<tls_identity>& identity) {
    int to_us[2];
    int to_child[2];
    REQUIRE(::pipe(to_us) == 0);
    REQUIRE(::pipe(to_child) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(to_us[0]);
      ::close(to_child[1]);
      serve(steps, connections, identity, to_us[1], to_child[0]);
    }
    ::close(to_us[1]);
    ::close(to_child[0]);
    told_ = to_us[0];
    life_ = to_child[1];
    REQUIRE(::read(told_, &port_, sizeof port_) == sizeof port_);
  }

  ~server_process() {
    ::close(life_);
    ::close(told_);
    ::waitpid(child_, nullptr, 0);
  }

  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// Blocks until two requests have come on each connection.
  bool wait_for_all_requests() const {
    char answer = 0;
    return ::write(life_, "?", 1) == 1 && ::read(told_, &answer, 1) == 1 && answer == 1;
  }

private:
  [[noreturn]] static void serve(const script& steps, std::size_t connections,
                                 const std::optional<tls_identity>& identity, int tell, int life) {
    const scripted_server server{std::vector<script>(connections, steps), identity};
    const auto port = server.port();
    bool told = ::write(tell, &port, sizeof port) == sizeof port;
    // Until it is asked no more.
    for (char asked = 0; told && ::read(life, &asked, 1) == 1;) {
      const char all = server.wait_for_requests(2 * connections) ? 1 : 0;
      told = ::write(tell, &all, 1) == 1;
    }
    ::_exit(0);
  }

  pid_t child_ = -1;
  int told_ = -1;
  int life_ = -1;
  std::uint16_t port_ = 0;
};

std::size_t bytes_in_use() {
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

/// Memory that a connection takes with its session.
struct cost {
  /// After an answer, before the next request.
  std::size_t kept_alive = 0;
  /// A request has been sent, nothing has come.
  std::size_t waiting = 0;
};

cost cost_of_a_connection(bool with_tls) {
  constexpr std::size_t counted = 200;
  const test_authority authority;
  const std::string page(20'000, 'x');
  script steps{receive(), send(ok(page)), receive(), stall()};
  if (with_tls)
    steps.insert(steps.begin(), start_tls());
  const server_process server{steps, counted + 1, with_tls ? std::optional{authority.issue()} : std::nullopt};
  const auto url = (with_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server.port()) + "/path";

  auto options = patient_options();
  options.ca_file = with_tls ? authority.ca_file() : std::string{};
  const auto shared = make_poco_transport(options, with_variables());
  std::vector<std::unique_ptr<async_session>> sessions;
  sessions.reserve(counted + 1);
  // Takes and gives back one body after the other: what is kept of these is bounded elsewhere.
  auto open = [&] {
    sessions.push_back(shared->open_async_session());
    std::promise<void> done;
    sessions.back()->start({"GET", url, {{"Authorization", "Bearer token"}}, {}}, [&done] { done.set_value(); });
    done.get_future().wait();
    auto answer = sessions.back()->take();
    REQUIRE(answer);
    REQUIRE(answer->body == page);
    sessions.back()->reuse(std::move(answer->body));
  };
  // The first makes what all share: a thread, the authorities' certificates.
  open();
  const auto before = bytes_in_use();
  while (sessions.size() <= counted)
    open();
  cost result;
  result.kept_alive = (bytes_in_use() - before) / counted;
  for (auto& x : sessions)
    x->start({"GET", url, {{"Authorization", "Bearer token"}}, {}}, [] {});
  REQUIRE(server.wait_for_all_requests());
  result.waiting = (bytes_in_use() - before) / counted;
  return result;
}

} // namespace

TEST_CASE("a connection that waits for its server costs no more than a large pool is checked for") {
  const bool with_tls = GENERATE(false, true);
  CAPTURE(with_tls);
  const auto bytes = cost_of_a_connection(with_tls);
  CHECK(bytes.kept_alive > 100); // something was counted
  CHECK(bytes.kept_alive <= idle_connection_bytes);
  CHECK(bytes.waiting <= idle_connection_bytes);
}

#endif
