#pragma once

#include "config/manifest/plan/credentials.hpp"
#include "config/manifest/plan/templates.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

/// Where a value goes into a request.
enum class inject_into : std::uint8_t { parameter, header, body_data, body_json };

/// RequestOption: the place of a value that something else than the requester gives to a request.
struct request_option {
  inject_into into = inject_into::parameter;
  std::string name;
  /// Keys below `name` that lead on to the value, outermost first (`field_path`); of a body in JSON only.
  std::vector<std::string> inner{};

  bool operator==(const request_option&) const = default;
};

/// A field of a slice's partition that goes into each of its requests, unless Python calls it false.
struct partition_option {
  request_option option;
  std::string field;
};

// -- bodies ---------------------------------------------------------------------------

/// A JSON value whose texts, keys of objects too, are templates. What renders as nothing or None is left out of
/// objects.
struct json_template {
  struct member;
  using list = std::vector<json_template>;
  using members = std::vector<member>;
  /// A value stands for itself.
  std::variant<language::value, text_template, list, members> what;
};

struct json_template::member {
  text_template name;
  json_template value;
};

/// The manifest gives no body of its own.
struct no_body {};

/// Fields of a url-encoded form.
struct form_body {
  std::vector<named_template> fields;
};

/// A text that is sent as it is, or a form if it renders as a dict.
struct text_body {
  text_template text;
};

/// An object: one of templates, or a text that renders as a dict.
struct json_body {
  json_template object;
};

using request_body = std::variant<no_body, form_body, text_body, json_body>;

// -- requests -------------------------------------------------------------------------

/// A base that depends on the slice. It is rendered for each page; what it leads to must be named by the manifest.
struct moving_base {
  text_template url;
  /// Scheme, host and port, if all of them are known beforehand; empty: they are not.
  std::string origin;
  /// Otherwise how the manifest says that the host ends, in lower case, from its dot on: `.example.com`.
  std::string host_end;
};

/// What is the same in all requests of an endpoint: their shape, and the credential that goes with it.
struct request_template {
  std::string method = "GET";
  /// Scheme, host, port and base path, already rendered: `https://api.surveymonkey.com/v3/`. Of a moving base only what
  /// is known of its beginning.
  std::string url_base;
  std::optional<moving_base> moving;
  /// Appended to `url_base`. Templates of a request see `config`, `stream_slice` and its other names, and
  /// `next_page_token`.
  text_template path;
  std::vector<named_template> parameters;
  std::vector<named_template> headers;
  request_body body;
  /// What partition routers add to requests.
  std::vector<partition_option> partition_options;
  sluice::credential credential;
};

} // namespace sluice
