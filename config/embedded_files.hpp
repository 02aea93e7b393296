#pragma once

#include <string_view>

namespace sluice {

/// `config/surveymonkey.yaml`, the built-in connector, as JSON.
std::string_view embedded_surveymonkey_json() noexcept;

/// Text of `config/sluice.yaml`, the documented default tuning file.
std::string_view embedded_default_tuning() noexcept;

} // namespace sluice
