#pragma once

#include "messages/error.hpp"
#include "messages/text/header_list.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::net {

/// An HTTP request. `url` is absolute and already percent-encoded.
struct request {
  std::string method = "GET";
  std::string url;
  header_list headers;
  std::string body;
};

/// Bytes that a parser may write behind a body without letting the string grow, which would copy all of it.
inline constexpr std::size_t body_padding = 64;

/// A complete response: the body is decoded (gzip, chunks) and length-checked; its string has room for `body_padding`.
struct response {
  int status = 0;
  std::string reason;
  header_list headers;
  std::string body;
  /// Bytes of the body as they came over the wire.
  std::uint64_t wire_bytes = 0;
  /// The URL that was asked at last, if the request was redirected; empty: its own.
  std::string url;
  /// Names in `Content-Encoding` that are no coding: the body was taken without them. Empty: none.
  std::string unknown_coding;
  /// First value of a header, name compared without case.
  std::optional<std::string_view> header(std::string_view name) const noexcept { return find_header(headers, name); }
};

/// A request that got no complete answer. `sent` is false if no byte of the request can have reached the server.
struct transport_failure {
  sluice::error error;
  bool sent = true;
};

/// One keep-alive connection and what belongs to it, cookies too. Not thread-safe: one a fetcher.
class http_session {
public:
  virtual ~http_session() = default;
  /// Sends `r` and reads the whole answer. Never throws, follows redirects only within `r`'s origin, never retries
  /// except once on a fresh connection when a reused one turned out to be dead before any byte of an answer came.
  virtual tl::expected<response, transport_failure> send(const request& r) = 0;
  /// Takes the memory of a body that is done with, for the next one.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): what overrides it keeps what is given
  virtual void reuse(std::string /*body*/) {}
  /// True once the transport was told to abort everything; nothing if it has no such switch.
  virtual const std::atomic<bool>* aborted() const noexcept { return nullptr; }
};

/// The same for whoever does not wait: a request is started, and its answer taken when it is there. One request at a
/// time. Not thread-safe; destroyed with a request under way, it gives that up and calls nobody any more.
class async_session {
public:
  virtual ~async_session() = default;
  /// Sends `r` and reads the whole answer, as `http_session::send` does, but returns at once. `done` is called when
  /// there is something to take: once, on any thread, perhaps before this returns. It must not throw. If this has
  /// returned it may use the session; while it runs, the thread that calls it waits for no other session.
  virtual void start(request r, std::function<void()> done) = 0;
  /// What came of it. To be called once, after `done`.
  virtual tl::expected<response, transport_failure> take() = 0;
  // NOLINTNEXTLINE(performance-unnecessary-value-param): what overrides it keeps what is given
  virtual void reuse(std::string /*body*/) {}
  virtual const std::atomic<bool>* aborted() const noexcept { return nullptr; }
};

/// Makes sessions. Thread-safe.
class transport {
public:
  virtual ~transport() = default;
  /// Waits on the calling thread.
  virtual std::unique_ptr<http_session> open_session() = 0;
  /// Waits on the transport's own threads. One that has none answers before `start` returns.
  virtual std::unique_ptr<async_session> open_async_session();
  /// Ends every request in flight with `errc::interrupted`, and all later ones at once. Callable from any thread.
  virtual void abort_all() noexcept = 0;
};

/// Time limits and bounds of the real transport.
struct transport_options {
  /// Threads for the sessions that do not wait; they share them.
  std::uint32_t io_threads = 2;
  std::chrono::microseconds connect_timeout = std::chrono::seconds{10};
  std::chrono::microseconds read_timeout = std::chrono::seconds{60};
  std::chrono::microseconds total_timeout = std::chrono::minutes{10};
  std::uint64_t max_body_bytes = 256ULL << 20;
  /// PEM file, or directory of hashed ones, with the authorities to trust instead of the system's; empty: the system's.
  std::string ca_file;
  /// What names it, for messages.
  std::string ca_setting = "http.ca_file";
  /// Only https, and only to public addresses: where others' configurations are run, nobody may reach what is inside.
  bool public_only = false;
  std::string user_agent = "sluice";
};

/// The transport over Poco Net: TLS 1.2+ with host verification, gzip, keep-alive, proxies from the environment
/// (`http_proxy`, `https_proxy`, `no_proxy`).
std::unique_ptr<transport> make_poco_transport(const transport_options& options);

} // namespace sluice::net
