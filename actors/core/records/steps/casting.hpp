#pragma once

#include "actors/core/records/steps/passage.hpp"

#include <string>
#include <vector>

namespace sluice::steps {

class casting {
public:
  explicit casting(const cast_types& step) : step_(step) {}
  expected<bool> take(passage& p);

private:
  struct place {
    std::string key;
    const cast_rule* rule = nullptr;
  };

  const cast_types& step_;
  /// The rule of the field that stood at each place of the record before: most records have the same fields.
  std::vector<place> places_;
};

} // namespace sluice::steps
