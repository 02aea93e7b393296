#pragma once

#include <string_view>

namespace sluice {

/// `config/surveymonkey.yaml`, the built-in connector, as JSON.
std::string_view embedded_surveymonkey_json() noexcept;

} // namespace sluice
