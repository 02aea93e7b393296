#pragma once

#include "actors/core/records/steps/passage.hpp"

namespace sluice::steps {

// A step's class is made for a page and takes record after record. False: the record is dropped.

class adding {
public:
  explicit adding(const add_field& step);
  expected<bool> take(passage& p);

private:
  expected<void> evaluate(const language::scope& scope);
  expected<bool> holds(passage& p) const;
  expected<void> set(record_view& record);

  const add_field& step_;
  /// The first segment of its path.
  named_field field_;
  /// Each record has a value of its own.
  bool per_record_;
  bool condition_reads_record_ = false;
  /// What was evaluated last, as JSON text; and as a value, if there is a condition.
  bool evaluated_ = false;
  std::string text_;
  language::value value_;
  language::value path_;
};

} // namespace sluice::steps
