#include "actors/core/records/steps/removing.hpp"

#include "messages/text/glob.hpp"
#include "messages/text/json_paths.hpp"

#include <utility>

namespace sluice::steps {

removing::removing(const remove_field& step) : step_(step), any_key_(is_glob(step.path.front())) {}

expected<bool> removing::take(passage& p) {
  const auto& key = step_.path.front();
  if (!any_key_ && step_.path.size() == 1) {
    p.record.remove(key);
    return true;
  }
  std::string changed;
  if (any_key_) {
    if (append_without(changed, p.record.text(), step_.path))
      p.record.replace(std::move(changed));
  } else if (append_without(changed, p.record.field(key), step_.path, 1)) {
    p.record.set(key, std::move(changed));
  }
  return true;
}

expected<bool> removing_values::take(passage& p) {
  for (std::size_t i = 0; i < step_.times; ++i) {
    std::string changed;
    std::optional<error> problem;
    auto any = append_without_values(changed, p.record.text(), [&](std::string_view text) {
      auto x = language::parse_json(text);
      if (problem || !x)
        return false;
      auto& scope = p.scope();
      scope.set("property", std::move(*x));
      auto holds = step_.predicate.evaluate(scope);
      if (!holds)
        problem = std::move(holds.error());
      return holds && *holds;
    });
    if (problem)
      return tl::unexpected(std::move(*problem));
    if (!any)
      break;
    p.record.replace(std::move(changed));
  }
  return true;
}

} // namespace sluice::steps
