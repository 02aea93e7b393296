#pragma once

#include "config/manifest/plan/casts.hpp"
#include "config/manifest/plan/templates.hpp"
#include "messages/slice.hpp"

#include <cstddef>
#include <cstdint>
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

/// What a value must be to be taken as that; else it stays the text that was rendered.
enum class value_kind : std::uint8_t { any, string, number, integer, boolean };

/// What an added field gets.
expected<language::value> evaluate_as(value_kind kind, const text_template& source, const language::scope& s);

/// A field of AddFields: is set in each record.
struct add_field {
  std::vector<std::string> path;
  /// Sees `config`, `record`, `stream_slice`, `stream_partition`, `stream_interval`.
  text_template value;
  value_kind kind = value_kind::any;
  /// Sees `value` and `path` as well. The field is set where it holds; the value is evaluated anyway.
  std::optional<condition> when{};

  std::string description() const;
  bool operator==(const add_field&) const = default;
};

/// A pointer of RemoveFields: is taken out of each record. Segments are patterns of `glob_matches`, and one may be `**`
/// for any number of keys. What is taken out of the middle of a list leaves null in its place, as in the reference.
struct remove_field {
  std::vector<std::string> path;

  std::string description() const { return "without " + dotted(path); }
  bool operator==(const remove_field&) const = default;
};

/// RemoveFields with a condition. As in the reference its pointers then mean nothing: of all values in the record that
/// are no list or object, those for which it holds are taken out.
struct remove_values {
  /// Sees `config` and `property`, the value.
  condition predicate;
  /// It is done so many times, once for each pointer.
  std::size_t times = 1;

  std::string description() const { return "without what is " + predicate.source(); }
  bool operator==(const remove_values&) const = default;
};

/// RecordFilter: drops the records for which its condition is false. What is dropped stays a record of the page to
/// whoever counts the page's.
struct record_filter {
  /// Sees `config`, `record`, `stream_slice`, `stream_partition`, `stream_interval`, and `next_page_token`, which is
  /// always None, as in the reference. No predicate drops every record, as there.
  std::optional<condition> predicate{};

  std::string description() const { return "where " + (predicate ? predicate->source() : "nothing"); }
  bool operator==(const record_filter&) const = default;
};

/// KeysToLower: the record's own keys.
struct keys_to_lower {
  std::string description() const { return "with keys in lower case"; }
  bool operator==(const keys_to_lower&) const = default;
};

/// KeysToSnakeCase: the keys of the record and of the objects in it, but not of those in lists.
struct keys_to_snake_case {
  std::string description() const { return "with keys in snake case"; }
  bool operator==(const keys_to_snake_case&) const = default;
};

/// KeysReplace: a text in the keys of the record and of the objects in it, but not of those in lists.
struct replace_in_keys {
  /// See `config`, `record`, `stream_slice`, `stream_partition`, `stream_interval`.
  text_template from;
  text_template to;

  std::string description() const { return "with '" + to.source() + "' for '" + from.source() + "' in keys"; }
  bool operator==(const replace_in_keys&) const = default;
};

/// FlattenFields: the values of all objects (and lists) in the record become its own fields.
struct flatten_record {
  bool lists = true;

  std::string description() const { return lists ? "flattened" : "flattened but for lists"; }
  bool operator==(const flatten_record&) const = default;
};

/// DpathFlattenFields: the fields of an object in the record become its own, unless one of that name is there.
struct flatten_object {
  /// Segments are patterns of `glob_matches`. With a `*` among them the first match is meant, else there may be only
  /// one.
  std::vector<std::string> path;
  /// The object itself goes; all other fields go.
  bool removes_origin = false;
  bool replaces_record = false;
  /// Are put around the keys.
  std::string prefix{};
  std::string suffix{};

  std::string description() const { return "with the fields of " + dotted(path); }
  bool operator==(const flatten_object&) const = default;
};

/// `is_client_side_incremental`: drops the records that the slice does not want any more (`slice::unread_from_us`,
/// `datetime_cursor::wants`). One without a cursor value stays.
struct drop_known {
  std::string description() const { return "newer than the state"; }
  bool operator==(const drop_known&) const = default;
};

/// What is done to each record, one after the other, each step seeing the work of those before it. Each alternative
/// says by itself what it does (`description`, for people), and whether another one does the same (`==`).
using record_step
  = std::variant<add_field, remove_field, remove_values, record_filter, keys_to_lower, keys_to_snake_case,
                 replace_in_keys, flatten_record, flatten_object, cast_types, drop_known>;

/// Extension `x-sluice.ancestor_fields` of a RecordSelector: copies a field of an enclosing object into the record.
/// `from` shares its leading segments with the record path: path `pages.*.questions.*`, from `pages.*.id`.
struct ancestor_field {
  std::string name;
  std::vector<std::string> from;

  bool operator==(const ancestor_field&) const = default;
};

/// RecordExpander: in place of each record that the path leads to, the elements of lists in it are the records.
struct record_expansion {
  /// A value of the record around, or null if it has none there, and the place that it gets in each element.
  struct parent_field {
    std::vector<std::string> from;
    std::vector<std::string> to;

    bool operator==(const parent_field&) const = default;
  };

  /// Segments are patterns of `glob_matches`. What it leads to and is no list does not count.
  std::vector<std::string> path;
  /// What elements get of the record around, in this order: all of its fields but those lists, which the element's own
  /// go before; single values; the record itself as `original_record`. An element that is no object is put into one, as
  /// `value`, if it gets anything.
  bool merges_parent = false;
  std::vector<parent_field> parent_fields;
  bool embeds_parent = false;
  /// Without any element the record itself stays.
  bool keeps_childless = false;
  /// Where the record says that its lists are cut short, which is worth a warning; empty: it does not.
  std::vector<std::string> truncation_mark;

  bool gives_context() const { return merges_parent || embeds_parent || !parent_fields.empty(); }
  bool operator==(const record_expansion&) const = default;
};

/// A stream's view of an endpoint's pages.
struct output {
  stream_index stream = 0;
  std::string stream_name;
  /// Where the records are; `*` is every element, other patterns of `glob_matches` one field. Empty: the body itself is
  /// the record. A path that leads to a list means its elements, with or without a final `*`: `pages` is `pages.*`. A
  /// path that leads nowhere: no records.
  std::vector<std::string> record_path;
  std::optional<record_expansion> expansion;
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
