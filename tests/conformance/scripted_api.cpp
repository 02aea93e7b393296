#include "tests/conformance/scripted_api.hpp"

#include "messages/text/url.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>

namespace sluice::test {

namespace {

namespace net = Poco::Net;
using language::value;
using language::value_dict;
using language::value_list;

constexpr int most_connections = 64;

/// Sorted `name=value`, decoded.
value_list sorted_pairs(const std::string& query) {
  std::vector<std::string> texts;
  for (const auto& [name, x] : url::query_of("?" + query))
    texts.push_back(name + "=" + x);
  std::sort(texts.begin(), texts.end());
  return {texts.begin(), texts.end()};
}

/// A JSON value, a form as sorted `name=value`, or text.
value body_of(const std::string& content_type, const std::string& body) {
  if (content_type.find("json") != std::string::npos)
    if (auto json = language::parse_json(body))
      return *json;
  if (content_type.find("form-urlencoded") != std::string::npos)
    return value{sorted_pairs(body)};
  return value{body};
}

std::optional<std::string> header_of(const net::HTTPRequest& request, const std::string& name) {
  return request.has(name) ? std::optional{request.get(name)} : std::nullopt;
}

/// One request, as routes look at it.
struct asked {
  const net::HTTPRequest& head;
  std::string path;
  std::string query;
  std::string body_text;
  value body;
};

/// Whether each name has the value that is wanted; none: it is absent.
template <class Find>
bool all_fit(const value* wanted, Find find) {
  if (wanted == nullptr || wanted->as_dict() == nullptr)
    return true;
  return std::all_of(wanted->as_dict()->begin(), wanted->as_dict()->end(), [&](const auto& pair) {
    const std::optional<std::string> found = find(pair.first);
    return pair.second.is_none() ? !found : found == language::to_text(pair.second);
  });
}

bool matches(const value& route, const asked& request) {
  const auto* path = route.find("path");
  const auto* method = route.find("method");
  const auto* body = route.find("with_body");
  auto parameters = url::query_of("?" + request.query);
  auto parameter = [&](const std::string& name) -> std::optional<std::string> {
    for (const auto& [key, x] : parameters)
      if (key == name)
        return x;
    return std::nullopt;
  };
  return path != nullptr && *path == value{request.path}
         && (method == nullptr || *method == value{request.head.getMethod()}) && all_fit(route.find("query"), parameter)
         && all_fit(route.find("with_headers"), [&](const auto& name) { return header_of(request.head, name); })
         && (body == nullptr || body->is_none() || *body == request.body);
}

} // namespace

struct scripted_api::impl {
  struct route {
    value what;
    std::int64_t left;
  };

  struct handler : net::HTTPRequestHandler {
    explicit handler(impl& o) : owner(o) {}
    void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
      owner.answer(request, response);
    }
    impl& owner;
  };

  struct factory : net::HTTPRequestHandlerFactory {
    explicit factory(impl& o) : owner(o) {}
    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
      return new handler{owner}; // NOLINT(cppcoreguidelines-owning-memory): the server deletes it
    }
    impl& owner;
  };

  impl()
    : socket(net::SocketAddress{"127.0.0.1", 0}),
      server(new factory{*this}, threads, socket, params()) { // NOLINT(cppcoreguidelines-owning-memory)
    server.start();
  }
  ~impl() {
    server.stopAll(true);
    threads.joinAll();
  }

  static net::HTTPServerParams* params() {
    auto* result = new net::HTTPServerParams; // NOLINT(cppcoreguidelines-owning-memory): the server's
    result->setKeepAlive(true);
    result->setMaxThreads(most_connections);
    return result;
  }

  void answer(net::HTTPServerRequest& request, net::HTTPServerResponse& response) {
    const std::string target = request.getURI();
    const auto mark = std::min(target.find('?'), target.size());
    asked found{request, target.substr(0, mark), target.substr(std::min(mark + 1, target.size())), {}, {}};
    Poco::StreamCopier::copyToString(request.stream(), found.body_text);
    if (!found.body_text.empty())
      found.body = body_of(request.get("Content-Type", ""), found.body_text);
    send(take_route(found), request.getMethod() == "HEAD", response);
  }

  /// Keeps the request, and uses the route up.
  std::optional<value> take_route(const asked& request) {
    const std::lock_guard guard{mutex};
    requests.push_back(record(request));
    for (auto& x : routes)
      if (x.left > 0 && matches(x.what, request)) {
        --x.left;
        return x.what;
      }
    return std::nullopt;
  }

  value record(const asked& request) const {
    value_dict result{{"request", value{request.head.getMethod() + " " + request.path}}};
    if (auto pairs = sorted_pairs(request.query); !pairs.empty())
      result.emplace_back("query", value{std::move(pairs)});
    value_dict kept;
    for (const auto& name : headers)
      if (auto x = header_of(request.head, name))
        kept.emplace_back(name, value{*x});
    if (!request.body_text.empty()) {
      result.emplace_back("body", request.body);
      if (auto type = header_of(request.head, "Content-Type"))
        kept.emplace_back("content-type", value{*type});
    }
    if (!kept.empty())
      result.emplace_back("headers", value{std::move(kept)});
    return value{std::move(result)};
  }

  static void send(const std::optional<value>& route, bool head_only, net::HTTPServerResponse& response) {
    std::string body = R"({"error":"no route"})";
    int status = 404;
    if (route) {
      const auto* json = route->find("json");
      const auto* text = route->find("text");
      const auto* given = route->find("status");
      body = json != nullptr ? language::to_json(*json) : text != nullptr ? language::to_text(*text) : std::string{};
      status = given != nullptr && given->as_int() != nullptr ? static_cast<int>(*given->as_int()) : 200;
      if (json != nullptr)
        response.setContentType("application/json");
      add_headers(route->find("answer_headers"), response);
    }
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(status));
    const bool bodiless = status == 204 || status == 304;
    if (!bodiless)
      response.setContentLength64(static_cast<Poco::Int64>(body.size()));
    auto& out = response.send();
    if (!bodiless && !head_only)
      out.write(body.data(), static_cast<std::streamsize>(body.size()));
    out.flush();
  }

  static void add_headers(const value* given, net::HTTPServerResponse& response) {
    if (given == nullptr || given->as_dict() == nullptr)
      return;
    for (const auto& [name, x] : *given->as_dict()) {
      response.erase(name);
      if (x.as_list() == nullptr)
        response.add(name, language::to_text(x));
      else
        for (const auto& one : *x.as_list())
          response.add(name, language::to_text(one));
    }
  }

  mutable std::mutex mutex;
  std::vector<route> routes;
  std::vector<std::string> headers;
  std::vector<value> requests;
  Poco::ThreadPool threads{2, most_connections};
  net::ServerSocket socket;
  net::HTTPServer server;
};

scripted_api::scripted_api() : impl_{std::make_unique<impl>()} {}

scripted_api::~scripted_api() = default;

std::string scripted_api::address() const {
  return "127.0.0.1:" + std::to_string(impl_->socket.address().port());
}

void scripted_api::play(const value& routes, const std::vector<std::string>& headers) {
  const std::lock_guard guard{impl_->mutex};
  impl_->routes.clear();
  if (routes.as_list() != nullptr)
    for (const auto& x : *routes.as_list()) {
      const auto* times = x.find("times");
      impl_->routes.push_back({x, times != nullptr && times->as_int() != nullptr
                                    ? *times->as_int()
                                    : std::numeric_limits<std::int64_t>::max()});
    }
  impl_->headers = headers;
  impl_->requests.clear();
}

std::vector<value> scripted_api::requests() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->requests;
}

} // namespace sluice::test
