#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <string>
#include <vector>

namespace sluice {

/// Takes the key `on_quota` out of a config if it is ours alone, and returns its word: what to do when the day's quota
/// is used up (`quota.on_exhausted`). Every connector has it, because a platform passes nothing but a config. A
/// connector whose specification declares the key keeps it, and its word counts all the same; one with other words
/// means something else by it. Empty: the config does not say. Any other word is `errc::bad_config`.
expected<std::string> take_quota_word(language::value_dict& config, const language::value& specification);

/// Sentences about keys that a specification does not declare, each with the one that may be meant: a connector passes
/// them over, and a slip of the pen should not go unnoticed. None if the specification declares nothing, or lets keys
/// be of any name (`additionalProperties` with a schema).
std::vector<std::string> warnings_of_unknown_keys(const language::value_dict& config,
                                                  const language::value& specification);

} // namespace sluice
