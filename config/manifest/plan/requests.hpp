#pragma once

#include "config/manifest/plan/credentials.hpp"
#include "config/manifest/plan/templates.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Where a value goes into a request.
enum class inject_into : std::uint8_t { parameter, header };

struct request_option {
  inject_into into = inject_into::parameter;
  std::string name;
};

/// What is the same in all requests of an endpoint: their shape, and the credential that goes with it.
struct request_template {
  std::string method = "GET";
  /// Scheme, host, port and base path, already rendered: `https://api.surveymonkey.com/v3/`.
  std::string url_base;
  /// Appended to `url_base`; sees `stream_slice`, `stream_partition`, `config`.
  text_template path;
  std::vector<named_template> parameters;
  std::vector<named_template> headers;
  sluice::credential credential;
};

} // namespace sluice
