#pragma once

#include "config/language/value.hpp"
#include "config/manifest/plan/credentials.hpp"
#include "config/manifest/plan/cursors.hpp"
#include "config/manifest/plan/decoders.hpp"
#include "config/manifest/plan/errors.hpp"
#include "config/manifest/plan/limits.hpp"
#include "config/manifest/plan/pages.hpp"
#include "config/manifest/plan/records.hpp"
#include "config/manifest/plan/requests.hpp"
#include "config/manifest/plan/slices.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// One distinct request template, and everyone who lives from its pages.
struct endpoint {
  endpoint_id id = 0;
  /// For people and traces: the name of the first stream that uses it.
  std::string name;
  /// 0 without parents; a child is one deeper than its deepest parent.
  std::uint32_t depth = 0;
  request_template request;
  pagination pages;
  sluice::decoder decoder;
  std::vector<error_handler> errors;
  std::optional<datetime_cursor> cursor;
  std::vector<sluice::output> outputs;
  /// Index into the outputs: whose records are the rows of the endpoint's list, which `pagination::total` counts. None
  /// if all outputs lie deeper than that list.
  std::optional<std::uint32_t> rows_output = 0;
  /// What its slices are, and which edges feed them.
  slice_space slices;
  /// Indices into `plan::edges` of the edges that this endpoint feeds.
  std::vector<std::uint32_t> child_edges;
  /// Top-level keys of the body that templates (pagination, filters) read as `response`.
  std::vector<std::string> response_keys;
  /// A template reads `response` as a whole or in a way that cannot be known beforehand.
  bool needs_whole_response = false;
  bool needs_last_record = false;
  /// A template of the pagination reads `headers`.
  bool needs_headers = false;
};

/// The member of a state that says that the full refresh of a StateDelegatingStream is not complete.
inline constexpr std::string_view delegated_key = "delegated_to";
/// Its value, as JSON text.
inline constexpr std::string_view delegated_to_full_refresh = R"("full_refresh_stream")";

/// What the catalogue asks of a stream.
struct planned_stream {
  std::string name;
  /// Empty: no namespace.
  std::string name_space;
  /// The endpoint whose pages hold its records; none if the source does not have the stream.
  std::optional<endpoint_id> endpoint;
  std::uint32_t output = 0;
  bool incremental = false;
  /// The incoming state object as JSON text; empty: none.
  std::string initial_state;
  /// Why it cannot be read with this configuration, which keeps nobody else from being read: then it has no endpoint.
  std::optional<error> refusal{};
  /// The sync that this run continues has read the stream to its end: nothing is requested for it.
  bool already_complete = false;
  /// It is the full refresh of a StateDelegatingStream: until that is complete its states say so (`delegated_key`), and
  /// the next run goes on with it.
  bool delegated_full_refresh = false;
  /// What its state says does not count: it begins anew.
  bool begins_anew = false;
  /// What the user should know of that, as a sentence without its full stop; empty: nothing.
  std::string warning{};
};

/// A run, compiled: which endpoints are asked, who gets their records, who feeds whom.
struct plan {
  /// Parents come before their children.
  std::vector<endpoint> endpoints;
  std::vector<edge> edges;
  /// In the order of the catalogue; `stream_index` is an index into it. Streams that are not in the catalogue but feed
  /// selected ones have no entry; their outputs have `emit == false`.
  std::vector<planned_stream> streams;
  /// Those that expire; the others stand in the requests' templates.
  std::vector<planned_credential> credentials;
  api_budget budget;
  /// Size of the fetcher pool that manifest and config ask for, if they do.
  std::optional<std::uint32_t> concurrency;
  /// Records of each stream that are wanted at most; 0: all.
  std::uint64_t record_limit = 0;
  /// The connector config, as templates see it.
  language::value config;
};

/// Plans are shared, never changed, once compiled.
using plan_ptr = std::shared_ptr<const plan>;

} // namespace sluice
