// Retrievers and requests.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

const std::vector<std::string> slice_variables = {"stream_slice", "stream_partition"};

/// A slice has one field; anything else would silently render as nothing.
void check_slice_references(context& x, const text_template& t, const std::string& path, const slice_fields& slices) {
  for (const auto& variable : slice_variables)
    for (const auto& reference : t.references(variable)) {
      if (slices.partition_field.empty())
        x.refuse(
          path,
          "the template reads '" + variable
            + "', but the stream has no partition_router"
              " (the bounds of time slices cannot be read by templates; use start_time_option and end_time_option)");
      else if (reference.size() > 1 && reference[1] != slices.partition_field)
        x.refuse(path, "the template reads '" + variable + "." + reference[1] + "', but slices have only the field '"
                         + slices.partition_field + "'");
    }
}

std::vector<named_template> compile_map(context& x, const component_view& c, std::string_view field,
                                        const slice_fields& slices) {
  std::vector<named_template> result;
  const auto* map = c.raw(field);
  if (map == nullptr)
    return result;
  for (const auto& [key, source] : *map->as_dict()) {
    const auto path = c.path(field) + "." + key;
    named_template t{x.fixed_text(c, key, path), x.dynamic(c, *source.as_string(), path, slice_variables), false};
    check_slice_references(x, t.value, path, slices);
    result.push_back(std::move(t));
  }
  return result;
}

std::string compile_url_base(context& x, const component_view& c, bool has_path) {
  const std::string_view field = c.has("url") ? "url" : "url_base";
  if (c.has("url") && c.has("url_base"))
    x.refuse(c.path(), "HttpRequester has both url and url_base");
  auto url = x.fixed(c, field);
  if (!x.failed() && !is_base_url(url))
    x.refuse_config(c.path(field),
                    "'" + harmless_url(url)
                      + "' is not an http or https URL with a host and without user name, query and fragment");
  // One slash between base and path, as the reference joins them.
  if (has_path && !url.empty() && url.back() != '/')
    url += '/';
  return url;
}

} // namespace

std::vector<component_rule> requests_rows() {
  using k = field_kind;
  return {
    {"SimpleRetriever",
     {{"requester", k::component, "=HttpRequester", required},
      {"record_selector", k::component, "=RecordSelector", required},
      {"paginator", k::component, "DefaultPaginator|NoPagination"},
      {"partition_router", k::component, "=SubstreamPartitionRouter"},
      {"decoder", k::component, "=JsonDecoder"},
      {"ignore_stream_slicer_parameters_on_paginated_requests", k::boolean},
      {"additional_query_properties", k::unsupported},
      {"pagination_reset", k::unsupported},
      {"name", k::ignored},
      {"primary_key", k::ignored}}},
    {"HttpRequester",
     {{"url_base", k::text},
      {"url", k::text},
      {"path", k::text},
      {"http_method", k::choice, "GET|POST"},
      {"authenticator", k::component, "NoAuth|BearerAuthenticator|ApiKeyAuthenticator|BasicHttpAuthenticator"},
      {"error_handler", k::component, "=DefaultErrorHandler|CompositeErrorHandler"},
      {"request_parameters", k::text_map},
      {"request_headers", k::text_map},
      {"request_body", k::unsupported},
      {"request_body_data", k::unsupported},
      {"request_body_json", k::unsupported},
      {"query_properties", k::unsupported},
      {"fetch_properties_from_endpoint", k::unsupported},
      {"use_cache", k::ignored}, // a plan never asks for the same thing twice
      {"name", k::ignored}}},
    {"RequestOption",
     {{"inject_into", k::choice, "request_parameter|header", required},
      {"field_name", k::text, {}, required},
      {"field_path", k::unsupported}}},
    {"RequestPath", {}},
  };
}

std::optional<request_option> compile_option(context& x, const component_view& owner, std::string_view field) {
  auto c = owner.child(field);
  if (!c)
    return std::nullopt;
  request_option result;
  result.into = c->text("inject_into") == "header" ? inject_into::header : inject_into::parameter;
  result.name = x.fixed(*c, "field_name");
  if (result.name.empty())
    x.refuse(c->path("field_name"), "must not be empty");
  return result;
}

request_template compile_request(context& x, const component_view& c, const slice_fields& slices) {
  request_template result;
  if (c.has("http_method"))
    result.method = c.text("http_method");
  auto path = c.text("path");
  if (!path.empty() && path.front() == '/')
    path.erase(0, 1);
  result.url_base = compile_url_base(x, c, !path.empty());
  result.path = x.dynamic(c, path, c.path("path"), slice_variables);
  check_slice_references(x, result.path, c.path("path"), slices);
  result.parameters = compile_map(x, c, "request_parameters", slices);
  result.headers = compile_map(x, c, "request_headers", slices);
  result.auth_headers = compile_authenticator(x, c);
  return result;
}

} // namespace sluice::compiling
