#pragma once

#include "actors/core/admission/budget.hpp"
#include "app/plan/estimate.hpp"

namespace sluice {

/// Fills in the plan's rate policies as they stand now, and which of them governs which endpoint's requests.
void take_limits(plan_facts& facts, const api_budget& definition, const budget& quota, steady_time now);

} // namespace sluice
