#include "config/manifest/plan/records.hpp"

namespace sluice {

std::string add_field::description() const {
  return "with " + dotted(path) + " = " + value.source() + (when ? " where " + when->source() : "");
}

} // namespace sluice
