#include "config/manifest/plan/records.hpp"

namespace sluice {

std::string add_field::description() const {
  return "with " + dotted(path) + " = " + value.source() + (when ? " where " + when->source() : "");
}

bool add_field::operator==(const add_field& x) const {
  return path == x.path && kind == x.kind && value.source() == x.value.source()
         && value.is_literal() == x.value.is_literal() && when.has_value() == x.when.has_value()
         && (!when || when->source() == x.when->source()) && parameters == x.parameters;
}

} // namespace sluice
