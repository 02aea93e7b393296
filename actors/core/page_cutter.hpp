#pragma once

#include "config/manifest/plan.hpp"
#include "messages/page.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Most bytes of RECORD lines that a page may turn into. Many times what records need: only a field that is copied into
/// each of many records can make more, and a server could fill the memory with it.
constexpr std::size_t max_line_bytes(std::size_t page_bytes) noexcept {
  return (std::size_t{64} << 20) + 16 * page_bytes;
}

/// What a page turned into.
struct cut_page {
  /// Complete RECORD lines of all emitted outputs.
  std::string lines;
  std::vector<stream_count> counts;
  bool has_cursor = false;
  std::int64_t newest_us = 0;
  std::int64_t oldest_us = 0;
  /// No record is older than the one before it, and each has a cursor value.
  bool ascending = true;
  std::uint64_t records_without_cursor = 0;
  /// Parent records, one list for each of the endpoint's `child_edges`, and how many records have no key for it.
  std::vector<std::vector<parent_record>> parents;
  std::vector<std::uint64_t> without_key;
  /// Records at the first output's path.
  std::uint64_t records = 0;
  /// Tells pages with other records from pages with the same ones; 0 if there are none.
  std::uint64_t fingerprint = 0;
  /// If keys are collected: `key_fingerprint` of each printed record with a primary key, in the order of the lines.
  std::vector<std::uint64_t> keys;
  /// JSON text of the last of them, if `endpoint::needs_last_record`.
  std::string last_record;
};

/// Cuts records out of a page without re-serialising them: each record's bytes are spliced unchanged into its RECORD
/// line (minified only if the source has line breaks); cursor and key fields are decoded on the side; the whole page is
/// validated before the first line exists. Keeps its parsers' memory between pages: one a fetcher, not thread-safe.
class page_cutter {
public:
  explicit page_cutter(plan_ptr plan);
  ~page_cutter();
  page_cutter(const page_cutter&) = delete;
  page_cutter& operator=(const page_cutter&) = delete;

  /// Whether pages tell the keys of their records; costs a search in each record.
  void collect_keys(bool on);

  /// Validates `body` as one JSON document and returns what templates see as `response`: a dict with the endpoint's
  /// `response_keys` (those present), or the whole body if `needs_whole_response`. `body` may be grown for padding.
  /// Errors: `errc::bad_page` (transient_error), naming what is wrong and where.
  expected<language::value> read_response(const endpoint& e, std::string& body);

  /// Cuts a page. Call after `read_response` accepted the same body. `emitted_at_ms` is printed into each line.
  /// `buffer`: memory for the lines.
  expected<cut_page> cut(const endpoint& e, const slice& s, std::string& body, std::int64_t emitted_at_ms,
                         std::string buffer = {});

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
