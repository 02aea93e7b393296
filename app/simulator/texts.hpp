#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::simulator {

/// A few words of a survey's language, chosen by `dice`. Some hold what a careless reader of JSON trips over: quotes,
/// back-slashes, braces, line breaks, characters of one to four bytes, U+2028, text that looks like JSON.
std::string phrase(std::uint64_t dice, unsigned words);

/// The same of words and blanks alone.
std::string plain_phrase(std::uint64_t dice, unsigned words);

/// A language code.
std::string_view language_code(std::uint64_t dice) noexcept;

/// The text of a number that JSON allows and that a reader must not rewrite: `1.0`, `1e2`, `-0.0`, 20 digits and more.
std::string_view unusual_number(std::uint64_t dice) noexcept;

/// The text of a small whole number.
std::string_view usual_number(std::uint64_t dice) noexcept;

/// Letters and digits as in the API's opaque keys.
std::string opaque_key(std::uint64_t dice, unsigned length);

/// `2021-06-09T21:20:00` plus `zone`; seconds since the epoch, UTC.
std::string time_text(std::int64_t seconds, std::string_view zone = {});

} // namespace sluice::simulator
