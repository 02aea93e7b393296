// Requests of strangers' manifests: bodies, bases that depend on slices, redirects, cookies.
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/partition.hpp"
#include "actors/net/redirects.hpp"
#include "actors/net/request_head.hpp"
#include "messages/text/url.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <chrono>
#include <string>
#include <string_view>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

/// A manifest whose only requester has these fields, which are a JSON object, and whose pages put their token and their
/// size into `place`.
std::string manifest_with(std::string_view requester, std::string_view place) {
  const std::string option = "inject_into: " + std::string{place} + ", field_name: ";
  return R"yaml(
check: {stream_names: [items]}
streams:
  - name: items
    retriever:
      requester: )yaml"
         + std::string{requester} + R"yaml(
      record_selector: {extractor: {field_path: []}}
      paginator:
        type: DefaultPaginator
        pagination_strategy: {type: OffsetIncrement, page_size: 2}
        page_size_option: {)yaml"
         + option + R"yaml(size}
        page_token_option: {type: RequestOption, )yaml"
         + option + R"yaml(token}
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
)yaml";
}

bool is_known_host(const url::parts& target) {
  return target.origin() == "https://api.example.com"
         || (target.scheme == "https" && target.port == 443 && target.host.ends_with(".example.com"));
}

void check_request(const built_request& built) {
  const auto target = url::split(built.url);
  require(target && is_known_host(*target), "a request goes to a host that the manifest names");
  const auto type = find_header(built.headers, "content-type").value_or("");
  if (type == "application/json" && !built.body.empty())
    require(language::parse_json(built.body).has_value(), "a body in JSON is JSON");
  const net::request call{built.method, built.url, built.headers, built.body};
  const auto real = net::read_target(built.url);
  require(real && real->same_origin(*target), "the transport sends it there");
  (void)net::write_request_head(call, *real, {}, "fuzz");
}

/// A redirect never leaves the origin, and cookies never reach another one.
void redirect(const built_request& built, std::string_view location, std::string_view cookie) {
  net::response answer;
  answer.status = 302;
  answer.headers = {{"Location", std::string{location}}, {"Set-Cookie", std::string{cookie}}};
  const net::request call{built.method, built.url, built.headers, built.body};
  const auto from = *url::split(built.url);
  if (const auto next = net::redirected(call, answer)) {
    const auto to = net::read_target(next->url);
    require(to && to->same_origin(from), "a redirect stays in its origin");
    require(next->method == "GET" && next->body.empty(), "a 302 is followed by a GET without a body");
  }
  const net::cookie_jar::clock::time_point now{std::chrono::seconds{1'800'000'000}};
  net::cookie_jar jar;
  jar.take(answer.headers, from, now);
  require(is_field_text(jar.header_for(from, now)), "a cookie is text of a header");
  require(jar.header_for(*url::split("https://other.example.net/"), now).empty(), "a cookie stays with its origin");
}

} // namespace

/// Sections: the place of options (a digit), the requester's fields as a JSON object, a partition's JSON text, a token,
/// a cookie.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view places[] = {"request_parameter", "header", "body_data", "body_json"};
  auto input = text_of(data, size);
  const auto place = places[take_choice(input, std::size(places))];
  auto parts = sections(input, 4);
  const auto fields = language::parse_json(parts[0]);
  if (!fields || fields->as_dict() == nullptr)
    return 0;
  auto requester = *fields->as_dict();
  std::erase_if(requester, [](const auto& x) { return x.first == "url"; });
  // The base is ours, or one of ours that depends on the slice.
  const bool moving = fields->find("moving") != nullptr;
  std::erase_if(requester, [](const auto& x) { return x.first == "url_base"; });
  requester.emplace_back("url_base", moving ? "https://{{ stream_slice.id }}.example.com/{{ stream_slice.id }}/"
                                            : "https://api.example.com/v1/");
  auto loaded = load_manifest(manifest_with(language::to_json(language::value{requester}), place), "fuzz.yaml");
  if (!loaded)
    return 0;
  const auto compiled = compile_plan(**loaded, select_all(**loaded, R"({"key":"k","list":[1,"a"],"n":5})"));
  if (!compiled) {
    require(!compiled.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const auto& e = compiled->endpoints.front();
  (void)describe_plan(*compiled);
  page_request request;
  request.slice.endpoint = e.id;
  if (language::parse_json(parts[1]))
    request.slice.partition = make_partition("id", parts[1], {});
  for (const auto token : {std::string_view{}, parts[2]}) {
    request.token = token;
    const auto built = build_request(*compiled, e, request);
    if (built) {
      check_request(*built);
      redirect(*built, parts[2], parts[3]);
    } else {
      require(!built.error().message.empty(), "an error says what is wrong");
    }
  }
  return 0;
}
