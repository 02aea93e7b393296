#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// Changes of a record's keys: all values keep their bytes.

namespace sluice {

/// What a key becomes; nothing: it cannot be changed.
using key_renaming = std::function<std::optional<std::string>(std::string_view)>;

/// Appends the object with its keys renamed, and if `inside` those of the objects in it, but not of those in lists. Of
/// fields that get the same key, the last one's value stands at the first one's place. False if a key cannot be
/// changed.
bool append_renamed(std::string& out, std::string_view object, bool inside, const key_renaming& rename);

/// `record_id2` of `recordID2`: words, in lower case, with underscores in between, as the reference's KeysToSnakeCase
/// finds them. Latin letters are transliterated as there, up to U+017F; nothing if there are others.
std::optional<std::string> snake_case(std::string_view key);

/// Appends a record of all values in `object`, lists and objects apart, under their keys, as the reference's
/// FlattenFields does it: a key that is taken, and everything once a list was met, has the keys above in front. False
/// if it would be larger than `most` bytes.
bool append_flattened(std::string& out, std::string_view object, bool lists, std::size_t most);

} // namespace sluice
