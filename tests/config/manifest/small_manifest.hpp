#pragma once

#include "config/manifest/manifest.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

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

/// What is said of a manifest of which everything is needed, or "".
inline std::string load_error(std::string_view yaml) {
  auto m = load_manifest(yaml, "m.yaml");
  std::vector<manifest_fault> faults;
  if (m) {
    for (const auto* list : {&(*m)->check_faults, &(*m)->request_faults, &(*m)->unlisted_streams})
      faults.insert(faults.end(), list->begin(), list->end());
    for (const auto& stream : (*m)->streams)
      faults.insert(faults.end(), stream.faults.begin(), stream.faults.end());
    if (faults.empty())
      return {};
  }
  auto e = m ? error_of("m.yaml", faults) : m.error();
  CHECK(e.code == errc::bad_manifest);
  CHECK(e.failure == failure_type::config_error);
  return e.message;
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
