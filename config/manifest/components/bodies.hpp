#pragma once

// What requests carry as their body.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct HttpRequester;

struct RequestBodyPlainText : component<RequestBodyPlainText> {
  static constexpr std::string_view type = "RequestBodyPlainText";
  static constexpr std::string_view added = "next";
  text value{this, "value", required};
};

struct RequestBodyUrlEncodedForm : component<RequestBodyUrlEncodedForm> {
  static constexpr std::string_view type = "RequestBodyUrlEncodedForm";
  static constexpr std::string_view added = "next";
  text_map value{this, "value", required};
};

struct RequestBodyJsonObject : component<RequestBodyJsonObject> {
  static constexpr std::string_view type = "RequestBodyJsonObject";
  static constexpr std::string_view added = "next";
  dict value{this, "value", required};
};

struct RequestBodyGraphQL : component<RequestBodyGraphQL> {
  static constexpr std::string_view type = "RequestBodyGraphQL";
  static constexpr std::string_view added = "next";
  dict value{this, "value", required};
};

/// The body that the requester itself gives, from `request_body`, `request_body_data` or `request_body_json`.
request_body compile_body(context& x, const view<HttpRequester>& c);

/// What templates of a request see besides `config` and `parameters`.
const std::vector<std::string>& request_variables();

/// True if a template depends on the page that is asked for, not on config and parameters alone.
bool is_moving(const text_template& t);

} // namespace sluice::compiling
