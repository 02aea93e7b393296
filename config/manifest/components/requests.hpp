#pragma once

// Retrievers and requests.

#include "config/manifest/components/bodies.hpp"
#include "config/manifest/components/decoders.hpp"
#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct ApiKeyAuthenticator;
struct BasicHttpAuthenticator;
struct BearerAuthenticator;
struct CompositeErrorHandler;
struct DefaultErrorHandler;
struct DefaultPaginator;
struct NoAuth;
struct NoPagination;
struct OAuthAuthenticator;
struct RateLimitedMultipleTokenAuthenticator;
struct JwtAuthenticator;
struct LegacySessionTokenAuthenticator;
struct SelectiveAuthenticator;
struct SessionTokenAuthenticator;
struct PaginationReset;
struct RecordSelector;
struct GroupingPartitionRouter;
struct ListPartitionRouter;
struct SubstreamPartitionRouter;
struct UnionPartitionRouter;

struct HttpRequester : component<HttpRequester> {
  static constexpr std::string_view type = "HttpRequester";
  text url_base{this, "url_base"};
  text url{this, "url"};
  text path{this, "path"};
  choice<std::string_view> http_method{
    this, "http_method", {{"GET", "GET"}, {"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}, {"DELETE", "DELETE"}}};
  child<NoAuth, BearerAuthenticator, ApiKeyAuthenticator, BasicHttpAuthenticator, OAuthAuthenticator,
        SessionTokenAuthenticator, LegacySessionTokenAuthenticator, JwtAuthenticator,
        RateLimitedMultipleTokenAuthenticator, SelectiveAuthenticator>
    authenticator{this, "authenticator"};
  child<DefaultErrorHandler, CompositeErrorHandler> error_handler{this, "error_handler", first_is_usual};
  text_or_map request_parameters{this, "request_parameters"};
  text_or_map request_headers{this, "request_headers"};
  child<RequestBodyPlainText, RequestBodyUrlEncodedForm, RequestBodyJsonObject, RequestBodyGraphQL> request_body{
    this, "request_body", since("next")};
  text_or_map request_body_data{this, "request_body_data", since("next")};
  text_or_dict request_body_json{this, "request_body_json", since("next")};
  unsupported query_properties{this, "query_properties"};
  unsupported fetch_properties_from_endpoint{this, "fetch_properties_from_endpoint"};
  ignored use_cache{this, "use_cache"}; // a plan never asks for the same thing twice
  ignored name{this, "name"};
};

struct SimpleRetriever : component<SimpleRetriever> {
  static constexpr std::string_view type = "SimpleRetriever";
  child<HttpRequester> requester{this, "requester", required};
  child<RecordSelector> record_selector{this, "record_selector", required};
  child<DefaultPaginator, NoPagination> paginator{this, "paginator"};
  child_or_children<SubstreamPartitionRouter, ListPartitionRouter, GroupingPartitionRouter, UnionPartitionRouter>
    partition_router{this, "partition_router", first_is_usual};
  field<SimpleRetriever, any_decoder> decoder{this, "decoder"};
  boolean only_first_page_has_slice{this, "ignore_stream_slicer_parameters_on_paginated_requests"};
  child<PaginationReset> pagination_reset{this, "pagination_reset", since("next")};
  unsupported additional_query_properties{this, "additional_query_properties"};
  ignored name{this, "name"};
  ignored primary_key{this, "primary_key"};
};

struct RequestOption : component<RequestOption> {
  static constexpr std::string_view type = "RequestOption";
  choice<sluice::inject_into> inject_into{this,
                                          "inject_into",
                                          {{"request_parameter", sluice::inject_into::parameter},
                                           {"header", sluice::inject_into::header},
                                           {"body_data", sluice::inject_into::body_data},
                                           {"body_json", sluice::inject_into::body_json}},
                                          required};
  text field_name{this, "field_name"};
  texts field_path{this, "field_path", since("next")};
};

/// The token of a page is the path or URL of the next request.
struct RequestPath : component<RequestPath> {
  static constexpr std::string_view type = "RequestPath";
};

std::vector<component_rule> requests_rules();

std::optional<sluice::request_option> compile_option(context& x, const std::optional<view<RequestOption>>& option);
/// @param credentials those of the plan that expire; the request's is among them afterwards, if it is one.
request_template compile_request(context& x, std::vector<planned_credential>& credentials,
                                 const view<HttpRequester>& c);
/// The URL before its path, where it is known before the run.
std::string fixed_base(context& x, const view<HttpRequester>& c);
/// Refuses what two parts of an endpoint say of the same place of its requests, as far as it is known before the run.
void check_collisions(context& x, const view<HttpRequester>& c, const endpoint& e);

} // namespace sluice::compiling
