#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// What happens when a quota is used up whose policy says that this ends the run (the day's).
enum class on_exhausted : std::uint8_t {
  /// The run ends with exit code 3.
  stop,
  /// It waits until the quota comes back.
  wait,
  /// As `stop`, but with exit code 0 and a warning in place of the error: for callers that throw away everything
  /// that a run with another exit code has printed.
  finish,
};

/// What happens when a list's pages hold fewer rows than the server says it has.
enum class on_missing_rows : std::uint8_t {
  /// The slice fails.
  fail,
  /// What came is all there is.
  accept,
};

/// How a catalogue shows schemas.
enum class schema_style : std::uint8_t {
  /// As the manifest has them.
  as_written,
  /// With what readers like Singer's need (`config/schema_completion.hpp`).
  complete,
};

/// What `emitter.mailbox_bytes` is unless it is set. A fetcher's share is a page of twenty records (some 20 KB), which
/// its request reserves, and as much again: pages come in bursts, and are written after the next requests have gone.
inline constexpr std::uint64_t least_mailbox_bytes = 8ULL << 20;
inline constexpr std::uint64_t mailbox_bytes_per_fetcher = 40ULL << 10;

/// Every size, bound and time limit of a run, validated. `config/sluice.yaml` documents each key.
struct tuning {
  struct {
    /// Fetchers that work at once; `num_workers` of the connector config wins.
    std::uint32_t pool_size = 10;
    /// Upper bound of the above, whoever asks for more.
    std::uint32_t max_pool_size = 1000;
  } fetchers;
  struct {
    /// Bytes fetched but not yet written to stdout. None: nobody set it, and it follows the pool:
    /// `least_mailbox_bytes`, or `mailbox_bytes_per_fetcher` for each fetcher if that is more.
    std::optional<std::uint64_t> mailbox_bytes;
  } emitter;
  struct {
    /// Parent records that wait for their child requests.
    std::uint64_t mailbox = 10000;
  } fan_out;
  struct {
    /// Slices made ahead of the governor's need.
    std::uint32_t lookahead = 64;
  } slice_generator;
  struct {
    std::chrono::microseconds connect_timeout = std::chrono::seconds{10};
    /// Longest time without a byte.
    std::chrono::microseconds read_timeout = std::chrono::seconds{60};
    /// Longest time for a whole request.
    std::chrono::microseconds total_timeout = std::chrono::minutes{10};
    std::uint64_t max_body_bytes = 256ULL << 20;
    /// Retries of one page after its first try.
    std::uint32_t max_retries = 5;
    /// Longest time that a page may be retried.
    std::chrono::microseconds max_retry_time = std::chrono::minutes{10};
    /// File with PEM certificates to trust instead of the system's; empty: the system's.
    std::string ca_file;
    /// Threads on which all connections are waited for and pages read; no more than there are processors are used.
    std::uint32_t io_threads = 2;
  } http;
  struct {
    /// Length of the account's "minute"; only a simulator uses another.
    std::chrono::microseconds window = std::chrono::minutes{1};
  } budget;
  struct {
    sluice::on_exhausted on_exhausted = sluice::on_exhausted::stop;
  } quota;
  struct {
    schema_style schemas = schema_style::as_written;
  } catalog;
  struct {
    /// How often a slice that failed is tried again after everything else, before it counts as failed.
    std::uint32_t slice_retries = 1;
    /// A stream with more failed slices than this, those that were put off included, is given up: the rest of its
    /// slices is not requested.
    std::uint32_t max_failed_slices = 1000;
    /// An endpoint whose requests fail so often, with no good answer in between, is given up.
    std::uint32_t max_failures_in_a_row = 100;
    /// A list with more pages in a row that have no rows, or those of the page before, fails its slice.
    std::uint32_t max_empty_pages = 1000;
    sluice::on_missing_rows on_missing_rows = sluice::on_missing_rows::fail;
  } errors;
  struct {
    /// Longest time between a page that moves a state and that state's line.
    std::chrono::microseconds interval = std::chrono::seconds{5};
    /// What STATE lines may take of the output, on average; the final states do not count.
    std::uint64_t max_bytes_per_second = 64ULL << 10;
    /// While a quota holds up the run: how often an unchanged STATE is printed, as a sign of life; 0: never.
    std::chrono::microseconds heartbeat = std::chrono::minutes{1};
  } state;
  struct {
    /// What pages in the fetchers' hands may take together, and resident memory above which no further page is
    /// requested until some is free again.
    std::uint64_t limit = 128ULL << 20;
  } memory;
  struct {
    /// After a stop signal: how long requests in flight may take before they are cut off.
    std::chrono::microseconds grace = std::chrono::seconds{10};
  } shutdown;
  struct {
    /// A run in which nothing moves for that long, beyond any legitimate wait, is ended; 0: never.
    std::chrono::microseconds stall = std::chrono::seconds{60};
  } watchdog;
  struct {
    /// Size of a trace file beyond which the trace switches itself off.
    std::uint64_t max_bytes = 1ULL << 30;
  } trace;
};

/// One documented key of the tuning file.
struct tuning_key {
  std::string_view name;
  /// Default as it would be written in the file.
  std::string default_text;
  /// `count`, `size`, `duration`, `path` or `choice`.
  std::string_view unit;
  /// Allowed values, for people: `1 to 48`, `1s to 1d`.
  std::string range;
  std::string_view effect;
  /// Bounds of a count; the words of a choice.
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
  std::vector<std::string_view> words;
};

/// One `key=value` beside the tuning file, and who says so, for messages: `the option --set`.
struct tuning_override {
  std::string text;
  std::string origin;
  tuning_override(std::string setting, std::string said_by = "the option --set")
    : text(std::move(setting)), origin(std::move(said_by)) {}
  tuning_override(const char* setting) : tuning_override(std::string{setting}) {}
};

/// The settings of an environment variable: `key=value`, with commas or blanks in between.
std::vector<tuning_override> overrides_of_variable(std::string_view name, std::string_view value);

/// All keys in file order.
std::vector<tuning_key> tuning_keys();

/// A JSON Schema (draft 7) of tuning files, for editors.
std::string tuning_json_schema();

/// A key as it applies, and what says so.
struct tuning_value {
  std::string_view name;
  std::string text;
  /// `default`, or where it was set: `my.yaml, line 3`, `--set`.
  std::string origin;
  bool is_set = false;
};

/// Reads a tuning file (may be empty path: defaults), then applies `key=value` overrides in order.
/// An unknown key is an error that suggests the nearest known one; a value out of range names the range.
/// @param values takes every key as it applies then; null: nobody asks.
expected<tuning> load_tuning(const std::string& path, const std::vector<tuning_override>& overrides,
                             std::vector<tuning_value>* values = nullptr);

} // namespace sluice
