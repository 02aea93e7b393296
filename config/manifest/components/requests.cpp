// Requests, authenticators and pages.

#include "config/manifest/components/support.hpp"

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

/// A line break in a header would let a config value add headers.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
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

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t block = 0;
    for (std::size_t j = 0; j < 3; ++j)
      block = block << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j <= bytes.size() ? digits[block >> (18 - 6 * j) & 63] : '=';
  }
  return result;
}

named_template secret_header(context& x, const std::string& path, std::string name, const std::string& text) {
  if (has_control_characters(text))
    x.refuse_config(path, "the secret contains a control character, such as a line break");
  return {std::move(name), text_template::literal(text), true};
}

std::vector<named_template> compile_authenticator(context& x, const component_view& requester) {
  auto c = requester.child("authenticator");
  if (!c || c->type() == "NoAuth")
    return {};
  if (c->type() == "BasicHttpAuthenticator")
    return {secret_header(x, c->path(), "Authorization",
                          "Basic " + base64(x.fixed(*c, "username") + ":" + x.fixed(*c, "password")))};
  auto token = x.fixed(*c, "api_token");
  if (token.empty())
    x.refuse_config(c->path("api_token"), "the token is empty: is its config key missing?");
  if (c->type() == "BearerAuthenticator")
    return {secret_header(x, c->path("api_token"), "Authorization", "Bearer " + token)};
  auto option = compile_option(x, *c, "inject_into");
  if (option && option->into != inject_into::header)
    x.refuse(c->path("inject_into"),
             "a key in a query parameter is not supported here; use a header, or request_parameters of the requester");
  auto name = option ? option->name : x.fixed(*c, "header");
  if (name.empty())
    x.refuse(c->path(), "ApiKeyAuthenticator needs inject_into or header");
  return {secret_header(x, c->path("api_token"), name, token)};
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

pagination compile_pagination(context& x, const component_view& retriever) {
  pagination result;
  auto paginator = retriever.child("paginator");
  const bool once = retriever.boolean("ignore_stream_slicer_parameters_on_paginated_requests");
  if (!paginator || paginator->type() == "NoPagination")
    return result;
  auto strategy = *paginator->child("pagination_strategy");
  const std::vector<std::string> variables = {"response", "headers", "last_record", "last_page_size"};
  auto with_config = variables;
  with_config.emplace_back("config");
  result.kind = pagination::strategy::cursor;
  result.first_page_has_slice = once;
  result.cursor_value = x.dynamic(strategy, strategy.text("cursor_value"), strategy.path("cursor_value"), variables);
  result.stop_condition = x.dynamic_condition(strategy, "stop_condition", with_config);
  result.page_size = x.fixed_integer(strategy, "page_size", 1);
  result.page_size_option = compile_option(x, *paginator, "page_size_option");
  if (result.page_size_option && !result.page_size)
    x.refuse(paginator->path("page_size_option"), "needs a page_size in the pagination strategy");
  if (auto extension = paginator->child("x-sluice"); extension && extension->has("total"))
    result.total = x.dynamic(*extension, extension->text("total"), extension->path("total"), {"response"});
  auto token = paginator->child("page_token_option");
  if (!token)
    x.refuse(paginator->path(),
             "DefaultPaginator needs page_token_option: without it every page would be the first one");
  else if (token->type() == "RequestPath")
    result.token_is_url = true;
  else
    result.token_option = compile_option(x, *paginator, "page_token_option");
  if (once && !result.token_is_url)
    x.refuse(retriever.path("ignore_stream_slicer_parameters_on_paginated_requests"),
             "is supported only where the next page is a URL (RequestPath), which is used as the server gave it");
  return result;
}

} // namespace sluice::compiling
