#pragma once

#include "config/manifest/plan/templates.hpp"
#include "messages/slice.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// A path for people: `a.b.c`.
inline std::string dotted(const std::vector<std::string>& path) {
  std::string text;
  for (const auto& segment : path)
    text += (text.empty() ? "" : ".") + segment;
  return text;
}

/// A field of AddFields: is set in each record.
struct add_field {
  std::vector<std::string> path;
  /// Sees `config`, `record`, `stream_slice`, `stream_partition`.
  text_template value;
  /// Keep the rendered text as a string instead of evaluating it.
  bool as_string = false;

  std::string description() const { return "with " + dotted(path) + " = " + value.source(); }
  bool operator==(const add_field& x) const {
    return path == x.path && as_string == x.as_string && value.source() == x.value.source()
           && value.is_literal() == x.value.is_literal();
  }
};

/// A pointer of RemoveFields: is taken out of each record.
struct remove_field {
  std::vector<std::string> path;

  std::string description() const { return "without " + dotted(path); }
  bool operator==(const remove_field&) const = default;
};

/// RecordFilter: drops the records for which its condition is false. What is dropped stays a record of the page to
/// whoever counts the page's.
struct record_filter {
  /// Sees `config`, `record`, `stream_slice`, `stream_partition`, `stream_interval`. None drops every record, as in the
  /// reference.
  std::optional<condition> predicate;

  std::string description() const { return "where " + (predicate ? predicate->source() : "nothing"); }
  bool operator==(const record_filter& x) const { return description() == x.description(); }
};

/// What is done to each record, one after the other, each step seeing the work of those before it. Each alternative
/// says by itself what it does (`description`, for people), and whether another one does the same (`==`).
using record_step = std::variant<add_field, remove_field, record_filter>;

/// Extension `x-sluice.ancestor_fields` of a RecordSelector: copies a field of an enclosing object into the record.
/// `from` shares its leading segments with the record path: path `pages.*.questions.*`, from `pages.*.id`.
struct ancestor_field {
  std::string name;
  std::vector<std::string> from;

  bool operator==(const ancestor_field&) const = default;
};

/// A stream's view of an endpoint's pages.
struct output {
  stream_index stream = 0;
  std::string stream_name;
  /// Where the records are; `*` is every element. Empty: the body itself is the record. A path that leads to a list
  /// means its elements, with or without a final `*`: `pages` is `pages.*`. A path that leads nowhere: no records.
  std::vector<std::string> record_path;
  /// Are in the record before its first step.
  std::vector<ancestor_field> ancestors;
  std::vector<record_step> steps;
  /// What tells its records apart, for traces: a path for each part of the key; empty: unknown.
  std::vector<std::vector<std::string>> primary_key;
  /// The stream is selected in the catalogue: its records are printed. Otherwise it is read for its children only.
  bool emit = true;
  /// Extension `x-sluice.require_records`: a 200 answer in which the record path leads to no list is a failure.
  bool require_records = false;
};

} // namespace sluice
