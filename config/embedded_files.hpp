#pragma once

#include <string_view>

namespace sluice {

/// Text of `config/surveymonkey.yaml`, the built-in connector.
std::string_view embedded_surveymonkey_manifest() noexcept;

/// Text of `config/sluice.yaml`, the documented default tuning file.
std::string_view embedded_default_tuning() noexcept;

} // namespace sluice
