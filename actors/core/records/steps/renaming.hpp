#pragma once

#include "actors/core/records/steps/passage.hpp"

namespace sluice::steps {

class lowering {
public:
  explicit lowering(const keys_to_lower&) {}
  expected<bool> take(passage& p);
};

class snake_casing {
public:
  explicit snake_casing(const keys_to_snake_case&) {}
  expected<bool> take(passage& p);
};

class replacing {
public:
  explicit replacing(const replace_in_keys& step) : step_(step) {}
  expected<bool> take(passage& p);

private:
  const replace_in_keys& step_;
};

} // namespace sluice::steps
