#pragma once

#include "config/manifest/plan/templates.hpp"
#include "messages/slice.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

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

} // namespace sluice
