#include "tests/support/http_server.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>

namespace sluice::test {

namespace {

namespace net = Poco::Net;

void send(const http_answer& what, bool head_only, net::HTTPServerResponse& response) {
  response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(what.status));
  if (!what.content_type.empty())
    response.setContentType(what.content_type);
  for (const auto& [name, x] : what.headers)
    response.erase(name);
  for (const auto& [name, x] : what.headers)
    response.add(name, x);
  const bool bodiless = what.status == 204 || what.status == 304;
  if (!bodiless)
    response.setContentLength64(static_cast<Poco::Int64>(what.body.size()));
  auto& out = response.send();
  if (!bodiless && !head_only)
    out.write(what.body.data(), static_cast<std::streamsize>(what.body.size()));
  out.flush();
}

struct handler : net::HTTPRequestHandler {
  explicit handler(const http_server::answer_function& a) : answer(a) {}
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    send(answer(request, body), request.getMethod() == "HEAD", response);
  }
  const http_server::answer_function& answer;
};

struct handlers : net::HTTPRequestHandlerFactory {
  explicit handlers(http_server::answer_function a) : answer(std::move(a)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new handler{answer}; // NOLINT(cppcoreguidelines-owning-memory): the server deletes it
  }
  const http_server::answer_function answer;
};

net::HTTPServerParams* parameters(int connections) {
  auto* result = new net::HTTPServerParams; // NOLINT(cppcoreguidelines-owning-memory): the server's
  result->setKeepAlive(true);
  result->setMaxThreads(connections);
  return result;
}

} // namespace

struct http_server::impl {
  impl(int connections, answer_function answer)
    : threads(2, connections), socket(net::SocketAddress{"127.0.0.1", 0}),
      server(new handlers{std::move(answer)}, // NOLINT(cppcoreguidelines-owning-memory): the server's
             threads, socket, parameters(connections)) {
    server.start();
  }
  ~impl() {
    server.stopAll(true);
    threads.joinAll();
  }

  Poco::ThreadPool threads;
  net::ServerSocket socket;
  net::HTTPServer server;
};

http_server::http_server(int connections, answer_function answer)
  : impl_{std::make_unique<impl>(connections, std::move(answer))} {}

http_server::~http_server() = default;

std::string http_server::address() const {
  return "127.0.0.1:" + std::to_string(impl_->socket.address().port());
}

} // namespace sluice::test
