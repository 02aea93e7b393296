#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What one page may take in memory, all together: its body, the index over it, what templates decode of it, its RECORD
/// lines and parents. Many times what pages need; a few bytes that a server packed well could fill the memory without.
/// @param body bytes of the page's body.
/// @param max_body the largest body that is read at all.
constexpr std::size_t max_page_memory(std::size_t body, std::size_t max_body) noexcept {
  return (std::size_t{64} << 20) + std::min(24 * body, 12 * max_body);
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
  /// Records of the first output.
  std::uint64_t records = 0;
  /// Rows of the list that the page is a part of, and that `pagination::total` counts, whatever the outputs select.
  std::uint64_t rows = 0;
  /// Tells pages with other records from pages with the same ones; 0 if there are none.
  std::uint64_t fingerprint = 0;
  /// If keys are collected: `key_fingerprint` of each printed record with a primary key, in the order of the lines.
  std::vector<std::uint64_t> keys;
  /// JSON text of the first output's last record, if `endpoint::needs_last_record`.
  std::string last_record;
};

/// Cuts records out of a page without re-serialising them: each record's bytes are spliced unchanged into its RECORD
/// line (minified only if the source has line breaks); cursor and key fields are decoded on the side; the whole page is
/// validated before the first line exists. Keeps its parsers' memory between pages: one a fetcher, not thread-safe.
class page_cutter {
public:
  /// @param max_body_bytes the largest body that will come.
  explicit page_cutter(plan_ptr plan, std::uint64_t max_body_bytes = std::uint64_t{256} << 20);
  ~page_cutter();
  page_cutter(const page_cutter&) = delete;
  page_cutter& operator=(const page_cutter&) = delete;

  /// Whether pages tell the keys of their records; costs a search in each record.
  void collect_keys(bool on);

  /// Validates `body` as one JSON document and returns what templates see as `response`: a dict with the endpoint's
  /// `response_keys` (those present), or the whole body if `needs_whole_response`. Lists and dicts in it are decoded
  /// where templates read them, from `body`, which may be grown for padding and loses a byte order mark: they are good
  /// until `release`. Errors: `errc::bad_page` (transient_error), naming what is wrong and where.
  expected<language::value> read_response(const endpoint& e, std::string& body);

  /// What the templates of the next page see as `response`, given what `read_response` returned: the same, but of a
  /// body that is a list its first element, or nothing if it is empty, as in the reference.
  language::value paging_response(const language::value& response) const;

  /// Why nothing that templates made of the page may be used, if they read more of it than memory may hold:
  /// `errc::body_too_large`. To be asked after each of them.
  std::optional<error> refusal() const;

  /// What the page at hand has taken in memory so far, at most.
  std::size_t memory() const noexcept;

  /// Forgets the page, so that another cutter may have its memory.
  void release();

  /// Cuts a page. Call after `read_response` accepted the same body. `emitted_at_ms` is printed into each line.
  /// `buffer`: memory for the lines. Errors: `errc::bad_page`, `errc::body_too_large`.
  expected<cut_page> cut(const endpoint& e, const slice& s, std::string& body, std::int64_t emitted_at_ms,
                         std::string buffer = {});

  /// What a page without content turns into: no records.
  cut_page cut_nothing(const endpoint& e, const slice& s) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
