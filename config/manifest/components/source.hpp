#pragma once

// The manifest as a whole, its spec and its streams.

#include "config/manifest/components/cursors.hpp"
#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/records.hpp"
#include "config/manifest/components/schemas.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace sluice::compiling {

struct ConcurrencyLevel;
struct ConfigNormalizationRules;
struct HTTPAPIBudget;
struct SimpleRetriever;

struct CheckStream : component<CheckStream> {
  static constexpr std::string_view type = "CheckStream";
  texts stream_names{this, "stream_names", required};
  unsupported dynamic_streams_check_configs{this, "dynamic_streams_check_configs"};
};

struct Scope : component<Scope> {
  static constexpr std::string_view type = "Scope";
  static constexpr bool is_extension = true;
  static constexpr bool is_open = true;
  text scope{this, "scope", required};
};

// What a platform needs for OAuth: printed by `spec`, no business of a run. Parts of a component, without a type.

struct State : component<State> {
  static constexpr std::string_view type = "State";
  static constexpr bool is_extension = true;
  anything min{this, "min", required};
  anything max{this, "max", required};
};

struct OauthConnectorInputSpecification : component<OauthConnectorInputSpecification> {
  static constexpr std::string_view type = "OauthConnectorInputSpecification";
  static constexpr bool is_extension = true;
  text consent_url{this, "consent_url", required};
  text access_token_url{this, "access_token_url", required};
  text scope{this, "scope"};
  children<Scope> scopes{this, "scopes"};
  children<Scope> optional_scopes{this, "optional_scopes"};
  choice<std::string_view> scopes_join_strategy{
    this, "scopes_join_strategy", {{"space", "space"}, {"comma", "comma"}, {"plus", "plus"}}};
  dict access_token_headers{this, "access_token_headers"};
  dict access_token_params{this, "access_token_params"};
  texts extract_output{this, "extract_output"};
  child<State> state{this, "state"};
  text client_id_key{this, "client_id_key"};
  text client_secret_key{this, "client_secret_key"};
  text scope_key{this, "scope_key"};
  text state_key{this, "state_key"};
  text auth_code_key{this, "auth_code_key"};
  text redirect_uri_key{this, "redirect_uri_key"};
};

struct OAuthConfigSpecification : component<OAuthConfigSpecification> {
  static constexpr std::string_view type = "OAuthConfigSpecification";
  static constexpr bool is_extension = true;
  dict oauth_user_input{this, "oauth_user_input_from_connector_config_specification"};
  child<OauthConnectorInputSpecification> oauth_connector_input_specification{this,
                                                                              "oauth_connector_input_specification"};
  dict complete_oauth_output_specification{this, "complete_oauth_output_specification"};
  dict complete_oauth_server_input_specification{this, "complete_oauth_server_input_specification"};
  dict complete_oauth_server_output_specification{this, "complete_oauth_server_output_specification"};
};

struct AuthFlow : component<AuthFlow> {
  static constexpr std::string_view type = "AuthFlow";
  static constexpr bool is_extension = true;
  choice<std::string_view> auth_flow_type{this, "auth_flow_type", {{"oauth2.0", "oauth2.0"}, {"oauth1.0", "oauth1.0"}}};
  texts predicate_key{this, "predicate_key"};
  text predicate_value{this, "predicate_value"};
  child<OAuthConfigSpecification> oauth_config_specification{this, "oauth_config_specification"};
};

struct Spec : component<Spec> {
  static constexpr std::string_view type = "Spec";
  dict connection_specification{this, "connection_specification", required};
  text documentation_url{this, "documentation_url"};
  child<AuthFlow> advanced_auth{this, "advanced_auth"};
  child<ConfigNormalizationRules> config_normalization_rules{this, "config_normalization_rules"};
};

struct DeclarativeStream : component<DeclarativeStream> {
  static constexpr std::string_view type = "DeclarativeStream";
  text name{this, "name", required};
  key primary_key{this, "primary_key"};
  child<SimpleRetriever> retriever{this, "retriever", required};
  field<DeclarativeStream, any_schema_loader> schema_loader{this, "schema_loader", first_is_usual};
  field<DeclarativeStream, any_cursor> incremental_sync{this, "incremental_sync", first_is_usual};
  field<DeclarativeStream, any_transformations> transformations{this, "transformations"};
  children<LegacyToPerPartitionStateMigration> state_migrations{this, "state_migrations", since("next")};
  unsupported file_uploader{this, "file_uploader"};
};

/// A stream that is read in one of two ways, as its state has it.
struct StateDelegatingStream : component<StateDelegatingStream> {
  static constexpr std::string_view type = "StateDelegatingStream";
  static constexpr std::string_view added = "next";
  text name{this, "name", required};
  child<DeclarativeStream> full_refresh_stream{this, "full_refresh_stream", required};
  child<DeclarativeStream> incremental_stream{this, "incremental_stream", required};
  text api_retention_period{this, "api_retention_period"};
};

/// A stream, as what it is.
using any_stream = std::variant<view<DeclarativeStream>, view<StateDelegatingStream>>;

any_stream open_stream(const component_view& c);
/// What a catalogue says of a stream: of one that delegates, what its full refresh says; nothing: it has none.
std::optional<view<DeclarativeStream>> listed_stream(const any_stream& stream);
/// What a stream delegates to where it has a state; nothing: it delegates to none.
std::optional<view<DeclarativeStream>> incremental_stream(const any_stream& stream);

struct DeclarativeSource : component<DeclarativeSource> {
  static constexpr std::string_view type = "DeclarativeSource";
  static constexpr bool is_closed = true;
  child<CheckStream> check{this, "check", required};
  field<DeclarativeSource, children_ref<DeclarativeStream, StateDelegatingStream>> streams{
    this, "streams", first_is_usual}; // needed, unless others make streams
  child<Spec> spec{this, "spec"};
  child<ConcurrencyLevel> concurrency_level{this, "concurrency_level"};
  child<HTTPAPIBudget> api_budget{this, "api_budget"};
  unsupported dynamic_streams{this, "dynamic_streams"};
  unsupported stream_groups{this, "stream_groups"};
  ignored version{this, "version"};
  ignored definitions{this, "definitions"};
  ignored schemas{this, "schemas"};
  ignored metadata{this, "metadata"};
  ignored description{this, "description"};
  ignored max_concurrent_async_job_count{this, "max_concurrent_async_job_count"};
};

std::vector<component_rule> source_rules();

} // namespace sluice::compiling
