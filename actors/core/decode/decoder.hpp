#pragma once

#include "config/manifest/plan/decoders.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <string>

namespace sluice {

/// Makes JSON text of an answer's body, where it stands; JSON is not copied. Whether it is valid is for the page index
/// to say. The text may take up to `most_bytes`. Errors: `errc::bad_page` (transient), `errc::body_too_large`; the body
/// is as it was.
expected<void> decode_body(const decoder& how, std::string& body, std::size_t most_bytes);

} // namespace sluice
