#pragma once

#include "config/manifest/compile.hpp"
#include "config/manifest/manifest.hpp"
#include "config/manifest/plan/plan.hpp"

#include <string>

namespace sluice::fuzz {

/// The built-in connector.
const manifest& built_in_manifest();

/// Selects all streams of a manifest, incrementally where they can be.
compile_input select_all(const manifest& m, std::string_view config_json);

/// The built-in connector with all seven streams, or with those alone whose records come from children (so that their
/// parents are read without being printed). `api_url` replaces the API's origin.
plan_ptr built_in_plan(bool only_children = false, const std::string& api_url = {});

} // namespace sluice::fuzz
