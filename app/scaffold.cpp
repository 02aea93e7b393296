#include "app/scaffold.hpp"

#include "messages/text/json_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice {

namespace {

/// What the config holds, beside what the specification says of it.
struct setting {
  std::string name;
  std::string title;
  bool secret = false;
};

std::vector<setting> settings_of(new_auth auth) {
  switch (auth) {
    case new_auth::bearer:
      return {{"api_token", "API token", true}};
    case new_auth::api_key:
      return {{"api_key", "API key", true}};
    case new_auth::basic:
      return {{"username", "User name"}, {"password", "Password", true}};
    case new_auth::none:
      break;
  }
  return {};
}

std::string authenticator_of(new_auth auth) {
  switch (auth) {
    case new_auth::bearer:
      return R"(        authenticator:
          type: BearerAuthenticator
          api_token: "{{ config['api_token'] }}"
)";
    case new_auth::api_key:
      return R"(        authenticator:
          type: ApiKeyAuthenticator
          api_token: "{{ config['api_key'] }}"
          inject_into: {type: RequestOption, inject_into: header, field_name: X-API-Key}
)";
    case new_auth::basic:
      return R"(        authenticator:
          type: BasicHttpAuthenticator
          username: "{{ config['username'] }}"
          password: "{{ config['password'] }}"
)";
    case new_auth::none:
      break;
  }
  return {};
}

/// The names of parameters and fields are the usual ones; an API of its own words has them changed here.
std::string paginator_of(new_paging paging) {
  const std::string begin = "      paginator:\n        type: DefaultPaginator\n";
  auto option = [](const std::string& name, const std::string& field) {
    return "        " + name + ": {type: RequestOption, inject_into: request_parameter, field_name: " + field + "}\n";
  };
  switch (paging) {
    case new_paging::page:
      return begin + option("page_token_option", "page") + option("page_size_option", "per_page")
             + "        pagination_strategy: {type: PageIncrement, start_from_page: 1, page_size: 100}\n";
    case new_paging::offset:
      return begin + option("page_token_option", "offset") + option("page_size_option", "limit")
             + "        pagination_strategy: {type: OffsetIncrement, page_size: 100}\n";
    case new_paging::cursor:
      return begin + option("page_token_option", "cursor") + option("page_size_option", "limit")
             + R"(        pagination_strategy:
          type: CursorPagination
          page_size: 100
          cursor_value: "{{ response.next_cursor }}"
          stop_condition: "{{ not response.next_cursor }}"
)";
    case new_paging::link:
      return begin + R"(        page_token_option: {type: RequestPath}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response.next }}"
          stop_condition: "{{ not response.next }}"
)";
    case new_paging::none:
      break;
  }
  return {};
}

std::string specification_of(new_auth auth) {
  std::string required;
  std::string properties;
  for (const auto& x : settings_of(auth)) {
    required += (required.empty() ? "" : ", ") + x.name;
    properties
      += "      " + x.name + ": {type: string, title: " + x.title + (x.secret ? ", airbyte_secret: true" : "") + "}\n";
  }
  std::string out = "spec:\n  type: Spec\n  connection_specification:\n    type: object\n";
  if (!required.empty())
    out += "    required: [" + required + "]\n";
  return out + "    properties:" + (properties.empty() ? " {}\n" : "\n" + properties);
}

} // namespace

scaffold make_scaffold(const scaffold_answers& a, const std::string& secret) {
  // A JSON string is a scalar of YAML, whatever is in it.
  auto scalar = [](const std::string& text) { return json_string(text); };
  scaffold result;
  result.manifest
    = "# yaml-language-server: $schema=./manifest.schema.json\n"
      "version: 6.0.0\ntype: DeclarativeSource\ncheck: {type: CheckStream, stream_names: ["
      + scalar(a.stream) + "]}\n" + specification_of(a.auth) + "streams:\n  - type: DeclarativeStream\n    name: "
      + scalar(a.stream) + "\n" + (a.key.empty() ? "" : "    primary_key: [" + scalar(a.key) + "]\n")
      + "    retriever:\n      type: SimpleRetriever\n      requester:\n        type: HttpRequester\n        url_base: "
      + scalar(a.base_url) + "\n        path: " + scalar(a.path) + "\n        http_method: GET\n"
      + authenticator_of(a.auth) + paginator_of(a.paging)
      + "      record_selector:\n        type: RecordSelector\n        extractor: {type: DpathExtractor, field_path: ["
      + (a.records.empty() ? "" : scalar(a.records))
      + "]}\n    schema_loader:\n      type: InlineSchemaLoader\n      schema: {type: object, additionalProperties: "
        "true, "
        "properties: {}}\n";
  std::string members;
  for (const auto& x : settings_of(a.auth))
    members
      += (members.empty() ? "" : ",") + ("\n  " + json_string(x.name)) + ": " + json_string(x.secret ? secret : "user");
  result.config = members.empty() ? "{}\n" : "{" + members + "\n}\n";
  result.catalogue = "{\n  \"streams\": [\n    {\n      \"stream\": {\"name\": " + json_string(a.stream)
                     + ", \"json_schema\": {}, \"supported_sync_modes\": [\"full_refresh\"]},\n"
                       "      \"sync_mode\": \"full_refresh\",\n      \"destination_sync_mode\": \"overwrite\"\n    }\n"
                       "  ]\n}\n";
  return result;
}

std::string stream_name_of(const std::string& path) {
  auto end = path.find_first_of("?#");
  auto text = path.substr(0, end);
  while (!text.empty() && text.back() == '/')
    text.pop_back();
  text = text.substr(text.rfind('/') + 1);
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return c == '{' || c == '}' || c == ' ' || c == '"' || c == '\''; }),
             text.end());
  return text.empty() ? "items" : text;
}

} // namespace sluice
