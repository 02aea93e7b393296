#include "config/manifest/components/requests.hpp"

#include "config/manifest/components/all.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

const std::vector<std::string> slice_variables = {"stream_slice", "stream_partition"};

/// What a slice does not have would silently render as nothing.
void check_slice_references(context& x, const text_template& t, const std::string& path, const slice_fields& slices) {
  for (const auto& variable : slice_variables)
    for (const auto& reference : t.references(variable)) {
      if (!slices.has_partitions())
        x.refuse(
          path,
          "the template reads '" + variable
            + "', but the stream has no partition_router"
              " (the bounds of time slices cannot be read by templates; use start_time_option and end_time_option)");
      else if (reference.size() > 1 && !slices.has(reference[1]))
        x.refuse(path, "the template reads '" + variable + "." + reference[1] + "', but slices have only the field "
                         + slices.listed());
    }
}

std::vector<named_template> compile_map(context& x, const text_map_ref& field, const slice_fields& slices) {
  std::vector<named_template> result;
  for (const auto& [key, source] : field.members()) {
    const auto path = field.path() + "." + key;
    named_template t{x.fixed_text(field, key, path), x.dynamic(field, source, path, slice_variables), false};
    check_slice_references(x, t.value, path, slices);
    result.push_back(std::move(t));
  }
  return result;
}

std::string compile_url_base(context& x, const view<HttpRequester>& c, bool has_path) {
  using fields = HttpRequester;
  const auto field = c[&fields::url].has() ? c[&fields::url] : c[&fields::url_base];
  if (c[&fields::url].has() && c[&fields::url_base].has())
    x.refuse(c, "HttpRequester has both url and url_base");
  auto url = x.fixed(field);
  if (!x.failed() && !url::is_base(url))
    x.refuse_config(field, "'" + url::without_query(url)
                             + "' is not an http or https URL with a host and without user name, query and fragment");
  // One slash between base and path, as the reference joins them.
  if (has_path && !url.empty() && url.back() != '/')
    url += '/';
  return url;
}

} // namespace

std::vector<component_rule> requests_rules() {
  return rules_of<SimpleRetriever, HttpRequester, RequestOption, RequestPath>();
}

std::optional<request_option> compile_option(context& x, const std::optional<view<RequestOption>>& option) {
  if (!option)
    return std::nullopt;
  request_option result;
  const auto& c = *option;
  result.into = c[&RequestOption::inject_into].chosen.value_or(inject_into::parameter);
  result.name = x.fixed(c[&RequestOption::field_name]);
  if (result.name.empty())
    x.refuse(c[&RequestOption::field_name], "must not be empty");
  return result;
}

request_template compile_request(context& x, const view<HttpRequester>& c, const slice_fields& slices) {
  using fields = HttpRequester;
  request_template result;
  result.method = c[&fields::http_method].chosen.value_or("GET");
  auto path = c[&fields::path].text();
  if (!path.empty() && path.front() == '/')
    path.erase(0, 1);
  result.url_base = compile_url_base(x, c, !path.empty());
  result.path = x.dynamic(c[&fields::path], path, slice_variables);
  check_slice_references(x, result.path, c[&fields::path].path(), slices);
  result.parameters = compile_map(x, c[&fields::request_parameters], slices);
  result.headers = compile_map(x, c[&fields::request_headers], slices);
  result.credential = compile_authenticator(x, c);
  return result;
}

} // namespace sluice::compiling
