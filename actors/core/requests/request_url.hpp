#pragma once

#include "actors/core/requests/slice_scope.hpp"
#include "messages/error.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// The base that a slice's requests are sent to. One that depends on the slice is refused (`errc::foreign_url`) if it
/// leads elsewhere than the manifest says.
expected<std::string> base_for(const request_template& request, request_scope& scope);

/// The URL that the server, or a path template, named: absolute, or seen from the base. What a URL may not hold is
/// encoded. Another scheme, host or port than the base's is refused (`errc::foreign_url`).
expected<std::string> linked_url(const std::string& base, std::string_view link);

/// Base and rendered path.
expected<std::string> joined_url(const std::string& base, const text_template& path, request_scope& scope);

} // namespace sluice
