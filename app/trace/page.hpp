#pragma once

#include <string_view>

namespace sluice::trace {

/// Text of `app/trace/page.html`, with `@TITLE@` and `@DATA@` still to be filled in.
std::string_view page_template() noexcept;

} // namespace sluice::trace
