#include "actors/core/records/steps/filtering.hpp"

namespace sluice::steps {

filtering::filtering(const record_filter& step)
  : step_(step), reads_record_(step.predicate && !step.predicate->references("record").empty()) {
  if (!step.predicate)
    kept_ = false;
}

expected<bool> filtering::take(passage& p) {
  if (!reads_record_ && kept_)
    return *kept_;
  auto kept
    = step_.predicate->evaluate(reads_record_ ? p.scope_with_record(step_.parameters) : p.scope(step_.parameters));
  if (kept)
    kept_ = *kept;
  return kept;
}

} // namespace sluice::steps
