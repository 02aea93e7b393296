#include "config/manifest/components/source.hpp"

#include "config/manifest/components/all.hpp"

namespace sluice::compiling {

std::vector<component_rule> source_rules() {
  return rules_of<DeclarativeSource, Spec, AuthFlow, OAuthConfigSpecification, OauthConnectorInputSpecification, Scope,
                  State, CheckStream, DeclarativeStream, StateDelegatingStream>();
}

} // namespace sluice::compiling
