#include "app/masked.hpp"

namespace sluice {

run_snapshot masked(run_snapshot x, const redactor& secrets) {
  for (auto& s : x.records.streams)
    s.state = secrets.apply(s.state);
  x.requests.retrying = secrets.apply(x.requests.retrying);
  return x;
}

run_result masked(run_result x, const redactor& secrets) {
  x.snapshot = masked(std::move(x.snapshot), secrets);
  x.reason = secrets.apply(x.reason);
  for (auto& e : x.errors)
    e.message = secrets.apply(e.message);
  return x;
}

retuned masked(retuned x, const redactor& secrets) {
  for (auto& change : x.changes)
    change = secrets.apply(change);
  x.problem = secrets.apply(x.problem);
  return x;
}

std::vector<flight_view> masked(std::vector<flight_view> x, const redactor& secrets) {
  for (auto& actor : x)
    actor.wait_text = secrets.apply(actor.wait_text);
  return x;
}

endpoint_probe masked(endpoint_probe x, const redactor& secrets) {
  x.label = secrets.apply(x.label);
  x.problem = secrets.apply(x.problem);
  return x;
}

} // namespace sluice
