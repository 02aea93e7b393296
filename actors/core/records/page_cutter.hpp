#pragma once

#include "actors/core/records/cut_page.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

class index_memory_store;

/// Cuts records out of a page without re-serialising them: each record's bytes are spliced unchanged into its RECORD
/// line (minified only if the source has line breaks); cursor and key fields are decoded on the side; the whole page is
/// validated before the first line exists. Keeps its parsers' memory between pages: one a fetcher, not thread-safe.
class page_cutter {
public:
  /// @param max_body_bytes the largest body that will come.
  /// @param store where the index over pages leaves its memory.
  explicit page_cutter(plan_ptr plan, std::uint64_t max_body_bytes = std::uint64_t{256} << 20,
                       std::shared_ptr<index_memory_store> store = nullptr);
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
