#pragma once

#include "config/language/datetime.hpp"
#include "config/language/template.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

using language::condition;
using language::text_template;

/// A header or query parameter whose value is a template. An empty value drops it, and so does None.
struct named_template {
  std::string name;
  text_template value;
  /// The rendered text is sent as it is: not read as Python's literal, in which quotes and None mean something.
  bool verbatim = false;
};

/// Where a value goes into a request.
enum class inject_into : std::uint8_t { parameter, header };

struct request_option {
  inject_into into = inject_into::parameter;
  std::string name;
};

/// What is the same in all requests of an endpoint.
struct request_template {
  std::string method = "GET";
  /// Scheme, host, port and base path, already rendered: `https://api.surveymonkey.com/v3/`.
  std::string url_base;
  /// Appended to `url_base`; sees `stream_slice`, `stream_partition`, `config`.
  text_template path;
  std::vector<named_template> parameters;
  std::vector<named_template> headers;
  /// The authenticator's headers; their values are secrets.
  std::vector<named_template> auth_headers;
};

/// How the next page is found (DefaultPaginator with CursorPagination, or NoPagination).
struct pagination {
  enum class strategy : std::uint8_t { none, cursor };
  strategy kind = strategy::none;
  /// cursor: the next page's token; an empty result ends the slice.
  text_template cursor_value;
  std::optional<condition> stop_condition;
  std::optional<std::int64_t> page_size;
  std::optional<request_option> page_size_option;
  /// Where the token goes; without it and with `token_is_url` the token is the whole URL or path of the next page.
  std::optional<request_option> token_option;
  bool token_is_url = false;
  /// Only the first page's request says which window it is for
  /// (`ignore_stream_slicer_parameters_on_paginated_requests`).
  bool first_page_has_slice = false;
  /// Extension `x-sluice.total`: rows of the whole list, as the page tells; sees `response`. Empty: unknown.
  text_template total;
};

/// What to do with an answer.
enum class response_action : std::uint8_t { success, retry, fail, ignore, rate_limited };

/// One rule of an error handler (HttpResponseFilter). Matches if any of its three criteria matches.
struct response_filter {
  std::vector<int> http_codes;
  std::string error_message_contains;
  std::optional<condition> predicate;
  response_action action = response_action::fail;
  std::optional<failure_type> failure;
  /// Sees `response`, `headers`; empty: the default text of the status.
  text_template error_message;
};

struct constant_backoff {
  std::chrono::microseconds wait{};
};
struct exponential_backoff {
  /// Seconds; the wait is factor * 2^attempt.
  double factor = 5;
};
struct wait_time_from_header {
  std::string header;
  /// Optional pattern (RE2); its first group is the number.
  std::string regex;
  std::optional<std::chrono::microseconds> max_waiting_time;
};
using backoff_strategy = std::variant<constant_backoff, exponential_backoff, wait_time_from_header>;

/// One DefaultErrorHandler. A CompositeErrorHandler is a list of them, tried in order.
struct error_handler {
  std::vector<response_filter> filters;
  std::vector<backoff_strategy> backoff;
  std::optional<std::uint32_t> max_retries;
  std::optional<std::chrono::microseconds> max_retry_time;
};

/// Adds or removes a field of each record.
struct field_change {
  enum class kind : std::uint8_t { add, remove };
  kind what = kind::remove;
  std::vector<std::string> path;
  /// add: sees `config`, `record`, `stream_slice`, `stream_partition`.
  text_template value;
  /// add: keep the rendered text as a string instead of evaluating it.
  bool as_string = false;
};

/// Extension `x-sluice.ancestor_fields` of a RecordSelector: copies a field of an enclosing object into the record.
/// `from` shares its leading segments with the record path: path `pages.*.questions.*`, from `pages.*.id`.
struct ancestor_field {
  std::string name;
  std::vector<std::string> from;
};

/// A stream's view of an endpoint's pages.
struct output {
  stream_index stream = 0;
  std::string stream_name;
  /// Where the records are; `*` is every element. Empty: the body itself is the record. A path that leads to a list
  /// means its elements, with or without a final `*`: `pages` is `pages.*`. A path that leads nowhere: no records.
  std::vector<std::string> record_path;
  std::vector<ancestor_field> ancestors;
  std::vector<field_change> changes;
  /// What tells its records apart, for traces: a path for each part of the key; empty: unknown.
  std::vector<std::vector<std::string>> primary_key;
  /// The stream is selected in the catalogue: its records are printed. Otherwise it is read for its children only.
  bool emit = true;
  /// Extension `x-sluice.require_records`: a 200 answer in which the record path leads to no list is a failure.
  bool require_records = false;
};

/// Parent to child: which fields of the parent's records make the child's slices.
struct edge {
  endpoint_id parent = 0;
  endpoint_id child = 0;
  /// Index into the parent's outputs: whose records (after their changes) are the parents.
  std::uint32_t parent_output = 0;
  std::vector<std::string> parent_key;
  std::string partition_field;
  /// `incremental_dependency`: the child needs only the parents that changed since its `parent_state`.
  bool incremental = false;
};

/// How state is written (extension `x-sluice.state_format`, else the cursor's `datetime_format`).
enum class state_format : std::uint8_t {
  /// Integer epoch seconds: `{"date_modified": 1623348420}`.
  epoch_seconds,
  /// The cursor's `datetime_format`, as text.
  text,
};

/// DatetimeBasedCursor, compiled.
struct datetime_cursor {
  std::string cursor_field;
  /// Index into the endpoint's outputs: whose records carry the cursor field.
  std::uint32_t output = 0;
  /// How records write the cursor, tried in order; then ISO 8601.
  std::vector<std::string> record_formats;
  /// How requests and (text) state write it.
  std::string datetime_format;
  state_format state = state_format::text;
  language::instant start{};
  /// The end of the run's last window: `end_datetime`, or the moment at which the run started.
  language::instant end{};
  /// The moment at which the run started.
  language::instant now = language::instant::max();
  std::optional<language::duration> step;
  std::optional<std::chrono::microseconds> granularity;
  language::duration lookback;
  std::optional<request_option> start_option;
  std::optional<request_option> end_option;
  /// Extension `x-sluice.sorted: ascending`: records of a slice come in the order of the cursor, so that the state may
  /// follow page by page.
  bool ascending = false;
};

/// One distinct request template, and everyone who lives from its pages.
struct endpoint {
  endpoint_id id = 0;
  /// For people and traces: the name of the first stream that uses it.
  std::string name;
  /// 0 for a root; a child is one deeper than its parent.
  std::uint32_t depth = 0;
  request_template request;
  pagination pages;
  std::vector<error_handler> errors;
  std::optional<datetime_cursor> cursor;
  std::vector<sluice::output> outputs;
  /// Index into the outputs: whose records are the rows of the endpoint's list, which `pagination::total` counts. None
  /// if all outputs lie deeper than that list.
  std::optional<std::uint32_t> rows_output = 0;
  /// Index into `plan::edges` of the edge that feeds this endpoint; none for a root.
  std::optional<std::uint32_t> parent_edge;
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

/// Which requests a rate policy governs (HttpRequestRegexMatcher).
struct request_matcher {
  /// Upper case; empty: any.
  std::string method;
  /// Scheme, host and port; empty: any.
  std::string url_base;
  /// RE2 pattern searched in the path; empty: any.
  std::string path_pattern;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::pair<std::string, std::string>> headers;
  std::uint32_t weight = 1;
};

struct rate {
  std::uint64_t limit = 0;
  std::chrono::microseconds interval{};
};

/// One policy of the budget, with the headers in which the server reports it.
struct rate_policy {
  enum class kind : std::uint8_t { moving_window, fixed_window };
  kind what = kind::moving_window;
  /// For messages: `minute`, `day`.
  std::string name;
  /// moving_window: one or more. fixed_window: exactly one (limit and period).
  std::vector<rate> rates;
  std::vector<request_matcher> matchers;
  /// Extension `x-sluice`: response headers; empty: not reported.
  std::string limit_header;
  std::string remaining_header;
  std::string reset_header;
  /// Extension `x-sluice.reset`: how the reset header counts. `detect` tells them apart by magnitude.
  enum class reset_kind : std::uint8_t { detect, seconds, epoch };
  reset_kind reset = reset_kind::detect;
  /// Extension `x-sluice.on_exhausted: stop`: the run ends with exit code 3 instead of waiting.
  bool stop_when_exhausted = false;
  /// Extension `x-sluice.enforce: reported`: the limit is applied only once the server has reported it.
  bool only_when_reported = false;
};

/// HTTPAPIBudget. Every policy whose matchers accept a request governs it, all at once (the reference lets only the
/// first).
struct api_budget {
  std::vector<rate_policy> policies;
  std::vector<int> status_codes_for_ratelimit_hit = {429};
};

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
  /// The sync that this run continues has read the stream to its end: nothing is requested for it.
  bool already_complete = false;
};

/// A run, compiled: which endpoints are asked, who gets their records, who feeds whom.
struct plan {
  /// Parents come before their children.
  std::vector<endpoint> endpoints;
  std::vector<edge> edges;
  /// In the order of the catalogue; `stream_index` is an index into it. Streams that are not in the catalogue but feed
  /// selected ones have no entry; their outputs have `emit == false`.
  std::vector<planned_stream> streams;
  api_budget budget;
  /// Size of the fetcher pool that manifest and config ask for, if they do.
  std::optional<std::uint32_t> concurrency;
  /// The connector config, as templates see it.
  language::value config;
};

/// Plans are shared, never changed, once compiled.
using plan_ptr = std::shared_ptr<const plan>;

} // namespace sluice
