#pragma once

#include "actors/core/records/steps/passage.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::steps {

class flattening {
public:
  explicit flattening(const flatten_record& step) : step_(step) {}
  expected<bool> take(passage& p);

private:
  const flatten_record& step_;
};

class flattening_object {
public:
  explicit flattening_object(const flatten_object& step);
  expected<bool> take(passage& p);

private:
  void remove_origin(record_view& record) const;

  const flatten_object& step_;
  /// A path of keys alone leads to one place.
  bool is_plain_;
};

} // namespace sluice::steps
