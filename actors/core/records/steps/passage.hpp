#pragma once

#include "actors/core/records/record_view.hpp"
#include "config/language/template.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <memory>
#include <optional>

namespace sluice::steps {

/// A record on its way through the steps, and what their templates see. Serves record after record.
class passage {
public:
  passage(const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget)
    : record(budget), plan_(p), slice_(s), budget_(std::move(budget)) {}

  record_view record;

  /// What templates see that do not read the record, or do.
  language::scope& scope();
  language::scope& scope_with_record();

  /// The slice whose records these are, and the cursor of its endpoint; null: it has none.
  const slice& of() const noexcept { return slice_; }
  const datetime_cursor* cursor() const noexcept {
    const auto& cursor = plan_.endpoints[slice_.endpoint].cursor;
    return cursor ? &*cursor : nullptr;
  }

  /// For what a step makes of the record: false if that may not be as large.
  bool take_memory(std::size_t bytes) { return budget_->take(bytes); }

private:
  const plan& plan_;
  const slice& slice_;
  std::shared_ptr<language::memory_budget> budget_;
  std::optional<language::scope> scope_;
};

/// A template whose value is another one each time that it is evaluated.
bool is_random(const text_template& x);

} // namespace sluice::steps
