#include "app/simulator/server.hpp"

#include "app/simulator/api.hpp"
#include "app/simulator/books.hpp"
#include "app/simulator/control.hpp"
#include "app/simulator/random.hpp"
#include "app/simulator/wire.hpp"
#include "messages/text/base64.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponseImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/String.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>

#include <sys/socket.h>

namespace sluice::simulator {

namespace {

namespace net = Poco::Net;
using std::chrono::microseconds;

constexpr int backlog = 512;

/// The token of a request, or nothing: a bearer token, an API key, or the password of a user of any name.
std::optional<std::string> token_of(const net::HTTPRequest& request) {
  std::string header = request.get("Authorization", "");
  const auto blank = std::min(header.find(' '), header.size());
  const auto scheme = Poco::toLower(header.substr(0, blank));
  auto token = scheme == "bearer" && blank < header.size() ? header.substr(blank + 1) : request.get("X-API-Key", "");
  if (scheme == "basic")
    if (auto user = base64_decode(header.substr(std::min(blank + 1, header.size()))))
      token = user->substr(std::min(user->find(':') + 1, user->size()));
  return token.empty() ? std::nullopt : std::optional{token};
}

} // namespace

struct server::impl {
  struct connection {
    net::StreamSocket socket;
    std::uint64_t number = 0;
    bool done = false;
    std::thread thread;
  };

  impl(const options& o, fault_plan plan, mutation_plan changes)
    : chosen(o), data(o.account), desk(o.credentials), kept(o, std::move(plan), std::move(changes)) {}

  // -- a request -------------------------------------------------------------------

  /// True if the connection can be used again.
  bool handle(net::HTTPServerRequestImpl& request, connection& c) {
    peer client{c.socket.impl()->sockfd()};
    const auto& target = request.getURI();
    if (auto own = control(target)) {
      sending how;
      how.keep_alive = request.getKeepAlive();
      return send_answer(client, *own, how, [] {});
    }
    if (credential_desk::serves(target))
      return give_access(request, client);
    auto admitted = kept.admit(target, token_of(request), c.number);
    bool finished = false;
    auto finish_once = [&](int status, std::size_t body_bytes) {
      if (!finished)
        kept.finish(admitted, status, body_bytes);
      finished = true;
    };
    bool reusable = false;
    try {
      reusable = respond(request, client, admitted, finish_once);
    } catch (const std::exception&) {
      // Out of memory for the answer: the books must still balance.
    }
    finish_once(0, 0); // gave up before the end
    return reusable;
  }

  /// The APIs whose credentials expire: they are beside the account's, and count nowhere.
  bool give_access(net::HTTPServerRequestImpl& request, const peer& client) {
    constexpr std::size_t largest_body = 64 << 10;
    std::string body;
    for (char c = 0; body.size() < largest_body && request.stream().get(c);)
      body += c;
    const bool whole = request.stream().eof();
    if (!client.wait(chosen.latency))
      return false;
    const credential_request asked{
      request.getMethod(),
      request.getURI(),
      request.get("Authorization", ""),
      request.get("X-Session", ""),
      std::move(body),
      std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch())};
    sending how;
    how.keep_alive = request.getKeepAlive() && whole;
    const auto a = [&] {
      std::lock_guard lock{desk_mutex};
      return desk.answer(asked, std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begun));
    }();
    return send_answer(client, a, how, [] {});
  }

  template <class Finish>
  bool respond(net::HTTPServerRequestImpl& request, const peer& client, const admission& admitted,
               Finish& finish_once) {
    if (admitted.hold && !kept.wait_for_release(client, admitted))
      return false;
    auto delay = chosen.latency;
    if (chosen.jitter > microseconds{0})
      delay += microseconds{mix({chosen.chance_seed, admitted.number})
                            % (static_cast<std::uint64_t>(chosen.jitter.count()) + 1)};
    const fault_rule* fault = admitted.fault ? &*admitted.fault : nullptr;
    if (fault && fault->kind == fault_kind::stall)
      delay += fault->duration;
    if (!client.wait(delay))
      return false;
    if (fault && (fault->kind == fault_kind::drop || fault->kind == fault_kind::reset)) {
      change_data(request.getURI(), admitted);
      if (fault->kind == fault_kind::reset)
        client.reset_on_close();
      finish_once(0, 0);
      return false;
    }
    auto a = make_answer(request, admitted, fault);
    change_data(request.getURI(), admitted);
    // A body that came with the request has not been read: what follows on the connection is not a request.
    bool has_body = request.getContentLength64() > 0 || request.getChunkedTransferEncoding();
    sending how;
    how.gzip = !a.body.empty() && chosen.gzip != gzip_mode::off
               && (chosen.gzip == gzip_mode::all || a.body.size() >= large_body)
               && accepts_gzip(request.get("Accept-Encoding", ""));
    how.chunked = chosen.chunked && request.getVersion() == net::HTTPMessage::HTTP_1_1;
    how.keep_alive = request.getKeepAlive() && !has_body && request.getMethod() == "GET";
    how.fault = fault;
    if (request.getMethod() == "HEAD")
      a.body.clear();
    return send_answer(client, a, how, [&] { finish_once(a.status, a.body.size()); });
  }

  api_answer make_answer(const net::HTTPServerRequestImpl& request, const admission& admitted,
                         const fault_rule* fault) const {
    api_answer a;
    if (admitted.refused != 0) {
      a = error_answer(admitted.refused);
    } else {
      list_distortion distortion;
      if (fault && fault->kind == fault_kind::foreign_link)
        distortion.next_origin = fault->text;
      distortion.next_is_self = fault && fault->kind == fault_kind::self_link;
      distortion.without_data = fault && fault->kind == fault_kind::no_data;
      distortion.repeats_page = fault && fault->kind == fault_kind::duplicate_page;
      distortion.halves_page = fault && fault->kind == fault_kind::short_page;
      std::shared_lock lock{data_mutex};
      a = answer(data, {request.getMethod(), request.getURI(), "http://" + request.get("Host", address)}, distortion);
    }
    if (chosen.style != body_style::compact)
      a.body = restyle(a.body, chosen.style);
    a.headers.insert(a.headers.end(), admitted.rate_headers.begin(), admitted.rate_headers.end());
    if (fault)
      distort(a, *fault);
    return a;
  }

  std::optional<api_answer> control(const std::string& target) const {
    if (target.rfind("/simulator/", 0) != 0)
      return std::nullopt;
    auto numbers = kept.statistics();
    auto log = kept.log();
    std::shared_lock lock{data_mutex};
    return control_answer(target, data, numbers, log);
  }

  /// What changes after a request: its answer is the last one that does not know.
  void change_data(const std::string& target, const admission& admitted) {
    if (admitted.mutations.empty())
      return;
    std::unique_lock lock{data_mutex};
    for (auto m : admitted.mutations) {
      if (m.kind >= mutation_kind::modify_response)
        m.survey = survey_of(data, target);
      data.mutate(m);
    }
  }

  // -- connections -----------------------------------------------------------------

  void serve(connection& c) {
    std::unique_ptr<net::HTTPServerSession> session;
    try {
      net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
      params->setKeepAlive(true);
      params->setKeepAliveTimeout(Poco::Timespan{chosen.keep_alive_timeout.count()});
      c.socket.setNoDelay(true);
      session = std::make_unique<net::HTTPServerSession>(c.socket, params);
      while (!stopping && session->hasMoreRequests()) {
        net::HTTPServerResponseImpl response{*session};
        net::HTTPServerRequestImpl request{response, *session, params.get()};
        session->setKeepAlive(handle(request, c));
      }
    } catch (const net::MessageException&) {
      if (session && !stopping)
        peer{c.socket.impl()->sockfd()}.send(
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } catch (const Poco::Exception&) {
      // The client went away, or the server stops: this connection is over either way.
    } catch (const std::exception&) {
      // Out of memory: likewise.
    }
    // The descriptor is closed under the lock, lest `stop` shuts down a newer one that got the same number.
    std::lock_guard lock{connections_mutex};
    session.reset();
    c.socket.close();
    c.done = true;
  }

  void accept_connections() {
    for (std::uint64_t number = 0; !stopping;) {
      net::StreamSocket socket;
      try {
        socket = listener.acceptConnection();
      } catch (const Poco::Exception&) {
        // Too many open files, or a client that left the queue: others may still come.
        if (!stopping)
          std::this_thread::sleep_for(std::chrono::milliseconds{1});
        continue;
      }
      std::lock_guard lock{connections_mutex};
      reap();
      if (stopping || connections.size() >= chosen.max_connections)
        continue;
      auto& c = connections.emplace_back();
      c.socket = socket;
      c.number = number++;
      try {
        c.thread = std::thread{[this, &c] { serve(c); }};
      } catch (const std::system_error&) { // no more threads
        connections.pop_back();
        continue;
      }
      kept.count_connection();
    }
  }

  /// Joins the threads of connections that are over. Under `connections_mutex`.
  void reap() {
    for (auto i = connections.begin(); i != connections.end();) {
      if (i->done) {
        i->thread.join();
        i = connections.erase(i);
      } else {
        ++i;
      }
    }
  }

  void stop() {
    stopping = true;
    kept.stop();
    ::shutdown(listener.impl()->sockfd(), SHUT_RDWR); // wakes accept
    acceptor.join();
    {
      std::lock_guard lock{connections_mutex};
      for (auto& c : connections)
        if (!c.done)
          ::shutdown(c.socket.impl()->sockfd(), SHUT_RDWR); // wakes every read, write and wait
    }
    for (auto& c : connections) // nobody adds any more
      c.thread.join();
    connections.clear();
    listener.close();
  }

  const options chosen;
  simulator::account data;
  /// Of `data`, where there are mutations.
  mutable std::shared_mutex data_mutex;
  mutable std::mutex desk_mutex;
  credential_desk desk;
  const std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  net::ServerSocket listener;
  std::string address;
  std::uint16_t port = 0;
  std::thread acceptor;
  std::atomic<bool> stopping = false;
  std::once_flag stopped;

  std::mutex connections_mutex;
  std::list<connection> connections;

  books kept;
};

server::server(std::unique_ptr<impl> i) : impl_(std::move(i)) {}

server::~server() {
  stop();
}

expected<std::unique_ptr<server>> server::start(const options& o) {
  auto plan = fault_plan::make(o.faults, o.chance_seed);
  if (!plan)
    return tl::unexpected<error>(plan.error());
  auto changes = mutation_plan::make(o.mutations);
  if (!changes)
    return tl::unexpected<error>(changes.error());
  auto i = std::make_unique<impl>(o, std::move(*plan), std::move(*changes));
  try {
    i->listener.bind(net::SocketAddress{o.host, o.port}, true, false);
    i->listener.listen(backlog);
    i->port = i->listener.address().port();
    i->address = o.host + ":" + std::to_string(i->port);
    i->acceptor = std::thread{[p = i.get()] { p->accept_connections(); }};
  } catch (const Poco::Exception& e) {
    return fail(errc::connection_failed, failure_type::config_error,
                "The simulator cannot listen on " + o.host + " port " + std::to_string(o.port)
                  + "; choose another port, or 0 for any free one.",
                e.displayText());
  } catch (const std::system_error& e) {
    return fail(errc::internal, failure_type::system_error, "The simulator cannot start a thread.", e.what());
  }
  return std::unique_ptr<server>{new server{std::move(i)}};
}

std::uint16_t server::port() const noexcept {
  return impl_->port;
}

std::string server::url() const {
  return "http://" + impl_->address;
}

const simulator::account& server::account() const noexcept {
  return impl_->data;
}

void server::stop() noexcept {
  std::call_once(impl_->stopped, [this] { impl_->stop(); });
}

simulator::statistics server::statistics() const {
  return impl_->kept.statistics();
}

std::vector<request_record> server::log() const {
  return impl_->kept.log();
}

credential_statistics server::credentials() const {
  std::lock_guard lock{impl_->desk_mutex};
  return impl_->desk.statistics();
}

std::uint64_t server::changes() const {
  std::shared_lock lock{impl_->data_mutex};
  return impl_->data.changes();
}

std::set<std::string> server::lasting_ids(std::string_view stream, std::uint64_t since, bool untouched) const {
  std::shared_lock lock{impl_->data_mutex};
  std::set<std::string> result;
  impl_->data.for_each_lasting(stream, since, untouched, [&](const std::string& id) { result.insert(id); });
  return result;
}

void server::hold(std::string text) {
  impl_->kept.hold(std::move(text));
}

void server::release() {
  impl_->kept.release();
}

bool server::wait_until_held(std::size_t requests, std::chrono::microseconds timeout) const {
  return impl_->kept.wait_until_held(requests, timeout);
}

bool server::wait_until_requests(std::uint64_t requests, std::chrono::microseconds timeout) const {
  return impl_->kept.wait_until_requests(requests, timeout);
}

expected<void> server::set_faults(std::vector<fault_rule> rules) {
  auto plan = fault_plan::make(std::move(rules), impl_->chosen.chance_seed);
  if (!plan)
    return tl::unexpected<error>(plan.error());
  impl_->kept.set_faults(std::move(*plan));
  return {};
}

expected<void> server::set_mutations(std::vector<mutation_rule> rules) {
  auto plan = mutation_plan::make(std::move(rules));
  if (!plan)
    return tl::unexpected<error>(plan.error());
  impl_->kept.set_mutations(std::move(*plan));
  return {};
}

void server::set_token(std::string token) {
  impl_->kept.set_token(std::move(token));
}

} // namespace sluice::simulator
