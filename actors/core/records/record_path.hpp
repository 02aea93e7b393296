#pragma once

#include "actors/core/decode/page_index.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Finds an output's records in a page, in the page's order.
///
/// The path's segments are object keys or (digits) list positions; `*` stands for every element of a list and every
/// value of an object, other patterns of `glob_matches` for those that match. Without a `*` a path leads to one place.
/// A path that ends at a list yields its elements, one that ends at an object yields the object. As in the reference, a
/// path that ends nowhere, at null or at an empty object yields no record, and a body that is a list is taken apart
/// first, so that the path begins in each of its elements: both unless `require_records` is set. What is neither a
/// list, an object nor null cannot be meant and is `errc::bad_page`.
class record_walk {
public:
  /// Gets each record, always an object. Returns false to end the walk.
  class visitor {
  public:
    virtual ~visitor() = default;
    virtual bool record(page_index::token t) = 0;
  };

  record_walk(const output& o, const page_index& page, visitor& v);

  /// nullopt if the whole page was walked or the visitor stopped the walk; else why the page is no page.
  std::optional<std::string> run();

  /// Values of `output::ancestors` for the record at hand, as text; empty if the enclosing object has no such field.
  const std::vector<std::string_view>& ancestors() const noexcept { return ancestors_; }

  /// The record at hand, for messages: ``record 3 of `data` ``.
  std::string position() const;

private:
  using token = page_index::token;

  bool descend(token t, std::size_t depth);
  bool descend_by_pattern(token t, std::size_t depth);
  bool arrive(token t);
  bool visit(token t);
  void resolve_ancestors(token t, std::size_t depth);
  bool missing(token t, std::size_t depth);
  bool stop(std::string problem);
  std::string path_text(std::size_t depth) const;

  const output& output_;
  const page_index& page_;
  visitor& visitor_;
  std::vector<std::string_view> ancestors_;
  /// How many leading segments each ancestor field shares with the record path.
  std::vector<std::size_t> shared_;
  /// Patterns other than `*` are in the path; and they may match but once.
  bool has_patterns_ = false;
  bool only_one_ = false;
  bool arrived_ = false;
  std::uint64_t count_ = 0;
  std::optional<std::string> problem_;
};

} // namespace sluice
