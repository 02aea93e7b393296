#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/flow.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sluice {

/// How large a sync will be, from the totals that pages carry and from what slices turned out to hold. Pure. Slices
/// that have not begun count as the mean of those whose size is known; a child has one slice for each record of its
/// parent. Nothing is said before there is a reason for it.
class size_estimate {
public:
  explicit size_estimate(plan_ptr p);

  /// A root endpoint will have so many slices, of which so many are printed (the others are read for children only).
  void planned(endpoint_id e, std::uint64_t slices, std::uint64_t printed);
  void opened(endpoint_id e, std::uint64_t slices);
  /// No more slices will be opened.
  void generated(endpoint_id e);
  /// A page is written.
  void written(const page_receipt& x);
  /// A slice that will bring nothing more.
  void failed(endpoint_id e, std::uint64_t slice_id);
  /// The endpoint is given up: so many slices will bring nothing more.
  void abandoned(endpoint_id e, std::uint64_t slices);

  /// Slices of the whole sync, none if unknown.
  std::optional<std::uint64_t> slices(endpoint_id e) const;
  /// Pages that are still to be requested.
  std::optional<std::uint64_t> pages_left(endpoint_id e) const;
  /// Records that the whole sync will print for an output of an endpoint.
  std::optional<std::uint64_t> records(endpoint_id e, std::uint32_t output) const;

private:
  /// What a number of slices hold.
  struct sums {
    std::uint64_t slices = 0;
    std::uint64_t rows = 0;
    std::uint64_t pages = 0;
  };
  /// A slice some of whose pages are written.
  struct open_slice {
    bool printed = true;
    std::uint64_t rows = 0;
    std::uint64_t pages = 0;
    /// Of its whole list, if a page told.
    std::optional<std::uint64_t> total;
    std::uint64_t largest_page = 1;
    /// Records of each output so far.
    std::vector<std::uint64_t> records;
  };
  struct endpoint_book {
    std::optional<std::uint64_t> planned;
    std::optional<std::uint64_t> planned_printed;
    std::uint64_t opened = 0;
    bool generated = false;
    std::uint64_t dropped = 0;
    /// Nothing more will be requested; what is open stays open.
    bool given_up = false;
    std::unordered_map<std::uint64_t, open_slice> open;
    /// Failed slices, and what pages of theirs brought all the same; a page may be written after its slice failed.
    std::unordered_set<std::uint64_t> failed;
    std::uint64_t failed_rows = 0;
    std::vector<std::uint64_t> failed_records;
    sums closed;
    /// Closed slices that were printed, and the records of each output in them.
    std::uint64_t printed_closed = 0;
    std::vector<std::uint64_t> records;
  };

  /// Adds a page's records of each output.
  static void add_records(std::vector<std::uint64_t>& to, const endpoint& e, const page_receipt& x);
  /// Parent records that will make partitions.
  std::optional<std::uint64_t> parents(const endpoint& e) const;
  /// Rows of their lists that all slices hold.
  std::optional<std::uint64_t> rows(endpoint_id e) const;

  plan_ptr plan_;
  std::vector<endpoint_book> books_;
};

} // namespace sluice
