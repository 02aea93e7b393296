#include "config/manifest/plan/casts.hpp"

#include <algorithm>

namespace sluice {

namespace {

bool equal_rules(const std::shared_ptr<const cast_rule>& a, const std::shared_ptr<const cast_rule>& b) {
  return a == b || (a && b && *a == *b);
}

} // namespace

const cast_rule* cast_rule::field(std::string_view name) const noexcept {
  auto found = std::lower_bound(fields.begin(), fields.end(), name,
                                [](const auto& rule, std::string_view key) { return rule.first < key; });
  return found == fields.end() || found->first != name ? nullptr : found->second.get();
}

bool cast_rule::operator==(const cast_rule& x) const {
  return to == x.to && keeps_null == x.keeps_null && equal_rules(items, x.items)
         && std::equal(
           fields.begin(), fields.end(), x.fields.begin(), x.fields.end(),
           [](const auto& a, const auto& b) { return a.first == b.first && equal_rules(a.second, b.second); });
}

} // namespace sluice
