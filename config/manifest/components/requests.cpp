#include "config/manifest/components/requests.hpp"

#include "config/manifest/components/all.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

/// A text in place of a map is known before the run, and means a dict.
std::vector<named_template> compile_map_text(context& x, const text_or_map_ref& field) {
  std::vector<named_template> result;
  if (field.text().empty())
    return result;
  const auto rendered = x.fixed(field);
  if (x.failed())
    return result;
  const auto meaning = text_template::literal(rendered).evaluate({});
  if (!meaning || meaning->as_dict() == nullptr) {
    x.refuse(field, "a text here must be a template that renders as a dict, which is known from the configuration");
    return result;
  }
  for (const auto& [key, member] : *meaning->as_dict())
    if (!member.is_none())
      result.push_back({key, text_template::literal(language::to_text(member)), true});
  return result;
}

std::vector<named_template> compile_map(context& x, const text_or_map_ref& field) {
  std::vector<named_template> result = compile_map_text(x, field);
  for (const auto& [key, source] : field.members()) {
    const auto path = field.path() + "." + key;
    result.push_back({x.fixed_text(field, key, path), x.dynamic(field, source, path, request_variables()), false});
  }
  return result;
}

/// What the source of a URL says before its path, expressions left whole.
std::string authority_source(std::string_view source) {
  const auto scheme = source.find("://");
  bool inside = false;
  for (auto at = scheme == std::string_view::npos ? 0 : scheme + 3; at < source.size(); ++at) {
    const auto two = source.substr(at, 2);
    if (two == "{{" || two == "}}")
      inside = two == "{{";
    else if (!inside && (source[at] == '/' || source[at] == '?' || source[at] == '#'))
      return std::string{source.substr(0, at)};
  }
  return std::string{source};
}

/// How a host that ends in literal text ends: `.example.com`; empty: it does not, or says too little.
std::string literal_end(std::string_view authority) {
  constexpr char_set in_hosts = ascii_letters | ascii_digits | char_set{"-."};
  const auto braces = authority.rfind("}}");
  auto end = lower_case(braces == std::string_view::npos ? authority : authority.substr(braces + 2));
  const bool names_domain = end.starts_with('.') && std::count(end.begin(), end.end(), '.') >= 2 && !end.ends_with('.')
                            && end.find("..") == std::string::npos && in_hosts.covers(end);
  return names_domain ? end : std::string{};
}

moving_base compile_moving_base(context& x, const text_ref& field, text_template url) {
  moving_base result;
  result.url = std::move(url);
  const auto source = field.text();
  const auto authority = authority_source(source);
  auto head = x.dynamic(field, authority, request_variables());
  if (!is_moving(head)) {
    const auto parts = url::split(x.fixed_text(field, authority));
    if (parts)
      result.origin = parts->origin();
    else if (!x.failed())
      x.refuse_config(field, "it does not begin with an http or https URL: " + std::string{parts.error()});
    return result;
  }
  result.host_end = literal_end(authority);
  const bool has_scheme = source.starts_with("https://") || source.starts_with("http://");
  if (result.host_end.empty() || !has_scheme)
    x.refuse(field, "the host depends on the slice, and the manifest does not say in plain text how it ends (as in "
                    "'https://{{ stream_partition.region }}.example.com/'): records could choose whom requests and "
                    "credentials are sent to");
  return result;
}

void compile_base(context& x, const view<HttpRequester>& c, bool has_path, request_template& result) {
  using fields = HttpRequester;
  const auto field = c[&fields::url].has() ? c[&fields::url] : c[&fields::url_base];
  if (c[&fields::url].has() && c[&fields::url_base].has())
    x.refuse(c, "HttpRequester has both url and url_base");
  if (auto t = x.dynamic(field, request_variables()); is_moving(t)) {
    result.moving = compile_moving_base(x, field, std::move(t));
    result.url_base = field.text();
    return;
  }
  auto url = x.fixed(field);
  // Nothing is put behind a URL without a path.
  const auto base = std::string_view{url}.substr(0, has_path ? url.size() : url.find('?'));
  if (!x.failed() && !url::is_base(base))
    x.refuse_config(field, "'" + url::without_query(url)
                             + "' is not an http or https URL with a host and without user name, query and fragment");
  // One slash between base and path, as the reference joins them.
  if (has_path && !url.empty() && url.back() != '/')
    url += '/';
  result.url_base = std::move(url);
}

// -- collisions -----------------------------------------------------------------------

/// A place of a request that somebody fills for certain, in each first request of a slice.
struct filled_place {
  inject_into into;
  std::string name;
  std::string_view by;
};

inject_into option_place(credential_field::place where) {
  switch (where) {
    case credential_field::place::header:
      return inject_into::header;
    case credential_field::place::body_data:
      return inject_into::body_data;
    case credential_field::place::body_json:
      return inject_into::body_json;
    default:
      return inject_into::parameter;
  }
}

bool is_sent(const named_template& t) {
  return t.value.is_literal() && !t.value.source().empty() && t.value.source() != "None";
}

std::vector<filled_place> places_of(const endpoint& e) {
  std::vector<filled_place> result;
  const auto add_templates = [&](inject_into into, const std::vector<named_template>& templates) {
    for (const auto& t : templates)
      if (is_sent(t))
        result.push_back({into, t.name, "the requester"});
  };
  const auto add_option = [&](const std::optional<request_option>& option, std::string_view by) {
    if (option)
      result.push_back({option->into, option->name, by});
  };
  add_templates(inject_into::parameter, e.request.parameters);
  add_templates(inject_into::header, e.request.headers);
  if (const auto* form = std::get_if<form_body>(&e.request.body))
    add_templates(inject_into::body_data, form->fields);
  for (const auto& field : known_fields(e.request.credential))
    result.push_back({option_place(field.where), field.name, "the authenticator"});
  if (e.pages.page_size)
    add_option(e.pages.page_size_option, "page_size_option");
  if (!e.pages.first_token.empty())
    add_option(e.pages.token_option, "page_token_option");
  if (e.cursor) {
    add_option(e.cursor->start_option, "start_time_option");
    add_option(e.cursor->end_option, "end_time_option");
  }
  return result;
}

/// One place is the other, or lies inside of it.
bool overlap(const request_option& a, const request_option& b) {
  const auto common = std::min(a.inner.size(), b.inner.size());
  return a.into == b.into && a.name == b.name
         && std::equal(a.inner.begin(), a.inner.begin() + static_cast<std::ptrdiff_t>(common), b.inner.begin());
}

std::string_view word_of(inject_into into) {
  return into == inject_into::header ? "header" : into == inject_into::parameter ? "parameter" : "body field";
}

} // namespace

std::vector<component_rule> requests_rules() {
  return rules_of<SimpleRetriever, HttpRequester, RequestOption, RequestPath, RequestBodyPlainText,
                  RequestBodyUrlEncodedForm, RequestBodyJsonObject, RequestBodyGraphQL>();
}

std::optional<request_option> compile_option(context& x, const std::optional<view<RequestOption>>& option) {
  if (!option)
    return std::nullopt;
  using fields = RequestOption;
  const auto& c = *option;
  request_option result;
  result.into = c[&fields::inject_into].chosen.value_or(inject_into::parameter);
  const auto name = c[&fields::field_name];
  const auto path = c[&fields::field_path];
  if (name.has() == path.has())
    x.refuse(c, "a RequestOption needs either field_name or field_path");
  if (path.has() && result.into != inject_into::body_json)
    x.refuse(path, "only a body in JSON has nested fields: use it with inject_into: body_json, or field_name");
  for (const auto& segment : path.list())
    result.inner.push_back(x.fixed_text(path, segment));
  if (path.has() && !result.inner.empty()) {
    result.name = std::move(result.inner.front());
    result.inner.erase(result.inner.begin());
  } else {
    result.name = x.fixed(name);
  }
  // A parameter whose name the config leaves empty is sent as the reference sends it, `=value`.
  const bool may_be_empty = result.into == inject_into::parameter && is_template(name.text());
  if (result.name.empty() && !may_be_empty)
    x.refuse(path.has() ? field_ref{path} : field_ref{name}, "must not be empty");
  return result;
}

std::string fixed_base(context& x, const view<HttpRequester>& c) {
  using fields = HttpRequester;
  return x.fixed(c[&fields::url].has() ? c[&fields::url] : c[&fields::url_base]);
}

request_template compile_request(context& x, std::vector<planned_credential>& credentials,
                                 const view<HttpRequester>& c) {
  using fields = HttpRequester;
  request_template result;
  result.method = c[&fields::http_method].chosen.value_or("GET");
  auto path = c[&fields::path].text();
  if (!path.empty() && path.front() == '/')
    path.erase(0, 1);
  compile_base(x, c, !path.empty(), result);
  result.path = x.dynamic(c[&fields::path], path, request_variables());
  result.parameters = compile_map(x, c[&fields::request_parameters]);
  result.headers = compile_map(x, c[&fields::request_headers]);
  result.body = compile_body(x, c);
  result.credential = compile_authenticator(x, credentials, c);
  return result;
}

void check_collisions(context& x, const view<HttpRequester>& c, const endpoint& e) {
  if (const auto& size = e.pages.page_size_option, &token = e.pages.token_option;
      size && token && overlap(*size, *token))
    x.refuse(c, "page_size_option and page_token_option go to the same place `" + size->name + "`");
  const auto places = places_of(e);
  for (auto a = places.begin(); a != places.end(); ++a)
    for (auto b = places.begin(); b != a; ++b)
      // Fields in JSON may meet, as long as they say the same.
      if (a->into == b->into && a->name == b->name && a->into != inject_into::body_json)
        x.refuse(c, "the request " + std::string{word_of(a->into)} + " `" + a->name + "` is given twice, by "
                      + std::string{b->by} + " and by " + std::string{a->by} + "; remove one of them");
  const auto fills = [&places](inject_into into) {
    return std::any_of(places.begin(), places.end(), [into](const filled_place& y) { return y.into == into; });
  };
  const bool json = fills(inject_into::body_json) || std::holds_alternative<json_body>(e.request.body);
  if (json && fills(inject_into::body_data))
    x.refuse(c, "a request cannot have a body in JSON and form data at once: something puts fields into body_json, "
                "something else into body_data");
}

} // namespace sluice::compiling
