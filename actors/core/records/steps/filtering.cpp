#include "actors/core/records/steps/filtering.hpp"

#include "actors/core/state/cursor.hpp"

namespace sluice::steps {

filtering::filtering(const record_filter& step)
  : step_(step), reads_record_(step.predicate && !step.predicate->references("record").empty()) {
  if (!step.predicate)
    kept_ = false;
}

expected<bool> filtering::take(passage& p) {
  if (!reads_record_ && kept_)
    return *kept_;
  auto kept = step_.predicate->evaluate(reads_record_ ? p.scope_with_record() : p.scope());
  if (kept)
    kept_ = *kept;
  return kept;
}

expected<bool> dropping_known::take(passage& p) {
  const auto* cursor = p.cursor();
  const auto text = cursor != nullptr ? p.record.field(cursor->cursor_field) : std::string_view{};
  const auto value = text.empty() ? std::nullopt : parse_record_cursor(*cursor, text);
  return !value || cursor->wants(*value, p.of().unread_from_us);
}

} // namespace sluice::steps
