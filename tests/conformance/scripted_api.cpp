#include "tests/conformance/scripted_api.hpp"

#include "messages/text/url.hpp"
#include "tests/support/http_server.hpp"

#include <Poco/Net/HTTPRequest.h>

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

std::vector<std::pair<std::string, std::string>> headers_of(const value* given) {
  std::vector<std::pair<std::string, std::string>> result;
  if (given == nullptr || given->as_dict() == nullptr)
    return result;
  for (const auto& [name, x] : *given->as_dict()) {
    if (x.as_list() == nullptr)
      result.emplace_back(name, language::to_text(x));
    else
      for (const auto& one : *x.as_list())
        result.emplace_back(name, language::to_text(one));
  }
  return result;
}

http_answer answer_of(const value& route) {
  const auto* json = route.find("json");
  const auto* text = route.find("text");
  const auto* given = route.find("status");
  return {given != nullptr && given->as_int() != nullptr ? static_cast<int>(*given->as_int()) : 200,
          json != nullptr   ? language::to_json(*json)
          : text != nullptr ? language::to_text(*text)
                            : std::string{},
          json != nullptr ? "application/json" : "", headers_of(route.find("answer_headers"))};
}

} // namespace

struct scripted_api::impl {
  struct route {
    value what;
    std::int64_t left;
  };

  http_answer answer(const net::HTTPRequest& head, const std::string& body) {
    const std::string& target = head.getURI();
    const auto mark = std::min(target.find('?'), target.size());
    asked found{head, target.substr(0, mark), target.substr(std::min(mark + 1, target.size())), body, {}};
    if (!body.empty())
      found.body = body_of(head.get("Content-Type", ""), body);
    const auto fitting = take_route(found);
    return fitting ? answer_of(*fitting) : http_answer{404, R"({"error":"no route"})", {}};
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

  mutable std::mutex mutex;
  std::vector<route> routes;
  std::vector<std::string> headers;
  std::vector<value> requests;
  /// The last member: the others are there as long as it asks them.
  http_server server{most_connections,
                     [this](const auto& head, const std::string& body) { return answer(head, body); }};
};

scripted_api::scripted_api() : impl_{std::make_unique<impl>()} {}

scripted_api::~scripted_api() = default;

std::string scripted_api::address() const {
  return impl_->server.address();
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
