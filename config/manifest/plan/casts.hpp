#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// What a part of a JSON schema makes of the value that stands at its place.
struct cast_rule {
  enum class target : std::uint8_t { none, string, number, integer, boolean, array };

  target to = target::none;
  /// null stays what it is.
  bool keeps_null = false;
  /// Rules for the fields of an object, sorted by their names.
  std::vector<std::pair<std::string, std::shared_ptr<const cast_rule>>> fields;
  /// For each element of a list.
  std::shared_ptr<const cast_rule> items;

  /// nullptr: there is none.
  const cast_rule* field(std::string_view name) const noexcept;
  bool operator==(const cast_rule& x) const;
};

/// `schema_normalization: Default`: values become what the stream's schema says, with Python's casts; one that does not
/// fit stays what it is.
struct cast_types {
  std::shared_ptr<const cast_rule> record;

  std::string description() const { return "with values as the schema has them"; }
  bool operator==(const cast_types& x) const { return *record == *x.record; }
};

} // namespace sluice
