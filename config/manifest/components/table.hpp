#pragma once

#include "config/language/value.hpp"
#include "config/manifest/faults.hpp"
#include "config/manifest/read/yaml_reader.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What a field of a component may hold.
enum class field_kind : std::uint8_t {
  /// A scalar; numbers and booleans become Python's text for them, as the reference's models do.
  text,
  /// A list of the above.
  texts,
  /// A list of lists of the above.
  text_grid,
  /// Text, or a list of texts.
  text_or_texts,
  /// A dict whose values are `text`.
  text_map,
  /// Text, or such a dict.
  text_or_map,
  boolean,
  /// Integers, or text that is one.
  codes,
  /// Any dict, kept as it is.
  dict,
  /// Text, or any dict.
  text_or_dict,
  /// Any value, kept as it is.
  anything,
  /// Text, a list of texts or a list of lists of texts; becomes a list of lists.
  key,
  /// One of the words in `detail`, separated by `|`.
  choice,
  /// A component of one of the types in `detail`; the one marked `=` is meant if `type` is missing.
  component,
  /// A list of such components.
  components,
  /// Such a component, or a list of them.
  component_or_components,
  /// Text or such a component.
  text_or_component,
  /// A dict of such components, of which a config chooses: see `kept_faults`.
  component_map,
  /// The reference has it, its absence changes nothing here.
  ignored,
  /// The reference has it and it would change what is read: an error unless it is null, false, or empty.
  unsupported,
};

struct field_rule {
  std::string name;
  field_kind kind = field_kind::text;
  std::string detail;
  bool required = false;
  /// The version that brought the field; empty: its component's.
  std::string_view since;
};

/// One supported component and its fields.
struct component_rule {
  std::string_view type;
  std::vector<field_rule> fields;
  /// Unknown fields are errors (the reference: DeclarativeSource; here also the extension keys).
  bool closed = false;
  /// An extension key (`x-sluice`) or a part of `advanced_auth`, no component: it has no `type` and takes no
  /// parameters.
  bool extension = false;
  /// The version that brought the component.
  std::string_view since;
  /// Unknown fields are kept as they are.
  bool open = false;

  const field_rule* find(std::string_view name) const noexcept;
};

/// Components that have to do with the same thing.
struct component_family {
  /// As its file is called: `auth`.
  std::string_view name;
  std::vector<component_rule> rules;
};

/// All supported components, in the order of the documentation.
const std::vector<component_family>& component_families();

/// Components of the reference that are not supported, in alphabetic order.
std::vector<std::string_view> unsupported_components();

/// The rule of a component, or nullptr.
const component_rule* find_component(std::string_view type) noexcept;

/// The reference has a component of this name (supported here or not).
bool is_reference_component(std::string_view type) noexcept;

/// A checked tree: only known fields, of the right kinds, with `$parameters` applied and types filled in. What is
/// faulty is left out; a component that is not supported has the fields that it shares with the usual one in its place.
struct checked_components {
  language::value root;
  /// Lines of the tree's components.
  line_table lines;
  /// What is wrong or not supported, in the manifest's order.
  std::vector<manifest_fault> faults;
  std::vector<std::string> warnings;
};

/// What is wrong with a component in a `component_map`: it stands in the checked tree in the component's place, because
/// it concerns only those whose configuration chooses the component. Empty: nothing, it is the component.
std::vector<manifest_fault> kept_faults(const language::value& x);

/// Applies `$parameters` (a parameter fills every field of its name that is missing or empty, the nearer one wins),
/// infers missing types, and checks a resolved manifest against the table. An error only if there is nothing to look
/// at: the manifest is no component, or expands too far.
expected<checked_components> check_components(const language::value& root, const line_table& lines,
                                              std::string_view origin);

} // namespace sluice
