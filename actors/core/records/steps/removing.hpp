#pragma once

#include "actors/core/records/steps/passage.hpp"

namespace sluice::steps {

class removing {
public:
  explicit removing(const remove_field& step);
  expected<bool> take(passage& p);

private:
  const remove_field& step_;
  /// The first segment is more than a key.
  bool any_key_;
};

class removing_values {
public:
  explicit removing_values(const remove_values& step) : step_(step) {}
  expected<bool> take(passage& p);

private:
  const remove_values& step_;
};

} // namespace sluice::steps
