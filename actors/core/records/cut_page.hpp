#pragma once

#include "messages/page.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

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
  std::uint64_t records_outside = 0;
  /// Parent records, one list for each of the endpoint's `child_edges`, and how many records have no key for it.
  std::vector<std::vector<parent_record>> parents;
  std::vector<std::uint64_t> without_key;
  /// Of a data feed: the page's last record is older than what is still to be read, and so is all that would follow.
  bool feed_ends = false;
  /// Lists that records say are cut short (`record_expansion::truncation_mark`).
  std::uint64_t truncated_lists = 0;
  /// Records of the first output, and how many they were before its steps, which may drop some. A feed's known ones
  /// count.
  std::uint64_t records = 0;
  std::uint64_t extracted = 0;
  /// Rows of the list that the page is a part of, and that `pagination::total` counts, whatever the outputs select or
  /// drop.
  std::uint64_t rows = 0;
  /// Tells pages with other records from pages with the same ones; 0 if there are none.
  std::uint64_t fingerprint = 0;
  /// If keys are collected: `key_fingerprint` of each printed record with a primary key, in the order of the lines.
  std::vector<std::uint64_t> keys;
  /// JSON text of the first output's last record, after its steps, if `endpoint::needs_last_record`.
  std::string last_record;
};

} // namespace sluice
