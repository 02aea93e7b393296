#pragma once

#include "actors/core/records/steps/passage.hpp"

namespace sluice::steps {

class filtering {
public:
  explicit filtering(const record_filter& step);
  expected<bool> take(passage& p);

private:
  const record_filter& step_;
  bool reads_record_;
  /// What was said of all records, if none of them is read.
  std::optional<bool> kept_;
};

/// Drops what earlier runs have read.
class dropping_known {
public:
  explicit dropping_known(const drop_known&) {}
  expected<bool> take(passage& p);
};

} // namespace sluice::steps
