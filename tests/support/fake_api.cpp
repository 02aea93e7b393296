#include "tests/support/fake_api.hpp"

#include "config/language/datetime.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace sluice::test {

namespace {

/// Not the product's own decoder: it checks what that one's counterpart has encoded.
std::string decode(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::map<std::string, std::string> parse_query(const std::string& query) {
  std::map<std::string, std::string> result;
  std::size_t begin = 0;
  while (begin < query.size()) {
    auto end = std::min(query.find('&', begin), query.size());
    auto pair = query.substr(begin, end - begin);
    auto equals = std::min(pair.find('='), pair.size());
    result[decode(pair.substr(0, equals))] = decode(pair.substr(std::min(equals + 1, pair.size())));
    begin = end + 1;
  }
  return result;
}

std::string time_text(std::int64_t seconds) {
  return *language::format_datetime(language::instant{std::chrono::seconds{seconds}}, "%Y-%m-%dT%H:%M:%S");
}

std::int64_t seconds_of(const std::string& text) {
  auto t = language::parse_iso8601(text)->instant.time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(t).count();
}

/// One page of a list, with the link to the next.
std::string list_body(const std::vector<std::string>& items, const std::string& path,
                      std::map<std::string, std::string> query) {
  std::size_t per_page = query.contains("per_page") ? std::stoul(query["per_page"]) : 50;
  std::size_t page = query.contains("page") ? std::stoul(query["page"]) : 1;
  auto begin = std::min(items.size(), (page - 1) * per_page);
  auto end = std::min(items.size(), begin + per_page);
  std::string body = R"({"data":[)";
  for (auto i = begin; i < end; ++i)
    body += (i > begin ? "," : "") + items[i];
  body += R"(],"total":)" + std::to_string(items.size()) + R"(,"links":{)";
  if (end < items.size()) {
    query["page"] = std::to_string(page + 1);
    std::string text;
    for (const auto& [key, value] : query)
      text += (text.empty() ? "?" : "&") + key + "=" + value;
    body += R"("next":"http://fake.test)" + path + text + R"(")";
  }
  return body + "}}";
}

class fake_session final : public net::http_session {
public:
  explicit fake_session(std::shared_ptr<fake_api> api) : api_(std::move(api)) {}
  tl::expected<net::response, net::transport_failure> send(const net::request& r) override { return api_->answer(r); }

private:
  std::shared_ptr<fake_api> api_;
};

} // namespace

net::response json_response(int status, std::string body, header_list headers) {
  net::response r;
  r.status = status;
  r.headers = std::move(headers);
  r.headers.emplace_back("Content-Type", "application/json");
  r.wire_bytes = body.size();
  r.body = std::move(body);
  return r;
}

std::vector<fake_api::survey> fake_api::random_surveys(std::uint64_t seed, std::size_t count, std::int64_t from_s,
                                                       std::int64_t to_s) {
  std::mt19937_64 random{seed};
  std::vector<survey> result;
  for (std::size_t i = 0; i < count; ++i) {
    survey s;
    s.id = std::to_string(1000 + i);
    s.modified_s = from_s + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(to_s - from_s + 1));
    auto responses = random() % 4;
    for (std::uint64_t k = 0; k < responses; ++k)
      s.responses.push_back(
        {s.id + "-" + std::to_string(k), from_s + static_cast<std::int64_t>(1000 * i + k / 2 * 86400)});
    result.push_back(std::move(s));
  }
  return result;
}

tl::expected<net::response, net::transport_failure> fake_api::answer(const net::request& r) {
  auto path_begin = r.url.find('/', r.url.find("://") + 3);
  auto target = r.url.substr(path_begin);
  {
    std::lock_guard guard{mutex_};
    log_.push_back(target);
    if (change_)
      change_(surveys_, log_.size());
    if (gate_)
      if (auto replaced = gate_(r, log_.size()))
        return std::move(*replaced);
    if (fault_)
      if (auto replaced = fault_(target))
        return std::move(*replaced);
  }
  auto question = std::min(target.find('?'), target.size());
  auto path = target.substr(0, question);
  auto query = parse_query(target.substr(std::min(question + 1, target.size())));
  if (path == "/v3/surveys")
    return list_surveys(query);
  const std::string prefix = "/v3/surveys/";
  if (path.rfind(prefix, 0) == 0) {
    auto id = path.substr(prefix.size());
    auto slash = std::min(id.find('/'), id.size());
    auto rest = id.substr(slash);
    id.resize(slash);
    if (rest == "/responses/")
      return list_responses(id, query);
    if (rest == "/responses/bulk")
      return list_bulk(id, query);
    if (rest == "/details")
      return json_response(200, R"({"id":")" + id + R"(","pages":[{"id":"p)" + id + R"(","questions":[{"id":"q)" + id
                                  + R"("}]}]})");
    if (rest == "/collectors")
      return json_response(200, R"({"data":[{"id":"c)" + id + R"("}],"links":{}})");
  }
  if (path.rfind("/v3/collectors/", 0) == 0)
    return json_response(200, R"({"id":")" + path.substr(15) + R"("})");
  return json_response(404, R"({"error":{"id":"1020","message":"no such thing"}})");
}

std::vector<std::string> fake_api::log() const {
  std::lock_guard guard{mutex_};
  return log_;
}

net::response fake_api::list_surveys(const std::map<std::string, std::string>& query) const {
  auto from = query.contains("start_modified_at") ? seconds_of(query.at("start_modified_at")) : INT64_MIN;
  auto to = query.contains("end_modified_at") ? seconds_of(query.at("end_modified_at")) : INT64_MAX;
  std::vector<std::string> items;
  for (const auto& s : surveys_)
    if (s.modified_s >= from && s.modified_s <= to)
      items.push_back(R"({"id":")" + s.id + R"(","date_modified":")" + time_text(s.modified_s) + R"("})");
  return json_response(200, list_body(items, "/v3/surveys", query));
}

net::response fake_api::list_responses(const std::string& id, const std::map<std::string, std::string>& query) const {
  auto found = std::find_if(surveys_.begin(), surveys_.end(), [&](const survey& s) { return s.id == id; });
  if (found == surveys_.end())
    return json_response(404, R"({"error":{"id":"1020","message":"no such survey"}})");
  std::vector<std::string> items;
  for (const auto& r : found->responses)
    items.push_back(R"({"id":")" + r.id + R"("})");
  return json_response(200, list_body(items, "/v3/surveys/" + id + "/responses/", query));
}

net::response fake_api::list_bulk(const std::string& id, const std::map<std::string, std::string>& query) const {
  auto found = std::find_if(surveys_.begin(), surveys_.end(), [&](const survey& s) { return s.id == id; });
  if (found == surveys_.end())
    return json_response(404, R"({"error":{"id":"1020","message":"no such survey"}})");
  auto from = query.contains("start_modified_at") ? seconds_of(query.at("start_modified_at")) : INT64_MIN;
  auto to = query.contains("end_modified_at") ? seconds_of(query.at("end_modified_at")) : INT64_MAX;
  std::vector<std::string> items;
  for (const auto& r : found->responses)
    if (r.modified_s >= from && r.modified_s <= to)
      items.push_back(R"({"id":")" + r.id + R"(","date_modified":")" + time_text(r.modified_s) + R"(+00:00"})");
  return json_response(200, list_body(items, "/v3/surveys/" + id + "/responses/bulk", query));
}

std::unique_ptr<net::http_session> fake_transport::open_session() {
  return std::make_unique<fake_session>(api_);
}

} // namespace sluice::test
