#pragma once

#include "config/manifest/manifest.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace sluice::testing {

/// A complete manifest with a parent and a child, to be broken at one place by each test.
inline constexpr std::string_view small_manifest = R"yaml(
check:
  stream_names: [parents]
streams:
  - name: parents
    primary_key: id
    retriever:
      requester:
        url_base: "{{ config['url'] }}"
        path: parents
        request_parameters:
          limit: 100
      record_selector:
        extractor:
          field_path: [data]
      paginator:
        type: NoPagination
    schema_loader:
      schema: {type: object, properties: {id: {type: integer}}}
  - name: children
    primary_key: [[id], [sub, key]]
    retriever:
      requester:
        url_base: "{{ config['url'] }}"
        path: /parents/{{ stream_partition.parent_id }}/children
      record_selector:
        extractor:
          field_path: []
      partition_router:
        parent_stream_configs:
          - stream: '#/streams/0'
            parent_key: id
            partition_field: parent_id
    schema_loader:
      schema: {type: object}
)yaml";

/// `small_manifest` with the first `what` replaced.
inline std::string with(std::string_view what, std::string_view replacement,
                        std::string text = std::string{small_manifest}) {
  auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), replacement);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The message of a manifest that cannot be loaded, or "".
inline std::string load_error(std::string_view yaml) {
  auto m = load_manifest(yaml, "m.yaml");
  if (m)
    return {};
  CHECK(m.error().code == errc::bad_manifest);
  CHECK(m.error().failure == failure_type::config_error);
  return m.error().message;
}

/// Text of the built-in connector.
inline std::string built_in_yaml() {
  std::ifstream in{test::source_directory() + "/config/surveymonkey.yaml", std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE_FALSE(text.empty());
  return text;
}

inline manifest_ptr load(std::string_view yaml) {
  auto m = load_manifest(yaml, "m.yaml");
  if (!m)
    INFO(m.error().message);
  REQUIRE(m);
  return *m;
}

} // namespace sluice::testing
