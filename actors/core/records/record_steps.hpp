#pragma once

#include "actors/core/records/record_view.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace sluice {

/// Takes an output's records through its steps: ancestor fields first, then each step in its order, each seeing the
/// work of those before it. A step decodes what it reads of a record, and changes only the bytes that it is about. Made
/// for one page of one slice; what a step can say once for all records is said once.
class record_steps {
public:
  /// @param budget for what templates decode of the record at hand.
  record_steps(const output& o, const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget);
  ~record_steps();
  record_steps(const record_steps&) = delete;
  record_steps& operator=(const record_steps&) = delete;

  /// True if records stay as they are.
  bool idle() const noexcept { return work_ == nullptr; }

  /// What the steps make of a record, an object of the page or a text of one, valid until the next call; null: one of
  /// them drops it. Not if `idle`. `ancestors` are values for `output::ancestors` (empty: no such field).
  expected<const record_view*> apply(const page_index& page, page_index::token t,
                                     const std::vector<std::string_view>& ancestors);
  expected<const record_view*> apply(std::string_view record, const std::vector<std::string_view>& ancestors);

private:
  struct work;
  std::unique_ptr<work> work_;
};

} // namespace sluice
