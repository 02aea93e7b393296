#pragma once

#include "actors/core/decode/page_index.hpp"
#include "actors/core/pages/list_rows.hpp"
#include "actors/core/records/cut_page.hpp"
#include "actors/core/records/page_memory.hpp"
#include "actors/core/records/record_expander.hpp"
#include "actors/core/records/record_path.hpp"
#include "actors/core/records/record_steps.hpp"
#include "actors/core/slices/asked_window.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Cuts one output's records out of a page: takes them through their steps, makes their lines, and notes what cursor,
/// children and trace want to know of them. For `page_cutter` only.
class output_cut final : record_walk::visitor {
public:
  /// @param index of the output in the endpoint.
  /// @param out where lines, parents and the cursor's bounds go.
  /// @param with_keys whether `cut_page::keys` are wanted.
  output_cut(const plan& p, const endpoint& e, const slice& s, std::uint32_t index, const page_index& page,
             page_costs& costs, cut_page& out, bool with_keys);

  /// `prefix` and `suffix` make a RECORD line around a record; an empty prefix prints none. Errors: `errc::bad_page`,
  /// `errc::body_too_large`, those of templates.
  expected<void> run(std::string_view prefix, std::string_view suffix);

  /// Records as the page has them, and those that the steps left.
  std::uint64_t extracted() const noexcept { return extracted_; }
  std::uint64_t records() const noexcept { return records_; }
  /// Those of them that the slice wants.
  std::uint64_t wanted() const noexcept { return records_ - unwanted_; }
  /// The records as the page has them, as rows of its list.
  page_rows rows() const { return {extracted_, first_, last_}; }

private:
  struct wanted_field {
    explicit wanted_field(const std::vector<std::string>& where) : path(&where), name(where.front()) {}

    const std::vector<std::string>* path;
    /// The path's first key.
    std::string_view name;
    std::string_view text;
  };

  bool record(page_index::token t) override;
  /// Takes the records that the record at hand is expanded to.
  bool expand(std::string_view around);
  /// Takes a record, a text of the page or one that was made; `t` is where it is in the page, if that is known.
  bool take(std::string_view text, std::optional<page_index::token> t);
  /// The record as its steps leave it; null: it is dropped, or there is an error.
  const record_view* after_steps(std::optional<page_index::token> t);
  /// Appends the line, if lines are printed, for the last record (of so many bytes at most) as it came or was changed.
  /// False if there may be no room for it.
  bool print(std::size_t size, const record_view* changed);
  bool needs_last_record() const noexcept { return index_ == 0 && endpoint_.needs_last_record; }
  bool grow_lines(std::size_t bytes);
  void make_room(std::size_t first);
  void find_fields(std::optional<page_index::token> t);
  void take_fields(const record_view* changed);
  void take_key(std::optional<page_index::token> t, const record_view* changed);
  void take_cursor(std::string_view text);
  /// Of a feed: the slice does not want the record with that cursor. Notes whether the feed ends with it.
  bool is_unwanted(std::string_view cursor);
  void take_parent(std::size_t edge_index, std::string_view key, const record_view* changed);

  const plan& plan_;
  const endpoint& endpoint_;
  const slice& slice_;
  std::uint32_t index_;
  const output& output_;
  const page_index& page_;
  page_costs& costs_;
  cut_page& out_;
  record_steps steps_;
  record_walk walk_;
  std::optional<record_expander> expander_;
  /// The cursor of these records says `is_data_feed`.
  bool is_feed_ = false;
  /// The window that was asked for, if the API is expected to give nothing else.
  std::optional<asked_window> window_;
  std::vector<std::string> cursor_path_;
  /// The cursor's field, if there is one, then the keys of `edges_`.
  std::vector<wanted_field> fields_;
  /// Indices into the endpoint's `child_edges`.
  std::vector<std::size_t> edges_;
  /// The parts of the primary key, if it is wanted.
  std::vector<wanted_field> key_;
  std::uint64_t stream_fingerprint_ = 0;
  std::string_view prefix_;
  std::string_view suffix_;
  std::uint64_t extracted_ = 0;
  std::uint64_t records_ = 0;
  /// Of a feed, those that the slice does not want, and whether the last one is.
  std::uint64_t unwanted_ = 0;
  bool last_is_dropped_ = false;
  /// Text of the first and the last record as it stands in the page.
  std::string_view first_;
  std::string_view last_;
  /// The record at hand, before its steps.
  std::string_view current_;
  /// Where the record printed last is in the lines.
  std::size_t printed_from_ = 0;
  std::size_t printed_to_ = 0;
  std::optional<error> error_;
};

} // namespace sluice
