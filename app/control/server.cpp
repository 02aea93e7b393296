#include "app/control/server.hpp"

#include "app/control/status.hpp"
#include "app/masked.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/ThreadPool.h>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

using Poco::Net::HTTPResponse;

/// Clients that are served at once, and that wait for their turn.
constexpr int most_threads = 4;
constexpr int most_waiting = 16;
/// For one silent client at a time; less than a run has for its end.
constexpr int timeout_seconds = 2;

tl::unexpected<error> refused(const std::string& path, const std::string& why) {
  return fail(errc::bad_config, failure_type::config_error,
              "The control socket " + path + " cannot be made: " + why + ". Nothing was read.");
}

/// A socket of ours, in Poco's hands. (Poco makes no Unix socket with a mode of its own.)
class adopted_impl final : public Poco::Net::ServerSocketImpl {
public:
  explicit adopted_impl(int fd) { reset(fd); }
};
class adopted_socket final : public Poco::Net::ServerSocket {
public:
  explicit adopted_socket(int fd) : ServerSocket(new adopted_impl{fd}, true) {}
};

/// Closes a descriptor unless it is taken over.
class owned_fd {
public:
  explicit owned_fd(int fd) : fd_(fd) {}
  ~owned_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  owned_fd(const owned_fd&) = delete;
  owned_fd& operator=(const owned_fd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

/// Removes a socket that a run left behind which was killed.
expected<void> make_way(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return {}; // nothing there, or `bind` will say what is wrong
  if (!S_ISSOCK(found.st_mode))
    return refused(path, "there is another file of that name");
  owned_fd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  auto connected
    = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(sizeof address));
  if (connected == 0 || errno != ECONNREFUSED)
    return refused(path, connected == 0 || errno == EAGAIN ? "another run listens there" : std::strerror(errno));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return refused(path, std::strerror(errno));
  return {};
}

class handler final : public Poco::Net::HTTPRequestHandler {
public:
  explicit handler(const control_hooks& hooks) : hooks_(hooks) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    response.setKeepAlive(false);
    auto path = request.getURI();
    path.erase(std::min(path.find('?'), path.size()));
    const auto& method = request.getMethod();
    if (path == "/status") {
      if (method != "GET" && method != "HEAD")
        return refuse_method(response, "GET");
      auto status = hooks_.status();
      if (status.empty())
        return answer(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE,
                      problem_json("The run has only just begun; ask again."));
      return answer(response, HTTPResponse::HTTP_OK, status, method == "HEAD");
    }
    if (path == "/settings") {
      if (method != "PUT" && method != "PATCH")
        return refuse_method(response, "PUT, PATCH");
      return change(request, response);
    }
    answer(response, HTTPResponse::HTTP_NOT_FOUND,
           problem_json("There are GET /status and PUT /settings, nothing else."));
  }

private:
  void change(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
    std::string body;
    char buffer[4096];
    auto& in = request.stream();
    while (body.size() <= max_settings_bytes && (in.read(buffer, sizeof buffer) || in.gcount() > 0))
      body.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (body.size() > max_settings_bytes)
      return answer(response, HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE,
                    problem_json("The settings are longer than 64 KiB. Nothing was changed."));
    auto wanted = parse_settings(body);
    if (!wanted)
      return answer(response, HTTPResponse::HTTP_BAD_REQUEST,
                    problem_json(hooks_.secrets->apply(wanted.error().message)));
    auto done = masked(hooks_.change(*wanted), *hooks_.secrets);
    answer(response, done.problem.empty() ? HTTPResponse::HTTP_OK : HTTPResponse::HTTP_BAD_REQUEST, changes_json(done));
  }

  void refuse_method(Poco::Net::HTTPServerResponse& response, const char* allowed) {
    response.set("Allow", allowed);
    answer(response, HTTPResponse::HTTP_METHOD_NOT_ALLOWED,
           problem_json(std::string{"Only "} + allowed + " can be used here."));
  }

  void answer(Poco::Net::HTTPServerResponse& response, HTTPResponse::HTTPStatus status, const std::string& body,
              bool head_only = false) {
    response.setStatusAndReason(status);
    response.setContentType("application/json");
    response.setContentLength64(static_cast<Poco::Int64>(body.size()));
    auto& out = response.send();
    if (!head_only)
      out.write(body.data(), static_cast<std::streamsize>(body.size()));
    out.flush();
  }

  const control_hooks& hooks_;
};

class factory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
  explicit factory(control_hooks hooks) : hooks_(std::move(hooks)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new handler{hooks_};
  }

private:
  control_hooks hooks_;
};

/// The name of a socket in the file system. When it goes, the name is removed, but only its own: meanwhile somebody may
/// have put something else there.
class socket_name {
public:
  /// @param path to which a socket has just been bound.
  explicit socket_name(std::string path) : path_(std::move(path)) {
    if (::lstat(path_.c_str(), &bound_) != 0)
      path_.clear();
  }
  ~socket_name() { remove(); }
  socket_name(const socket_name&) = delete;
  socket_name& operator=(const socket_name&) = delete;

  void remove() {
    struct stat present {};
    const bool ours = !path_.empty() && ::lstat(path_.c_str(), &present) == 0 && present.st_dev == bound_.st_dev
                      && present.st_ino == bound_.st_ino && present.st_mtim.tv_sec == bound_.st_mtim.tv_sec
                      && present.st_mtim.tv_nsec == bound_.st_mtim.tv_nsec; // numbers of inodes are used again
    if (ours)
      ::unlink(path_.c_str());
    path_.clear();
  }

private:
  std::string path_;
  struct stat bound_ {};
};

} // namespace

struct control_server::impl {
  socket_name name;
  adopted_socket socket;
  Poco::ThreadPool threads{1, most_threads};
  std::unique_ptr<Poco::Net::HTTPServer> server;

  impl(std::string path, int fd) : name(std::move(path)), socket(fd) {}
};

control_server::control_server(std::unique_ptr<impl> x) : impl_(std::move(x)) {}

expected<std::unique_ptr<control_server>> control_server::open(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return refused(path, "the path is longer than the " + std::to_string(sizeof address.sun_path - 1)
                           + " bytes that the system allows");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (auto free = make_way(path, address); !free)
    return tl::unexpected(free.error());
  owned_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  // The mode is the descriptor's at the time of `bind`: nobody else ever has access. (`umask` would concern all
  // threads.)
  if (fd.get() < 0 || ::fchmod(fd.get(), 0600) != 0
      || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(sizeof address)) != 0
      || ::listen(fd.get(), most_waiting) != 0)
    return refused(path, std::strerror(errno));
  try {
    return std::unique_ptr<control_server>{new control_server{std::make_unique<impl>(path, fd.release())}};
  } catch (const Poco::Exception&) {
    return refused(path, "the system allows no thread for it");
  }
}

void control_server::serve(control_hooks hooks) {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setMaxThreads(most_threads);
  params->setMaxQueued(most_waiting);
  params->setKeepAlive(false);
  params->setTimeout(Poco::Timespan{timeout_seconds, 0});
  impl_->server
    = std::make_unique<Poco::Net::HTTPServer>(new factory{std::move(hooks)}, impl_->threads, impl_->socket, params);
  impl_->server->start();
}

control_server::~control_server() {
  // First, so that a run that begins now finds no socket that does not answer.
  impl_->name.remove();
  if (impl_->server) {
    impl_->server->stopAll(true);
    impl_->threads.joinAll();
  }
}

} // namespace sluice
