#pragma once

#include "actors/support/flight_record.hpp"
#include "app/plan/estimate.hpp"
#include "messages/run.hpp"
#include "messages/text/redaction.hpp"

#include <vector>

namespace sluice {

/// Copies for people, as JSON, tables and graphs are made of them: texts that may hold something of the configuration
/// or of the server are without secrets. Numbers, our own words and the manifest's names are left alone: a secret such
/// as `000` or `name` must spoil no number and no key.
run_snapshot masked(run_snapshot x, const redactor& secrets);
run_result masked(run_result x, const redactor& secrets);
retuned masked(retuned x, const redactor& secrets);
std::vector<flight_view> masked(std::vector<flight_view> x, const redactor& secrets);
endpoint_probe masked(endpoint_probe x, const redactor& secrets);

} // namespace sluice
