// Next pages: whatever a server says, no request leaves for a foreign scheme, host or port.
#include "actors/core/pages/pagination.hpp"
#include "actors/core/records/page_cutter.hpp"
#include "actors/core/requests/headers.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/partition.hpp"
#include "actors/net/request_head.hpp"
#include "messages/text/url.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <iterator>
#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

/// A stream that finds its next page in the `Link` header.
plan_ptr link_header_plan() {
  const auto* text = R"yaml(
check: {stream_names: [items]}
streams:
  - name: items
    retriever:
      requester: {url_base: "http://[::1]:8080/base/", path: items, request_parameters: {limit: 2}}
      record_selector: {extractor: {field_path: []}}
      paginator:
        type: DefaultPaginator
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ headers['link']['next']['url'] if headers['link']['next'] else '' }}"
        page_token_option: {type: RequestPath}
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
)yaml";
  auto m = load_manifest(text, "links");
  require(m.has_value(), m ? "" : m.error().message);
  auto compiled = compile_plan(**m, select_all(**m, "{}"));
  require(compiled.has_value(), compiled ? "" : compiled.error().message);
  return std::make_shared<const plan>(std::move(*compiled));
}

/// The request is for the API's own origin, also as the transport sees it.
void check_url(const std::string& text, const endpoint& e) {
  auto base = url::split(e.request.url_base);
  require(base.has_value(), "the base is a URL");
  for (auto c : text)
    require(c > ' ' && c < '\x7F' && c != '\\', "a URL is made of characters that a URL may have");
  auto target = url::split(text);
  require(target && target->same_origin(*base), "a request goes to the API's own origin");
  auto real = net::read_target(text);
  require(real && real->same_origin(*base), "the transport sends it there");
}

void follow(const plan& p, const endpoint& e, const std::string& token) {
  page_request request;
  request.slice.endpoint = e.id;
  if (e.slices.has_parents())
    request.slice.partition = make_partition(leading_field(p, e), "\"1/../?\"", {});
  request.page = 2;
  request.token = token;
  auto built = build_request(p, e, request);
  if (built)
    check_url(built->url, e);
  (void)display_url(token);
}

} // namespace

/// Sections: a body or token, header lines, the previous token, a partition's JSON text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const plan_ptr plans[] = {built_in_plan(), link_header_plan(), built_in_plan(false, "http://127.0.0.1:8080")};
  auto parts = sections(text_of(data, size), 4);
  header_list headers;
  for (auto line : lines_of(parts[1])) {
    auto colon = line.find(':');
    if (colon != std::string_view::npos)
      headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  (void)headers_value(headers);
  static page_cutter cutters[] = {page_cutter{plans[0]}, page_cutter{plans[1]}, page_cutter{plans[2]}};
  for (std::size_t i = 0; i < std::size(plans); ++i) {
    const auto& p = plans[i];
    auto& cutter = cutters[i];
    // A parent and a child; the others differ in nothing that matters here.
    for (const auto* chosen : {&p->endpoints.front(), &p->endpoints[p->endpoints.size() > 1 ? 1 : 0]}) {
      const auto& e = *chosen;
      follow(*p, e, std::string{parts[0]});
      std::string body{parts[0]};
      auto response = cutter.read_response(e, body);
      slice s;
      s.endpoint = e.id;
      const auto seen = response ? *response : language::value{language::value_dict{}};
      auto token = next_page_token(*p, e, s, {seen, headers, {}, 0, 0, parts[2], {}});
      if (token && *token) {
        require(!(*token)->empty() && **token != parts[2], "a token leads on");
        follow(*p, e, **token);
      }
      // The first page: a key of a parent's record stays inside its segment of the path.
      if (e.slices.has_parents() && language::parse_json(parts[3])) {
        page_request first;
        first.slice = s;
        first.slice.partition = make_partition(leading_field(*p, e), parts[3], {});
        if (auto built = build_request(*p, e, first))
          check_url(built->url, e);
      }
    }
  }
  return 0;
}
