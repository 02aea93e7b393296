#include "app/snapshot_json.hpp"
#include "app/summary.hpp"

#include <cstdio>

namespace sluice {

std::string summary_json(const run_result& r, const run_facts& facts, const run_identity& of) {
  auto found = bottleneck_of(r.snapshot, facts);
  char share[32];
  std::snprintf(share, sizeof share, "%.4f", found.share);
  json_object o;
  o.add("version", of.version).add("connector", of.connector);
  o.add("started_at", language::format_datetime(of.started, "%Y-%m-%dT%H:%M:%SZ").value_or(""));
  o.add("exit_code", r.exit_code).add("reason", r.reason);
  add_snapshot(o, r.snapshot);
  o.raw("bottleneck",
        json_object{}.add("limiter", found.limiter).raw("share", share).add("sentence", found.sentence).take());
  return o.take() + "\n";
}

} // namespace sluice
