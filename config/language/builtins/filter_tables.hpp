#pragma once

#include "config/language/signature.hpp"

#include <vector>

namespace sluice::language::detail {

// The filters, by what they are for, each table sorted by name.

/// Of lists, dicts and everything else that has elements.
const std::vector<builtin>& sequence_filters();
/// Of texts and numbers.
const std::vector<builtin>& text_filters();
/// That write texts in other notations, and digests: JSON, HTML, URLs, base64.
const std::vector<builtin>& encoding_filters();
/// That lay texts out.
const std::vector<builtin>& layout_filters();

} // namespace sluice::language::detail
